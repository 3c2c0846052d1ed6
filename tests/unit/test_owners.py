"""Whose is what: every method of the stores, tried as somebody else.

The table names each public method with what it is called with, and what somebody else gets:
NOTHING where it is as if it were not there, REFUSED where nothing may be changed, OWN where it is about oneself
alone, and ANYBODY where there is nothing of anybody's. A method that is not in the table fails the test.
"""

import inspect
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from core.records import Checkpoint, Metric, Network, Probe, Snapshot, State, StoredDrawing, View
from core.runs.queue import OwnJobs
from core.storage import chosen_networks, drawings, lesson_progress, limits, states, steering, sweeps
from core.storage.database import HOME, LimitReached, NotYours
from core.storage.store import Store
from core.training import configs, finetuning, search
from core.training.recipes import RECIPES

ME, OTHER = "a" * 32, "b" * 32
CONFIG = RECIPES["quick"].config
NOTHING, REFUSED, OWN, ANYBODY = "nothing", "refused", "own", "anybody"
PIXELS = np.eye(28, dtype=np.uint8) * 255
WEIGHTS = {"dense/kernel": np.zeros((1, 1), np.float32)}
CHECKPOINT = Checkpoint(1, 1, 1.0, (), WEIGHTS, 1, 0.5)
NETWORK = Network("n", CONFIG.layers, WEIGHTS, b"litert", {})
MATRIX = ((0,) * 10,) * 10

STORE = {
    "of": ([OTHER], REFUSED),
    "check_owner": ([OTHER], REFUSED),
    "program_only": ([], REFUSED),
    "changing": (["run"], REFUSED),
    "transaction": ([], ANYBODY),
    "of_readable": (["run"], ANYBODY),
    "writing": (["run", None], REFUSED),
    "backup": (["file"], REFUSED),
    "add": ([CONFIG], OWN),
    "run": (["run"], NOTHING),
    "runs": ([], NOTHING),
    "position": (["run"], REFUSED),
    "rename": (["run", "theirs"], REFUSED),
    "describe": (["run"], REFUSED),
    "delete": (["run"], REFUSED),
    "undelete": (["run"], REFUSED),
    "publish": (["run"], REFUSED),
    "purge": ([], REFUSED),
    "claim": (["run", "w:1:1", ""], REFUSED),
    "claim_rest": (["run", "w:1:1"], REFUSED),
    "heartbeat": (["run"], REFUSED),
    "stop_requested": (["run"], REFUSED),
    "drawing": (["run"], NOTHING),
    "set_drawing": (["run", np.zeros((28, 28), np.float32)], REFUSED),
    "add_metric": (["run", Metric(1, 1.0, 1.0, 0.5, 1.0), 1.0], REFUSED),
    "set_snapshot": (["run", Snapshot(1, MATRIX, ())], REFUSED),
    "set_checkpoint": (["run", CHECKPOINT], REFUSED),
    "finish": (["run", NETWORK, b"", None], REFUSED),
    "end": (["run", "failed", ""], REFUSED),
    "refuse": (["run", ""], REFUSED),
    "ask_to_stop": (["run"], REFUSED),
    "requeue": (["run"], REFUSED),
    "metrics": (["run"], NOTHING),
    "forget_metrics_after": (["run", 0], REFUSED),
    "snapshot": (["run"], NOTHING),
    "checkpoint": (["run"], NOTHING),
    "network": (["run"], NOTHING),
    "network_version": (["run"], NOTHING),
    "keras_file": (["run"], NOTHING),
    "probabilities": (["run"], NOTHING),
    "scalings": (["run"], NOTHING),
    "claims": ([], REFUSED),
    "workers": ([], REFUSED),
    "waiting": ([], REFUSED),
    "queue": ([], REFUSED),
    "active": ([], NOTHING),
    "owed": ([], REFUSED),
    "interrupt": (["run", "w:1:1", ""], REFUSED),
}
NAMED = {
    "finish": {"test_accuracy": 0.5},
    "add": {"name": "own"},
    "describe": {"name": "theirs", "notes": "", "tags": "", "baseline": True},
}
DRAWINGS = {
    "labelled": ANYBODY,
    "as_bytes": ANYBODY,
    "add": REFUSED,
    "add_many": REFUSED,
    "relabel": NOTHING,
    "delete": NOTHING,
    "undelete": NOTHING,
    "get": NOTHING,
    "find": NOTHING,
    "everything": NOTHING,
    "sizes": NOTHING,
    "load": NOTHING,
    "known": NOTHING,
}


def drawn(visitor: str, pixels: np.ndarray = PIXELS) -> StoredDrawing:
    return StoredDrawing(7, pixels, "", visitor, datetime.now(UTC))


