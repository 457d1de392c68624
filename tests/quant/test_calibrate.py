"""Layers on bytes stand for the float32 layers: near them in value, the same on every target."""

import numpy as np
import pytest

import tinycl
from tinycl import bits, data, models, nn, quant
from tinycl.errors import PlanError, TinyclError
from tinycl.nn.builder import Builder
from tinycl.nn.training import initial_values

RNG = np.random.default_rng(5)


def forward(layer, values, images):
    """Return the plan of a forward pass, and its inputs."""
    b = Builder(training=False)
    x = b.tensor("x", images.shape, role="input")
    y = layer.forward(b, x)
    b.close("evaluate")
    plan = b.plan([("evaluate", 1)], [y])
    given = {**b.initial, **values, "x": images}
    return plan, {n: given[n] for n, t in plan.tensors.items() if t.given}


def result(layer, values, images, target="numba", **options):
    plan, inputs = forward(layer, values, images)
    (made,) = tinycl.run(plan, inputs, target=target, checked=False, **options).outputs.values()
    return made


def first_values(layer, images):
    """Draw weights for a net whose last layer trains."""
    head = nn.Sequential(layer, nn.Flatten())
    b = Builder()
    head.forward(b, b.tensor("x", images.shape, role="input"))
    shapes = {n: b.shape(n) for n in b.parameters}
    return initial_values(b.parameters, shapes, 3)


def small_net():
    return nn.Frozen(
        nn.Conv2d(3, 8, (3, 2), stride=(2, 1), padding=(1, 0, 1, 0)),
        nn.ReLU6(),
        nn.Residual(
            nn.Pointwise(8, 12), nn.ReLU6(), nn.Depthwise(12, 3, 1, 1), nn.Pointwise(12, 8)
        ),
        nn.Residual(nn.Sequential(nn.Depthwise(8, 5, 1, 2, bias=False))),
        nn.ReLU(),
        nn.MaxPool2d(2, stride=1, padding=(1, 0, 0, 1)),
        nn.Conv2d(8, 5, 1),
    )


@pytest.fixture(scope="module")
def small():
    images = RNG.standard_normal((20, 3, 9, 8)).astype(np.float32)
    layer = small_net()
    values = first_values(layer, images)
    return layer, values, images, quant.calibrate(layer, values, images)


def test_values_are_near(small):
    layer, values, images, stage = small
    wanted, got = result(layer, values, images), result(stage, {}, images)
    assert got.shape == wanted.shape
    assert got.dtype == np.float32
    error = np.abs(got - wanted)
    assert np.sqrt((error**2).mean() / (wanted**2).mean()) < 0.03
    assert error.max() < 0.1 * np.abs(wanted).max()
    assert len(np.unique(got)) > 40


def test_every_target_gives_the_same_bytes(small):
    *_, images, stage = small
    plan, inputs = forward(stage, {}, images[:3])
    wanted = tinycl.run(plan, inputs)
    for target, cores in (("numba", 1), ("numba", 3), ("host", 3)):
        got = tinycl.run(plan, inputs, target=target, cores=cores)
        for a, b in zip(wanted.trace, got.trace, strict=True):
            assert bits.equal(a.value, b.value), (target, a.key)


def test_only_whole_numbers_between_the_ends(small):
    *_, images, stage = small
    plan, _ = forward(stage, {}, images[:1])
    (body,) = plan.bodies.values()
    assert [op.kind for op in body.ops][:: len(body.ops) - 1] == ["quantise", "dequantise"]
    for op in body.ops[1:-1]:
        assert op.kind.startswith("int8_")
        assert all(plan.tensors[n].dtype in ("u8", "i8", "i32") for n in (*op.inputs, *op.writes))


def test_calibration_is_the_same_on_every_target_and_for_every_batch(small):
    layer, values, images, stage = small
    again = quant.calibrate(layer, values, images, target="numpy")
    assert (again.x, again.y) == (stage.x, stage.y)
    for a, b in zip(again.steps, stage.steps, strict=True):
        assert (a.name, a.kind, a.sources, a.attrs) == (b.name, b.kind, b.sources, b.attrs)
        assert all(bits.equal(a.constants[k], b.constants[k]) for k in b.constants)


