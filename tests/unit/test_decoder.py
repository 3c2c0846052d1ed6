"""What an image's header asks for is looked at before any memory is given; limits hold whatever it says."""

import contextlib
import io
import json
import struct
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.ink import decoder, files
from tests.file_bytes import encoded, picture, png_of

Image.MAX_IMAGE_PIXELS = None


def gif_of(screen: int, frame: int) -> bytes:
    """Some fifty bytes: a GIF that is to be cleared after its only frame, of which decoders keep a copy."""
    sizes = [n.to_bytes(2, "little") for n in (screen, frame)]
    return (
        b"GIF89a" + 2 * sizes[0] + b"\x80\0\0\0\0\0\xff\xff\xff"
        b"!\xf9\x04\x08\0\0\0\0" + b",\0\0\0\0" + 2 * sizes[1] + b"\0\x02\x02D\x01\0;"
    )


def webp_of(width: int, height: int) -> bytes:
    """34 bytes: a WebP's header, and next to nothing."""
    bits = (width - 1 | (height - 1) << 14).to_bytes(4, "little")
    chunk = b"VP8L" + (9).to_bytes(4, "little") + b"\x2f" + bits + bytes(5)
    return b"RIFF" + (len(chunk) + 4).to_bytes(4, "little") + b"WEBP" + chunk


def jpeg_of(first: int, second: int) -> bytes:
    """A JPEG that says its size twice."""
    frames = b"".join(b"\xff\xc0\0\x0b\x08" + 2 * n.to_bytes(2, "big") + b"\1\1\x11\0" for n in (first, second))
    return b"\xff\xd8" + frames + b"\xff\xda\0\x08\1\1\0\0?\0\xff\xd9"


