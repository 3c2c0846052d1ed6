"""Text from elsewhere is shown letter by letter."""

import csv
import io

import pytest

from tests import names
from ui import plain
from ui.plain import BREAK


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The file has 12.3 MB; at most 10 MB are accepted.",) * 2,
        ("Layer 'conv2d_1' has (5, 5) - not 3x3, 50% & 0.5!",) * 2,
        ("![](http://a.b/c.png)", r"!\[\](http:|//a.b/c.png)"),
        ("[text](x)", r"\[text\](x)"),
        ("see www.a.b or WWW.a.b", "see www|.a.b or WWW|.a.b"),
        ("me@home.org", "me@|home.org"),
        (":red[x] :material/delete: :smile:", r":|red\[x\] :|material/delete: :|smile:"),
        ("$x$ and `y`", r"\$x\$ and \`y\`"),
        ("*a* _b_ ~c~ snake_case", r"\*a\* \_b\_ \~c\~ snake_case"),
        ("__init__ a_1 _", r"\_\_init\_\_ a_1 \_"),
        ("<b>a</b> &lt;", r"\<b>a\</b> \&lt;"),
        ("# heading", r"\# heading"),
        ("1. first", r"1\. first"),
        ("  - item", r"\- item"),
        ("> said", r"\> said"),
        ("::: box", ":|:|: box"),
        ("a -> b <- c -- d <-> e >= f", r"a -|> b \<|- c -|- d \<|-> e >|= f"),
        ("two\n\nlines\x00\tand\u202e more \ud800", "two lines and more \ufffd"),
        ("", ""),
    ],
)
def test_markdown(text, expected):
    assert plain.markdown(text).replace(BREAK, "|") == expected


@pytest.mark.parametrize("text", names.ACTING)
def test_no_letter_is_lost(text):
    """Taken back by hand: a backslash before punctuation, and breaks without width."""
    shown = plain.markdown(text).replace(BREAK, "")
    kept, letters = "", iter(shown)
    for letter in letters:
        kept += next(letters) if letter == "\\" else letter
    assert kept == " ".join(text.split())


def test_plotly_shows_tags_and_fields_as_text():
    shown = plain.figure('<a href="http://a.b">%{x}</a> & more\nof it')
    assert shown == f'&lt;a href="http://a.b"&gt;%{BREAK}{{x}}&lt;/a&gt; &amp; more of it'


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_computes_nothing(start):
    assert plain.cell(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


def test_numbers_stay_numbers():
    values = [-1, -0.5, "-1.5", "+3", "1e-3", "-inf", "", None, "a=b"]
    assert [plain.cell(value) for value in values] == values


def test_every_csv_passes_through_it():
    from ui.widgets import downloads  # noqa: PLC0415

    written = downloads.table(["=head", "n"], [["@name", -1.5], ["plain", "-2"]])
    assert list(csv.reader(io.StringIO(written))) == [["'=head", "n"], ["'@name", "-1.5"], ["plain", "-2"]]
