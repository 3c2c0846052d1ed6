"""Malformed files read in a process of its own, which may hang or die."""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Iterator

from core.models import keras_hdf5
from tests.fuzz import KINDS, MEGABYTES, SECONDS, memory, try_one
from tests.fuzz.images import pictures, read_image


def _work(kind: str, seeds: range, tell) -> None:
    """Read the files of these seeds, and tell before each which it is, and after it what was wrong."""
    read_image(pictures()[0])  # what is imported late is not counted
    for seed in seeds:
        tell.send((seed, None))
        before = memory()
        try:
            try_one(kind, seed)
        except Exception:  # noqa: BLE001  what is looked for
            tell.send((seed, traceback.format_exc().strip()))
        if memory() - before > MEGABYTES:
            tell.send((seed, f"it took {memory() - before:.0f} MB"))
    tell.send((seeds.stop, None))


def faults(kind: str, first: int, count: int) -> Iterator[tuple[int, str]]:
    """Yield (seed, what was wrong) in a process that is ended where it hangs or dies, and begun anew."""
    patience = (keras_hdf5.SECONDS + 5) if KINDS[kind].alone else 5 * SECONDS
    context, at, end = multiprocessing.get_context("spawn"), first, first + count
    while at < end:
        mine, its = context.Pipe(duplex=False)
        process = context.Process(target=_work, args=(kind, range(at, end), its), daemon=True)
        process.start()
        its.close()
        at, wait = yield from _listen(mine, at, end, patience)
        if process.is_alive() and at < end:
            os.kill(process.pid, signal.SIGKILL)
        process.join(wait)


def _listen(mine, at: int, end: int, patience: float) -> Iterator[tuple[int, str]]:
    wait = 60.0  # until it has begun
    try:
        while mine.poll(wait):
            wait = patience
            at, wrong = mine.recv()
            if wrong:
                yield at, wrong
            if at >= end:
                return end, 10.0
        yield at, f"it hung for more than {wait:g} s"
    except EOFError:
        yield at, "the process died"
    return at + 1, 1.0