BOMBS = {
    "GIF": (gif_of(20_000, 20_000), "20,000 x 20,000 pixels; at most 50 million"),
    "GIF beyond its screen": (gif_of(64, 20_000), "20,000 x 20,000 pixels"),
    "WebP": (
        webp_of(16_383, 16_383),
        "at most 13 million pixels are accepted in a WebP",
    ),
    "PNG": (png_of(30_000, 30_000), "30,000 x 30,000 pixels"),
    "JPEG": (jpeg_of(30_000, 30_000), "30,000 x 30,000 pixels"),
    "JPEG of two minds": (jpeg_of(30_000, 100), "30,000 x 30,000 pixels"),
    "JPEG of two minds, too": (jpeg_of(100, 30_000), "30,000 x 30,000 pixels"),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_what_asks_for_gigabytes_is_never_opened(kind, monkeypatch):
    data, sentence = BOMBS[kind]
    monkeypatch.setattr(Image, "open", None)
    with pytest.raises(files.BadInput, match=sentence):
        files.read(data)


def test_what_asks_for_what_is_accepted_is_opened_elsewhere(monkeypatch):
    """A GIF of fifty bytes and 49 million pixels takes its memory in a process that has little."""
    monkeypatch.setattr(Image, "open", None)
    with pytest.raises(files.BadInput, match=r"GIF .* damaged"):
        files.read(gif_of(7_000, 7_000))


SIZES = {
    "PNG": lambda image: encoded(image, "PNG"),
    "JPEG": lambda image: encoded(image, "JPEG"),
    "GIF": lambda image: encoded(image, "GIF"),
    "WEBP": lambda image: encoded(image, "WEBP"),
    "WEBP lossless": lambda image: encoded(image, "WEBP", lossless=True),
    "WEBP extended": lambda image: encoded(image.convert("RGBA"), "WEBP", exif=b"Exif\0\0"),
    "JPEG progressive": lambda image: encoded(image, "JPEG", progressive=True),
    "GIF animated": lambda image: encoded(image, "GIF", save_all=True, append_images=[image.rotate(9)]),
}


@pytest.mark.parametrize("form", SIZES)
def test_the_headers_size_is_the_pictures(form):
    image = Image.new("RGB", (321, 123), "red")
    assert decoder.size(SIZES[form](image), form.split()[0]) == (321, 123)


def with_exif(image: Image.Image, exif: bytes, *, last: bool) -> bytes:
    """A PNG with an eXIf chunk before or behind its pixels."""
    chunk = struct.pack(">I", len(exif)) + b"eXIf" + exif + struct.pack(">I", zlib.crc32(b"eXIf" + exif))
    data = encoded(image, "PNG")
    at = len(data) - 12 if last else 33  # before IEND, behind IHDR
    return data[:at] + chunk + data[at:]


@pytest.mark.parametrize("last", [False, True])
def test_what_a_picture_says_of_itself_may_be_damaged(last):
    """Its place in the file decides where Pillow stumbles over it; what can be seen is the same."""
    image = picture()
    with_damage = decoder.read(with_exif(image, b":CDEFGHI", last=last), "PNG")
    assert np.array_equal(with_damage, decoder.read(encoded(image, "PNG"), "PNG"))


def photograph(side: int = 2600) -> Image.Image:
    """Larger than what is decoded beside the answers, and no two pixels alike."""
    noise = np.random.default_rng(0).integers(0, 12, (side // 4, side // 4, 3), np.uint8)
    ink = picture().convert("RGB").resize((side, side))
    return Image.blend(ink, Image.fromarray(noise).resize((side, side)), 0.2)


ELSEWHERE = {
    "PNG": lambda: encoded(photograph(), "PNG", compress_level=1),
    "16 bits": lambda: encoded(
        Image.fromarray(np.asarray(photograph().convert("L")).astype(np.uint16) * 257), "PNG", compress_level=1
    ),
    "transparent PNG": lambda: encoded(photograph().convert("RGBA"), "PNG", compress_level=1),
    "progressive JPEG": lambda: encoded(photograph(), "JPEG", progressive=True),
    "WebP": lambda: encoded(photograph(), "WEBP", method=0),
}


@pytest.mark.parametrize("form", ELSEWHERE)
@pytest.mark.slow
def test_a_large_picture_is_read_elsewhere_as_it_would_be_here(form, classifier, monkeypatch):
    data = ELSEWHERE[form]()
    kind = files.formats.of(data)
    here = decoder.decode(data, kind)
    monkeypatch.setattr(decoder, "decode", None)
    there = files.open_file(data)
    assert np.array_equal(there, here)
    assert max(there.shape) == decoder.SIDE
    assert classifier.predict(files.to_digit_image(there)).digit == 3


def peak(data: bytes, kind: str) -> int:
    """Megabytes that a process holds at most while it reads a file."""
    program = (
        "import pathlib, re, sys; from core.ink import decoder; data = sys.stdin.buffer.read();"
        "decoder._limit(); decoder.decode(data, sys.argv[1]);"
        "print(re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())[1])"
    )
    done = subprocess.run([sys.executable, "-c", program, kind], input=data, capture_output=True, check=True)
    return int(done.stdout) // 1000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux alone says a process's peak there")
@pytest.mark.slow
def test_the_largest_pictures_take_less_than_400_mb():
    """Those whose decoders take most; all others were tried, too."""
    wide = Image.new("L", (8100, 6100), 255)
    wide.paste(0, (3000, 1000, 3600, 5000))
    progressive = encoded(wide.convert("RGB"), "JPEG", progressive=True, subsampling=0)
    assert 100 < peak(progressive, "JPEG") < 400
    grey_and_alpha = io.BytesIO()
    wide.convert("LA").save(grey_and_alpha, "PNG", compress_level=1)
    assert 100 < peak(grey_and_alpha.getvalue(), "PNG") < 400
    largest = Image.new("RGB", (4100, 3100), "white")
    assert 100 < peak(encoded(largest, "WEBP", method=0), "WEBP") < 400


def test_a_process_that_dies_leaves_a_sentence(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(files.BadInput, match="PNG file cannot be read: it is damaged, or would take more"):
        files.read(ELSEWHERE["PNG"]())


@pytest.mark.slow
def test_others_are_answered_while_a_picture_is_decoded():
    """The interpreter is never held for long: the usual wait of another thread is far under 250 ms."""
    data = ELSEWHERE["WebP"]()
    many = json.dumps({"strokes": [[[1, 2]] * 1_000_000]}).encode()
    waits = []
    for brought in (data, many):
        longest = [9.0]
        for _ in range(4):  # a busy computer may keep anybody waiting, but not each time
            if min(longest) < 0.25:
                break
            done, longest = threading.Event(), [*longest, 0.0]

            def tick(done=done, longest=longest):
                before = time.monotonic()
                while not done.wait(0.002):
                    now = time.monotonic()
                    longest[-1], before = max(longest[-1], now - before), now

            watch = threading.Thread(target=tick)
            watch.start()
            with contextlib.suppress(files.BadInput):
                files.open_file(brought)
            done.set()
            watch.join()
        waits.append(min(longest))
    assert max(waits) < 0.25


def test_an_animation_is_read_from_the_frame_that_shows_something(classifier):
    blank = Image.new("L", (340, 340), 255)
    frames = [blank, picture().convert("L")]
    for kind in ("GIF", "WEBP", "PNG"):
        data = encoded(frames[0], kind, save_all=True, append_images=frames[1:])
        assert classifier.predict(files.read(data)).digit == 3


@pytest.mark.parametrize(
    ("low", "high"), [(0, 255), (0, 1023), (500, 1500), (30_000, 34_000), (0, 65_535), (255, 0), (1023, 0)]
)
@pytest.mark.parametrize("side", [340, 1001])
def test_16_bits_of_which_few_are_used(classifier, low, high, side):
    """low: of the ink, high: of the paper."""
    grey = np.asarray(picture().convert("L").resize((side, side))) / 255
    data = encoded(Image.fromarray((low + (high - low) * grey).astype(np.uint16)), "PNG")
    assert classifier.predict(files.read(data)).digit == 3


def test_16_bits_of_one_grey_have_no_ink():
    noise = np.random.default_rng(0).integers(30_000, 30_020, (300, 300), np.uint16)
    assert files.read(encoded(Image.fromarray(noise), "PNG")) is None


@pytest.mark.parametrize("size", [(3000, 8), (8, 3000), (8100, 80)])
def test_what_would_have_no_height_is_refused(size):
    with pytest.raises(files.BadInput, match="longer side can be at most 100 times the shorter one"):
        files.read_image(encoded(Image.new("L", size, 255), "PNG"))


@pytest.mark.parametrize("size", [(800, 8), (8, 800), (3000, 30), (801, 9)])
def test_what_is_accepted_has_a_height(size):
    assert min(files.read_image(encoded(Image.new("L", size, 255), "PNG")).shape[:2]) >= decoder.MIN_SIDE
