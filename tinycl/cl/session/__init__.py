"""Sessions: an experiment from its first step to its last, in a folder, whatever interrupts it."""

from tinycl.cl.session.config import Experiment
from tinycl.cl.session.run import Run, begin, resume, scenario_of
from tinycl.cl.session.session import Session, State

__all__ = ["Experiment", "Run", "Session", "State", "begin", "resume", "scenario_of"]
