"""The styles of pages: one text of files in an order that counts, for later rules win.

Beside them it holds those of components that stand on a page before their script has come. All others are sent
with their component.
"""

from pathlib import Path

_UI = Path(__file__).parents[1]
ORDER = (
    "styles/text.css",  # buttons, small print, lessons
    "components/term_notes/term_links.css",
    "components/term_notes/term_notes.css",
    "components/answer_bars/answer_bars.css",
    "styles/small_images.css",  # a number's digits, the steps to an image, images in rows
    "styles/train.css",
    "components/canvas/place.css",
    "components/heat/heat.css",
    "components/presenter/presenter.css",
    "components/tour/tour.css",
    "styles/look_inside.css",
    "components/own_bars/own_bars.css",
    "styles/data.css",  # Data, Mistakes, My digits, Tutorials
    "components/connection/connection.css",
    "styles/narrow.css",  # what is else on a tablet and on a phone
    "components/doors/place.css",
    "styles/heading.css",  # how each page begins
    "styles/draw_on_a_phone.css",  # its bars above its canvas
    "styles/rooms.css",  # Fool it, Break it, own classes, a class
)

STYLES = "\n".join((_UI / name).read_text(encoding="utf-8") for name in ORDER)
