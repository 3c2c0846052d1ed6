"""The five tutorials: what they explain, in our words and their order, things to try, questions.

Literal data: a new section is one entry in its tutorial's file, at the end (its place is in the key of what
people have answered), and one in `ui/lessons/of_tutorials.py`. `tests/pages/test_tutorials_page.py` works out
every answer.
"""

from ui.content.tutorials import cifar10, convolutions, first_network, lenet, perceptron

TUTORIALS = {
    "first": first_network.TUTORIAL,
    "lenet": lenet.TUTORIAL,
    "express": perceptron.TUTORIAL,
    "guided": convolutions.TUTORIAL,
    "ml4a": cifar10.TUTORIAL,
}

# lesson-section-place -> the question there.
EXERCISES = {
    f"{name}-{number}-{place}": exercise
    for name, tutorial in TUTORIALS.items()
    for number, section in enumerate(tutorial.sections)
    for place, exercise in enumerate(section.exercises)
}
