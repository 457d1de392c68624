"""Networks."""

from tinycl.models.catalogue import MODELS, make_model
from tinycl.models.digits import digits_net, digits_training
from tinycl.models.mobilenet_v1 import mobilenet_v1
from tinycl.models.mobilenet_v2 import mobilenet_v2
from tinycl.models.phinet import phinet
from tinycl.models.separable import separable_net
from tinycl.models.small import anomaly_mlp, conv_net, mlp
from tinycl.models.state_dict import from_state_dict, to_state_dict
from tinycl.models.table import layer_table
from tinycl.models.weights import read_weights, write_weights

__all__ = [
    "MODELS",
    "anomaly_mlp",
    "conv_net",
    "digits_net",
    "digits_training",
    "from_state_dict",
    "layer_table",
    "make_model",
    "mlp",
    "mobilenet_v1",
    "mobilenet_v2",
    "phinet",
    "read_weights",
    "separable_net",
    "to_state_dict",
    "write_weights",
]
