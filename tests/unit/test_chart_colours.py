"""What charts are drawn with is seen on light and on dark paper."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["theme"]
FILES = [*(ROOT / "ui" / "lessons").glob("*.py"), *(ROOT / "ui" / "figures").glob("*.py")]
LITERALS = [
    (file.name, colour)
    for file in FILES
    for line in file.read_text().splitlines()
    for colour in re.findall(r'"(#[0-9a-f]{6})"', line)
    if not line.startswith("ON_LIGHT")  # not on the paper itself
]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_contrast_is_that_of_wcag():
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_colour_is_seen_on_the_paper_of_both_themes(theme):
    """3 to 1, as WCAG 2.2 asks of graphics (1.4.11)."""
    paper = THEME[theme]["backgroundColor"]
    assert len(LITERALS) > 40
    assert [found for found in LITERALS if contrast(found[1], paper) < 3] == []