@pytest.fixture
def run(store):
    """One of mine, with all that a run can have."""
    run_id = store.add(CONFIG, name="mine", visitor=ME, drawing=np.ones((28, 28), np.float32))
    store.add_metric(run_id, Metric(1, 1.0, 1.0, 0.5, 1.0), 1.0)
    store.set_snapshot(run_id, Snapshot(1, MATRIX, ()))
    store.set_checkpoint(run_id, CHECKPOINT)
    said = np.full((10_000, 10), 0.1, np.float32)
    store.finish(run_id, NETWORK, b"keras", said, test_accuracy=0.5, scalings=np.zeros((1, 2)))
    return run_id


def is_nothing(found) -> bool:
    return found is None or len(found) == 0


def methods(cls) -> set[str]:
    return {name for name, _ in inspect.getmembers(cls, inspect.isfunction) if not name.startswith("_")}


def test_the_table_names_every_method():
    assert methods(Store) == set(STORE)
    public = {
        n for n, f in inspect.getmembers(drawings, inspect.isfunction) if f.__module__ == drawings.__name__
    }
    assert {name for name in public if not name.startswith("_")} == set(DRAWINGS)


def call(store, name, run, tmp_path):
    given = [
        {"run": run, "file": tmp_path / "copy"}.get(a, a) if isinstance(a, str) else a for a in STORE[name][0]
    ]
    found = getattr(store, name)(*given, **NAMED.get(name, {}))
    if name in ("writing", "changing"):
        with found:
            return None
    return found


@pytest.mark.parametrize("name", sorted(name for name, row in STORE.items() if row[1] in (NOTHING, REFUSED)))
def test_somebody_else_neither_sees_nor_changes_a_run(store, run, name, tmp_path):
    theirs = store.of("c" * 32)
    before = [store.run(run), store.metrics(run), store.drawing(run).tolist()]
    if STORE[name][1] == REFUSED:
        with pytest.raises(NotYours):
            call(theirs, name, run, tmp_path)
    else:
        assert is_nothing(call(theirs, name, run, tmp_path))
        mine = call(store.of(ME), name, run, tmp_path)
        assert mine is not None  # there is something to be seen
        assert name in ("active",) or not is_nothing(mine) if hasattr(mine, "__len__") else True
    assert [store.run(run), store.metrics(run), store.drawing(run).tolist()] == before


def test_what_somebody_adds_is_theirs(store):
    number = store.of(OTHER).add(CONFIG, name="own")
    assert store.run(number).visitor == OTHER
    with pytest.raises(NotYours):
        store.of(OTHER).add(CONFIG, name="as if it were mine", visitor=ME)


READS = ["run", "metrics", "snapshot", "checkpoint", "network", "keras_file", "probabilities", "scalings"]


def test_a_published_run_is_read_by_all_and_changed_by_its_owner(store, run):
    theirs = store.of(OTHER)
    store.of(ME).publish(run)
    for name in READS:
        assert getattr(theirs, name)(run) is not None, name
    assert [one.id for one in theirs.runs()] == [run]
    assert theirs.drawing(run) is None  # what its owner has drawn stays theirs
    for name in ("delete", "undelete", "ask_to_stop", "requeue", "publish"):
        with pytest.raises(NotYours):
            getattr(theirs, name)(run)
    store.of(ME).publish(run, False)
    assert theirs.run(run) is None


def test_nobody_learns_from_or_begins_with_what_is_somebody_elses(store, run):
    config = finetuning.config(CONFIG.layers, 0, ME, until=1)
    with pytest.raises(NotYours):
        store.of(OTHER).add(config, name="their drawings")
    config = finetuning.config(CONFIG.layers, run, OTHER, until=1)
    with pytest.raises(NotYours, match="is not yours, nor published"):
        store.of(OTHER).add(config, name="their network")
    assert store.of(ME).add(finetuning.config(CONFIG.layers, run, ME, until=1), name="own")


@pytest.mark.parametrize("name", configs.FILES)
def test_no_visitor_has_the_worker_open_a_file(store, name):
    """Neither for a training nor for a sweep; this computer's own user and the command line do."""
    config = replace(RECIPES["digit-lab"].config, **{name: "/dev/zero"})
    plan = search.Plan((search.parse("batch_size", "32, 64"),))
    for add in (
        lambda of: of.add(config, name="a file"),
        lambda of: sweeps.add(of, config, plan, name="a file", visitor=of.owner or HOME),
    ):
        with pytest.raises(NotYours, match="It would open files of the computer that trains"):
            add(store.of(OTHER))
        assert store.runs() == sweeps.every(store) == []
    for of in (store, store.of(HOME)):
        assert of.add(config, name="a file")
        assert sweeps.add(of, config, plan, name="a file", visitor=HOME)


def test_the_workers_take_orders_from_a_runs_owner_alone(store, run):
    class Asked:
        failures: dict[int, str] = {}  # noqa: RUF012

        def look_soon(self, *, retry=True):
            raise AssertionError("somebody else was heard")

    asked = Asked()
    asked.store = store
    theirs = OwnJobs(asked, OTHER)
    for does in (theirs.stop, theirs.resume):
        with pytest.raises(NotYours):
            does(run)


