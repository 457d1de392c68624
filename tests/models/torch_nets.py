"""The papers' nets in PyTorch, said again from their tables, with batch normalisation."""

from __future__ import annotations

import torch
from torch import nn

V2 = [
    *[(1, 16, 1)],
    *[(6, 24, 2), (6, 24, 1)],
    *[(6, 32, 2), (6, 32, 1), (6, 32, 1)],
    *[(6, 64, 2), (6, 64, 1), (6, 64, 1), (6, 64, 1)],
    *[(6, 96, 1), (6, 96, 1), (6, 96, 1)],
    *[(6, 160, 2), (6, 160, 1), (6, 160, 1)],
    *[(6, 320, 1)],
]


def conv(ci, co, kernel=1, stride=1, groups=1, active=None):
    layers = [
        nn.Conv2d(ci, co, kernel, stride, kernel // 2, groups=groups, bias=False),
        nn.BatchNorm2d(co),
    ]
    return nn.Sequential(*layers, *([active()] if active else []))


def head(channels, classes):
    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, classes))


def mobilenet_v1(scale, classes):
    """One line a pair: channels in units of 32, stride."""
    layers, inside = [conv(3, int(32 * scale), 3, 2, active=nn.ReLU)], int(32 * scale)
    strided = [(2, 1), (4, 2), (4, 1), (8, 2), (8, 1), (16, 2)]
    for units, stride in [*strided, *[(16, 1)] * 5, (32, 2), (32, 1)]:
        out = int(32 * units * scale)
        layers.append(conv(inside, inside, 3, stride, inside, nn.ReLU))
        layers.append(conv(inside, out, active=nn.ReLU))
        inside = out
    return nn.Sequential(*layers, head(inside, classes))


class Inverted(nn.Module):
    def __init__(self, inside, wide, out, stride, active, hidden=0, adds=True):
        super().__init__()
        self.adds = adds and stride == 1 and inside == out
        layers = [] if wide == inside else [conv(inside, wide, active=active)]
        layers.append(conv(wide, wide, 3, stride, wide, active))
        if hidden:
            layers.append(Excite(wide, hidden, active))
        self.body = nn.Sequential(*layers, conv(wide, out))

    def forward(self, x):
        return x + self.body(x) if self.adds else self.body(x)


class Excite(nn.Module):
    def __init__(self, channels, hidden, active):
        super().__init__()
        self.down = nn.Conv2d(channels, hidden, 1, bias=False)
        self.up = nn.Conv2d(hidden, channels, 1, bias=False)
        self.active = active()

    def forward(self, x):
        mean = x.mean((2, 3), keepdim=True)
        return x * torch.sigmoid(self.up(self.active(self.down(mean))))


def eights(value, divisor=8):
    made = max(divisor, int(value + divisor / 2) // divisor * divisor)
    return made + divisor * (made < 0.9 * value)


def mobilenet_v2(scale, classes):
    inside = eights(32 * scale)
    layers = [conv(3, inside, 3, 2, active=nn.ReLU6)]
    for factor, wide, stride in V2:
        out = eights(wide * scale)
        layers.append(Inverted(inside, factor * inside, out, stride, nn.ReLU6))
        inside = out
    last = eights(1280 * max(scale, 1))
    return nn.Sequential(*layers, conv(inside, last, active=nn.ReLU6), head(last, classes))


def phinet(alpha, classes, divisor=8, n=7, compatible=False):
    """The separable convolution, the block that does not expand, blocks 1 to n."""
    active = nn.ReLU6 if compatible else nn.Hardswish
    inside = eights(int(48 * alpha), divisor)
    stem = nn.Conv2d(3, 3, 3, 2, 1, groups=3, bias=False)
    out = eights(int(24 * alpha), divisor)
    layers = [stem, conv(3, inside, active=active), Inverted(inside, inside, out, 1, active)]
    inside = out
    channels = {1: 24, 2: 24, 3: 48, 4: 48, 5: 96, 6: 96, 7: 192}
    for block in range(1, n + 1):
        wide = eights(int(inside * (6 * block / n + 6 * (n - block) / n)), divisor)
        hidden = 0 if compatible else eights(wide // 6, divisor)
        out = eights(int(channels[block] * alpha), divisor)
        stride = 2 if block in (1, 3, 5, 7) else 1
        layers.append(Inverted(inside, wide, out, stride, active, hidden))
        inside = out
    return nn.Sequential(*layers, head(inside, classes))
