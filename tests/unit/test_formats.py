import pytest

from core.ink import files, formats

BEGINNINGS = {
    "PNG": b"\x89PNG\r\n\x1a\n",
    "JPEG": b"\xff\xd8\xff\xe1",
    "GIF": b"GIF87a",
    "WEBP": b"RIFF\x10\0\0\0WEBPVP8 ",
    "a HEIC picture": b"\0\0\0\x18ftypheic\0\0\0\0",
    "an AVIF picture": b"\0\0\0\x1cftypavif",
    "a video": b"\0\0\0\x18ftypmp42",
    "a TIFF picture": b"II*\0\x08\0\0\0",
    "a BMP picture": b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0",
    "an SVG picture": b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg">',
    "a web page": b"<!DOCTYPE html><html>",
    "a PDF": b"%PDF-1.7\n",
    "a zip archive": b"PK\x03\x04" + bytes(26) + b"7/1.png",
    "an Office document": b"PK\x03\x04" + bytes(26) + b"[Content_Types].xml",
    "a text file": "Zahl: fünf\n".encode(),
    "a JSON file": b" {",
    "a file of a kind that I do not know": bytes(range(256)),
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_a_file_is_known_by_its_first_bytes(name):
    assert formats.of(BEGINNINGS[name]) == name


@pytest.mark.parametrize("name", [name for name in BEGINNINGS if name.startswith("a") and "JSON" not in name])
def test_a_refusal_names_the_format_and_what_is_accepted(name):
    for read, accepted in (
        (files.open_file, "PNG, JPEG, WebP, GIF and JSON are accepted"),
        (files.read_image, "PNG, JPEG, WebP and GIF are accepted"),
    ):
        with pytest.raises(files.BadInput, match=f"^This is {name}, not a picture .*: {accepted}\\.$"):
            read(BEGINNINGS[name])


def test_strokes_are_no_picture_in_colour():
    with pytest.raises(files.BadInput, match=r"^This is a JSON file, not a picture that I can read"):
        files.read_image(b'{"strokes": []}')


def test_text_that_is_cut_in_a_letter_is_text():
    assert formats.of("ü".encode() * 1023 + b"a" + "ü".encode() * 9) == "a text file"
