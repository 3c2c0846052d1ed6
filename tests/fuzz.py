"""Malformed files of every kind that people can bring, and what must hold for each: the answer or one sentence.

`python -m tests.fuzz 20000` (make fuzz) reads so many, in processes of their own, and reports tracebacks,
hangs and memory; the same number and seed make the same files. `test_fuzz.py` reads fewer with every test run.
"""

import argparse
import contextlib
import gzip
import io
import json
import multiprocessing
import os
import random
import resource
import signal
import struct
import sys
import tempfile
import time
import traceback
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import h5py
import numpy as np
import pytest
from PIL import Image

from core.data import datasets, pen_files
from core.ink import files, rgb
from core.models import keras_hdf5, keras_import
from core.nn import architectures, ops
from core.records import DigitImage
from core.storage import exchange, exchange_json, exchange_zip
from tests import colours, shapes

SECONDS, MEGABYTES = 2.0, 500
SENTENCE = 700  # characters that one may have at most

Random = random.Random


class Fault(AssertionError):
    """What came out is neither an answer nor one sentence."""


# -- changing bytes


def changed(data: bytes, rng: Random) -> bytes:
    """The data with a few bytes, numbers or parts changed, moved, doubled or cut off."""
    result = bytearray(data)
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        at = rng.randrange(len(result) + 1)
        match rng.randrange(8):
            case 0 | 1 | 2 if at < len(result):
                result[at] = rng.choice((0, 1, 127, 128, 254, 255, rng.randrange(256)))
            case 3:
                width, order = rng.choice("bhiq"), rng.choice("<>")
                number = rng.choice((0, 1, -1, 2 ** (8 * struct.calcsize(width) - 1) - 1))
                result[at : at + struct.calcsize(width)] = struct.pack(order + width, number)
            case 4:
                del result[at : at + rng.choice((1, 4, 100, len(result)))]
            case 5:
                other = rng.randrange(len(result) + 1)
                result[at:at] = result[other : other + rng.choice((1, 8, 60))]
            case 6:
                result[at:at] = rng.randbytes(rng.choice((1, 4, 90)))
            case _:
                result = result[:at] if rng.random() < 0.3 else result
    return bytes(result)


EVIL = (
    None,
    True,
    -1,
    0,
    11,
    10**30,
    10**400,
    1e308,
    -1e308,
    1e-308,
    1e-38,
    5e-324,
    float("nan"),
    float("inf"),
    2**31,
    2**63,
    "",
    "\ud800",
    "\x00",
    "x" * 3000,
    "![](http://elsewhere.example)",
    [],
    {},
    [[]],
    [[[]]],
    "AAAA",
    "7",
    [None],
)


def distorted(value, rng: Random, odds: float = 0.12):
    """The same JSON value with some of its parts replaced, left out, doubled or put into one another."""
    if rng.random() < odds:
        many = 2 if isinstance(value, dict | list) else rng.choice((2, 300))  # many in many have no end
        return rng.choice((*EVIL, [value] * many, {"strokes": value}))
    if isinstance(value, dict):
        return {key: distorted(part, rng, odds) for key, part in value.items() if rng.random() > odds / 4}
    if isinstance(value, list):
        return [distorted(part, rng, odds / max(len(value), 1)) for part in value]
    return value


def as_json(value, rng: Random) -> bytes:
    data = json.dumps(value).encode()
    match rng.randrange(12):
        case 0:
            return changed(data, rng)
        case 1:
            return rng.choice((b"\xef\xbb\xbf", b" \n", b"\xff\xfe")) + data
        case 2:
            return b"[" * rng.choice((10, 5000, 200_000)) + data
        case 3:
            return data.decode().encode(rng.choice(("utf-16", "utf-32", "utf-16-le")))
    return data


# -- images


