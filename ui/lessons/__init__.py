"""The lessons, in the order in which they are learnt. A new one is a file beside this one and an entry
here."""

from ui.lessons import (
    activations,
    array_exercises,
    backpropagation,
    batches,
    colour_channels,
    convolution,
    cross_entropy,
    data_splits,
    error_analysis,
    gradient_descent,
    image_as_numbers,
    one_neuron,
    overfitting,
    pooling,
    uncertainty,
)
from ui.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    module.LESSON.key: module.LESSON
    for module in (
        image_as_numbers,
        one_neuron,
        cross_entropy,
        gradient_descent,
        backpropagation,
        activations,
        convolution,
        pooling,
        batches,
        overfitting,
        data_splits,
        error_analysis,
        colour_channels,
        uncertainty,
        array_exercises,
    )
}
