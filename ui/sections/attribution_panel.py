"""The attribution maps of one image, laid over it, with their numbers in words."""

import html
import math
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from core.analysis import attribution
from core.analysis.attribution import (
    ANSWERS,
    METHODS,
    NOT_A_DIGIT,
    PATCH,
    PATCHES,
    Explanation,
    ExplanationError,
)
from core.analysis.decisive import Piece, decisive
from core.data import datasets
from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage, Prediction
from core.words import with_article
from ui.components import term_notes
from ui.content.glossary import note_in, notes_in
from ui.state import keys
from ui.state.link_parts import AS_READ
from ui.widgets import thumbnails

FOR, AGAINST, SIZE = "#5b60f0", "#dd6b20", "#0e9384"  # on light and on dark paper
ALL = "All four"
SMALL = 0.01  # a change of a probability that is not worth a word
PROPER = {
    "Cover it": "Occlusion",
    "Add it up": "Integrated gradients",
    "Gradient": "Saliency",
    "Grad-CAM": "Grad-CAM",
}
CALLED = {"Cover it": "cover it", "Add it up": "add it up", "Gradient": "the gradient", "Grad-CAM": ""}
_UNITS = {
    "Cover it": "fall of the {} when covered",
    "Add it up": "each pixel's share of the rise of the {}",
    "Gradient": "change of the {} per unit of ink",
    "Grad-CAM": "weighted sum of the feature maps",
}
_OF_COLOURS = "change of the {} per unit of red, green or blue"  # of the gradient


