"""What fools a network: changed pixels, one more stroke of a pen, and what it dreams of."""

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui.sections import fool, looked_at
from ui.state import subject
from ui.widgets import heading


def fooled(classifier: Classifier, image: DigitImage | ColourImage | None) -> None:
    assert image is not None  # the page borrows one
    fool.fool_section(classifier, image)


heading.heading(
    "Fool it: what does it fall for?",
    "You see the same digit before and after; the network does not."
    if subject.of_digits()
    else "You see the same picture before and after; the network does not.",
    switch=True,
)
looked_at.beside(fooled, borrows=True, of_digits=True)
