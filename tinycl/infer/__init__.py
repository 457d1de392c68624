"""Which contract a kernel keeps, found from what it gives; README.md beside this is the guide."""

from tinycl.infer.observed import Observed
from tinycl.infer.probe import Probed, dot_of_matmul, probe
from tinycl.infer.search import infer
from tinycl.infer.through import infer_run
from tinycl.infer.tree import ProbeError
from tinycl.infer.verdict import Inferred, Rest

__all__ = [
    "Inferred",
    "Observed",
    "ProbeError",
    "Probed",
    "Rest",
    "dot_of_matmul",
    "infer",
    "infer_run",
    "probe",
]