def attribution_section(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show what decided: the piece that matters most in a pupil's words, and on demand four methods."""
    prediction = classifier.predict(image)
    if not np.isfinite(prediction.logits).all():
        st.info("This network's answer is not a number (NaN), so nothing in the picture can have decided it.")
        return
    target = _class(classifier, prediction)
    piece = _decisive(classifier, image.pixels.tobytes(), target, _read(classifier, prediction))
    st.html(_piece(piece, image, classifier.network.data))
    if st.toggle("All four methods, side by side", key=keys.DECIDED_ALL, persist_state="session"):
        _methods(classifier, image, target)


def _asked(classifier: Classifier) -> tuple[str, int, str, str]:
    """Return the chosen method or ALL, its patch and its layer, and what is explained: logit or log-odds."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        method = st.segmented_control(
            "How it is asked",
            [ALL, *METHODS],
            key=keys.DECIDED_METHOD,
            default=ALL,
            required=True,
            persist_state="session",
            help=notes_in(*METHODS),
        )
        patch, layer = PATCH, ""
        if method == "Grad-CAM" and (layers := attribution.map_layers(classifier.network)):
            layer = st.selectbox(
                "Feature maps of",
                layers,
                key=keys.decided_layer(layers),
                index=layers.index(attribution.last_maps(classifier.network)),
                persist_state="session",
                help=note_in("Feature maps of"),
            )
        if method == "Cover it":
            patch = st.segmented_control(
                "Side of the square",
                PATCHES,
                key=keys.DECIDED_PATCH,
                default=PATCH,
                required=True,
                format_func=lambda n: f"{n} x {n}",
                persist_state="session",
            )
        bare = st.toggle(
            "The logit alone, as in the papers",
            key=keys.DECIDED_BARE,
            persist_state="session",
            help="Without it, what is explained is how the class fares against its rivals: a logit by itself "
            "can rise together with all others, which changes nothing.",
        )
    return method, patch, layer, "logit" if bare else "log-odds"


def _methods(classifier: Classifier, image: DigitImage | ColourImage, target: int) -> None:
    """The maps of all methods, or of one with its settings, each with its proper name."""
    method, patch, layer, answer = _asked(classifier)
    what = named(target, classifier.network.data)
    figures = []
    for name in METHODS if method == ALL else [method]:
        try:
            found = _explained(classifier, image.pixels.tobytes(), name, target, answer, patch, layer)
            figures.append(_figure(found, image, answer, what))
        except ExplanationError as error:
            figures.append(f"<figure>{_title(name)}<p>{html.escape(str(error))}</p></figure>")
    first = _explained(classifier, image.pixels.tobytes(), "Gradient", target, answer)
    one = "" if method == ALL else " dl-one"
    term_notes.html(
        f'<div class="dl-whys{one}">{"".join(figures)}</div><p>{_explains(first, answer, what)}</p>'
    )


def _read(classifier: Classifier, prediction: Prediction) -> int:
    """The class that the image is taken for: NOT_A_DIGIT, or the most probable one."""
    if prediction.digit is None and classifier.has_reject_class and prediction.is_digit is not None:
        return NOT_A_DIGIT
    return int(prediction.probabilities.argmax()) if prediction.digit is None else prediction.digit


@lru_cache(64)
def _decisive(classifier: Classifier, pixels: bytes, target: int, read: int) -> Piece:
    """Kept, as `_explained` is. Of what it is not taken for, the piece whose ink keeps it from that."""
    *size, channels = classifier.shape
    array = np.frombuffer(pixels, np.float32).reshape(size if channels == 1 else classifier.shape)
    image = DigitImage(array) if channels == 1 else ColourImage(array)
    return decisive(classifier, image, target, rising=target != read)


def _piece(piece: Piece, image: DigitImage | ColourImage, data: str) -> str:
    """What the piece does in a sentence, the image with it and without, and the probabilities of the two.

    data: a key of KINDS.
    """
    what, sentence = named(piece.target, data), _says(piece, data)
    kind = "dl-why" if datasets.KINDS[data].on_paper else "dl-why dl-of-colour"
    shown = Explanation("Cover it", piece.target, piece.map, True, {})
    high, wide = piece.map.shape
    side = f"width:{piece.patch / wide:.2%};height:{piece.patch / high:.2%}"
    at = f"left:{(piece.x + 0.5) / wide:.2%};top:{(piece.y + 0.5) / high:.2%}"
    square = f'<div class="dl-square" style="{at};{side}"></div>'
    before, then = (f"{p:.1%}" for p in piece.probabilities)
    whole = thumbnails.ink(image.pixels) + _coloured(shown) + square
    without = thumbnails.ink(piece.image.pixels, title=f"The picture without that bit: {what} {then}") + square
    return (
        f'<p class="dl-says">{html.escape(sentence)}</p><div class="dl-piece">'
        f'<figure><div class="dl-thumb {kind}" role="img" aria-label="{html.escape(sentence)}">{whole}</div>'
        f'<figcaption><span><i style="background:{FOR}"></i>speaks for {what}</span> '
        f'<span><i style="background:{AGAINST}"></i>speaks against it</span></figcaption></figure>'
        f'<p><b>{before}</b><span aria-label="becomes">&#8594;</span><b>{then}</b><small>{what}</small></p>'
        f'<figure><div class="dl-thumb">{without}</div><figcaption>that bit covered</figcaption></figure></div>'
    )


def _says(piece: Piece, data: str) -> str:
    """One sentence for a pupil. data: a key of KINDS."""
    what, after = named(piece.target, data), piece.then.digit
    before, then = piece.probabilities
    change = f"{before:.1%} → {then:.1%}"
    stays = len(datasets.KINDS[data].names) if after is None else after
    if piece.rising:
        if stays == piece.target:
            return f"Cover this bit and it becomes {what}: {change}."
        if then - before < SMALL:
            return f"Whichever bit is covered, it does not become {what}: {change} at the most."
        return f"Cover this bit and it comes nearer to {what}: {change}. It still sees {named(stays, data)}."
    if stays != piece.target and before >= 0.5 > then:
        return f"Cover this bit and it is no longer {what}: {change}. Then it sees {named(stays, data)}."
    if before - then < SMALL:
        return f"Whichever bit is covered, the answer hardly changes: {what} {change} at the most."
    return f"Cover this bit and it is less sure of {what}: {change}."


def _class(classifier: Classifier, prediction: Prediction) -> int:
    """Let people choose what is asked about: what was read first, then its closest rival."""
    classes = list(attribution.classes(classifier.network))
    order = [int(k) for k in np.argsort(-prediction.probabilities, kind="stable")]
    read = prediction.digit
    if read is None and prediction.is_digit is not None:
        read = NOT_A_DIGIT
    read, rival = (order[0], order[1]) if read in (None, order[0]) else (read, order[0])
    options = [read, rival, *(k for k in classes if k not in (read, rival))]

    data = classifier.network.data

    def label(k: int) -> str:
        if k in (read, rival):
            return f"Why {'' if k == read else 'not '}{named(k, data)}?"
        return named_plainly(k, data)

    # Another reading brings another question; the choice is kept as long as the reading stays the same.
    key = keys.decided_class(read, rival, len(classes), datasets.KINDS[data].noun)
    if (linked := st.session_state.pop(keys.DECIDED_LINKED, None)) is not None:
        st.session_state[key] = linked if linked in options else read
    asked = st.segmented_control(
        "What is asked", options, key=key, default=read, required=True, format_func=label
    )
    st.session_state[keys.DECIDED_CLASS] = AS_READ if asked == read else asked
    return asked


def named(target: int, data: str = "mnist") -> str:
    """7 -> 'a 7', 8 -> 'an 8', 10 -> 'no digit'; of CIFAR-10 0 -> 'an airplane', of letters 10 -> 'a K'."""
    name = named_plainly(target, data)
    return with_article(name) if target < len(datasets.KINDS[data].names) else name


def named_plainly(target: int, data: str) -> str:
    """The same without an article."""
    kind = datasets.KINDS[data]
    return kind.names[target] if target < len(kind.names) else f"no {kind.label_noun}"


@lru_cache(64)
def _explained(
    classifier: Classifier,
    pixels: bytes,
    method: str,
    target: int,
    answer: str,
    patch: int = PATCH,
    layer: str = "",
) -> Explanation:
    """Kept, because the page is drawn anew at each click; the pixels as bytes, which can be compared."""
    *size, channels = classifier.shape
    image = np.frombuffer(pixels, np.float32).reshape(size if channels == 1 else classifier.shape)
    own: dict[str, dict[str, Any]] = {"Cover it": {"patch": patch}, "Grad-CAM": {"layer": layer}}
    return METHODS[method].explain(classifier, image, target, answer=ANSWERS[answer], **own.get(method, {}))


def _explains(found: Explanation, answer: str, what: str) -> str:
    """What the number is that all the images below are about. what: the class in words."""
    value = found.facts["answer"]
    if answer == "logit":
        return (
            f"What is explained: the logit of {what}, its number before the softmax, here <b>{_n(value)}</b>."
        )
    return (
        f"What is explained: the log-odds of {what}, ln(p / (1 - p)) of its probability p, here "
        f"<b>{_n(value)}</b>: {_odds(value)}. At 0 the odds are even; each 2.3 more makes them ten times "
        "as good."
    )


def _odds(value: float) -> str:
    """7.26 -> '1,400 to 1 for it'."""
    side = "for it" if value > 0 else "against it"
    if abs(value) > math.log(1e6):
        return f"more than a million to 1 {side}"
    odds = math.exp(abs(value))
    if odds < 10:
        return f"{odds:.1f} to 1 {side}"
    return f"{round(odds, 1 - int(math.log10(odds))):,.0f} to 1 {side}"


def _figure(found: Explanation, image: DigitImage | ColourImage, answer: str, what: str) -> str:
    """The image, the map over it, a legend with numbers, what it says, and what it does not."""
    colour = isinstance(image, ColourImage)
    shows, hides = METHODS[found.method].words(colour=colour)
    unit = _OF_COLOURS if colour and found.method == "Gradient" else _UNITS[found.method]
    fact = html.escape(_fact(found, answer, what, colour=colour))
    layers = [thumbnails.ink(image.pixels), _coloured(found)]
    if found.facts.get("largest", 0) > 0:
        x, y = ((found.facts[axis] + 0.5) / len(found.map) for axis in "xy")
        layers.append(f'<div class="dl-mark" style="left:{x:.2%};top:{y:.2%}"></div>')
    kind = "dl-why dl-of-colour" if colour else "dl-why"
    return (
        f'<figure>{_title(found.method)}<div class="dl-thumb {kind}" role="img" '
        f'aria-label="{fact}">{"".join(layers)}</div>'
        f"<figcaption>{_legend(found, unit.format(answer))}"
        f"<p><b>{fact}</b></p><p>{html.escape(shows)}</p>"
        f'<p class="dl-hides">What it does not show: {html.escape(_lower(hides))}</p>'
        "</figcaption></figure>"
    )


def _title(method: str) -> str:
    return f"<b>{html.escape(PROPER[method])}</b> {html.escape(CALLED[method])}"


def _coloured(found: Explanation) -> str:
    """The map as an <img>: its colour says the sign, its opacity the size, in proportion."""
    fraction = found.map / (found.scale or 1)
    colours = np.array([_rgb(FOR), _rgb(AGAINST)] if found.signed else [_rgb(SIZE)] * 2, np.uint8)
    rgb = colours[(fraction < 0).astype(int)]
    alpha = np.round(255 * np.abs(fraction)).astype(np.uint8)
    url = thumbnails.image_url(Image.fromarray(np.dstack([rgb, alpha]), "RGBA"))
    return f'<img alt="" src="{url}">'


def _legend(found: Explanation, unit: str) -> str:
    high = _n(found.scale)
    if found.signed:
        colours = f"{AGAINST}, transparent, {FOR}"
        numbers = f"<span>{_n(-found.scale)}<br>against</span><span>0</span><span>+{high}<br>for it</span>"
    else:
        colours, numbers = f"transparent, {SIZE}", f"<span>0</span><span>{high}</span>"
    return (
        f'<div class="dl-scale" style="background:linear-gradient(to right, {colours})"></div>'
        f'<div class="dl-scale-numbers">{numbers}</div><div class="dl-unit">{html.escape(unit)}</div>'
    )


def _fact(found: Explanation, answer: str, what: str, *, colour: bool = False) -> str:
    """One sentence with this image's own numbers. what: the class in words."""
    facts = found.facts
    match found.method:
        case "Cover it" if facts.get("largest", 0) > 0:
            before, then = facts["probability"], facts["probability_then"]
            return (
                f"Covering the place with the ring takes {_n(facts['largest'])} off the {answer}: the "
                f"probability of {what} goes from {before:.1%} to {then:.1%}."
            )
        case "Cover it":
            return f"Covering never lowers the {answer} of {what}: nothing here speaks for it."
        case "Add it up":
            verb = "rose" if facts["rise"] >= 0 else "fell"
            blank = "black" if colour else "an empty canvas"
            return (
                f"The sum is {_n(facts['sum'])}; the {answer} {verb} by {_n(abs(facts['rise']))} over {blank}, "
                f"from {_n(facts['empty'])} to {_n(facts['answer'])}. The difference, "
                f"{_n(abs(facts['residual']))}, is left by fading in {facts['steps']} steps."
            )
        case "Gradient" if colour:
            return f"A tenth of the pixels hold {facts['tenth']:.0%} of it."
        case "Gradient":
            return f"{facts['paper']:.0%} of it lies on empty paper, where ink would change the answer."
        case _:
            maps = f"{facts['maps']} maps of {facts['height']} x {facts['width']}"
            if not found.scale:
                return f"Weighted and added, the {maps} speak for {what} nowhere."
            return f"{maps}, weighted, added and enlarged."


def _n(value: float) -> str:
    """Three digits that say something, and a true minus: -0.0123 -> '−0.0123', 11.26 -> '11.3'."""
    size = abs(value)
    text = f"{size:.0f}" if size >= 100 else f"{size:.1f}" if size >= 10 else f"{size:.2f}"
    if 0 < size < 0.1:
        text = f"{size:.2g}" if size >= 1e-4 else f"{size:.0e}"
    return f"−{text}" if value < 0 and float(text) else text


def _lower(sentence: str) -> str:
    return sentence[0].lower() + sentence[1:]


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:], 16)
