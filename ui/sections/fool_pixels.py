"""The smallest change of an image that makes the network take it for something else, step by step."""

import html
from functools import lru_cache

import numpy as np
import streamlit as st

from core.analysis import adversarial
from core.analysis.adversarial import BUDGETS, MOST, NORMS, PARTS, STEPS, Attack
from core.models import registry
from core.models.classifiers import Classifier
from core.records import ColourImage, DigitImage
from core.words import confidence
from ui.sections import network_choice
from ui.sections.attribution_panel import AGAINST, FOR, named, named_plainly
from ui.state import keys, visitor
from ui.widgets import class_bars, thumbnails

ANY = -1
OTHERS = 6  # networks that are asked, too
_NORM_SAYS = {
    "L-infinity": "No pixel changes by more than this.",
    "L2": "All changes together, as a length: the root of the sum of their squares.",
}


def pixels_section(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show how few and how small changes of pixels make a network say something else of an image."""
    st.markdown(
        "Each pixel is pushed a little to where the answer climbs fastest, step after step. "
        "What you would hardly see is enough to change what the network sees."
    )
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        target, norm = _asked(classifier, image)
        budget = _budget(classifier, image, target, norm)
    if st.session_state.pop(keys.FOOL_NONE, False):
        st.info(f"Even {MOST[norm]:g} is not enough for that: choose another aim.")
    one = st.session_state.get(keys.FOOL_ONE_STEP, False)
    found = _attack(classifier, image.pixels.tobytes(), target, norm, budget, 1 if one else STEPS)
    steps = len(found.images) - 1
    if steps > 1:
        st.session_state[keys.FOOL_STEP] = min(st.session_state.get(keys.FOOL_STEP, steps), steps)
        step = st.slider("Step", 0, steps, key=keys.FOOL_STEP, help="0 is the picture as it was.")
    else:
        step = steps
    _show(classifier, found, step)
    _others(classifier, found, image)


def _asked(classifier: Classifier, image: DigitImage | ColourImage) -> tuple[int | None, str]:
    """What it is to be taken for, and how the change is measured."""
    data, read = classifier.network.data, _read(classifier, image)
    options = [ANY, *(k for k in range(10) if k != read)]
    if st.session_state.get(keys.FOOL_TARGET) not in options:
        st.session_state[keys.FOOL_TARGET] = ANY
    target = st.selectbox(
        "Make it",
        options,
        key=keys.FOOL_TARGET,
        format_func=lambda k: "another" if k == ANY else named(k, data),
        persist_state="session",
        width=130,
    )
    norm = st.segmented_control(
        "Measured by",
        NORMS,
        key=keys.FOOL_NORM,
        default=NORMS[0],
        required=True,
        persist_state="session",
        help="How large a change is. L-infinity: the largest change of a single pixel. L2: the root of the sum "
        "of all squared changes, so that a few pixels may change much.",
    )
    st.toggle(
        "One step only (FGSM)",
        key=keys.FOOL_ONE_STEP,
        persist_state="session",
        help="The fast gradient sign method takes the whole budget at once; projected gradient descent "
        f"takes {STEPS} small steps.",
    )
    return None if target == ANY else target, norm or NORMS[0]


def _budget(classifier: Classifier, image: DigitImage | ColourImage, target: int | None, norm: str) -> float:
    key = keys.fool_budget(norm)
    st.session_state.setdefault(key, BUDGETS[norm])
    budget = st.slider(
        "At most",
        0.0,
        MOST[norm],
        step=MOST[norm] / PARTS,
        key=key,
        persist_state="session",
        format="%.3f" if norm == "L-infinity" else "%.2f",
        help=_NORM_SAYS[norm],
        width=210,
    )
    st.button(
        "Find the smallest",
        key="fool-smallest",
        icon=":material/search:",
        on_click=_find,
        args=(classifier, image, target, norm),
    )
    return budget


def _find(classifier: Classifier, image: DigitImage | ColourImage, target: int | None, norm: str) -> None:
    found = adversarial.smallest(classifier.network, image.pixels, target=target, norm=norm)
    if found is None:
        st.session_state[keys.FOOL_NONE] = True
        return
    st.session_state[keys.fool_budget(norm)] = found.budget
    st.session_state[keys.FOOL_ONE_STEP] = False
    st.session_state[keys.FOOL_STEP] = STEPS


@lru_cache(64)
def _attack(
    classifier: Classifier, pixels: bytes, target: int | None, norm: str, budget: float, steps: int
) -> Attack:
    shape = classifier.shape if classifier.shape[-1] == 3 else classifier.shape[:2]
    array = np.frombuffer(pixels, np.float32).reshape(shape)
    return adversarial.attack(classifier.network, array, target=target, norm=norm, budget=budget, steps=steps)


def _read(classifier: Classifier, image: DigitImage | ColourImage) -> int:
    outputs = classifier.outputs(image.pixels[None])[0]
    return int(outputs.argmax())


def _show(classifier: Classifier, found: Attack, step: int) -> None:
    """The image, the change in colour, what comes of it, and the answers to both."""
    data, before, now = classifier.network.data, found.images[0], found.images[step]
    change = now - before
    sees, sure = _answer(found.probabilities[step])
    was, _ = _answer(found.probabilities[0])
    fooled = sees != was
    moved = f"{np.abs(change).max():.3f} at most for a pixel, {np.sqrt((change**2).sum()):.2f} in all (L2)"
    says = f"Now it sees {named(sees, data)}, {confidence(sure)} sure." if fooled else _still(found, data, step)
    st.html(f'<p class="dl-says" role="status">{html.escape(says)}</p>')
    thumbs = (
        (thumbnails.ink(before, title="The picture as it was"), f"as it was: {named(was, data)}"),
        (_coloured(change), f"the change: {moved}"),
        (thumbnails.ink(now, title="The changed picture"), f"changed: it sees {named(sees, data)}"),
    )
    cells = "".join(
        f'<figure><div class="dl-thumb">{thumb}</div><figcaption>{html.escape(words)}</figcaption></figure>'
        for thumb, words in thumbs
    )
    legend = (
        f'<small class="dl-key"><i style="background:{FOR}"></i>more ink '
        f'<i style="background:{AGAINST}"></i>less ink</small>'
        if change.ndim == 2
        else '<small class="dl-key">The change, ten times as strong, around grey.</small>'
    )
    st.html(f'<div class="dl-threes">{cells}</div>{legend}')
    order = np.argsort(-found.probabilities[step], kind="stable")[:3]
    st.html(
        class_bars.bars(
            [
                class_bars.bar(_class(int(k), data), float(found.probabilities[step, k]), "dl-named")
                for k in order
            ]
        )
    )


def _still(found: Attack, data: str, step: int) -> str:
    was, sure = _answer(found.probabilities[step])
    if found.first is None:
        return f"It holds: still {named(was, data)}, {confidence(sure)} sure. Give the change more room."
    if step < found.first:
        return f"Not yet: still {named(was, data)}, {confidence(sure)} sure. It falls at step {found.first}."
    return f"Still {named(was, data)}, {confidence(sure)} sure."


def _answer(probabilities: np.ndarray) -> tuple[int, float]:
    best = int(probabilities.argmax())
    return best, float(probabilities[best])


def _class(k: int, data: str) -> str:
    return named_plainly(k, data)


def _coloured(change: np.ndarray) -> str:
    """The change as an image: two inks for drawings, around grey for images in colour."""
    if change.ndim == 3:
        return thumbnails.ink(np.clip(0.5 + 10 * change, 0, 1), title="The change, ten times as strong")
    most = float(np.abs(change).max()) or 1.0
    more = thumbnails.ink(np.clip(change, 0, None) / most, f"background-color:{FOR}", "What was added")
    less = thumbnails.ink(np.clip(-change, 0, None) / most, f"background-color:{AGAINST}", "What was taken")
    return more + less


def _others(classifier: Classifier, found: Attack, image: DigitImage | ColourImage) -> None:
    """Do other networks fall for the same image?"""
    if not st.toggle("Do other networks fall for it?", key=keys.FOOL_OTHERS, persist_state="session"):
        return
    digits = isinstance(image, DigitImage)
    last = DigitImage(found.images[-1]) if digits else ColourImage(found.images[-1])
    data, rows, fooled = classifier.network.data, [], 0
    known = network_choice.names_of_networks(of_digits=digits)
    for number, name in list(known.items())[: OTHERS + 1]:
        other = registry.classifier(number, visitor.name())
        if other is None or other.network.litert == classifier.network.litert:
            continue
        before, after = (_read(other, one) for one in (image, last))
        fooled += before != after
        words = (
            f"{named(before, data)} → {named(after, data)}"
            if before != after
            else f"still {named(after, data)}"
        )
        rows.append(f"<tr><th scope='row'>{html.escape(name)}</th><td>{html.escape(words)}</td></tr>")
    if not rows:
        st.caption("There is no other network yet: train one, and it is asked here, too.")
        return
    st.html(f'<div class="dl-stages"><table>{"".join(rows)}</table></div>')
    st.caption(
        f"{fooled} of {len(rows)} other networks see something else now. What fools one often fools another; a "
        "network trained against attacks holds longer: Train offers it under Learning."
    )
