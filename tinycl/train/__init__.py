"""Training runs: nets x data sets x policies from a small file, with checkpoints and results."""

from tinycl.train.checkpoint import Accuracy, Checkpoint, State
from tinycl.train.config import Config, Data, read_toml
from tinycl.train.policies import POLICIES, Policy
from tinycl.train.run import CHECKPOINT, RESULTS, Run, begin, resume

__all__ = [
    "CHECKPOINT",
    "POLICIES",
    "RESULTS",
    "Accuracy",
    "Checkpoint",
    "Config",
    "Data",
    "Policy",
    "Run",
    "State",
    "begin",
    "read_toml",
    "resume",
]