def drawn(side: int = 64) -> Image.Image:
    pixels = np.full((side, side), 255, np.uint8)
    pixels[side // 8 : -side // 8, side // 2 - 3 : side // 2 + 3] = 20
    return Image.fromarray(pixels)


@cache
def pictures() -> tuple[bytes, ...]:
    """One image of each kind that is accepted, and some that are not quite."""
    found = []
    grey = drawn()
    wide = Image.fromarray((np.asarray(grey, np.uint32) * 257).astype(np.uint16))
    modes = [grey.convert(mode) for mode in ("L", "RGB", "RGBA", "LA", "1", "P", "CMYK", "YCbCr")]
    for image in (*modes, wide, drawn(9), drawn(28), drawn(801)):
        for form in ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF"):
            out = io.BytesIO()
            with contextlib.suppress(OSError, ValueError):
                image.save(out, form)
                found.append(out.getvalue())
    for form in ("GIF", "WEBP", "PNG"):
        out = io.BytesIO()
        grey.convert("RGB").save(out, form, save_all=True, append_images=[drawn().convert("RGB")] * 2)
        found.append(out.getvalue())
    out = io.BytesIO()
    about = Image.Exif()
    about[0x0112] = 6
    grey.save(out, "JPEG", exif=about)
    wide.save(clear := io.BytesIO(), "PNG", transparency=65535)
    return (*found, out.getvalue(), clear.getvalue())


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def picture(rng: Random) -> bytes:
    """An image with changed bytes; or with a sound header that says another size, depth or kind."""
    match rng.randrange(8):
        case 0:
            sizes = (0, 1, 7, 8, 28, 340, 801, 3000, 7000, 20_000, 65_535, 2**31 - 1)
            size = rng.choice(sizes), rng.choice(sizes)
            depth, kind = rng.choice((1, 2, 4, 8, 16, 3)), rng.choice((0, 2, 3, 4, 6, 1))
            body = struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, rng.choice((0, 1)))
            extra = rng.choice(
                (b"", png_chunk(b"tRNS", rng.randbytes(2)), png_chunk(b"PLTE", rng.randbytes(12)))
            )
            rows = png_chunk(b"IDAT", zlib.compress(rng.randbytes(rng.choice((0, 10, 5000)))))
            return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", body) + extra + rows + png_chunk(b"IEND", b"")
        case 1:
            screen, frame = (rng.choice((0, 1, 8, 28, 7000, 20_000, 65_535)) for _ in "ab")
            head = b"GIF89a" + struct.pack("<HHBBB", screen, frame, 0x80, 0, 0) + bytes(6)
            block = b"," + struct.pack("<HHHHB", 0, 0, frame, screen, 0) + b"\x02\x02\x44\x01\x00"
            return head + block + rng.choice((b";", b""))
        case 2:  # WebP, lossless: 14 bits of width and of height, and hardly anything behind
            bits = rng.choice((0, 7, 27, 6999, 16_383)) | rng.choice((0, 7, 27, 6999, 16_383)) << 14
            body = b"VP8L" + struct.pack("<I", 14) + b"\x2f" + struct.pack("<I", bits) + rng.randbytes(9)
            return b"RIFF" + struct.pack("<I", len(body) + 4) + b"WEBP" + body
        case 3:
            return rng.choice(pictures())[: rng.randrange(200)]
    return changed(rng.choice(pictures()), rng)


def read_image(data: bytes) -> None:
    """As the pages Draw, Images and Convolution read it."""
    content = files.open_file(data)
    image = files.to_digit_image(content)
    check_image(image)
    if isinstance(content, np.ndarray):
        assert np.isfinite(rgb.shrink(content)).all()
        ops.grey(content, 160)


def check_image(image: DigitImage | None) -> None:
    if image is not None:
        pixels = image.pixels
        if pixels.shape != (28, 28) or not (
            np.isfinite(pixels).all() and 0 <= pixels.min() <= pixels.max() <= 1
        ):
            raise Fault(f"an image of {pixels.shape}, {pixels.min()} to {pixels.max()}")


# -- drawings


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


# -- arrays


