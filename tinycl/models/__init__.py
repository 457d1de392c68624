"""Networks."""

from tinycl.models.digits import digits_net, digits_training
from tinycl.models.mobilenet_v1 import mobilenet_v1
from tinycl.models.mobilenet_v2 import mobilenet_v2
from tinycl.models.phinet import phinet
from tinycl.models.separable import separable_net

__all__ = [
    "digits_net",
    "digits_training",
    "mobilenet_v1",
    "mobilenet_v2",
    "phinet",
    "separable_net",
]
