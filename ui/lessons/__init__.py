"""The lessons, in the order in which they are learnt. A new one is a file beside this one and an entry "
"here."""

from ui.lessons import backpropagation, cross_entropy, downhill, one_neuron, pictures
from ui.lessons.lesson import Lesson

LESSONS: dict[str, Lesson] = {
    module.LESSON.key: module.LESSON
    for module in (pictures, one_neuron, cross_entropy, downhill, backpropagation)
}
