"""How a network does on a class while it learns from it: at each moment that its training has kept so far.

Called by `ui.sections.wall_learning`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from core.models import registry, state_networks
from core.models.classifiers import Classifier
from core.records import Network, Run
from core.rooms import results
from core.storage import room_drawings, states
from core.storage.room_records import RoomDrawing
from core.storage.store import Store
from core.training import finetuning

MOST = 200  # drawings on which it is measured: the latest
KEPT = 2_000  # of these numbers, in this process
Key = tuple[str, int, int, tuple[int, ...]]
_known: dict[Key, tuple[float, float] | None] = {}


@dataclass(frozen=True)
class Progress:
    """on_class: (epoch, fraction read rightly) of the class's held-out drawings, at each moment kept.

    on_mnist: the same of the digits of MNIST that the training's curves are measured on.
    before: of the class's, by the network that it began with; None where it began with random weights.
    """

    on_class: list[tuple[float, float]]
    on_mnist: list[tuple[float, float]]
    before: float | None


def held_out(drawn: Sequence[RoomDrawing], run: Run) -> list[RoomDrawing]:
    """Return what nothing learns from, as it was when the training began; the latest first, MOST at most."""
    of = run.training.fine_tuning
    until = of.until if of else 0
    return list(islice((one for one in room_drawings.held_out(drawn) if one.id <= until), MOST))


def progress(store: Store, run: Run, drawn: Sequence[RoomDrawing]) -> Progress:
    """Measure the moments of a run that are new, some 50 ms each, and return all.

    drawn: by its class.
    """
    held, of = held_out(drawn, run), run.training.fine_tuning
    alone = of is None or of.base == finetuning.ALONE
    number = registry.MNIST_ALONE if alone or of is None else of.base  # 'alone' has that one's layers
    base, on_class = registry.network(store, number), []
    if base is not None and held:
        moments = [_at(store, run, base, held, step) for step, _ in states.moments(store, run.id)]
        on_class = [moment for moment in moments if moment]
    points = [(one.epoch, one.validation_accuracy) for one in store.metrics(run.id)]
    classifier = None if alone else registry.classifier(number)
    return Progress(
        on_class,
        [(epoch, value) for epoch, value in points if value is not None],
        results.accuracy(classifier, held) if classifier else None,
    )


def _at(
    store: Store, run: Run, base: Network, held: list[RoomDrawing], step: int
) -> tuple[float, float] | None:
    """(epoch, accuracy) of a moment; None where its network cannot be made of its weights."""
    key = store.url, run.id, step, tuple(one.id for one in held)
    if key not in _known:
        state = states.state(store, run.id, step)
        if state is None:
            return None
        network = state_networks.at(base, run.training.layers, state)
        measured = results.accuracy(Classifier(network), held) if network else None
        while len(_known) >= KEPT:
            _known.pop(next(iter(_known)), None)
        _known[key] = None if measured is None else (state.epoch, measured)
    return _known[key]
