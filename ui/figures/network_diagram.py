"""A network as an image: SVG, from left to right, drawn to scale, in the page's own text colour.

Images are stacks of sheets, their sides to scale, one sheet more for each doubling of the channels;
vectors are bars that grow with the logarithm of their length. The square on an image is the window
that the next layer slides over it. What keeps the shape is a pill on the way. The axis is y = 0.
A new kind of layer is one entry in LOOKS.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from math import log2
from textwrap import wrap

from core.nn import architectures
from core.nn.architectures import MNIST_SHAPE, Layer, Shape
from core.words import counted

PIXEL, SHEET = 3.0, 3.5  # a pixel's side, and from one sheet to the next
BAR, CELL = 18.0, 13.0  # width of a vector, height of one value where each is shown
LINE, GAP, MARGIN = 14.0, 16.0, 14.0  # between lines of text, between texts, around everything
BLUE, TEAL, ORANGE, RED, TEXT = "#5b60f0", "#0e9384", "#dd6b20", "#e5484d", "currentColor"
FAINT = {TEXT: (0.06, 0.5), RED: (0.1, 1)}  # (fill, outline) of what is not as strong as a layer's values
DIGITS = tuple(map(str, range(architectures.CLASSES)))
_EACH = 12  # classes at most that are all named
DIGIT = (
    "M9.5 8.5C11 5.5 18.5 5 18.5 9.5C18.5 13 13 13.5 13 13.5C13 13.5 19.5 14 19.5 18.5C19.5 23.5 11 24 8.5 20"
)
STYLE = "width:100%;min-width:{least:.0f}px;max-width:{most:.0f}px;height:auto;display:block;margin:auto"


@dataclass(frozen=True)
class _Look:
    """How one kind of layer is shown.

    label: its name, then further lines. about: what it does with an input of some shape.
    colour: of what it makes; None for a pill. window: side of the square that it slides over an image.
    """

    label: Callable[..., list[str]]
    about: Callable[..., str]
    colour: str | None = None
    window: Callable[..., int] = lambda layer: 0


def _pooling(name: str, what: str) -> _Look:
    return _Look(
        lambda p: [f"{name} {p.pool}x{p.pool}"],
        lambda p, shape: f"{what} of each {p.pool}x{p.pool} window",
        TEAL,
        lambda p: p.pool,
    )


def _maps(shape: Shape) -> str:
    return "maps" if len(shape) == 3 else "units"


def _join(name: str, what: str) -> _Look:
    return _Look(lambda a: [name], lambda a, shape: f"{what} of the {_maps(shape)} of several layers", TEAL)


LOOKS: dict[str, _Look] = {
    "Conv2D": _Look(
        lambda c: [
            f"Conv2D {c.kernel}x{c.kernel}",
            ", ".join([f"stride {c.stride}"] * (c.stride > 1) + ["same"] * (c.padding == "same")),
            c.activation,
        ],
        lambda c, shape: f"{counted(c.filters, 'kernel')} of {c.kernel}x{c.kernel}x{shape[-1]}",
        BLUE,
        lambda c: c.kernel,
    ),
    "MaxPooling2D": _pooling("MaxPooling", "the largest value"),
    "AveragePooling2D": _pooling("AveragePooling", "the mean"),
    "BatchNormalization": _Look(
        lambda b: ["BatchNorm"], lambda b, shape: "each channel shifted and scaled to mean 0 and spread 1"
    ),
    "Activation": _Look(lambda a: [a.activation], lambda a, shape: f"{a.activation} of each value"),
    "PReLU": _Look(
        lambda p: ["PReLU"],
        lambda p, shape: f"a learnt slope below 0 for each {'value' if p.slopes == 'value' else 'channel'}",
    ),
    "Dropout": _Look(
        lambda d: [f"Dropout {d.rate:g}"],
        lambda d, shape: f"while training, {100 * d.rate:g}% of the values are set to 0",
    ),
    "Add": _join("Add", "the sum"),
    "Average": _join("Average", "the mean"),
    "Concatenate": _Look(
        lambda c: ["Concatenate"], lambda c, shape: f"the {_maps(shape)} of several layers side by side", TEAL
    ),
    "Flatten": _Look(lambda f: ["Flatten"], lambda f, shape: "all values in one row", TEXT),
    "Dense": _Look(
        lambda d: [f"Dense {d.units}", d.activation],
        lambda d, shape: f"{counted(d.units, 'weighted sum')} of {counted(shape[0], 'value')}",
        ORANGE,
    ),
}


def called(layer: Layer) -> str:
    """Return a layer's name, 'Conv2D 3x3' or 'Activation relu'."""
    name = LOOKS[layer.kind].label(layer)[0]
    return f"Activation {name}" if layer.kind == "Activation" else name


