"""The tour: five steps on the app's own pages, under three minutes."""

from typing import NamedTuple


class Step(NamedTuple):
    """page: where it happens. text: what to do there.

    click, seen: CSS selectors of what is to be clicked on, or to be on the page; without either it is done by
    coming to the page. then: what is said once it is done, in place of the text.
    """

    name: str
    page: str
    text: str
    then: str = ""
    click: str = ""
    seen: str = ""


STEPS = (
    Step(
        "Draw",
        "draw",
        "Draw any digit on the paper below, and watch the ten bars move with your pen.",
        "A neural network has read your digit. What did it look at?",
        seen=".dl-rows .dl-winner",
    ),
    Step(
        "Look inside",
        "look_inside",
        "Each small picture shows what the network finds in your digit. Choose one, then a pixel of it: there "
        "is the sum that made it. Nobody wrote these sums down; a network learns them.",
    ),
    Step(
        "Train",
        "train",
        "Press Train. A small network begins with chance numbers; in half a minute it reads digits.",
        "It learns. It goes on while you look at something else: what do networks get wrong?",
        click=".st-key-train button",
    ),
    Step(
        "Its mistakes",
        "mistakes",
        "These digits are read wrongly. Choose one: would you have read it rightly? Examples help a network: "
        "next you give it one of yours.",
    ),
    Step(
        "Teach it",
        "draw",
        "Draw a digit in your own way, then tap which one it was.",
        "It is kept for you. With ten of each, My digits (behind Train) teaches a network your hand.",
        click=".st-key-teach button",
    ),
)
