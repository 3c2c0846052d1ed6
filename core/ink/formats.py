"""The format of an uploaded file, by its first bytes: an error names what was received.

Called by `core.ink.files`.
"""

import re

JSON = "a JSON file"
UNKNOWN = "a file of a kind that I do not know"

# (pattern at the file's beginning, its format: a key of `decoder.FORMATS`, or in words)
_SIGNATURES = tuple(
    (re.compile(pattern, re.DOTALL), name)
    for pattern, name in (
        (rb"\x89PNG", "PNG"),
        (rb"\xff\xd8\xff", "JPEG"),
        (rb"GIF8[79]a", "GIF"),
        (rb"RIFF....WEBP", "WEBP"),
        (rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "a HEIC picture"),
        (rb"....ftypavi[fs]", "an AVIF picture"),
        (rb"....ftypcrx ", "a camera's raw picture"),
        (rb"....ftyp|\x1a\x45\xdf\xa3|RIFF....AVI ", "a video"),
        (rb"II\*\x00|MM\x00\*|II\+\x00", "a TIFF picture"),
        (rb"BM.{4}\x00{4}", "a BMP picture"),
        (rb"\x00\x00\x01\x00", "an icon (ICO)"),
        (rb"8BPS", "a Photoshop picture (PSD)"),
        (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "a JPEG XL picture"),
        (rb"\x00\x00\x00\x0cjP|\xff\x4f\xff\x51", "a JPEG 2000 picture"),
        (rb"P[1-6]\s", "a PNM picture"),
        (rb"\s*(<\?xml[^>]*>)?\s*(<!--.*?-->\s*)?(<!DOCTYPE svg[^>]*>\s*)?<svg", "an SVG picture"),
        (rb"(?i)\s*(<!doctype html|<html)", "a web page"),
        (rb"\s*<\?xml", "an XML file"),
        (rb".{0,1024}%PDF-", "a PDF"),
        (rb"PK\x03\x04.{26}(word|xl|ppt|_rels|\[Content_Types)", "an Office document"),
        (rb"PK(\x03\x04|\x05\x06)", "a zip archive"),
        (rb"\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ", "a packed archive"),
        (rb"\xd0\xcf\x11\xe0", "an older Office document"),
        (rb"\x89HDF", "an HDF5 file"),
        (rb"\x93NUMPY", "a NumPy file"),
        (rb"ID3|OggS|fLaC|RIFF....WAVE", "a sound file"),
        (rb"(\xef\xbb\xbf)?[ \t\r\n]*[{\[]", JSON),
    )
)
_HEAD = 2048


def of(data: bytes) -> str:
    """Return 'PNG', 'JPEG', 'WEBP' or 'GIF', JSON, or in words what else it is.

    >>> of(b"GIF89a"), of(b"%PDF-1.7"), of(b"Dear diary")
    ('GIF', 'a PDF', 'a text file')
    """
    head = data[:_HEAD]
    for pattern, name in _SIGNATURES:
        if pattern.match(head):
            return name
    return "a text file" if _is_text(head) else UNKNOWN


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:  # not only cut off in the middle of a letter
            return False
        text = head[: error.start].decode()
    return bool(text) and all(letter.isprintable() or letter in "\t\r\n\f" for letter in text)
