"""The lessons, in the order in which they are learnt. A new one is a file beside this one and an entry
here."""

from ui.lessons import (
    backpropagation,
    batches,
    by_hand,
    by_heart,
    cross_entropy,
    downhill,
    in_colour,
    one_neuron,
    pictures,
    shifts,
    slopes,
    what_goes_wrong,
    what_it_is_worth,
    who_may_look,
    windows,
)
from ui.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    module.LESSON.key: module.LESSON
    for module in (
        pictures,
        one_neuron,
        cross_entropy,
        downhill,
        backpropagation,
        slopes,
        windows,
        shifts,
        batches,
        by_heart,
        who_may_look,
        what_goes_wrong,
        in_colour,
        what_it_is_worth,
        by_hand,
    )
}