@dataclass(frozen=True)
class Piece:
    """One thing to be drawn, and its texts.

    svg: drawn with its left edge at x = 0. face: (top, width, height) of an image's front sheet.
    inputs: the places of the pieces that lead to it, where it is not just the one before.
    label: lines over the arrow that leads to it. caption: lines at the foot, or right under a pill.
    """

    width: float
    height: float
    svg: str
    face: tuple[float, float, float] | None = None
    label: Sequence[str] = ()
    caption: Sequence[str] = ()
    title: str = ""
    colour: str | None = TEXT
    window: int = 0
    name: str = "layer"
    inputs: tuple[int, ...] = ()

    @property
    def pill(self) -> bool:
        return self.colour is None


def diagram(
    layers: Sequence[Layer],
    shape: Shape = MNIST_SHAPE,
    classes: Sequence[str] = DIGITS,
    *,
    of_digits: bool = True,
) -> str:
    """Return one SVG element. At the first layer that does not fit it ends with a box that says why.

    classes: what the last layer tells apart, where that is known. of_digits: is a digit drawn on the paper?
    """
    reasons = architectures.problems(layers, shape)
    fitting = next((place for place, reason in enumerate(reasons) if reason), len(layers))
    rows = architectures.describe(layers[:fitting], shape)
    pieces = [input_piece(shape, of_digits=of_digits)]
    given = architectures.inputs(layers[:fitting], shape)
    for place, (after, learnt) in enumerate(rows):
        answers = place == len(layers) - 1 and after == (len(classes),)
        made = piece(layers[place], given[place], after, learnt, classes if answers else ())
        pieces.append(replace(made, inputs=tuple(at + 1 for at in layers[place].inputs)))
    before = rows[-1][0] if rows else shape
    steps = ", ".join(piece.label[0] for piece in pieces[1:]) or "no layers"
    about = f"From a picture of {show(shape)} to {show(before)}: {steps}"
    if fitting < len(layers):
        pieces.append(_problem(fitting + 1, layers[fitting], reasons[fitting]))
        about += f"; {pieces[-1].title}"
    return _assemble(pieces, f"{about}. {counted(sum(number for _, number in rows), 'parameter')}.")


def input_piece(shape: Shape, *, of_digits: bool = True) -> Piece:
    """Return the image that a network is given, as a part of its diagram. of_digits: it shows one."""
    grey = shape == MNIST_SHAPE
    ends = ("paper", "ink") if grey else ("dark", "bright")
    body, title = _values(shape, TEXT), f"Input: {show(shape)}, from 0 ({ends[0]}) to 1 ({ends[1]})"
    where = f"translate(0 {-body.height / 2}) scale({body.height / 28})"
    digit = f'<g transform="{where}" stroke-width="2.4">{_line(DIGIT, TEXT, 0.75)}</g>' * (grey and of_digits)
    return replace(body, svg=body.svg + digit, title=title, caption=("input", show(shape)), name="input")


def piece(layer: Layer, before: Shape, after: Shape, learnt: int, classes: Sequence[str] = ()) -> Piece:
    """classes: those that its values are the answers to, where it is the last."""
    look = LOOKS[layer.kind]
    name, *further = look.label(layer)
    label = [name, *(line for line in further if line not in ("", "linear"))]
    about = ", ".join([look.about(layer, before), *label[1:]])
    parameters = counted(learnt, "parameter")
    title = f"{layer.kind}: {about}; {show(before)} -> {show(after)}; {parameters}"
    caption = [show(after), parameters]
    if look.colour is None:
        caption = caption[1:] if learnt else []
        body = _pill(label[0], _length(caption, 11), dashed=layer.kind == "Dropout")
    else:
        body = _values(after, look.colour, classes)
    return replace(
        body, title=title, label=label, caption=caption, colour=look.colour, window=look.window(layer)
    )


def _problem(number: int, layer: Layer, reason: str) -> Piece:
    heading = f"Layer {number}, {layer.kind}, does not fit"
    lines = wrap(reason, 34, max_lines=6, placeholder=" ...")
    width, height = 250.0, LINE * len(lines) + 36
    texts = [_text(width / 2, 22 - height / 2, heading, 12, bold=True)]
    texts += [_text(width / 2, 24 + LINE * i - height / 2, line, 11.5) for i, line in enumerate(lines, 1)]
    box = rectangle(0, -height / 2, width, height, RED, 8, 'stroke-dasharray="5 4"')
    return Piece(width, height, box + "".join(texts), title=f"{heading}: {reason}", name="problem")


