"""Where an image lies among those of its data set."""

from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from ui.sections import embedding_map, looked_at
from ui.state import subject
from ui.widgets import heading


def the_map(classifier: Classifier, image: DigitImage | ColourImage | None) -> None:
    embedding_map.embedding_section(classifier, image, looked_at.nothing_yet)


heading.heading(
    f"Find yours among the test {'digits' if subject.of_digits() else 'images'}",
    "What the network finds alike lies close together; the star is yours.",
    switch=True,
)
looked_at.beside(the_map, of_digits=True)
