"""Damage to a network, and what is left of it: its answer to the image, and its accuracy on test images."""

import contextlib
import html
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
import streamlit as st

from core.analysis import breaking, works
from core.data import datasets
from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.models import damage_code
from core.models.classifiers import Classifier
from core.models.patching import Changed
from core.nn import architectures, damage
from core.nn.activations import softmax
from core.nn.architectures import Conv2D
from core.nn.damage import BITS, NONE, WHOLE, Damage
from core.records import ColourImage, DigitImage, Imported
from core.words import confidence
from ui import say
from ui.components import plotly_chart, term_notes
from ui.content.glossary import note_in
from ui.figures import fraction_curves, network_diagram
from ui.sections import run_panel
from ui.sections.attribution_panel import named, named_plainly
from ui.sections.break_drawing import two
from ui.state import keys, visitor, worker
from ui.widgets import class_bars

ALL = "all of it"
NOTES = {
    "prune": "So many of its weights become 0: those that are nearest to it.",
    "noise": "Each weight is moved by chance, at 100% about as far as the weights of its layer differ.",
    "bits": "Each weight is rounded to the nearest of a few values: 255 with 8 bits, 15 with 4, 3 with 2.",
    "temperature": "The last layer's sums are divided by it before softmax makes shares of them: above 1 it is "
    "less sure, below 1 surer; what it sees stays the same.",
}


def network_section(classifier: Classifier, image: DigitImage | ColourImage) -> None:
    """Show what can be damaged in a network, and what it says of an image then; the section of Break it."""
    term_notes.markdown(
        "Switch parts of the network off, prune its weights, make them noisy or coarse: the bars and the test "
        "accuracy follow. "
        "Nothing here changes the network itself, until you save the result as one of its own."
    )
    with st.container(key="break-network"):
        left, right = st.columns([1, 1.25], gap="large")
    with left:
        how = _controls(classifier)
    with right:
        _show(classifier, image, how)
    _curves(classifier)


# -- what is done


def _controls(classifier: Classifier) -> Damage:
    past = _past(classifier)
    how = Damage(
        kernels=past[-1].kernels,
        prune=_slider("Prune the smallest weights", "prune", 0, 99, "%d%%", past[-1].prune * 100) / 100,
        noise=_slider("Noise on the weights", "noise", 0, damage_code.MAX_NOISE, "%d%%", past[-1].noise * 100)
        / 100,
        bits=_choice("Bits per weight", "bits", BITS, past[-1].bits, "32, as it is"),
        temperature=_choice(
            "Temperature", "temperature", damage_code.TEMPERATURES, past[-1].temperature, "1, as it is"
        ),
        off=_off(classifier, past[-1]),
    )
    how = _kernel(classifier, how)
    if how != past[-1]:
        past.append(how)
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", key="break-undo", icon=":material/undo:", on_click=_undo, disabled=len(past) < 2)
        st.button("Mend all", key="break-mend", on_click=_mend, disabled=how == NONE)
        if how != NONE:
            st.button(
                "Save as a network",
                key="break-save",
                icon=":material/save:",
                on_click=_save,
                args=(classifier, how),
                help="It becomes a run of its own under Runs, and can read what you draw.",
            )
    return how


def _past(classifier: Classifier) -> list[Damage]:
    """What was done to this network so far, one after the other; of another network nothing yet."""
    of, past = st.session_state.get(keys.BREAK_PAST, (None, []))
    mine = (classifier.network.name, works.fingerprint(classifier.network))
    if of != mine:
        st.session_state[keys.BREAK_PAST] = (mine, past := [NONE])
        _renew()
    linked = st.session_state.pop(keys.BREAK_LINKED, past[-1])
    with contextlib.suppress(BadInput):  # of a link that names one network, where another stands in for it
        damage_code.check(classifier.network, linked)
        if linked != past[-1]:
            past.append(linked)
            _renew()
    return past


def _renew() -> None:
    """The fields begin anew, from what was done last."""
    st.session_state[keys.BREAK_EDITION] = st.session_state.get(keys.BREAK_EDITION, 0) + 1


def _undo() -> None:
    st.session_state[keys.BREAK_PAST][1].pop()
    _renew()


def _mend() -> None:
    st.session_state[keys.BREAK_PAST][1].append(NONE)
    _renew()


def _field(name: str) -> str:
    return keys.break_field(st.session_state.get(keys.BREAK_EDITION, 0), name)


def _slider(label: str, name: str, low: int, high: int, form: str, value: float) -> float:
    return st.slider(label, low, high, round(value), key=_field(name), format=form, help=_note(label, name))


def _note(label: str, name: str) -> str:
    """What a field does to the network, and what the term in its label means."""
    return "  \n".join(filter(None, (NOTES[name], note_in(label))))


