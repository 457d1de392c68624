"""Which contract a kernel keeps, found from what it gives; README.md beside this is the guide."""

from tinycl.infer.observed import Observed
from tinycl.infer.search import infer
from tinycl.infer.verdict import Inferred, Rest

__all__ = ["Inferred", "Observed", "Rest", "infer"]
