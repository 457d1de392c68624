"""Which random stream a session draws what from.

Stream = room * 2^24 + learning batch * 2^8 + turn: an address, so that no draw depends on how
often or in which order others were made. Streams below 2^24 belong to initial values and policies.
"""

from __future__ import annotations

from tinycl.errors import PlanError

NEW, OLD, STORE = 1, 2, 3  # order of the new samples; of the replays; what the memory keeps
ROOM, BATCH = 24, 8
MOST_BATCHES, MOST_TURNS = 1 << (ROOM - BATCH), 1 << BATCH


def stream(room: int, batch: int) -> int:
    """Return the stream of a room's first turn in a learning batch.

    Raises
    ------
    PlanError
        A learning batch beyond 65,535.
    """
    if not 0 <= batch < MOST_BATCHES:
        raise PlanError(
            f"session: learning batch {batch}; streams of random numbers are told apart for "
            f"batches 0 to {MOST_BATCHES - 1}"
        )
    return room << ROOM | batch << BATCH
