"""Malformed drawings, and archives of them."""

import io
import zipfile

from core.ink import files
from core.storage import exchange, exchange_json, exchange_zip
from tests import shapes
from tests.fuzz.checks import Fault, check_sentence
from tests.fuzz.images import picture, pictures
from tests.fuzz.mutation import EVIL, Random, as_json, changed, distorted


def drawing(rng: Random) -> dict:
    strokes = [stroke[::4].tolist() for stroke in shapes.strokes(rng.randrange(10))]
    return {"strokes": strokes, "brushes": [18.0] * len(strokes), "canvas": 328}


def strokes(rng: Random) -> bytes:
    content = drawing(rng)
    match rng.randrange(6):
        case 0:
            content |= {"canvas": rng.choice(EVIL), "brushes": [rng.choice(EVIL)] * len(content["strokes"])}
        case 1:  # every number is accepted by itself
            sizes = (1e-300, 1e-38, 1e-4, 1, 328, 1e6)
            content |= {"canvas": rng.choice(sizes), "brushes": [rng.choice(sizes)] * len(content["strokes"])}
        case 2:
            scale = rng.choice((0, 1e-40, 1e-9, 1e4, 1e38, 10**30))
            content["strokes"] = [[[x * scale, y * scale] for x, y in stroke] for stroke in content["strokes"]]
        case 3:
            content["strokes"] = [[[rng.choice((0, 1e6)), rng.random()]] * 50] * rng.choice((1, 300))
    return as_json(distorted(content, rng) if rng.random() < 0.7 else content, rng)


def my_digits(rng: Random) -> bytes:
    def item() -> dict:
        return drawing(rng) | {
            "label": rng.randrange(10),
            "held_out": False,
            "created": rng.choice(("2026-01-31T12:00:00+00:00", "0001-01-01T00:00:00+14:00", "9999-12-31")),
            "predicted": 1,
            "confidence": 0.9,
            "network": rng.choice(("a network", "\ud800", "\x00", "=1+1")),
            "pixels": "A" * 1044 + "AA==" if rng.random() < 0.8 else rng.choice(("////", "AAAA" * 300, 7)),
        }

    return as_json(distorted({"drawings": [item() for _ in range(rng.choice((0, 1, 3)))]}, rng, 0.3), rng)


NAMES = (
    "7/a.png",
    "seven/1.png",
    "3/7.png",
    "",
    "/",
    "../7/a.png",
    "C:\\7.png",
    "7",
    "\x00/7.png",
    "train/0/é.png",
)


def digits_zip(rng: Random) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for number in range(rng.choice((0, 1, 2, 4))):
            entry = zipfile.ZipInfo(rng.choice(NAMES) if rng.random() < 0.5 else f"{number}/{number}.png")
            entry.filename = rng.choice((entry.filename, "")) if rng.random() < 0.1 else entry.filename
            entry.compress_type = rng.choice((0, 8, 8, 12, 14))
            archive.writestr(entry, picture(rng) if rng.random() < 0.6 else rng.choice(pictures()))
    data = out.getvalue()
    return changed(data, rng) if rng.random() < 0.7 else data


def read_digits(data: bytes) -> None:
    try:
        found = exchange.read(data, "0123456789abcdef")
    except exchange_zip.Unclear as asked:
        found = exchange.read(data, "0123456789abcdef", counts=asked.question.choices[0])
    for one in found.good:
        if one.pixels.shape != (28, 28) or not one.pixels.any() or not 0 <= one.label <= 9:
            raise Fault(f"a drawing of {one.pixels.shape}, {one.pixels.sum()}, labelled {one.label}")
        files.read_drawing(one.strokes.encode()) if one.strokes else None
    for _, sentence in found.refused:
        check_sentence(sentence)
    exchange_json.write(found.good)