def _values(shape: Shape, colour: str, classes: Sequence[str] = ()) -> Piece:
    """An image or a vector."""
    if len(shape) == 1:
        return _bar(shape[0], colour, classes)
    height, width = (max(PIXEL * side, 2 * SHEET) for side in shape[:2])
    sheets = 1 + round(log2(shape[2]))
    depth = SHEET * (sheets - 1)
    top = (depth - height) / 2  # of the front sheet: those behind it lie higher and to the right
    corner = f"h{width}v{height}h{-SHEET}v{SHEET - height}h{SHEET - width}z"  # what can be seen of one behind
    paths = (f"M{SHEET * i} {top - SHEET * i}{corner}" for i in range(sheets - 1, 0, -1))
    behind = f'<g fill="{colour}" fill-opacity=".16">{"".join(_line(path, colour, 0.75) for path in paths)}</g>'
    front = rectangle(0, top, width, height, colour, 1.5)
    return Piece(width + depth, height + depth, behind + front, face=(top, width, height))


def _bar(units: int, colour: str, classes: Sequence[str]) -> Piece:
    """A vector; of one that answers, each value with its class, or where these are many the first and last."""
    each = 0 < len(classes) <= _EACH
    height = CELL * units if each else 30 + 9 * log2(units)
    svg = rectangle(0, -height / 2, BAR, height, colour, 4)
    svg += "".join(
        _line(f"M0 {CELL * place - height / 2}h{BAR}", colour, 0.4) for place in range(1, units * each)
    )
    at = {name: CELL * place + 10 for place, name in enumerate(classes)} if each else {}
    if classes and not each:
        at = {classes[0]: 11.0, "\u22ee": height / 2 + 4, classes[-1]: height - 4}
    inside = all(len(name) == 1 for name in at)
    beside = 0.0 if inside else 5 + _length(list(at), 10)
    for name, y in at.items():
        if inside:
            svg += _text(BAR / 2, y - height / 2, name, 10)
        else:
            svg += _text(BAR + 5, y - height / 2, name, 10, anchor="start")
    return Piece(BAR + beside, height, svg)


def _pill(name: str, least: float, dashed: bool) -> Piece:
    """A pill on a line that is at least so long, for what stands beneath."""
    length, height = _length([name], 11) + 16, 22.0
    width = max(length, least)
    left, right = (width - length) / 2, (width + length) / 2
    dashes = 'stroke-dasharray="3 3"' if dashed else ""
    outline = rectangle(left, -height / 2, length, height, TEXT, height / 2, dashes)
    line = _line(f"M0 0H{left:.1f}M{right:.1f} 0H{width:.1f}", TEXT, 0.5) if width > length else ""
    return Piece(width, height, line + outline + _text(width / 2, 4, name, 11))


def _assemble(pieces: Sequence[Piece], about: str) -> str:
    half = max(piece.height for piece in pieces) / 2
    top = MARGIN + max(half, LINE * max(len(piece.label) for piece in pieces) + 4)
    foot = half + 22
    lefts, width = _places(pieces)
    groups = "".join(_group(pieces, lefts, place, foot) for place in range(len(pieces)))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(about)}" fill="none" '
        f'viewBox="0 {-top:.0f} {width:.0f} {top + foot + LINE + MARGIN:.0f}" '
        f'style="{STYLE.format(least=0.8 * width, most=1.2 * width)}" '
        'stroke-linejoin="round" stroke-linecap="round" text-anchor="middle" '
        f'font-family="Source Sans, system-ui, sans-serif">{groups}</svg>'
    )


def _places(pieces: Sequence[Piece]) -> tuple[list[float], float]:
    """The left edge of each piece, as far to the left as its texts allow, and the width of everything."""
    lefts: list[float] = []
    end, captions_end = MARGIN, MARGIN - GAP
    for piece in pieces:
        left = end
        if lefts:
            left += 12 if piece.pill else max(_length(piece.label, 13) + 16, 44)
        if piece.caption and not piece.pill:
            space = _length(piece.caption, 12)
            left = max(left, captions_end + GAP + (space - piece.width) / 2)
            captions_end = left + (piece.width + space) / 2
        lefts.append(left)
        end = left + piece.width
    return lefts, max(end, captions_end) + MARGIN


