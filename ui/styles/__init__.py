"""The styles of pages: one text of the files beside this one, in an order that counts, for later rules win."""

from pathlib import Path

ORDER = (
    "text",  # headings, buttons, terms, lessons
    "answer",  # an answer, its bars, numbers, small pictures
    "train",
    "canvas",  # the canvas, two networks beside each other, which ink decides
    "presenter_tour",
    "look_inside",
    "data",  # Data, Mistakes, My digits, Tutorials
    "narrow",  # what is else on a tablet and on a phone
    "doors",  # the navigation
    "rooms",  # Fool it, Break it, own classes, a class
)

STYLES = "\n".join((Path(__file__).parent / f"{name}.css").read_text() for name in ORDER)
