"""Frozen layers in whole numbers: calibrated on images, run on bytes."""

from tinycl.quant.calibrate import calibrate
from tinycl.quant.scales import Affine, affine, multiplier_and_shift
from tinycl.quant.stage import Int8Stage, Step

__all__ = ["Affine", "Int8Stage", "Step", "affine", "calibrate", "multiplier_and_shift"]
