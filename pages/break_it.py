"""How much a network bears: damage to it, and damage to what it is shown."""

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui.components import plotly_chart
from ui.sections import break_it, looked_at
from ui.widgets import heading


def broken(classifier: Classifier, image: DigitImage | ColourImage | None) -> None:
    assert image is not None  # the page borrows one
    break_it.break_section(classifier, image)


heading.heading(
    "Break it: how much can go?",
    "Take the network or the picture apart, and watch the answer follow.",
    switch=True,
)
looked_at.beside(broken, borrows=True, of_digits=True)
plotly_chart.library()
