"""Escaping of untrusted text, for Markdown and for spreadsheets: letters, and nothing that acts.

A layer called `![](http://...)` would be an image where Streamlit shows it, a file called `=1+1` a sum in a
spreadsheet. There is one function for each place that makes something of text; HTML has `html.escape`.

    >>> markdown("![](http://a.b) is **bold**").replace(BREAK, "|")
    '!\\\\[\\\\](http:|//a.b) is \\\\*\\\\*bold\\\\*\\\\*'
    >>> cell("=1+1")
    "'=1+1"
"""

import html
import re
import unicodedata
from typing import Any

BREAK = "\u2060"  # has no width, and no line ends at it; keeps letters apart that would be a link or an icon

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
# Where Markdown begins: anywhere in a line; an underscore only beside a word; and what begins a line.
_MARKS = re.compile(r"[\\`*\[\]<$~|]|&(?=#?\w+;)|(?<![^\W_])_|_(?![^\W_])")
_LINE_START = re.compile(r"^(?:[#>+=-]|\d{1,9}(?=[.)]))")
# What a backslash does not keep apart, since it is looked for in the text that Markdown has left: icons, emoji
# and colours after a colon; addresses; arrows and dashes between blanks.
_WORDS = re.compile(
    r":(?=\S)|(?<=\w)@(?=\w)|www(?=\.)|(?<!\S)(?:<(?=->?(?!\S))|-(?=[>-](?!\S))|[<>~](?==(?!\S)))",
    re.IGNORECASE,
)


def line(text: Any) -> str:
    """Return the text in one line: no control character, half of a pair, or turn of direction is left of it."""
    letters = (" " if unicodedata.category(c) == "Cc" else c for c in str(text) if not _turns(c))
    return " ".join("".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in letters).split())


def markdown(text: Any) -> str:
    """Return Markdown, as Streamlit reads it, that shows this text in one line and does nothing else."""
    apart = _WORDS.sub(lambda found: found[0] + BREAK, line(text))
    inline = _MARKS.sub(r"\\\g<0>", apart)
    start = _LINE_START.match(inline)
    if start and start[0].isdecimal():
        return f"{start[0]}\\{inline[start.end() :]}"
    return f"\\{inline}" if start else inline


def figure(text: Any) -> str:
    """Return what Plotly, which reads a few HTML tags and %{fields}, shows as this text in one line."""
    return html.escape(line(text), quote=False).replace("%{", f"%{BREAK}{{")


def cell(value: Any) -> Any:
    """Return a value for a CSV file: text that a spreadsheet would compute begins with an apostrophe."""
    if not isinstance(value, str) or not value.startswith(_FORMULA):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def _turns(letter: str) -> bool:
    """Would it turn the direction of what stands after it?"""
    return "\u202a" <= letter <= "\u202e" or "\u2066" <= letter <= "\u2069"
