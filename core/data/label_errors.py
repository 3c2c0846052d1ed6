"""MNIST's test digits whose label most people doubt.

Curtis Northcutt, Anish Athalye and Jonas Mueller, Pervasive Label Errors in Test Sets Destabilize Machine
Learning Benchmarks, 2021. A network proposed another label for some hundred test digits, and five people each
were asked which fits. These are the 15 of which fewer than three chose the label that MNIST has; the votes are
the authors' own, published as mturk/mnist_mturk.json of github.com/cleanlab/label-errors.

Called by `pages.mistakes`, `ui.sections.confusion_explorer` and `ui.sections.one_image`.
"""

from typing import NamedTuple


class Doubt(NamedTuple):
    """A label of MNIST, another that was proposed, and what five people chose: one, the other, neither."""

    label: int
    proposed: int
    for_label: int
    for_proposed: int
    for_neither: int


# number of the test digit -> what people said of it
MNIST_TEST: dict[int, Doubt] = {
    947: Doubt(8, 9, 0, 5, 0),
    1621: Doubt(0, 6, 2, 3, 0),
    1901: Doubt(9, 4, 2, 3, 0),
    2130: Doubt(4, 9, 2, 2, 1),
    2462: Doubt(2, 0, 0, 4, 1),
    2597: Doubt(5, 3, 0, 4, 1),
    2654: Doubt(6, 1, 0, 2, 3),
    3520: Doubt(6, 4, 2, 0, 3),
    3558: Doubt(5, 0, 1, 4, 0),
    5937: Doubt(5, 3, 1, 3, 1),
    6651: Doubt(0, 6, 0, 5, 0),
    6783: Doubt(1, 6, 2, 3, 0),
    8527: Doubt(4, 9, 2, 2, 1),
    9679: Doubt(6, 3, 2, 0, 3),
    9729: Doubt(5, 6, 2, 3, 0),
}
