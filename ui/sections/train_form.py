"""The form in which a training is put together; `ui.state.train_config` holds what it says."""

import html
from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from core.data import augmentation, datasets
from core.data.datasets import KINDS
from core.records import Augmentation, Recipe, TrainConfig
from core.training import configs
from core.training.optimization import OPTIMIZERS
from core.training.recipes import ON_THE_PAGE, RECIPES
from core.words import capitalised, counted, duration
from ui import say
from ui.components import plotly_chart, term_notes
from ui.content.glossary import note_in
from ui.figures import training_curves
from ui.state import keys, train_config
from ui.widgets import thumbnails

OFFERED = ("mnist", "cifar10")  # data sets, beside those in files

_CHANGES = tuple(f.name for f in fields(Augmentation))
_NOT_ON_THE_FORM = ("layers", "augmentation")
# Fields that stand in a place of their own on the form; others with a label follow on these.
_PLACED = {"learning_rate", "batch_size", "epochs", "seed", "train_size", "validation_split", "patience"}
_PLACED |= {"label_smoothing", "attack_budget", "optimizer", "schedule"}
_NAMES = tuple(f.name for f in fields(TrainConfig) if f.name not in _NOT_ON_THE_FORM)

# How a field shows what the configuration holds, where that differs: (to the field, from the field).
_SHOWN: dict[str, tuple[Callable[[Any], Any], Callable[[Any], Any]]] = {
    "validation_split": (lambda fraction: round(100 * fraction), lambda percent: percent / 100),
    "scale": (lambda fraction: float(round(100 * fraction)), lambda percent: percent / 100),
    "patience": (lambda epochs: epochs or 0, lambda epochs: epochs or None),
    **dict.fromkeys(("rotation", "shear", "shift", "elastic"), (float, float)),
}


def sync() -> None:
    """Take over what the visitor has changed in the fields. Call it first."""
    config = train_config.current()
    before = config.optimizer
    values = {name: _typed(name, getattr(config, name)) for name in _NAMES}
    changes = {name: _typed(name, getattr(config.augmentation, name)) for name in _CHANGES}
    if not values["validation_split"]:
        values["patience"] = None
    if values["optimizer"] != before:  # another optimizer, its own rate
        values["learning_rate"] = None
    if values["learning_rate"] == OPTIMIZERS[values["optimizer"]].default_rate and config.learning_rate is None:
        values["learning_rate"] = None
    changed = configs.with_data(config, values.pop("data"))
    train_config.change(replace(changed, **values, augmentation=Augmentation(**changes)))


def recipe_key() -> str:
    """Return the recipe that the form says exactly, but for the seed, or ''."""
    name = train_config.recipe()
    return name if configs.same_but_for_seed(RECIPES[name].config, train_config.current()) else ""


def title() -> str:
    """Return what a run of the form is called."""
    name = RECIPES[train_config.recipe()].title
    return name if recipe_key() else f"{name}, changed"


def recipe_choice() -> None:
    """The list of recipes to start from."""
    st.selectbox(
        "Start from",
        ON_THE_PAGE,
        ON_THE_PAGE.index(train_config.recipe()),
        key=keys.START_FROM,
        format_func=lambda name: RECIPES[name].title,
        on_change=lambda: train_config.load(st.session_state[keys.START_FROM]),
    )


def recipe_card(took: float | None = None) -> None:
    """What may be expected of the recipe, who says so, and the way back to it.

    took: seconds that its latest training needed here, if there was one.
    """
    recipe = RECIPES[train_config.recipe()]
    unchanged, noun = bool(recipe_key()), configs.kind(recipe.config).noun
    with st.container(border=True, key="recipe-card", gap="xsmall"):
        what = f"of the test {noun} expected" if recipe.accuracy else "no accuracy is promised"
        accuracy = f"{100 * recipe.accuracy:g}%" if recipe.accuracy else "\N{EN DASH}"
        figures = ((accuracy, what), _time(recipe, took))
        shown = "".join(f"<div><b>{html.escape(b)}</b>{html.escape(text)}</div>" for b, text in figures)
        st.html(f'<div class="dl-expected{" dl-dim" * (not unchanged)}">{shown}</div>')
        note = f" {recipe.deviation}" if recipe.deviation else ""
        changed = "" if unchanged else " That is the recipe as it was: you have changed it."
        term_notes.caption(f"{recipe.source}: {recipe.claim}.{note}{changed}")
        if not unchanged:
            back = (train_config.recipe(),)
            st.button(
                "Back to the recipe", icon=":material/undo:", key="reset", on_click=train_config.load, args=back
            )


