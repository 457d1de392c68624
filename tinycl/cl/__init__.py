"""Continual learning: scenarios and metrics."""

from tinycl.cl.kinds import KINDS, listed, make_scenario
from tinycl.cl.metrics import Accuracies
from tinycl.cl.new_classes import new_classes
from tinycl.cl.new_instances import new_instances
from tinycl.cl.nicv2 import nicv2
from tinycl.cl.scenario import LearningBatch, Scenario, Task

__all__ = [
    "KINDS",
    "Accuracies",
    "LearningBatch",
    "Scenario",
    "Task",
    "listed",
    "make_scenario",
    "new_classes",
    "new_instances",
    "nicv2",
]
