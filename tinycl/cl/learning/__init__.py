"""Learning: replay, head, synapses, and the plan of one learning batch."""

from tinycl.cl.learning.learner import Learner
from tinycl.cl.learning.replay import Replay
from tinycl.cl.learning.sizes import Sizes
from tinycl.cl.learning.strategy import Strategy

__all__ = ["Learner", "Replay", "Sizes", "Strategy"]