def npz(arrays: dict[str, np.ndarray], rng: Random) -> bytes:
    """An .npz file of these arrays: one with another header or type, or with changed bytes."""
    name = rng.choice(list(arrays))
    match rng.randrange(5):
        case 0:
            arrays = {key: array for key, array in arrays.items() if key != name}
        case 1:
            others = (
                np.zeros(3),
                np.array([{}], object),
                np.bytes_(b"abc"),
                np.zeros((2, 2), "U3"),
                np.zeros(0),
            )
            arrays = arrays | {name: rng.choice(others)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", rng.choice((0, 8))) as archive:
        for key, array in arrays.items():
            np.lib.format.write_array(body := io.BytesIO(), np.asanyarray(array), allow_pickle=True)
            content = body.getvalue()
            if key == name and rng.random() < 0.5:
                start = content.index(b"\n")
                content = changed(content[:start], rng) + content[start:]
            if key == name and rng.random() < 0.3:
                shape = rng.choice(("(9999999999999,)", "(-1,)", "()", "(True,)", "[1]", "'a'", "(" * 500))
                text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
                content = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text
            archive.writestr(zipfile.ZipInfo(f"{key}.npy"), content, archive.compression)  # no time of its own
    data = out.getvalue()
    return changed(data, rng) if rng.random() < 0.4 else data


def digits_set(rng: Random) -> bytes:
    """Labelled images as idx, in pairs and alone, as .npz or as a CSV, with changed bytes."""
    images = np.tile(np.arange(784, dtype=np.uint8).reshape(28, 28), (3, 1, 1))
    labels = np.array([rng.randrange(-1, 12) for _ in images], np.int16)
    pair = [b"\0\0\x08\x03" + struct.pack(">3I", 3, 28, 28) + images.tobytes()]
    pair.append(b"\0\0\x08\x01" + struct.pack(">I", 3) + labels.astype(np.uint8).tobytes())
    rows = (f"{label}," + ",".join(map(str, x.ravel())) for x, label in zip(images, labels, strict=True))
    match rng.randrange(4):
        case 0:
            names = rng.choice((("x", "y"), ("x_train", "y_train"), ("images", "labels")))
            return npz(dict(zip(names, (images, labels), strict=True)), rng)
        case 1:
            data = "\n".join(rows).encode()
        case 2:
            data = rng.choice(pair)
        case _:
            out = io.BytesIO()
            with zipfile.ZipFile(out, "w") as archive:
                for name, part in zip("ab", pair, strict=True):
                    archive.writestr(zipfile.ZipInfo(name), changed(part, rng) if rng.random() < 0.3 else part)
            data = out.getvalue()
    data = changed(data, rng) if rng.random() < 0.7 else data
    return gzip.compress(data, mtime=0) if rng.random() < 0.3 else data


SMALL = colours.dataset(40, 20)


def cifar(rng: Random) -> bytes:
    return npz(colours.arrays(SMALL), rng)


def read_cifar(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        colours.install(patch, Path(folder), SMALL)
        datasets.cifar10_path().write_bytes(data)
        datasets.cifar10()


def pens(rng: Random) -> bytes:
    digits = {
        "points": np.arange(24, dtype=np.float32).reshape(12, 2),
        "stroke_offsets": np.array([0, 4, 8, 12]),
        "digit_offsets": np.array([0, 1, 3]),
        "labels": np.array([1, 7]),
        "writer": np.array([0, 1]),
    }
    return npz(digits, rng)


def read_pens(data: bytes) -> None:
    with tempfile.NamedTemporaryFile() as file:
        Path(file.name).write_bytes(data)
        try:
            pen_files.pen_digits(file.name)
        except ValueError as error:
            raise files.BadInput(str(error)) from None


# -- networks


def layer(kind: str, **settings) -> dict:
    return {
        "class_name": kind,
        "module": "keras.layers",
        "registered_name": None,
        "config": {"name": kind.lower(), **settings},
    }


def network() -> tuple[dict, dict[str, np.ndarray]]:
    """A small .keras file's layers and arrays, as Keras would write them."""
    layers = [
        layer("InputLayer", batch_shape=[None, 28, 28, 1]),
        layer("Conv2D", filters=2, kernel_size=[3, 3], strides=[3, 3], padding="valid", activation="relu"),
        layer("Flatten"),
        layer("Dense", units=10, activation="softmax"),
    ]
    model = {"class_name": "Sequential", "module": "keras", "config": {"name": "net", "layers": layers}}
    shapes_of = {"conv2d": ((3, 3, 1, 2), (2,)), "dense": ((162, 10), (10,))}
    rng = np.random.default_rng(0)
    arrays = {
        f"layers/{name}/vars/{place}": rng.standard_normal(shape, np.float32)
        for name, both in shapes_of.items()
        for place, shape in enumerate(both)
    }
    return model, arrays


@cache
def weights() -> bytes:
    out = io.BytesIO()
    with h5py.File(out, "w") as file:
        for path, array in network()[1].items():
            file[path] = array
    return out.getvalue()


def keras_network(rng: Random) -> bytes:
    return _keras(rng, altered=False)


def keras_weights(rng: Random) -> bytes:
    return _keras(rng, altered=True)


def _keras(rng: Random, altered: bool) -> bytes:
    model, h5 = network()[0], weights()
    config = json.dumps(model).encode()
    if altered:
        head = rng.choice((len(h5), 2000))  # where the pointers are, more often than where the numbers are
        h5 = changed(h5[:head], rng) + h5[head:]
    else:
        config = as_json(distorted(model, rng, 0.5), rng)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("config.json"), config)
        archive.writestr(zipfile.ZipInfo("model.weights.h5"), h5)
    data = out.getvalue()
    return data if altered or rng.random() < 0.6 else changed(data, rng)


def read_keras(data: bytes) -> None:
    layers, arrays, shape = keras_import.read(data)
    if architectures.check(layers, shape) or not all(np.isfinite(array).all() for array in arrays.values()):
        raise Fault("a network that cannot be trained, or numbers that are none")


# -- all of them


@dataclass(frozen=True)
class Kind:
    """make: chance -> a file. read: as the app reads it. weight: how many of a hundred files are of this kind.

    alone: it is read by a process of its own, whose time does not count against SECONDS.
    """

    make: Callable[[Random], bytes]
    read: Callable[[bytes], None]
    weight: float
    alone: bool = False


KINDS = {
    "picture": Kind(picture, read_image, 22),
    "strokes": Kind(strokes, read_image, 14),
    "my digits, JSON": Kind(my_digits, read_digits, 26),
    "my digits, zip": Kind(digits_zip, read_digits, 10),
    "my digits, sets": Kind(digits_set, read_digits, 4),
    "cifar10.npz": Kind(cifar, read_cifar, 8),
    "pens.npz": Kind(pens, read_pens, 4),
    "keras, layers": Kind(keras_network, read_keras, 11.8),
    "keras, weights": Kind(keras_weights, read_keras, 0.2, alone=True),
}


def check_sentence(text: str) -> None:
    if not text or len(text) > SENTENCE or "\n" in text or "Traceback" in text:
        raise Fault(f"no sentence: {text[:100]!r}")


def try_one(kind: str, seed: int) -> None:
    """Make the file of that seed and read it. Raises Fault, or what the reading raised."""
    its = KINDS[kind]
    data = its.make(Random(f"{kind} {seed}"))
    began = time.thread_time()
    try:
        its.read(data)
    except (files.BadInput, datasets.NoData) as error:
        check_sentence(str(error))
    took = time.thread_time() - began
    if took > SECONDS:
        raise Fault(f"it took {took:.1f} s")


def numbers(total: int) -> dict[str, int]:
    """How many files of each kind make `total`."""
    whole = sum(kind.weight for kind in KINDS.values())
    return {name: max(1, round(total * kind.weight / whole)) for name, kind in KINDS.items()}


def memory() -> float:
    """The most that this process has held so far, in megabytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / (1024 if sys.platform == "linux" else 1024**2)


# -- by itself


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


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=20_000)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--kind", choices=KINDS, help="only files of this kind")
    chosen = parser.parse_args()
    counts = {chosen.kind: chosen.count} if chosen.kind else numbers(chosen.count)
    found = 0
    for kind, count in counts.items():
        began, before = time.monotonic(), found
        for seed, wrong in faults(kind, chosen.first, count):
            found += 1
            print(f"{kind}, seed {seed}: {wrong}\n", flush=True)
        print(f"{kind}: {count:,} files, {found - before} faults, {time.monotonic() - began:.0f} s", flush=True)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
