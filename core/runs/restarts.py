"""When a worker is started again that has ended before it began anything.

Called by `core.runs.queue`.
"""

import time

STARTS = 6  # of workers that end before they begin a run, after which nobody tries again by himself
LONGEST_PAUSE = 30.0  # seconds between two of them


class Restarts:
    """Counts such ends, one soon after the other: each is followed by a longer pause.

    endless: it is tried however often it fails. problem: one sentence on why there is no worker, or ''.
    """

    def __init__(self, *, endless: bool):
        self.problem = ""
        self.ends = 0  # since the last worker that began something
        self._endless = endless
        self._ready = 0.0  # by the monotonic clock: since when the present worker could have begun something
        self._not_before = 0.0  # by the monotonic clock: when the next is tried

    @property
    def trouble(self) -> str:
        """One sentence on why nothing is trained, and what happens next; '' where nothing is wrong."""
        if not (problem := self.problem):
            return ""
        if self.is_given_up():
            return f"{problem} It is not tried again by itself: mend that, then click Train or Resume."
        return f"{problem} It is tried again in {max(1, round(self.pause()))} s."

    def is_given_up(self) -> bool:
        """Have so many workers ended that none is started again by itself?"""
        return self.ends >= STARTS and not self._endless

    def is_due(self) -> bool:
        """May the next worker be started now?"""
        return not self.is_given_up() and self.pause() <= 0

    def pause(self) -> float:
        """Seconds until the next is tried; below 0 where that may be now."""
        return self._not_before - time.monotonic()

    def failed(self, problem: str) -> None:
        """A worker has not begun anything, or could not be started."""
        self.problem = problem
        self.ends += 1
        self._not_before = time.monotonic() + min(2.0 ** (self.ends - 1), LONGEST_PAUSE)

    def ready(self) -> None:
        """A worker has started."""
        self.problem, self._ready = "", time.monotonic()

    def ended(self) -> None:
        """A worker that had started is gone; after long no other is held against it."""
        if time.monotonic() - self._ready > LONGEST_PAUSE:
            self.ends = 0

    def begun(self) -> None:
        """A worker has done something."""
        self.ends = 0

    def once_more(self) -> None:
        """Somebody asks for one more try, at once, where it was given up."""
        if self.is_given_up():
            self.ends, self._not_before = STARTS - 1, 0.0
