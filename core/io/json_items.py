"""The entries of a long list in a JSON file, one by one: memory for one of them, not for all.

Called by `core.storage.exchange_json`.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

MAX_ITEM = 2_000_000  # characters of one entry; a drawing of `files.MAX_POINTS` has half as many

_DAMAGED = "Here the file ends too early or is damaged, so what follows is not read."
_SPACE = re.compile(r"[ \t\r\n]*")
_FIRST = 4096  # characters that are tried at first


class NotJson(ValueError):
    """What stands at this place cannot be read; the text is one sentence."""


def read(data: bytes, key: str) -> Iterator[tuple[float, Any]]:
    """Yield (the fraction of the file that is read, 0..1, entry) of {key: [...]}, or of a list itself.

    Raises NotJson where it ends: for a file that is no JSON before the first entry, for one that is damaged
    after those that could be read; KeyError where there is no such list.
    """
    text = data.decode(json.detect_encoding(data), "replace").lstrip("\ufeff")
    at = _list(text, key) + 1
    while True:
        at = _after_space(text, at)
        if text[at : at + 1] == "]":
            return
        item, at = _value(text, at)
        yield at / len(text), item
        at = _after_space(text, at)
        if text[at : at + 1] not in ("]", ","):
            raise NotJson(_DAMAGED)
        at += text[at] == ","


def _list(text: str, key: str) -> int:
    """Return where the list begins."""
    at = _after_space(text, 0)
    if text[at : at + 1] == "[":
        return at
    if text[at : at + 1] != "{":
        raise NotJson("The file is not valid JSON.")
    while text[at : at + 1] in ("{", ","):
        at = _after_space(text, at + 1)
        if text[at : at + 1] == "}":
            break
        name, at = _value(text, at)
        at = _after_space(text, at)
        if not isinstance(name, str) or text[at : at + 1] != ":":
            raise NotJson("The file is not valid JSON.")
        at = _after_space(text, at + 1)
        if name == key and text[at : at + 1] == "[":
            return at
        _, at = _value(text, at)
        at = _after_space(text, at)
    if text[at : at + 1] != "}":
        raise NotJson("The file is not valid JSON.")
    raise KeyError(key)


def _after_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    assert found is not None  # it may match nothing
    return found.end()


def _value(text: str, at: int) -> tuple[Any, int]:
    """Return the value that begins here and where it ends."""
    size = _FIRST
    while True:
        part = text[at : at + size]
        try:
            value, end = _DECODER.raw_decode(part)
            if end < len(part) or at + size >= len(text):  # a number at the end may go on
                return value, at + end
        except RecursionError:
            raise NotJson("Here the file is nested too deeply, so what follows is not read.") from None
        except ValueError:
            pass
        if at + size >= len(text):
            raise NotJson(_DAMAGED)
        if size >= MAX_ITEM:
            raise NotJson(f"This is damaged or has more than {MAX_ITEM:,} characters; the rest is not read.")
        size = min(8 * size, MAX_ITEM)


def _int(digits: str) -> int | float:
    """Python refuses to read integers of more than 4,300 figures; such a one is no use here, but no fault."""
    return int(digits) if len(digits) < 400 else float("inf")


_DECODER = json.JSONDecoder(parse_int=_int)
