"""Near-duplicate drawings, which must not lie on both sides of the held-out split.

Equal are drawings with the same bytes. Nearly equal are a and b, each 784 numbers, where |a - b| is at most
TOLERANCE of the shorter of |a| and |b|. Measured: a drawing that is saved and brought back differs by 0.003 at
most (its strokes), 0.13 (an image) or 0.1 (a JPEG); of MNIST's 10,000 test digits no two are nearer than 0.17.
"""

import hashlib
import math
import time

import numpy as np
import sqlalchemy as sa

TOLERANCE = 0.15
AT_ONCE = 128  # rows that are best compared with all others at a time
_PAIRS = 4096
_CELLS = 7 * 7
COARSE = 1 + _CELLS  # numbers of `coarse`
_LENGTH_UNIT = 28  # in which lengths, up to 28 * 255, are one byte
_ROUNDING = 2 * 4 * 0.5 * math.sqrt(_CELLS)  # of the distance of two coarse images: half a level in each cell
_PIXELS = 28 * 28


def content(pixels: np.ndarray) -> str:
    """Return what equal drawings, and only these, have in common. pixels: uint8 [28, 28]."""
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def coarse(pixels: np.ndarray) -> np.ndarray:
    """Return what tells most drawings apart without their pixels, uint8 [n, 50]. pixels: uint8 [n, 28, 28].

    The first is the length, |a|, in units of 28, rounded down; the others are means of 4 x 4 pixels, rounded.
    Sorted as bytes, as a database does, drawings of about one length lie together.

    >>> coarse(np.full((1, 28, 28), 51, np.uint8))[0, :4].tolist()
    [51, 51, 51, 51]
    """
    found = np.empty((len(pixels), COARSE), np.uint8)
    for at in range(0, len(pixels), _PAIRS):
        part = pixels[at : at + _PAIRS].astype(np.float32)
        length = np.sqrt((part.astype(float) ** 2).sum((1, 2)))
        found[at : at + _PAIRS, 0] = length // _LENGTH_UNIT
        means = part.reshape(-1, 7, 4, 7, 4).mean((2, 4))
        found[at : at + _PAIRS, 1:] = np.round(means).reshape(-1, _CELLS)
    return found


def lengths(some: np.ndarray) -> tuple[bytes, bytes]:
    """Return from which bytes, and below which, `coarse` lies of all that is nearly equal to one of these.

    some: uint8 [n, 50], n > 0. As ||a| - |b|| is never more than |a - b|.
    """
    low = math.floor(int(some[:, 0].min()) * (1 - TOLERANCE))
    high = math.floor((int(some[:, 0].max()) + 1) * (1 + TOLERANCE)) + 1
    return bytes([low]), bytes([high]) if high < 256 else bytes([255] * (COARSE + 1))


def may_be_near(there: np.ndarray, some: np.ndarray) -> np.ndarray:
    """Return bool [n]: False where it is surely not nearly equal to any of some. Both of `coarse`."""
    cells = there[:, 1:].astype(np.float32) * 4
    squares = (cells * cells).sum(1)
    found = np.zeros(len(there), bool)
    for at in range(0, len(some), AT_ONCE):
        part = some[at : at + AT_ONCE].astype(np.float32)
        limits = (TOLERANCE * (part[:, 0] + 1) * _LENGTH_UNIT + _ROUNDING + 1) ** 2  # 1: of float32
        new = part[:, 1:] * 4
        rest = (limits - (new * new).sum(1))[:, None] - squares
        found |= (-2 * (new @ cells.T) <= rest).any(0)
    return found


class Drawings:
    """Drawings to be compared with one another. pixels: uint8 [n, 28, 28]."""

    def __init__(self, pixels: np.ndarray):
        self._flat = pixels.reshape(len(pixels), _PIXELS)  # also of none
        self._squares = np.empty(len(pixels), np.float32)
        # The means of 4 x 4 pixels, whose distance is never more, and their square: |a - b|^2 - |a|^2 for all a
        # and b is then one product of matrices, sixteen times as fast as with all pixels.
        self._coarse = np.ones((len(pixels), 50), np.float32)
        for at in range(0, len(pixels), _PAIRS):
            part = self._flat[at : at + _PAIRS].astype(np.float32)
            self._squares[at : at + _PAIRS] = (part * part).sum(1)
            self._coarse[at : at + _PAIRS, :49] = part.reshape(-1, 7, 4, 7, 4).sum((2, 4)).reshape(-1, 49) / 4
        self._coarse_squares = (self._coarse[:, :49] ** 2).sum(1)

    def near(self, rows: slice, columns: slice, tolerance: float = TOLERANCE) -> np.ndarray:
        """Return bool [rows, columns]: which are equal or nearly equal."""
        limits, others = tolerance**2 * self._squares[rows], tolerance**2 * self._squares[columns]
        left, right = self._coarse[rows].copy(), self._coarse[columns].copy()
        left[:, :49] *= -2
        right[:, 49] = self._coarse_squares[columns]
        found = left @ right.T <= (limits - self._coarse_squares[rows] + 1)[:, None]
        a, b = self._flat[rows], self._flat[columns]
        i, j = np.divmod(np.flatnonzero(found), found.shape[1] or 1)
        if len(i) > found.size / 50:
            return _squares(a.astype(np.float32), b.astype(np.float32)) <= np.minimum.outer(limits, others)
        for at in range(0, len(i), _PAIRS):
            some, those = i[at : at + _PAIRS], j[at : at + _PAIRS]
            distance = ((a[some].astype(np.float32) - b[those]) ** 2).sum(1)
            found[some, those] = distance <= np.minimum(limits[some], others[those])
        return found


