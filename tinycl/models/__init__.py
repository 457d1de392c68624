"""Networks."""

from tinycl.models.digits import digits_net, digits_training

__all__ = ["digits_net", "digits_training"]
