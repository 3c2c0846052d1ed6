"""MNIST's test digits whose label is probably an error.

Curtis Northcutt, Anish Athalye and Jonas Mueller, Pervasive Label Errors in Test Sets Destabilize Machine
Learning Benchmarks, 2021. A network proposed another label for some hundred test digits, and five people each
were asked which fits. These are the 15 of which fewer than three chose the label that MNIST has; the votes are
the authors' own, published as mturk/mnist_mturk.json of github.com/cleanlab/label-errors.

Called by `ui.sections.confusion_explorer`, `ui.sections.one_image` and `ui.sections.two_networks`.
"""

from typing import NamedTuple


class LabelError(NamedTuple):
    """A label of MNIST, another that was proposed, and what five people chose: one, the other, neither."""

    label: int
    proposed: int
    for_label: int
    for_proposed: int
    for_neither: int


# index of the test digit -> the votes on its label
MNIST_TEST: dict[int, LabelError] = {
    947: LabelError(8, 9, 0, 5, 0),
    1621: LabelError(0, 6, 2, 3, 0),
    1901: LabelError(9, 4, 2, 3, 0),
    2130: LabelError(4, 9, 2, 2, 1),
    2462: LabelError(2, 0, 0, 4, 1),
    2597: LabelError(5, 3, 0, 4, 1),
    2654: LabelError(6, 1, 0, 2, 3),
    3520: LabelError(6, 4, 2, 0, 3),
    3558: LabelError(5, 0, 1, 4, 0),
    5937: LabelError(5, 3, 1, 3, 1),
    6651: LabelError(0, 6, 0, 5, 0),
    6783: LabelError(1, 6, 2, 3, 0),
    8527: LabelError(4, 9, 2, 2, 1),
    9679: LabelError(6, 3, 2, 0, 3),
    9729: LabelError(5, 6, 2, 3, 0),
}