def _time(recipe: Recipe, took: float | None) -> tuple[str, str]:
    """How long it takes and who says so: never a guess."""
    if took is not None:
        return duration(took), "the last time it was trained here"
    if recipe.time:
        return recipe.time, f"as stated, on {recipe.machine}" if recipe.machine else "as stated"
    return "\N{EN DASH}", "not yet timed on this computer"


def knobs() -> None:
    """The few that matter most: epochs, rate, and how many images."""
    config = train_config.current()
    optimizer, rate = OPTIMIZERS[config.optimizer], configs.SETTINGS["learning_rate"]
    left, right = st.columns(2)
    with left:
        _setting("epochs")
    with right:
        _field(
            st.number_input,
            rate.label,
            "learning_rate",
            min_value=rate.min,
            max_value=rate.max,
            format="%g",
            step=optimizer.default_rate / 2,
            help=f"{rate.help} Keras's default for {config.optimizer} is {optimizer.default_rate:g}.",
        )
    kind, sizes = configs.kind(config), {10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 60_000}
    if kind.train > max(sizes):
        sizes |= {min(120_000, kind.train), kind.train}
    _field(
        st.select_slider,
        _in_place("train_size", "label"),
        "train_size",
        options=sorted(sizes | {config.train_size}),
        format_func=lambda size: f"{min(size, kind.train):,}",
        help=_in_place("train_size", "help"),
    )


def training_fields() -> None:
    """Optimizer, the schedule of its rate, batches, seed."""
    config = train_config.current()
    left, right = st.columns(2)
    with left:
        _choice("optimizer", OPTIMIZERS[config.optimizer].about)
        _setting("batch_size")
    with right:
        _choice("schedule")
        _setting("seed")
    for name, setting in configs.SETTINGS.items():
        if setting.label and name not in _PLACED:
            _setting(name)
    for name, choice in configs.CHOICES.items():
        if choice.label and name not in _PLACED:
            _choice(name)
    if config.schedule != "constant":
        steps = configs.steps_per_epoch(config)
        rates = configs.learning_rates(config, steps * config.epochs)
        figure = training_curves.learning_rates(rates, steps)
        plotly_chart.chart(figure, key="rates", buttons=False)


def data_fields() -> None:
    """Which data set, what is held out, label smoothing, when to stop."""
    config = train_config.current()
    offered = [*OFFERED, *filter(datasets.has, datasets.IN_FILES)]
    _field(
        st.selectbox,
        "Data set",
        "data",
        options=[*offered, *({config.data} - set(offered))],
        help=datasets.more(),
        format_func=lambda name: f"{KINDS[name].title}: {_in_words(KINDS[name])}",
    )
    if not datasets.has(config.data) and KINDS[config.data].files:
        say.caption(datasets.absent(config.data))
    kind = configs.kind(config)
    noun = kind.noun
    kept = (
        "the epoch that reads them best is kept"
        if config.checkpoint_selection == "best"
        else "the last epoch is kept"
    )
    held = f"These {noun} are never learnt from, only measured; {kept}."
    limit = round(100 * configs.SETTINGS["validation_split"].max)
    label = _in_place("validation_split", "label")
    _slider(label, "validation_split", 0, limit, 1, "%d%%", help=held)
    learnt, held_out = configs.divide(config)
    term_notes.caption(
        f"It learns from {learnt:,} {noun} and is measured on {counted(held_out, 'other')}."
        if held_out
        else f"It learns from {learnt:,} {noun} and is measured on the {kind.test:,} test {noun}, as tutorials "
        "do; the last weights are kept, so that the test does not choose."
    )
    left, right = st.columns(2)
    with left:
        _setting("label_smoothing")
        _setting("attack_budget")
    with right:
        limit, early = max(20, config.patience or 0), _in_place("patience", "help")
        label = _in_place("patience", "label")
        _slider(label, "patience", 0, limit, 1, "%d epochs", help=early, disabled=not held_out)


