"""A learner written a second time, plainly: float64, lists and dictionaries, no plan.

The net is Pointwise, ReLU (frozen), Pointwise, BatchRenorm, ReLU, average, Linear without a bias.
Only chance is tinycl's: words of its generator at their addresses.
"""

import numpy as np

from tinycl.num import generator

NEW, OLD, STORE = 1, 2, 3
BODY = ("pointwise1.weight", "pointwise1.bias", "batch_renorm2.gamma", "batch_renorm2.beta")
HEAD = "linear6.weight"


def address(room, batch, turn=0):
    return room * 2**24 + batch * 2**8 + turn


class PlainLearner:
    """What a strategy does with a replay memory of `slots` latents in `bits` bits."""

    def __init__(self, weights, strategy, slots, bits, seed):
        self.w = {n: v.astype(np.float64) for n, v in weights.items()}
        self.s, self.slots, self.bits, self.seed = strategy, slots, bits, seed
        self.consolidates = strategy.kind not in ("fine_tuning", "cumulative")
        self.saved, self.past = {}, {}
        self.memory, self.scale, self.batch = [], None, 0
        channels = len(self.w[BODY[1]])
        self.mean, self.std = np.zeros(channels), np.ones(channels)
        self.importance = {n: np.zeros_like(self.w[n]) for n in BODY[:2]}
        self.losses = []

    def latents(self, x):
        """The frozen stage."""
        w, b = self.w["frozen0.pointwise0.weight"], self.w["frozen0.pointwise0.bias"]
        z = np.einsum("ncij,oc->noij", x.astype(np.float64), w) + b[:, None, None]
        return np.maximum(z, 0)

    def learn(self, x, y):
        """Learn a batch; the first one fills memory and head only."""
        z, y = self.latents(x), y.tolist()
        if self.batch == 0:
            self.scale = np.float32(z.max()) / np.float32(2**self.bits - 1)
        at_hand = y + [label for _, label in self.memory]
        if self.batch:
            self.train(z, y, at_hand)
        if self.consolidates:
            self.consolidate(at_hand)
        self.replace(z, y)
        self.batch += 1

    def train(self, z, y, at_hand):
        """Train for the strategy's epochs."""
        n, s = len(y), self.s
        old = len(self.memory)
        whole = min(s.minibatch, n + old)
        new = min(n, max(1, round(whole * n / (n + old))))
        if self.consolidates:
            rows = [self.saved.get(c, 0) if c in at_hand else 0 for c in range(len(self.w[HEAD]))]
            self.w[HEAD] = np.array([np.zeros(self.w[HEAD].shape[1]) + row for row in rows])
        self.velocity = {name: np.zeros_like(v) for name, v in self.w.items()}
        self.anchor = {name: self.w[name].copy() for name in BODY[:2]}
        self.path = {name: np.zeros_like(self.w[name]) for name in BODY[:2]}
        step = 0
        for epoch in range(s.epochs):
            order = generator.permutation(n, self.seed, address(NEW, self.batch, epoch))
            replays = generator.permutation(old, self.seed, address(OLD, self.batch, epoch))
            for _ in range(n // new):
                mine = [int(order[(step * new + j) % n]) for j in range(new)]
                count = whole - new
                theirs = [int(replays[(step * count + j) % old]) for j in range(count)]
                parts = [z[mine], *(self.unpacked(i)[None] for i in theirs)]
                labels = [y[i] for i in mine] + [self.memory[i][1] for i in theirs]
                self.step(np.concatenate(parts), np.array(labels))
                step += 1
        if s.kind == "ar1_star":
            for name in BODY[:2]:
                moved = self.w[name] - self.anchor[name]
                grown = -s.importance_factor * self.path[name] / (moved**2 + s.importance_eps)
                grown = self.importance[name] + grown
                self.importance[name] = np.clip(grown, 0, s.importance_clip)

    def step(self, z, y):
        """One minibatch: forward, backward, update."""
        w, s, n = self.w, self.s, len(y)
        a = np.einsum("ncij,oc->noij", z, w[BODY[0]]) + w[BODY[1]][:, None, None]
        if s.kind == "cwr_star":
            mean, std, r, d = self.mean, self.std, 1, 0
        else:
            mean = a.mean(axis=(0, 2, 3))
            std = np.sqrt(a.var(axis=(0, 2, 3)) + 1e-5)
            r = np.clip(std / self.std, 1 / s.renorm_rmax, s.renorm_rmax)
            d = np.clip((mean - self.mean) / self.std, -s.renorm_dmax, s.renorm_dmax)
            self.mean = self.mean + s.renorm_rate * (mean - self.mean)
            self.std = self.std + s.renorm_rate * (std - self.std)

        def wide(v):
            return np.broadcast_to(v, std.shape)[:, None, None]

        u = (a - wide(mean)) / wide(std)
        v = u * wide(r) + wide(d)
        live = wide(w[BODY[2]]) * v + wide(w[BODY[3]])
        features = np.maximum(live, 0).mean(axis=(2, 3))
        scores = features @ w[HEAD].T
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        self.losses.append(-np.log(p[np.arange(n), y]).mean())
        p[np.arange(n), y] -= 1
        p /= n
        gradients = {HEAD: p.T @ features}
        if s.kind != "cwr_star":
            area = a.shape[2] * a.shape[3]
            dy = (p @ w[HEAD])[:, :, None, None] / area * (live > 0)
            gradients[BODY[2]] = (dy * v).sum(axis=(0, 2, 3))
            gradients[BODY[3]] = dy.sum(axis=(0, 2, 3))
            g = dy * wide(w[BODY[2]] * r)
            middle = g.mean(axis=(0, 2, 3), keepdims=True)
            along = (g * u).mean(axis=(0, 2, 3), keepdims=True)
            da = (g - middle - u * along) / wide(std)
            gradients[BODY[0]] = np.einsum("noij,ncij->oc", da, z)
            gradients[BODY[1]] = da.sum(axis=(0, 2, 3))
        for name, gradient in gradients.items():
            pulled = gradient
            if s.kind == "ar1_star" and name in self.importance:
                away = w[name] - self.anchor[name]
                pulled = gradient + s.strength * self.importance[name] * away
            pulled = pulled + s.weight_decay * w[name]
            self.velocity[name] = s.momentum * self.velocity[name] + pulled
            change = -s.lr * (s.head_lr if name == HEAD else 1) * self.velocity[name]
            w[name] = w[name] + change
            if name in self.path:
                self.path[name] += gradient * change

    def consolidate(self, at_hand):
        """CWR*: the rows of the classes at hand."""
        current = {c: at_hand.count(c) for c in sorted(set(at_hand))}
        mean = np.mean([self.w[HEAD][c] for c in current])
        for c, count in current.items():
            row = self.w[HEAD][c] - mean
            if c in self.saved:
                k = np.sqrt(self.past[c] / count)
                row = (self.saved[c] * k + row) / (k + 1)
            self.saved[c] = row
            self.past[c] = self.past.get(c, 0) + count

    def replace(self, z, y):
        """Put h = min(N/(i+1), n) random new latents in place of random ones."""
        n = len(y)
        stored = min(self.slots // (self.batch + 1), n)
        u = generator.draws(self.seed, address(STORE, self.batch), 0, n + stored)
        free = min(stored, self.slots - len(self.memory))
        places = list(range(len(self.memory), len(self.memory) + free))
        for j in range(stored - free):
            last = len(self.memory) - (stored - free) + j
            place = u[n + j] * (last + 1) // 2**64
            places.append(last if place in places else place)
        places += [None] * (n - stored)
        for i in range(n - 1, 0, -1):
            j = u[i] * (i + 1) // 2**64
            places[i], places[j] = places[j], places[i]
        self.memory += [None] * free
        for i, place in enumerate(places):
            if place is not None:
                self.memory[place] = self.packed(z[i]), y[i]

    def packed(self, z):
        """Levels of one latent, or the latent itself."""
        if self.bits == 32:
            return z
        return np.clip(np.rint(z.astype(np.float32) / self.scale), 0, 2**self.bits - 1)

    def unpacked(self, place):
        """A replay as float64."""
        held = self.memory[place][0]
        return held if self.bits == 32 else held * float(self.scale)
