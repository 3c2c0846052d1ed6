"""What networks learn from: the images, their numbers, and what is done to them before."""

from typing import Any

from core.analysis import dataset_stats
from core.analysis.dataset_stats import Facts
from core.records import Labelled
from ui.sections import (
    augmentation_preview,
    class_statistics,
    dataset_choice,
    image_preparation,
    labelled_images,
    pixel_histogram,
)
from ui.state import links, visitor
from ui.widgets import heading


@links.fragment
def look(data: Labelled, facts: Facts) -> None:
    """The images, and of the one that is chosen its way to a network and its histogram."""
    number = labelled_images.labelled_images(data)
    image_preparation.image_preparation(data, number)
    pixel_histogram.pixel_histogram(data, number, facts)


heading.heading(
    "Look at what networks learn from",
    "Pictures with labels: each as numbers, all by class, and how they are prepared.",
    switch=True,
)
its_name, its_data = dataset_choice.choose()
its_facts: Any = dataset_stats.facts(its_name, visitor.name(), its_data.version)
look(its_data, its_facts)
class_statistics.class_statistics(its_data, its_facts)
augmentation_preview.augmentation_preview(its_data)
