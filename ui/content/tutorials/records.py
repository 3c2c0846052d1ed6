"""What a tutorial is made of."""

from dataclasses import dataclass

from ui.content.questions import Example, Exercise


@dataclass(frozen=True)
class Section:
    """text: Markdown. figure: a key of `tutorial_figures.FIGURES`, or ''. recipes: keys of `RECIPES`."""

    title: str
    text: str
    examples: tuple[Example, ...] = ()
    exercises: tuple[Exercise, ...] = ()
    recipes: tuple[str, ...] = ()
    figure: str = ""


@dataclass(frozen=True)
class Tutorial:
    """short: a few words for a row of buttons. source: the tutorial that it follows."""

    short: str
    title: str
    source: str
    sections: tuple[Section, ...]
