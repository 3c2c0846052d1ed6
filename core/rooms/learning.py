"""A network learns from a class: what is trained, and how it does before and after.

One drawing in five is held out, and nothing ever learns from it. Three trainings can be compared, of the same
layers: on MNIST alone, which comes with the app; on this class alone, from random weights; and on both.
"""

from dataclasses import replace

from core.models import registry
from core.records import TrainConfig
from core.runs import queue
from core.storage import fair_queue, limits, room_drawings, room_events, rooms
from core.storage.database import HOME
from core.storage.room_access import teaching
from core.storage.room_records import Room
from core.storage.store import Store, StoreError
from core.training import finetuning

FEW = 20  # drawings, below which there is too little to learn from
WAYS = {"both": "MNIST and this class", "class": "this class alone"}
NAMES = {"learn": "Taught by the class", "both": "MNIST and the class", "class": "The class alone"}


class TooFew(StoreError):
    """There is too little to learn from; the text is one sentence."""


def config(store: Store, room: Room, way: str) -> TrainConfig:
    """Return how a network is trained from a class.

    way: 'learn', further from the one that reads on the phones; 'both' and 'class' as in WAYS.
    """
    hand = room_drawings.arrays(store, room.id)
    learnt = int((~hand.held_out).sum())
    if learnt < FEW:
        raise TooFew(
            f"{learnt} drawings are there to learn from; {FEW} are the least. Let the class draw more."
        )
    base = room.network if way == "learn" else registry.MNIST_ALONE
    network = registry.network(store.of(store.owner) if store.owner is not None else store, base)
    if network is None:
        raise TooFew("The network that it would begin with is not there any more: switch back first.")
    source = f"{room_drawings.PREFIX}{room.id}"
    found = finetuning.config(network.layers, base, source, until=int(hand.ids.max()))
    if way == "class":
        alone = replace(found.fine_tuning, base=finetuning.ALONE, mixing_weight=1.0)  # type: ignore[type-var]
        return replace(found, fine_tuning=alone, epochs=10, learning_rate=0.001)
    return found


def begin(store: Store, room_id: int, way: str = "learn") -> int:
    """Queue that training as a teacher's run, shown to all, and return its number.

    Raises NotYours, LimitReached, TooFew, StoreError.
    """
    with teaching(store, room_id, changes_it=False) as connection:
        limits.check_trainings(connection, store.owner or HOME, of_class=True)
    room = rooms.look(store, room_id)
    jobs = queue.jobs()
    run = jobs.submit(config(store, room, way), name=NAMES[way], visitor=store.owner, recipe=fair_queue.CLASS)
    jobs.store.publish(run)  # it is to read on all phones
    room_events.note_run(store, room_id, way, run)
    return run