def _choice(label: str, name: str, options: tuple, value: float, whole: str):
    neutral = WHOLE if name == "bits" else 1.0
    return st.select_slider(
        label,
        options,
        value,
        key=_field(name),
        format_func=lambda n: whole if n == neutral else f"{n:g}",
        help=_note(label, name),
    )


def _off(classifier: Classifier, last: Damage) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Which maps and units are switched off: of the layer that is chosen anew, of the others as before."""
    counts, before = damage.can_be_off(classifier.network), dict(last.off)
    if not counts:
        return ()
    with st.container(horizontal=True, gap="small"):  # below each other where there is no room beside
        if st.session_state.get(keys.BREAK_OF_LAYER) not in counts:
            st.session_state[keys.BREAK_OF_LAYER] = next(iter(counts))
        layer = st.selectbox(
            "Switch off parts of",
            list(counts),
            key=keys.BREAK_OF_LAYER,
            persist_state="session",
            format_func=_titles(classifier).__getitem__,
            width=210,
        )
        every, known = tuple(range(counts[layer])), before.get(layer, ())
        chosen = st.multiselect(
            "Maps or units",
            [ALL, *(n + 1 for n in every)],
            [ALL] if known == every else [n + 1 for n in known],
            key=_field(f"off-{layer}"),
            placeholder="none",
            width=210,
        )
    units = every if ALL in chosen else tuple(sorted(n - 1 for n in chosen if isinstance(n, int)))
    return tuple(sorted((before | {layer: units} if units else _without(before, layer)).items()))


def _titles(classifier: Classifier) -> dict[str, str]:
    """What each layer is called in fields: 'conv2d_1: Conv2D 5x5'."""
    layers = classifier.network.layers
    names = architectures.names(layers)
    return {n: f"{n}: {network_diagram.called(layer)}" for n, layer in zip(names, layers, strict=True)}


def _without(before: dict, layer: str) -> dict:
    return {name: units for name, units in before.items() if name != layer}


def _which_kernel(classifier: Classifier, layers: list[str]) -> tuple[str, int, int]:
    """Three fields: one of these layers, a map that it reads and one that it makes, from 0."""
    with st.container(horizontal=True, gap="small"):
        titles = _titles(classifier)
        name = st.selectbox(
            "Layer",
            layers,
            key=_field("kernel-layer"),
            persist_state="session",
            format_func=titles.__getitem__,
            width=210,
        )
        *_, maps, kernels = classifier.network.weights[f"{name}/kernel"].shape
        number = st.number_input("Map", 1, kernels, 1, key=_field(f"kernel-map-{name}"), width=110) - 1
        channel = 0
        if maps > 1:
            channel = st.number_input("Of map", 1, maps, 1, key=_field(f"kernel-of-{name}"), width=110) - 1
    return name, channel, number


def _kernel(classifier: Classifier, how: Damage) -> Damage:
    """One kernel as a table of numbers, to be written anew."""
    network = classifier.network
    layers = [
        name
        for name, layer in zip(architectures.names(network.layers), network.layers, strict=True)
        if isinstance(layer, Conv2D) and layer.kernel <= damage_code.MAX_KERNEL
    ]
    if not layers or not st.toggle(
        "Edit one kernel", key=keys.BREAK_KERNEL, persist_state="session", help=note_in("Edit one kernel")
    ):
        return how
    place = name, channel, number = _which_kernel(classifier, layers)
    kernel = network.weights[f"{name}/kernel"]
    known = {k[:3]: k[3] for k in how.kernels}
    numbers = np.array(known.get(place, kernel[:, :, channel, number]), float)
    table = pd.DataFrame(numbers.round(3), columns=[f"{n + 1}" for n in range(len(numbers))])
    edited = st.data_editor(
        table, hide_index=True, key=_field(f"kernel-{name}-{channel}-{number}"), width="stretch"
    )
    values, shown = edited.to_numpy(float, na_value=0.0), table.to_numpy()
    if not np.isfinite(values).all() or np.array_equal(values, shown):
        return how
    values = np.where(values == shown, numbers, values)  # what is shown is rounded
    rows = tuple(
        tuple(float(n) for n in row) for row in values.clip(-damage_code.MAX_NUMBER, damage_code.MAX_NUMBER)
    )
    kept = tuple(k for k in how.kernels if k[:3] != place)
    return replace(how, kernels=(*kept, (*place, rows)))


@worker.spoken
def _save(classifier: Classifier, how: Damage) -> None:
    network = damage.apply(classifier.network, how)
    data = network.data if network.data in ("mnist", "cifar10", "digit-lab") else _like(network.data)
    name = f"{network.name}, {_in_words(how)}"[:100]
    found = Imported(network.layers, data)
    run_panel.show(worker.jobs().open_network(found, network.weights, name=name, visitor=visitor.name()))
    st.toast("Saved: it is under Runs, and can read what you draw.")


def _like(data: str) -> str:
    """The plain data set whose classes a fine-tuned network has."""
    return "digit-lab" if len(KINDS[data].classes) > architectures.CLASSES else "mnist"


def _in_words(how: Damage) -> str:
    """What was done, in a few words."""
    said = [f"{how.prune:.0%} pruned"] * bool(how.prune)
    said += [f"{how.noise:.0%} noise"] * bool(how.noise)
    said += [f"{how.bits} bits"] * (how.bits != WHOLE)
    said += [f"{sum(len(units) for _, units in how.off)} parts off"] * bool(how.off)
    said += ["a kernel edited"] * bool(how.kernels)
    said += [f"temperature {how.temperature:g}"] * (how.temperature != 1)
    return ", ".join(said) or "unchanged"


# -- what comes of it


@lru_cache(8)
def _changed(classifier: Classifier, how: Damage) -> Changed:
    return breaking.damaged(classifier.network, how)


@lru_cache(128)
def _accuracy(classifier: Classifier, how: Damage) -> float:
    pixels, labels = breaking.held_images(classifier.network.data, breaking.COUNT)
    return breaking.accuracy(_changed(classifier, how).outputs(pixels), labels)


def _show(classifier: Classifier, image: DigitImage | ColourImage, how: Damage) -> None:
    data, changed = classifier.network.data, _changed(classifier, how)
    before, now = (softmax(one.outputs(image.pixels[None])[0].astype(float)) for one in (classifier, changed))
    if not np.isfinite(now).all():
        st.info("Its answer is not a number any more (NaN): that was too much.")
        return
    sees = int(now.argmax())
    says = f"It sees {named(sees, data)}, {confidence(float(now[sees]))} sure."
    st.html(f'<p class="dl-says" role="status">{html.escape(says)}</p>')
    _bars(before, now, data)
    noun = KINDS[data].noun
    try:
        whole, left = _accuracy(classifier, NONE), _accuracy(classifier, how)
    except datasets.NoData as error:
        say.caption(error)
        return
    gone = damage.zeros(changed.network)
    term_notes.html(
        f'<div class="dl-bears"><div><b>{left:.1%}</b><small>of {breaking.COUNT:,} test {noun}</small></div>'
        f"<div><b>{whole:.1%}</b><small>before</small></div>"
        f"<div><b>{gone:.0%}</b><small>of its weights are 0</small></div></div>"
    )


def _bars(before: np.ndarray, now: np.ndarray, data: str) -> None:
    """The likeliest before and now, each with both bars."""
    order = sorted(set(np.argsort(-now)[:4].tolist()) | set(np.argsort(-before)[:2].tolist()))
    rows = []
    for k in order:
        name = named_plainly(k, data)
        winner = " dl-winner" if k == int(now.argmax()) else ""
        rows.append(class_bars.bar(name, float(now[k]), f"dl-named{winner}"))
        if abs(before[k] - now[k]) > 0.005:
            rows.append(class_bars.bar(f"{name}, before", float(before[k]), "dl-named dl-was"))
    st.html(class_bars.bars(rows, "dl-beforeafter"))


def _curves(classifier: Classifier) -> None:
    st.header("How much can go before it fails?", anchor=False)
    what = st.segmented_control(
        "Taken further and further",
        list(breaking.CURVES),
        key=keys.BREAK_CURVE,
        label_visibility="collapsed",
        persist_state="session",
    )
    if not what:
        kind = KINDS[classifier.network.data]
        whose = "two networks" if kind.of_digits else "this network"
        st.caption(f"Choose what is taken: the curves are of {whose} on {breaking.FEWER} test {kind.noun}.")
        return
    try:
        with st.spinner("Breaking it, step by step"):
            lines = {name: breaking.network_curve(c, what) for name, c in two(classifier).items()}
    except datasets.NoData as error:
        say.info(error)
        return
    figure = fraction_curves.fraction_curves(lines, breaking.CURVES[what][2], "accuracy", falls=what == "Bits")
    plotly_chart.live_chart(figure, key="break-curve-chart")
    for name, points in lines.items():
        say.caption(f"{name}: {_limit(points, what)}")


def _limit(points: tuple[tuple[float, float], ...], what: str) -> str:
    """How far it holds within a hundredth of its accuracy."""
    whole = points[0][1]
    last = points[0][0]
    for amount, accuracy in points:
        if accuracy < whole - 0.01:
            break
        last = amount
    said = f"{last:g} bits" if what == "Bits" else f"{last:.0%}"
    return f"within 1% of {whole:.1%} up to {said}."
