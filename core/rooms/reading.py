"""The network that reads on the phones of a room, and what a pupil sends it."""

from dataclasses import replace

import numpy as np

from core.ink import files
from core.models import registry
from core.models.classifiers import Classifier
from core.records import DigitImage, Drawing, Prediction
from core.rooms import tasks
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


def thinned(drawing: Drawing) -> Drawing:
    """Return it with POINTS points at most, each stroke's first and last among them, evenly chosen.

    A drawing with more strokes than that has no fewer points than two for each.
    """
    over = sum(map(len, drawing.strokes)) - POINTS
    if over <= 0:
        return drawing
    spare = POINTS - 2 * len(drawing.strokes)
    between = sum(max(0, len(stroke) - 2) for stroke in drawing.strokes)
    strokes = []
    for stroke in drawing.strokes:
        count = min(len(stroke), 2 + max(0, spare) * max(0, len(stroke) - 2) // max(1, between))
        strokes.append(stroke[np.linspace(0, len(stroke) - 1, count).round().astype(int)])
    return replace(drawing, strokes=tuple(strokes))


def send(
    store: Store, room: Room, label: int, drawing: Drawing, image: DigitImage, prediction: Prediction | None
) -> int:
    """Store what a pupil has drawn, with what the network of the room said of it; return its number.

    It counts in the task of `room`, where that may have asked for it.

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
        task=room.going.id if room.going and tasks.fits(room.going, label) else None,
        predicted=prediction.digit if prediction else None,
        confidence=float(np.max(prediction.probabilities)) if is_read and prediction else None,
        network=room.network,
    )
