"""Kills workers and servers at random moments of tiny trainings, on SQLite and PostgreSQL, and looks after.

`make soak`, or with other numbers `python -m tests.soak --kills 10 --minutes 5`. It fails where a run was left
in the hands of a dead worker for more than LONGEST seconds, where one stays 'training' or 'waiting' at the end,
where an interrupted run cannot be read or resumed, or where the database is not whole.
"""

import argparse
import itertools
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
import sqlalchemy as sa

from core.runs import processes
from core.runs.queue import Jobs
from core.storage.store import Store, StoreError
from tests import postgres
from tests.worker.queued_runs import SHORT

ROOT = Path(__file__).parents[1]
LONGEST = 30.0  # seconds that a run may be left in dead hands
IN_TRAINING = 0.8  # of the kills hit a run that trains, the others may hit a start
PAUSE = 4.0  # seconds at most until a kill
AT_END = 180.0  # seconds in which everything has to come to its end


@dataclass
class Watched:
    """What is seen of the runs, twice a second. longest: seconds that one was in dead hands."""

    store: Store
    since: dict[str, float] = field(default_factory=dict)  # token -> when it was first seen in dead hands
    longest: float = 0.0
    over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        while not self.over.wait(0.5):
            try:
                dead = [claim for claim in self.store.claims() if not processes.lives(claim.worker)]
            except StoreError:
                continue
            now = time.monotonic()
            self.since = {claim.token: self.since.get(claim.token, now) for claim in dead}
            self.longest = max([self.longest, *(now - when for when in self.since.values())])


def serve(url: str) -> None:
    """A page server whose visitors always train, and resume what was interrupted."""
    jobs = Jobs(Store(url))
    for seed in itertools.count(random.randrange(10**6)):
        while len(jobs.store.active()) >= 3:
            time.sleep(0.1)
        ended = [run.id for run in jobs.store.runs() if run.status == "interrupted"]
        if ended and seed % 2:
            jobs.resume(random.choice(ended))
        else:
            jobs.submit(replace(SHORT, seed=seed, epochs=1 + 3 * (seed % 3)), name="soak")
        time.sleep(0.2)


def soak(url: str, kills: int, until: float, rng: random.Random) -> list[str]:
    """Return what went wrong."""
    store = Store(url)
    watched = Watched(store)
    threading.Thread(target=watched.look, daemon=True).start()
    server = start(url)
    killed: Counter[str] = Counter()
    for what in [kind for _ in range(kills) for kind in ("worker", "server")]:
        if rng.random() < IN_TRAINING:
            wait_for_a_training(store)
        time.sleep(rng.uniform(0, PAUSE))
        if time.monotonic() > until:
            break
        killed[what] += kill_worker(server) if what == "worker" else 1
        if what == "server":
            server.send_signal(signal.SIGKILL)
            server.wait()
            server = start(url)
    time.sleep(PAUSE)
    server.send_signal(signal.SIGKILL)
    server.wait()
    problems = look_at_what_is_left(store)
    watched.over.set()
    if watched.longest > LONGEST:
        problems.append(f"a run was in dead hands for {watched.longest:.0f} s")
    counts = dict(Counter(run.status for run in store.runs()))
    print(f"{url.split(':', maxsplit=1)[0]}: killed {dict(killed)}; runs {counts}")
    print(f"{watched.longest:.1f} s at most in dead hands; problems: {problems or 'none'}", flush=True)
    return problems


def look_at_what_is_left(store: Store) -> list[str]:
    """A last server starts, and everything comes to its end."""
    jobs, problems = Jobs(store), []
    try:
        deadline = time.monotonic() + AT_END
        for number in store.active():
            jobs.stop(number)
        while (store.active() or store.owed() or store.claims()) and time.monotonic() < deadline:
            time.sleep(0.5)
        problems += [f"run {number} is still active" for number in store.active()]
        for run in store.runs():
            if run.status == "interrupted" and store.checkpoint(run.id) and not run.has_network:
                problems.append(f"run {run.id} was interrupted and cannot be read: {run.note}")
            if run.status == "failed":
                problems.append(f"run {run.id} failed: {run.note}")
    finally:
        jobs.close()
    if store.url.startswith("sqlite"):
        with store.transaction() as connection:
            if (said := connection.execute(sa.text("PRAGMA integrity_check")).scalar_one()) != "ok":
                problems.append(f"the database is not whole: {said}")
    return problems


def wait_for_a_training(store: Store) -> None:
    deadline = time.monotonic() + LONGEST
    while not store.workers() and time.monotonic() < deadline:
        time.sleep(0.1)


def start(url: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-m", "tests.soak", "--serve", url], cwd=ROOT)


def kill_worker(server: subprocess.Popen) -> int:
    """Kill what the server has started to train. Returns how many that were."""
    workers = [
        child for child in psutil.Process(server.pid).children() if "spawn_main" in " ".join(child.cmdline())
    ]
    for worker in workers:
        worker.kill()
    return len(workers)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--kills", type=int, default=100, help="of workers, and as many of servers, per database"
    )
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="per database, after which it comes to its end"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--serve", metavar="URL", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    rng = random.Random(options.seed)
    problems = []
    with tempfile.TemporaryDirectory(prefix="digit-lab-soak-") as folder, postgres.server() as server:
        os.environ["DIGIT_LAB_HOME"] = folder
        if server is None:
            print("no PostgreSQL server can be started here")
        for url in filter(None, (f"sqlite:///{folder}/lab.db", server)):
            problems += soak(url, options.kills, time.monotonic() + 60 * options.minutes, rng)
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
