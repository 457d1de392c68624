"""Every tensor that a run gives back, and every one that goes in, has named axes."""

from tinycl.golden.catalogue import catalogue
from tinycl.golden.make import make
from tinycl.parity.axes import input_axes, result_axes


def test_axes_of_one_operation() -> None:
    plan, _, _ = catalogue()["conv2d_weight_grad/prime_plain"].build()
    assert result_axes(plan) == {
        "trace/0/main/00.conv2d_weight_grad/dw": ("co", "ci", "kh", "kw"),
        "output/dw": ("co", "ci", "kh", "kw"),
    }
    assert input_axes(plan) == {"x": ("n", "ci", "h", "w"), "dy": ("n", "co", "ho", "wo")}


def test_axes_of_a_training_run() -> None:
    golden = make(catalogue()["training/mobile_accumulated_plain"])
    axes = result_axes(golden.plan)
    assert axes.keys() == golden.tensors.keys()
    assert all(len(axes[k]) == v.ndim for k, v in golden.tensors.items())
    assert axes["record/train/loss"] == ("execution",)
    assert all(len(input_axes(golden.plan)[k]) == v.ndim for k, v in golden.inputs.items())
    assert input_axes(golden.plan)["x"] == ("slice", "n", "ci", "h", "w")
