"""A network as one HTML file that draws and reads: opened from a disk, on a phone too, without a server.

The app's own scripts follow the pen and compute; the weights lie in it in 24 bits each, so that it answers as
Python does, to 0.00001.
"""

import base64
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from markupsafe import Markup

from core.data.datasets import KINDS, shape_of
from core.io.bundle import bundle, lean
from core.io.templates import template
from core.models import browser_export
from core.nn import architectures
from core.records import Network
from core.words import percent

SCRIPT = Path(__file__).parents[3] / "ui" / "components" / "take_away" / "page.js"
_TEMPLATE = template(Path(__file__).with_name("html_file.html.jinja"), strip=False)


def make(network: Network, names: Sequence[str] = ()) -> bytes:
    """Return the page. names: of its outputs, where they are not those of its data set."""
    shape, kind = shape_of(network), KINDS[network.data]
    paper = shape == architectures.MNIST_SHAPE
    shown = tuple(names) or kind.names
    header = {"names": shown, "isOfDigits": kind.of_digits and not names, "paper": paper}
    packed = browser_export.packed(network, browser_export.EXACT_BITS, header)
    what = f"Draw a {kind.singular}" if not names and kind.is_written else "Draw"
    return _TEMPLATE.render(
        name=network.name,
        paper=paper,
        invitation=f"{what}, and the network answers while you draw."
        if paper
        else "Choose or take a picture, and the network names what is on it.",
        first=f"{what}." if paper else "Choose a picture.",
        short=max(map(len, shown)) <= 2,
        size=f"{shape[1]} x {shape[0]}",
        facts=_facts(network, shape),
        network=base64.b64encode(packed).decode(),
        script=_script(),
    ).encode()


def _facts(network: Network, shape: architectures.Shape) -> str:
    accuracy = network.about.get("test_accuracy")
    right = f", {percent(accuracy)} right on its test pictures" if isinstance(accuracy, float) else ""
    return f"{architectures.parameters(network.layers, shape):,} numbers{right}."


@cache
def _script() -> Markup:
    """The scripts as one text, which may stand in a page: it is ours, and ends no script element."""
    text = lean(bundle(SCRIPT))
    assert "</script" not in text
    return Markup(text)