def _group(pieces: Sequence[Piece], lefts: Sequence[float], place: int, foot: float) -> str:
    piece, left, way = pieces[place], lefts[place], ""
    if place:
        reads = not piece.inputs or place - 1 in piece.inputs
        way = _way(lefts[place - 1] + pieces[place - 1].width, left, piece, reads)
    for before in piece.inputs:
        if before != place - 1:
            way += _bow(lefts[before] + pieces[before].width, left, max(p.height for p in pieces) / 2)
    if piece.window and not piece.inputs:
        before = max(i for i in range(place) if pieces[i].face)
        way += _window(lefts[before], left if before == place - 1 else None, pieces[before], piece)
    here = f'<g transform="translate({left:.1f})">{piece.svg}{_captions(piece, foot)}</g>'
    return f'<g class="{piece.name}"><title>{escape(piece.title)}</title>{way}{here}</g>'


def _bow(start: float, end: float, half: float) -> str:
    """A way that passes others by, under them."""
    low = min(half, 30 + 0.15 * (end - start))
    path = f"M{start + 2:.1f} 5C{start + 14:.1f} {low:.1f} {end - 26:.1f} {low:.1f} {end - 6:.1f} 5"
    return _line(f"{path}m-6 1.5l6 -1.5l0 6", BLUE, 0.6)


def _way(start: float, end: float, piece: Piece, reads: bool) -> str:
    """The arrow to a piece, or the line to a pill, with the name of the layer over it.

    reads: does it read the piece before?
    """
    if piece.pill:
        return _line(f"M{start:.1f} 0H{end:.1f}", TEXT, 0.5) if reads else ""
    arrow = f"M{start + 5:.1f} 0H{end - 6:.1f}m-5 -3.5l5 3.5l-5 3.5"
    svg = _line(arrow, TEXT, 0.6) if reads else ""
    for up, line in enumerate(reversed(piece.label), 1 - len(piece.label)):
        y = -9 - LINE * (up + len(piece.label) - 1)
        svg += _text((start + end) / 2, y, line, 11 if up else 12, bold=not up, faint=bool(up))
    return svg


def _window(at: float, to: float | None, image: Piece, piece: Piece) -> str:
    """The square that a layer slides over the image before, and where its result goes if that is next."""
    assert image.face
    top, width, height = image.face
    side, colour = min(PIXEL * piece.window, width, height), piece.colour or TEXT
    x, y = at + 0.72 * (width - side), top + 0.8 * (height - side)
    svg = rectangle(x, y, side, side, colour, 0.5)
    if to is not None and piece.face and y > -5:  # higher up, the name of the layer is in the way
        top, width, height = piece.face
        goal = f"{to + 0.72 * width:.1f} {top + 0.8 * height:.1f}"
        svg += _line(f"M{x + side:.1f} {y:.1f}L{goal}L{x + side:.1f} {y + side:.1f}", colour, 0.7)
    return svg


def _captions(piece: Piece, foot: float) -> str:
    middle, pill = piece.width / 2, piece.pill
    y = piece.height / 2 + LINE if pill else foot
    return "".join(
        _text(middle, y + LINE * down, line, 11 if down or pill else 12, faint=bool(down or pill))
        for down, line in enumerate(piece.caption)
    )


def rectangle(
    x: float, y: float, width: float, height: float, colour: str, radius: float, further: str = ""
) -> str:
    """Return an SVG rectangle with rounded corners, in user units. further: attributes of our own."""
    fill, outline = FAINT.get(colour, (0.28, 1))
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius}" '
        f'fill="{colour}" fill-opacity="{fill}" stroke="{colour}" stroke-opacity="{outline}" {further}/>'
    )


def _line(path: str, colour: str, opacity: float) -> str:
    return f'<path d="{path}" stroke="{colour}" stroke-opacity="{opacity}"/>'


def _text(
    x: float, y: float, text: str, size: float, bold: bool = False, faint: bool = False, anchor: str = ""
) -> str:
    look = f'font-size="{size}" font-weight="{600 if bold else 400}" fill-opacity="{0.7 if faint else 1}"'
    look += f' text-anchor="{anchor}"' * bool(anchor)
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{TEXT}" {look}>{escape(text)}</text>'


def _length(lines: Sequence[str], size: float) -> float:
    """About how wide the longest line will be; a little too much, for fonts that run wide."""
    return 0.6 * size * max(map(len, lines), default=0)


def show(shape: Shape) -> str:
    return "x".join(map(str, shape))
