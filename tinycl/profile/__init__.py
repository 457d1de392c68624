"""What a training step costs on a target: cycles, instructions and tiles of each operation."""

from tinycl.profile.changes import changes
from tinycl.profile.counting import counting
from tinycl.profile.measure import measure
from tinycl.profile.model import Measured, Operation, Profile, Report, Setting
from tinycl.profile.policies import POLICIES, choose
from tinycl.profile.record import dumps, read, to_dict, write
from tinycl.profile.text import markdown, put, render
from tinycl.profile.work import Work, case_works, net_works

__all__ = [
    "POLICIES",
    "Measured",
    "Operation",
    "Profile",
    "Report",
    "Setting",
    "Work",
    "case_works",
    "changes",
    "choose",
    "counting",
    "dumps",
    "markdown",
    "measure",
    "net_works",
    "put",
    "read",
    "render",
    "to_dict",
    "write",
]
