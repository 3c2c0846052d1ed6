"""How much a call leaves in memory, though other threads of the same process take some meanwhile."""

import tracemalloc
from collections.abc import Callable, Iterable


def least(calls: Iterable[Callable[[], object]]) -> tuple[int, int]:
    """Return (bytes that are still there while what was returned is held, bytes at the highest): the least of
    several alike calls, for what other threads take is in some of them only."""
    kept, highest = [], []
    for call in calls:
        tracemalloc.start()
        try:
            held = call()
            now, most = tracemalloc.get_traced_memory()
            del held
        finally:
            tracemalloc.stop()
        kept.append(now)
        highest.append(most)
    return min(kept), min(highest)
