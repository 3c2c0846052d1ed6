"""The network that reads on the phones of a room, and what a pupil sends it."""

import numpy as np

from core.ink import files
from core.models import registry
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing, Prediction
from core.storage import drawings, room_drawings
from core.storage.room_records import Room
from core.storage.store import Store

POINTS = 3_000  # of one drawing; a digit has about a hundred


def classifier(room: Room) -> Classifier:
    """Return what reads in a room; the shipped one where the chosen one is gone.

    A teacher has chosen it for all who take part, who alone have this record.
    """
    found = registry.classifier(room.network) or registry.classifier(registry.SHIPPED)
    assert found is not None
    return found


def send(
    store: Store, room: Room, label: int, drawing: Drawing, image: DigitImage, prediction: Prediction | None
) -> int:
    """Store what a pupil has drawn, with what the network of the room said of it; return its number.

    Raises BadInput for one of too many points, and what `room_drawings.add` raises.
    """
    if (count := sum(map(len, drawing.strokes))) > POINTS:
        raise files.BadInput(
            f"This drawing has {count:,} points; at most {POINTS:,} are accepted in a class: take some strokes "
            "back, or clear the canvas."
        )
    is_read = prediction is not None and prediction.is_number
    return room_drawings.add(
        store,
        room.id,
        label=label,
        pixels=drawings.as_bytes(image.pixels),
        strokes=files.write_drawing(drawing).decode(),
        task=room.task.id if room.task else None,
        predicted=prediction.digit if prediction else None,
        confidence=float(np.max(prediction.probabilities)) if is_read and prediction else None,
        network=room.network,
    )
