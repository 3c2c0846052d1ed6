"""A class's digits as files. Nobody's name is in them, nor which digits are one pupil's."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from core.data import near_duplicates
from core.records import StoredDrawing
from core.storage import exchange_json, exchange_zip, room_drawings
from core.storage.room_records import UNLABELLED, RoomDrawing


def labelled(drawn: Sequence[RoomDrawing]) -> list[RoomDrawing]:
    """Those with a digit, in an order that does not tell who has drawn which: by digit and picture."""
    found = [one for one in drawn if one.label != UNLABELLED]
    return sorted(found, key=lambda one: (one.label, one.pixels.tobytes()))


def as_json(drawn: Sequence[RoomDrawing]) -> bytes:
    """As My digits takes it back (`exchange`)."""
    return exchange_json.write(
        StoredDrawing(
            label=one.label,
            pixels=one.pixels,
            strokes=one.strokes,
            visitor="",
            created=one.created.replace(hour=0, minute=0, second=0, microsecond=0),
            predicted=one.predicted,
            confidence=one.confidence,
            held_out=one.held_out,
        )
        for one in labelled(drawn)
    )


def as_zip(drawn: Sequence[RoomDrawing]) -> bytes:
    """Numbered anew, in an order of chance that the pictures themselves give: ours tell who came when."""
    shuffled = sorted(labelled(drawn), key=lambda one: (near_duplicates.content(one.pixels), one.label))
    hand = room_drawings.as_arrays(shuffled)
    return exchange_zip.write(np.arange(1, len(shuffled) + 1), hand.x, hand.y, hand.held_out)


def as_csv(drawn: Sequence[RoomDrawing]) -> bytes:
    """One row for each: label, held_out, predicted, confidence, and 784 pixels, 0 = paper, 255 = ink."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["label", "held_out", "predicted", "confidence", *(f"pixel{n}" for n in range(784))])
    for one in labelled(drawn):
        read = "" if one.predicted is None else one.predicted
        sure = "" if one.confidence is None else round(one.confidence, 4)
        writer.writerow([one.label, int(one.held_out), read, sure, *one.pixels.ravel().tolist()])
    return out.getvalue().encode()
