"""The styles of pages: one text of files in an order that counts, for later rules win.

Beside them it holds those of components that stand on a page before their script has come. All others are sent
with their component.
"""

from pathlib import Path

_UI = Path(__file__).parents[1]
ORDER = (
    "styles/text.css",  # headings, buttons, terms, lessons
    "styles/answer.css",  # an answer, its bars, numbers, small pictures
    "styles/train.css",
    "styles/canvas.css",  # the canvas, two networks beside each other, which ink decides
    "components/presenter/presenter.css",
    "components/tour/tour.css",
    "styles/look_inside.css",
    "styles/data.css",  # Data, Mistakes, My digits, Tutorials
    "styles/narrow.css",  # what is else on a tablet and on a phone
    "styles/doors.css",  # the navigation
    "styles/rooms.css",  # Fool it, Break it, own classes, a class
)

STYLES = "\n".join((_UI / name).read_text() for name in ORDER)