def augmentation_fields() -> None:
    """How each image is changed anew in each epoch, with a preview."""
    config, limits = train_config.current(), augmentation.LIMITS
    kind, changes = configs.kind(config), config.augmentation
    each = kind.singular
    left, right = st.columns(2)
    with left:
        _slider("Rotation", "rotation", 0.0, float(limits.rotation), 1.0, "± %d°")
        _slider("Size", "scale", 0.0, 100 * limits.scale, 1.0, "± %d%%")
    with right:
        _slider("Shear", "shear", 0.0, float(limits.shear), 1.0, "± %d°")
        _slider("Shift", "shift", 0.0, float(limits.shift), 0.5, "± %.1f px")
    rubber = f"Each {each} is bent softly, as if it stood on rubber that is pulled here and there."
    _slider("Elastic", "elastic", 0.0, float(limits.elastic), 0.1, "± %.1f px", help=rubber)
    if not kind.is_written or changes.crop or changes.flip:
        left, right = st.columns(2, vertical_alignment="center")
        with left:
            whole = "By whole pixels, which blurs nothing: a random crop of the picture with a border."
            _slider("Crop", "crop", 0, limits.crop, 1, "± %d px", help=whole)
        with right:
            _field(st.toggle, "Mirror half of them", "flip")
    rng = thumbnails.rng(config.seed)
    try:
        images, remark = datasets.load(config.data).x_train, datasets.remark(config.data)
    except datasets.NoData as error:
        say.caption(f"There is no preview: {error}")
        return
    some = images[rng.permutation(1000)[:8] % len(images)].astype("float32") / 255
    changed = augmentation.warp(some, augmentation.warp_parameters(changes, 8, rng, side=kind.shape[0]))
    st.html(thumbnails.strip([*some, *changed], columns=8))
    term_notes.caption(
        "Augmentation, anew in each epoch: above as they are, below as the network may see them."
    )
    if remark:
        say.caption(remark)


def _in_words(kind: datasets.Kind) -> str:
    """Return such as 'images in ten classes, 32 x 32 x 3'."""
    count = len(kind.names)
    return f"{kind.noun} in {'ten' if count == 10 else count} classes, {' x '.join(map(str, kind.shape))}"


def _slider(label: str, name: str, minimum: Any, limit: Any, step: Any, form: str, **settings: Any) -> None:
    _field(st.slider, label, name, min_value=minimum, max_value=limit, step=step, format=form, **settings)


def _setting(name: str) -> None:
    """The field of a number as its declaration says."""
    setting, label = configs.SETTINGS[name], _in_place(name, "label")
    more = _in_place(name, "help") or note_in(label)
    if setting.step is not None:
        _slider(label, name, setting.min, setting.max, setting.step, setting.form, help=more)
    else:
        step = 1 if isinstance(setting.min, int) else None
        _field(st.number_input, label, name, min_value=setting.min, max_value=setting.max, step=step, help=more)


def _choice(name: str, about: str = "") -> None:
    """The field of a choice as its declaration says. about: in place of its help."""
    choice = configs.CHOICES[name]
    more = about or choice.help or note_in(choice.label)
    _field(st.selectbox, choice.label, name, options=choice.options, help=more)


def _in_place(name: str, which: str) -> str:
    """A number's label or help, of the data that are chosen."""
    noun = configs.kind(train_config.current()).noun
    return capitalised(getattr(configs.SETTINGS[name], which).format(noun=noun))


def _key(name: str) -> str:
    """Another form, or for the rate another optimizer, has another field: no old one keeps its value."""
    of = train_config.current().optimizer if name == "learning_rate" else ""
    return keys.train_field(st.session_state[keys.FORM], name, of)


def _typed(name: str, value: Any) -> Any:
    """What the field of that name says, or `value` where it is not on the page."""
    typed = st.session_state.get(_key(name))
    if typed is None:
        return value
    return _SHOWN[name][1](typed) if name in _SHOWN else typed


def _field(widget: Callable[..., Any], label: str, name: str, **settings: Any) -> None:
    """A widget that begins with what the configuration says.

    The value goes with the widget in each run. Put into `st.session_state` it would go with the first one only,
    and a browser whose script comes later than a second run would begin, and train, with the field's least.
    """
    value = _shown(name)
    if widget is st.selectbox:
        settings["index"] = list(settings["options"]).index(value)
    else:
        settings["value"] = value
    widget(label, key=_key(name), **settings)


def _shown(name: str) -> Any:
    """What the configuration says, as the field of that name shows it."""
    config = train_config.current()
    if name == "learning_rate":
        return configs.peak_learning_rate(config)
    value = getattr(config.augmentation if name in _CHANGES else config, name)
    return _SHOWN[name][0](value) if name in _SHOWN else value