def normed_net(kind):
    return nn.Frozen(
        nn.Conv2d(3, 8, 3, stride=2, padding=1, bias=False), kind(8), nn.ReLU6(),
        nn.Residual(nn.Depthwise(8, 3, padding=1), kind(8), nn.Pointwise(8, 8), kind(8)),
        nn.ReLU(),
    )  # fmt: skip


@pytest.mark.parametrize("kind", [nn.BatchNorm, nn.BatchRenorm])
def test_moving_statistics_become_part_of_the_weights(kind):
    images = RNG.standard_normal((12, 3, 9, 8)).astype(np.float32)
    layer = normed_net(kind)
    values = first_values(layer, images) | states_of(layer, images)
    plan, _ = forward(layer, values, images)
    random = np.random.default_rng(2)
    for name, tensor in plan.tensors.items():
        if name.endswith((".moving_var", ".moving_std", ".gamma")):
            values[name] = random.uniform(0.2, 3, tensor.shape).astype(np.float32)
        if name.endswith((".moving_mean", ".beta")):
            values[name] = random.standard_normal(tensor.shape).astype(np.float32)
    stage = quant.calibrate(layer, values, images)
    assert [step.kind for step in stage.steps] == [
        "int8_conv2d", "int8_depthwise", "int8_pointwise", "int8_add"
    ]  # fmt: skip
    wanted, got = result(layer, values, images), result(stage, {}, images)
    assert np.sqrt(((got - wanted) ** 2).mean() / (wanted**2).mean()) < 0.05
    with pytest.raises(TinyclError, match="values has no .*moving_mean"):
        quant.calibrate(layer, {k: v for k, v in values.items() if "moving" not in k}, images)


def states_of(layer, images):
    """Return the first values of a layer's states."""
    b = Builder(training=False)
    layer.forward(b, b.tensor("x", images.shape, role="input"))
    return dict(b.initial)


def digits_stage():
    split = data.digits()
    training = models.digits_training()
    steps = 267
    order = np.resize(np.arange(len(split.images)), steps * 16)
    inputs = training.values(1) | training.stream(split.images[order], split.labels[order], steps)
    values = dict(tinycl.run(training.plan(steps), inputs, target="numba", checked=False).outputs)
    below = nn.Frozen(*models.digits_net().layers[:6])
    named = {k: v for k, v in values.items() if not k.startswith("linear")}
    return split, values, below, quant.calibrate(below, named, split.images[:200])


def test_digits_keep_their_classes():
    split, values, below, stage = digits_stage()
    head = nn.Sequential(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(256, 10))
    weights = {"linear2.weight": values["linear8.weight"], "linear2.bias": values["linear8.bias"]}
    latents = [result(part, values, split.images) for part in (below, stage)]
    scores = [result(head, weights, made) for made in latents]
    error = np.sqrt(((latents[1] - latents[0]) ** 2).mean() / (latents[0] ** 2).mean())
    assert error < 0.02
    classes = [s.argmax(axis=1) for s in scores]
    assert (classes[0] == classes[1]).mean() > 0.99
    accuracy = [float((c == split.labels).mean()) for c in classes]
    assert accuracy[0] > 0.9
    assert abs(accuracy[0] - accuracy[1]) < 0.01


def test_a_stage_stands_first_in_a_net_that_trains():
    images = RNG.standard_normal((4, 2, 6, 6)).astype(np.float32)
    frozen = nn.Frozen(nn.Conv2d(2, 4, 3), nn.ReLU())
    values = first_values(frozen, images)
    stage = quant.calibrate(frozen, values, images)
    net = nn.Sequential(stage, nn.Pointwise(4, 3), nn.GlobalAvgPool2d(), nn.Flatten())
    training = nn.Training(net, nn.SoftmaxCrossEntropy(), nn.SGD(0.1), images.shape)
    inputs = training.values(1) | training.stream(images, np.int32([0, 1, 2, 0]), 1)
    spec = tinycl.run(training.plan(1, evaluations=0), inputs)
    engine = tinycl.run(training.plan(1), inputs, target="numba", cores=2)
    for a, b in zip(spec.trace, engine.trace, strict=True):
        assert bits.equal(a.value, b.value), a.key
    assert not bits.equal(spec.outputs["pointwise1.weight"], inputs["pointwise1.weight"])
    with pytest.raises(PlanError, match="bytes have no gradient"):
        stage.backward(Builder(), "dy")


