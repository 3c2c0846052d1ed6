"""A network as rows, from its first layer to its last: what each makes as a small image, and its figures.

The images are those of `network_diagram`, half as large; vectors lie, as the way leads downwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from core.nn import architectures
from core.nn.architectures import MNIST_SHAPE, Layer, Shape
from core.words import capitalised, counted
from ui.figures import network_diagram
from ui.figures.network_diagram import TEXT

SCALE = 0.5  # of an image's side
CELL, HIGH, ANSWERS = 9.0, 11.0, 13.0  # an answer's width, the height of a vector and of one with answers
SVG = '<svg xmlns="http://www.w3.org/2000/svg" aria-hidden="true" fill="none" width="{0:.0f}" height="{1:.0f}" '
SVG += 'viewBox="{2:.1f} {3:.1f} {4:.1f} {5:.1f}" text-anchor="middle" stroke-linejoin="round">{6}</svg>'

WHY = {
    "Conv2D": "Each kernel is slid over the picture and notes where its pattern is.",
    "MaxPooling2D": "The picture becomes smaller: what was found is kept, its exact place is not.",
    "AveragePooling2D": "The picture becomes smaller and smoother.",
    "BatchNormalization": "Learning then goes faster and more steadily.",
    "Activation": "Without such bends, many layers could do no more than one.",
    "PReLU": "A bend, too; how much of what is below 0 goes on is learnt.",
    "Flatten": "A Dense layer takes its values in a row.",
    "Dropout": "So the network relies on no single value. When it reads, nothing is dropped.",
    "Dense": "Each sum weighs all values, by weights that are learnt.",
}


@dataclass(frozen=True)
class Row:
    """One layer, or the input.

    name, settings: 'Conv2D 5x5' and 'stride 2, same, relu'. about: what it does, here.
    shape, parameters: in words, '' where they cannot be told. image: SVG of what it makes, '' likewise.
    problem: why it cannot stand where it stands, or ''.
    """

    name: str
    settings: str = ""
    about: str = ""
    shape: str = ""
    parameters: str = ""
    image: str = ""
    problem: str = ""


def rows(layers: Sequence[Layer], shape: Shape = MNIST_SHAPE, *, digits: bool = True) -> list[Row]:
    """Return the input's row and one for each layer; of those after one that does not fit only the names.

    digits: are its answers the digits?
    """
    first = network_diagram.input_piece(shape, of_digits=digits)
    found = [Row(first.caption[0], about=f"{first.title}.", shape=first.caption[1], image=_image(first))]
    problems = architectures.problems(layers, shape)
    fitting = next((place for place, problem in enumerate(problems) if problem), len(layers))
    outputs = architectures.describe(layers[:fitting], shape)
    given = architectures.inputs(layers[:fitting], shape)
    for place, layer in enumerate(layers):
        look = network_diagram.LOOKS[layer.kind]
        name, *more = look.label(layer)
        settings = ", ".join(word for word in more if word not in ("", "linear"))
        if place >= fitting:
            found.append(Row(name, settings, general(layer.kind), problem=problems[place]))
            continue
        (after, _), before = outputs[place], given[place]
        answers = digits and place == len(layers) - 1 and after == (architectures.CLASSES,)
        piece = network_diagram.piece(layer, before, after, layer.parameters(before))
        about = f"{_sentence(look.about(layer, before))} {general(layer.kind)}"
        told = piece.label[0], settings, about, network_diagram.show(after), _learnt(layer, before)
        if piece.pill:
            image = _pill(dashed=layer.kind == "Dropout")
        else:
            image = _image(piece) if piece.face else _vector(after[0], look.colour or TEXT, answers)
        found.append(Row(*told, image=image))
    return found


def general(kind: str) -> str:
    """Return one sentence that says what layers of this kind are for."""
    said = (architectures.LAYERS[kind].__doc__ or "").partition("\n")[0].replace("`", "")
    return WHY.get(kind, said)


def _sentence(words: str) -> str:
    return f"{capitalised(words)}."


def _learnt(layer: Layer, shape: Shape) -> str:
    count = layer.parameters(shape)
    return counted(count, "parameter") if count else ""


def _image(piece: network_diagram.Piece) -> str:
    width, height = piece.width + 2, piece.height + 2
    return SVG.format(SCALE * width, SCALE * height, -1, -height / 2, width, height, piece.svg)


def _vector(units: int, colour: str, answers: bool) -> str:
    """A bar that lies; of ten answers one cell for each digit."""
    width = CELL * units if answers else 0.6 * (30 + 9 * log2(units))
    height = ANSWERS if answers else HIGH
    svg = network_diagram.rectangle(0, 0, width, height, colour, 2.5)
    for n in range(units if answers else 0):
        svg += f'<text x="{CELL * (n + 0.5):.1f}" y="10" font-size="9" fill="{TEXT}">{n}</text>'
    return SVG.format(width + 2, height + 2, -1, -1, width + 2, height + 2, svg)


def _pill(dashed: bool) -> str:
    dashes = 'stroke-dasharray="3 3"' if dashed else ""
    svg = network_diagram.rectangle(0, 0, 34, 12, TEXT, 6, dashes)
    return SVG.format(36, 14, -1, -1, 36, 14, svg)