def test_somebody_else_neither_sees_nor_changes_a_drawing(store):
    mine = drawings.add(store.of(ME), drawn(ME))
    theirs = store.of(OTHER)
    for add in (lambda: drawings.add(theirs, drawn(ME)), lambda: drawings.add_many(theirs, [drawn(ME)])):
        with pytest.raises(NotYours):
            add()
    assert drawings.get(theirs, mine) is drawings.find(theirs, ME, PIXELS) is None
    for reads in (drawings.everything, drawings.sizes):
        assert reads(theirs) == reads(theirs, ME) == []
    assert len(drawings.load(theirs).y) == len(drawings.load(theirs, ME).y) == 0
    assert drawings.known(theirs, ME) == set()
    assert drawings.relabel(theirs, {mine: 1}) == []
    drawings.delete(theirs, [mine])
    assert drawings.get(store, mine).label == 7
    drawings.delete(store.of(ME), [mine])
    drawings.undelete(theirs, [mine])
    assert drawings.get(store, mine) is None
    drawings.undelete(store.of(ME), [mine])
    assert drawings.get(store.of(ME), mine).visitor == ME


def test_the_states_of_a_training_are_its_owners(store, run):
    none, numbers = np.zeros(1, np.float32), np.zeros(1, np.uint8)
    probe = Probe(np.zeros((1, 28, 28), np.uint8), numbers, numbers, 1)
    view = View(numbers, none, none, np.zeros((10, 10)), 0.5, none, none, none)
    states.set_probe(store, run, probe)
    states.add(store, run, State(1, 1, 1.0, 1.0, WEIGHTS, view))
    theirs = store.of(OTHER)
    assert (states.moments(theirs, run), states.views(theirs, run)) == ([], [])
    assert states.state(theirs, run, 1) is states.probe(theirs, run) is None
    assert len(states.views(store.of(ME), run)) == len(states.moments(store.of(ME), run)) == 1
    assert states.state(store.of(ME), run, 1).step == states.probe(store.of(ME), run).sample == 1
    for does in (
        lambda: states.forget_after(theirs, run, 0),
        lambda: states.add(theirs, run, states.state(store, run, 1)),
        lambda: states.set_view(theirs, run, 1, view),
        lambda: states.set_probe(theirs, run, probe),
    ):
        with pytest.raises(NotYours):
            does()


def test_what_is_asked_of_a_training_is_its_owners(store, run):
    mine, other = store.of(ME), store.of(OTHER)
    steering.ask(mine, run, "pause")
    assert [one.name for one in steering.pending(store, run)] == ["pause"]
    assert steering.requests(other, run) == []
    (asked,) = steering.requests(mine, run)
    for does, given in (
        (steering.ask, ("pause",)),
        (steering.pending, ()),
        (steering.heeded, (asked, 1, 1)),
        (steering.begin, ()),
    ):
        with pytest.raises(NotYours):
            does(other, run, *given)
    assert steering.requests(mine, run) == [asked]


def test_answers_and_choices_are_ones_own(store):
    theirs = store.of(OTHER)
    for does in (
        lambda: lesson_progress.load(theirs, ME),
        lambda: lesson_progress.add(theirs, ME, "q", "1"),
        lambda: chosen_networks.load(theirs, ME),
        lambda: chosen_networks.keep(theirs, ME, "reader", 1),
    ):
        with pytest.raises(NotYours):
            does()


# -- limits


def test_a_visitor_has_so_many_trainings_at_once_and_this_computers_own_user_more(store):
    theirs = store.of(OTHER)
    numbers = [theirs.add(CONFIG, name="one") for _ in range(limits.TRAININGS)]
    with pytest.raises(LimitReached, match=r"^12 trainings of yours train or wait, .* at once: stop one"):
        theirs.add(CONFIG, name="one more")
    assert store.of(ME).add(CONFIG, name="another's")
    theirs.ask_to_stop(numbers[0])
    assert theirs.add(CONFIG, name="one more")
    with pytest.raises(LimitReached):
        theirs.requeue(numbers[0])
    home = store.of(HOME)
    assert [home.add(replace(CONFIG, seed=seed), name="home") for seed in range(limits.TRAININGS + 1)]


def test_a_visitor_stores_so_many_drawings(store, monkeypatch):
    monkeypatch.setattr(limits, "DRAWINGS", 2)
    images = [np.full((28, 28), n, np.uint8) for n in range(3)]
    drawings.add_many(store.of(OTHER), [drawn(OTHER, image) for image in images[:2]])
    with pytest.raises(LimitReached, match="You have 2 stored drawings; with 1 more they would be over 2"):
        drawings.add(store.of(OTHER), drawn(OTHER, images[2]))
    assert drawings.add_many(store.of(HOME), [drawn(HOME, image) for image in images])