@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ((nn.Conv2d(1, 2, 1), nn.HardSwish()), "hard_swish1: hard_swish has no operation on bytes"),
        ((nn.Flatten(), nn.Linear(4, 2)), "flatten0: flatten has no operation on bytes"),
        ((nn.ReLU(), nn.Conv2d(1, 2, 1)), "relu0: an activation must stand directly behind"),
        ((nn.MaxPool2d(2), nn.ReLU()), "relu1: an activation must stand"),
        ((nn.Conv2d(1, 2, 1), nn.ReLU(), nn.ReLU6()), "relu62: an activation must stand"),
        ((nn.Residual(),), "residual0: a residual without layers"),
        ((nn.ReLU(), nn.BatchNorm(1)), "relu0: an activation must stand"),
        ((nn.BatchNorm(1),), "batch_norm0: a normalisation must stand directly behind"),
        ((nn.Conv2d(1, 2, 1), nn.ReLU(), nn.BatchNorm(2)), "batch_norm2: a normalisation must"),
        ((nn.Conv2d(1, 2, 1), nn.BatchNorm(2), nn.BatchNorm(2)), "batch_norm2: a normalisation"),
        ((), "no layers"),
    ],
)
def test_what_cannot_be_converted_is_named(layers, told):
    net = nn.Sequential(*layers)
    with pytest.raises(TinyclError, match=told):
        quant.calibrate(net, {}, np.zeros((1, 1, 2, 2), np.float32))


def test_images_and_values_that_do_not_do(small):
    layer, values, images, _ = small
    for wrong in (images.astype(np.float64), images[0], images.tolist()):
        with pytest.raises(TinyclError, match="float32 array"):
            quant.calibrate(layer, values, wrong)
    with pytest.raises(TinyclError, match="no images"):
        quant.calibrate(layer, values, images[:0])
    broken = images.copy()
    broken[9, 0, 0, 0] = np.nan
    with pytest.raises(TinyclError, match="x is not finite for images from 8 on"):
        quant.calibrate(layer, values, broken)
    name = next(iter(values))
    with pytest.raises(TinyclError, match=f"values has no {name}"):
        quant.calibrate(layer, {k: v for k, v in values.items() if k != name}, images)


def test_constant_activations():
    """A layer that gives nothing but zeros, and images of zeros."""
    layer = nn.Sequential(nn.Conv2d(1, 3, 1), nn.ReLU(), nn.Pointwise(3, 2))
    values = {
        "conv2d0.weight": np.zeros((3, 1, 1, 1), np.float32),
        "conv2d0.bias": np.float32([-1, -2, -3]),
        "pointwise2.weight": np.ones((2, 3), np.float32),
        "pointwise2.bias": np.float32([0.5, 0.25]),
    }
    images = np.zeros((2, 1, 3, 3), np.float32)
    stage = quant.calibrate(layer, values, images)
    made = result(stage, {}, images)
    assert np.allclose(made[:, 0], 0.5, atol=0.01)
    assert np.allclose(made[:, 1], 0.25, atol=0.01)


def test_a_relu6_that_gave_only_zeros_still_ends_at_six():
    """Its range is all that keeps bytes below 6 when other images wake it up."""
    layer = nn.Sequential(nn.Pointwise(1, 1, bias=False), nn.ReLU6())
    values = {"pointwise0.weight": np.ones((1, 1), np.float32)}
    images = np.zeros((1, 1, 2, 2), np.float32)
    stage = quant.calibrate(layer, values, images, target="numpy")
    assert result(stage, {}, images + 100, "numpy").ravel().tolist() == [6] * 4