def near(some: np.ndarray, others: np.ndarray, tolerance: float = TOLERANCE) -> np.ndarray:
    """Return bool [n, m]: which are equal or nearly equal. uint8 [n, 28, 28], [m, 28, 28].

    tolerance: another one than that which parts the held-out ones.
    """
    count = len(some)
    return Drawings(np.concatenate([some, others])).near(slice(count), slice(count, None), tolerance)


def near_any(some: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return bool [n]: which are equal or nearly equal to one of the others; both as for `near`."""
    found = np.zeros(len(some), bool)
    if len(others):
        count, both = len(some), Drawings(np.concatenate([some, others]))
        for at in range(0, count, AT_ONCE):
            rows = slice(at, min(at + AT_ONCE, count))
            found[rows] = both.near(rows, slice(count, None)).any(1)
    return found


def _squares(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Return the squared distances, float32 [n, m]."""
    return (a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * (a @ b.T)


def upgrade(connection: sa.Connection) -> None:
    """Give the drawings of an earlier version their content, and treat rightly what was stored twice.

    Of drawings that are equal under one label the first stays and the others are hidden, as if deleted now.
    Held back stays only what is not nearly equal to one that networks may have learnt from. A row whose image
    is damaged is left as it is.
    """
    names = ("id", "visitor", "label", "held_back", "pixels", "deleted", "content")
    table = sa.table("drawings", *map(sa.column, names))
    found = connection.execute(sa.select(table).order_by(table.c.id))
    rows = [row for row in found if len(row.pixels) == _PIXELS]
    if not rows:
        return
    x = np.frombuffer(b"".join(bytes(row.pixels) for row in rows), np.uint8).reshape(-1, 28, 28)
    held = np.array([bool(row.held_back) for row in rows])
    learnt_too = np.flatnonzero(held)[near_any(x[held], x[~held])]
    contents = [content(image) for image in x]
    first: dict[tuple, int] = {}
    twice = []
    for row, its in zip(rows, contents, strict=True):
        if row.deleted is None and first.setdefault((row.visitor, row.label, its), row.id) != row.id:
            twice.append(row.id)
    its_id = table.c.id == sa.bindparam("its_id")
    all_contents = [{"its_id": row.id, "its": its} for row, its in zip(rows, contents, strict=True)]
    connection.execute(sa.update(table).where(its_id).values(content=sa.bindparam("its")), all_contents)
    if twice:
        hide = sa.update(table).where(its_id).values(deleted=time.time())
        connection.execute(hide, [{"its_id": number} for number in twice])
    if len(learnt_too):
        learn = sa.update(table).where(its_id).values(held_back=sa.false())
        connection.execute(learn, [{"its_id": rows[place].id} for place in learnt_too])


def fill_coarse(connection: sa.Connection) -> None:
    """Give the drawings of an earlier version what is coarse of them; a damaged one has nothing."""
    table = sa.table("drawings", *map(sa.column, ("id", "pixels", "coarse")))
    whole = sa.func.length(table.c.pixels) == _PIXELS
    query = sa.select(table.c.id, table.c.pixels).where(whole).order_by(table.c.id).limit(_PAIRS)
    change = sa.update(table).where(table.c.id == sa.bindparam("its_id")).values(coarse=sa.bindparam("its"))
    last = 0
    while rows := connection.execute(query.where(table.c.id > last)).all():
        x = np.frombuffer(b"".join(bytes(row.pixels) for row in rows), np.uint8).reshape(-1, 28, 28)
        its = [one.tobytes() for one in coarse(x)]
        connection.execute(change, [{"its_id": row.id, "its": one} for row, one in zip(rows, its, strict=True)])
        last = rows[-1].id
