import json
import time

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.ink import files
from core.ink.preprocessing import from_strokes
from core.records import Drawing
from tests import shapes
from tests.file_bytes import drawing, encoded, picture, png_of


def turned(image: Image.Image) -> bytes:
    """As a phone stores it that was held upright: lying on its side, with a note to turn it."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(image.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


def transparent(ink: tuple[int, int, int]) -> bytes:
    alpha = picture().convert("L").point(lambda v: 255 - v)
    image = Image.new("RGBA", alpha.size, (*ink, 0))
    image.putalpha(alpha)
    return encoded(image, "PNG")


def sixteen_bits(largest: int = 65535) -> bytes:
    """An image of 16 bits of which not all values are used."""
    deep = np.asarray(picture().convert("L")).astype(np.uint32) * largest // 255
    return encoded(Image.fromarray(deep.astype(np.uint16)), "PNG")


def begins_empty() -> bytes:
    frames = [Image.new("L", (340, 340), 255), picture().convert("L")]
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=100)


FORMS = {
    "png": lambda: encoded(picture(), "PNG"),
    "jpeg": lambda: encoded(picture(), "JPEG"),
    "webp": lambda: encoded(picture(), "WEBP"),
    "gif": lambda: encoded(picture(), "GIF"),
    "one bit": lambda: encoded(picture().convert("1"), "PNG"),
    "palette": lambda: encoded(picture().convert("P"), "PNG"),
    "cmyk": lambda: encoded(picture().convert("CMYK"), "JPEG"),
    "16 bits": sixteen_bits,
    "10 of 16 bits": lambda: sixteen_bits(1023),
    "8 of 16 bits": lambda: sixteen_bits(255),
    "an animation that begins empty": begins_empty,
    "turned by EXIF": lambda: turned(picture()),
    "black on nothing": lambda: transparent((0, 0, 0)),
    "white on nothing": lambda: transparent((255, 255, 255)),
    "grey with transparency": lambda: encoded(picture().convert("LA"), "PNG"),
    "a photograph's size": lambda: encoded(picture().resize((4000, 4000)), "JPEG"),
    "its strokes": lambda: files.write_drawing(drawing()),
    "strokes without a canvas": lambda: json.dumps(
        {"strokes": [s.tolist() for s in shapes.strokes(3)]}
    ).encode(),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_three_gives_the_same_picture(form):
    image = files.read(FORMS[form]())
    assert np.abs(image.pixels - from_strokes(shapes.strokes(3)).pixels).mean() < 0.05


def test_strokes_come_back_as_they_went():
    back = files.read_drawing(files.write_drawing(drawing()))
    assert back.brushes == (18.0, 18.0)[: len(back.strokes)]
    assert back.canvas == 340
    for before, after in zip(drawing().strokes, back.strokes, strict=True):
        assert np.abs(before - after).max() <= 0.01


def strokes_file(text: str) -> bytes:
    return f'{{"strokes": {text}}}'.encode()


BAD = {
    "empty": (b"", "The file is empty"),
    "text": (b"dear diary", "not a picture or a stroke file"),
    "a PDF": (b"%PDF-1.7\n%", "not a picture or a stroke file"),
    "truncated": (FORMS["jpeg"]()[:900], "JPEG picture is damaged or incomplete"),
    "truncated PNG": (FORMS["png"]()[:900], "PNG picture is damaged or incomplete"),
    "truncated WebP": (FORMS["webp"]()[:300], "damaged or incomplete|not a picture"),
    "corrupt": (FORMS["png"]()[:200] + bytes(400) + FORMS["png"]()[600:], "damaged or incomplete"),
    "huge": (png_of(20_000, 20_000), "20,000 x 20,000 pixels; at most 50 million"),
    "lies about its size": (png_of(3_000, 3_000), "damaged or incomplete"),
    "1x1": (encoded(Image.new("L", (1, 1)), "PNG"), "is 1 x 1 pixels; at least 8 x 8"),
    "a line": (encoded(Image.new("L", (900, 1)), "PNG"), "at least 8 x 8"),
    "eleven megabytes": (b"\x89PNG" + bytes(11_000_000), "has 11.0 MB; at most 10 MB"),
    "broken JSON": (b'{"strokes": [[', "not valid JSON"),
    "a list": (b"[[[1, 2]]]", "has no list of strokes"),
    "no strokes": (b'{"lines": []}', "has no list of strokes"),
    "flat": (strokes_file("[1, 2, 3]"), "has no list of strokes"),
    "flat strokes": (strokes_file("[[1, 2, 3]]"), "Stroke 1 has a point that is not two plain numbers"),
    "three numbers": (strokes_file("[[[1, 2]], [[1, 2, 3]]]"), "Stroke 2 has a point"),
    "words": (strokes_file('[[["a", "b"]]]'), "Stroke 1 has a point"),
    "true": (strokes_file("[[[true, false]]]"), "Stroke 1 has a point"),
    "NaN": (strokes_file("[[[NaN, 1]]]"), "Stroke 1 has a point"),
    "infinity": (strokes_file("[[[1, -Infinity]]]"), "Stroke 1 has a point"),
    "1e300": (strokes_file("[[[1e300, 1]]]"), "Stroke 1 has a point"),
    "a number of 500 digits": (strokes_file(f"[[[{'9' * 500}, 1]]]"), "Stroke 1 has a point"),
    "a number of 9,000 digits": (strokes_file(f"[[[{'9' * 9000}, 1]]]"), "not valid JSON"),
    "a million points": (
        strokes_file(json.dumps([[[1, 2]] * 1_000_000])),
        "1,000,000 points; at most 20,000",
    ),
    "a million strokes": (strokes_file(json.dumps([[]] * 1_000_000)), "1,000,000 strokes; at most 20,000"),
    "nested": (
        b'{"strokes": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "not valid JSON|no list of strokes|Stroke 1",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_bad_input_gets_one_sentence(kind):
    data, sentence = BAD[kind]
    with pytest.raises(files.BadInput, match=sentence) as caught:
        files.read(data)
    text = str(caught.value)
    assert text.endswith(".")
    assert "\n" not in text


@pytest.mark.parametrize("level", [0, 255])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_picture_without_ink_is_none(level, kind):
    assert files.read(encoded(Image.new("L", (64, 64), level), kind)) is None


def test_strokes_without_ink_are_none():
    assert files.read(strokes_file("[]")) is None
    assert files.read(strokes_file("[[], []]")) is None


MEANINGLESS = {  # beside the strokes of a clear digit
    "a canvas far smaller than its pen": {"canvas": 0.0001, "brushes": [18]},
    "a canvas that float32 cannot hold": {"canvas": 1e-300, "brushes": [18]},
    "a canvas of 1e-38": {"canvas": 1e-38, "brushes": [18]},
    "a canvas that lies elsewhere": {"canvas": 10, "brushes": [1]},
    "a pen as wide as a city": {"brushes": [1e6], "canvas": 340},
    "a brush of next to nothing": {"brushes": [1e-300], "canvas": 340},
    "integers without an end": {"canvas": 10**400, "brushes": [10**400]},
}


@pytest.mark.parametrize("what", MEANINGLESS)
def test_numbers_that_cannot_be_meant_are_left_out(what, classifier):
    """The ink is what is read; a canvas or a pen only adds to it where it fits."""
    seven = [s.tolist() for s in shapes.strokes(7)]
    data = json.dumps({"strokes": seven, **MEANINGLESS[what]}).encode()
    before = time.process_time()
    image = files.read(data)
    assert time.process_time() - before < 0.5
    assert classifier.predict(image).digit == 7
    assert len(image.steps) == 4


@pytest.mark.parametrize("unit", [1e-30, 1e-4, 1, 1e3])
def test_strokes_in_any_unit_are_the_same(unit):
    strokes = [(s * unit).tolist() for s in shapes.strokes(5)]
    image = files.read(json.dumps({"strokes": strokes}).encode())
    assert np.abs(image.pixels - from_strokes(shapes.strokes(5)).pixels).max() < 0.05


def test_a_small_unit_comes_back_as_it_went():
    strokes = tuple(np.float32(s / 340) for s in shapes.strokes(5))
    back = files.read_drawing(files.write_drawing(Drawing(strokes, (0.05,), 1.0)))
    assert np.abs(back.strokes[0] - strokes[0]).max() < 1e-4


def test_a_dot_as_wide_as_you_like_is_drawn_at_once():
    """As Drawing alone allows it: Pillow would walk around a circle of a hundred million pixels."""
    before = time.process_time()
    from_strokes([np.array([[10.0, 10.0]])], brushes=[18], canvas=1e-4)
    from_strokes([np.array([[0.0, 0.0], [1e6, 1e6]])], brushes=[1e6], canvas=1e-6)
    assert time.process_time() - before < 0.5


def test_a_stroke_file_of_many_lists_is_read_for_its_strokes():
    strokes = [s.tolist() for s in shapes.strokes(3)]
    data = json.dumps({"strokes": strokes, "notes": [[]] * 50_000}).encode()
    assert len(files.read_drawing(data).strokes) == len(strokes)


def test_around_a_photograph_that_was_cut_out_is_its_own_paper():
    """Rounded corners that became black on light paper were taken for ink."""
    photo = Image.eval(picture(), lambda v: 60 + v // 2).convert("RGBA")
    mask = Image.new("L", photo.size)
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, *photo.size), 50, fill=255)
    photo.putalpha(mask)
    pixels = files.read_image(encoded(photo, "PNG"))
    assert np.abs(pixels[:8, :8].astype(int) - 187).max() <= 1
    plain = files.to_digit_image(files.read_image(encoded(photo.convert("RGB"), "PNG")))
    assert np.abs(files.to_digit_image(pixels).pixels - plain.pixels).max() < 0.05
