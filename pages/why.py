"""Which ink or which pixels decided."""

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui.sections import attribution_panel, looked_at
from ui.state import subject
from ui.widgets import heading


def why(classifier: Classifier, image: DigitImage | ColourImage | None) -> None:
    assert image is not None  # the page borrows one
    attribution_panel.attribution_section(classifier, image)


heading.heading(
    "Ask why: which ink decided?" if subject.of_digits() else "Ask why: which pixels decided?",
    "Colour shows what spoke for an answer and what spoke against it.",
    switch=True,
)
looked_at.beside(why, borrows=True)
