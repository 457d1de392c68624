"""Continual learning: scenarios, metrics, costs."""

from tinycl.cl.costs import Memory, Work, memory, work
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
    "Memory",
    "Scenario",
    "Task",
    "Work",
    "listed",
    "make_scenario",
    "memory",
    "new_classes",
    "new_instances",
    "nicv2",
    "work",
]
