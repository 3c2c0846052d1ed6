"""What a sweep varies, how many trainings it may take, and its start; the rest is what the Train form says."""

from typing import Any

import streamlit as st

from core.records import TrainConfig
from core.runs.queue import OwnJobs
from core.training import configs, search
from core.training.optimization import OPTIMIZERS
from core.training.search import Axis, BadSweep, Plan
from core.words import counted
from ui import say
from ui.components import term_notes
from ui.sections import train_form
from ui.state import keys, navigation, train_config, visitor, worker

_FIRST = ["learning_rate"]
_HOW = "Values such as 0.001, 0.003; or a range, 0.001 to 0.1; or a range in so many points, 0.001 to 0.1 in 5."
_NEAR_ONE = ("beta_2", "momentum")  # what is kept of the past: how much is not, is what matters
_METHODS = {"grid": "All", "random": "At random", "halving": "Halving"}
_ABOUT = {
    "grid": "Every combination of the values.",
    "random": "Combinations at random: with many settings it finds good ones sooner than a grid.",
    "halving": "At random, and after 1, 3, 9 ... epochs all but about the best third stop.",
}


def sweep_form(jobs: OwnJobs) -> None:
    """Begin a sweep of the network on the form."""
    config = search.with_validation(train_config.current())
    term_notes.caption(
        "The network on this page, trained with other settings side by side. What is held back for validation "
        f"chooses the best{_held_out()}; the test never does."
    )
    nine = st.button(
        "3 x 3 of rate and batch size",
        key="sweep-nine",
        icon=":material/grid_on:",
        help="A third, once and three times the rate; a quarter, once and four times the batch size.",
    )
    if nine:
        _start(jobs, config, search.three_by_three(config))
    plan, problem = _asked(config)
    if problem:
        say.caption(problem)
    else:
        count = len(search.combinations(plan)) * plan.seeds
        term_notes.caption(f"{counted(count, 'training')} of {counted(config.epochs, 'epoch')} each.")
    if st.button("Start the sweep", key="sweep-start", icon=":material/play_arrow:", disabled=bool(problem)):
        _start(jobs, config, plan)


def _asked(config: TrainConfig) -> tuple[Plan, str]:
    """Return the sweep that the fields say, and why it cannot be begun, or ''."""
    noun = configs.kind(config).noun
    varied = st.multiselect(
        "Vary",
        search.names(),
        default=_FIRST,
        key=keys.SWEEP_VARIED,
        format_func=lambda name: search.label(name, noun),
        persist_state="session",
    )
    texts = {name: _values(config, name, noun) for name in varied}
    method = st.segmented_control(
        "Which combinations",
        list(_METHODS),
        default="grid",
        required=True,
        key=keys.SWEEP_METHOD,
        format_func=_METHODS.__getitem__,
        persist_state="session",
    )
    say.caption(_ABOUT[method])
    left, right = st.columns(2)
    with left:
        budget = _number("Trainings at most", keys.SWEEP_BUDGET, 9, search.MAX_TRAININGS)
    with right:
        seeds = _number("Seeds of each", keys.SWEEP_SEEDS, 1, search.MAX_SEEDS)
    try:
        axes = tuple(search.parse(name, text) for name, text in texts.items())
    except BadSweep as error:
        return Plan((), method, budget, seeds, draw=config.seed), str(error)
    plan = Plan(axes, method, budget, seeds, draw=config.seed)
    return plan, search.check(config, plan)


@worker.spoken
def _start(jobs: OwnJobs, config: TrainConfig, plan: Plan) -> None:
    name, recipe = train_form.title(), train_form.recipe_key()
    navigation.open_sweep(jobs.sweep(config, plan, name=name, recipe=recipe, visitor=visitor.name()))


def _held_out() -> str:
    config = train_config.current()
    noun = configs.kind(config).noun
    return "" if config.validation_split else f" ({search.HELD_OUT:.0%} of the training {noun}, since none are)"


def _number(label: str, key: str, value: int, most: int) -> int:
    return st.number_input(label, 1, most, value, key=key, persist_state="session")


def _values(config: TrainConfig, name: str, noun: str) -> str:
    """What is typed, or chosen, for one setting, as `search.parse` takes it."""
    label, key = search.label(name, noun), keys.sweep_values(name)
    if name in configs.CHOICES:
        options = configs.CHOICES[name].options
        chosen = st.multiselect(label, options, default=options[:3], key=key, persist_state="session")
        return ", ".join(chosen)
    return st.text_input(label, _suggested(config, name), key=key, help=_HOW, persist_state="session")


def _suggested(config: TrainConfig, name: str) -> str:
    """Three values about what the form says."""
    if name == "learning_rate":
        return _listed(search.three_by_three(config).axes[0])
    if name not in configs.SETTINGS:
        return {"flip": "yes, no", "scale": "0, 0.1, 0.2"}.get(name, "0, 2, 4")
    low, most = configs.LIMITS[name]
    now: Any = getattr(config, name)
    if now is None:
        now = OPTIMIZERS[config.optimizer].settings.get(name)
    if name == "train_size":  # more than there are changes nothing
        now = most = configs.divide(config)[0]
    if isinstance(low, int):
        now = now or 10
        return ", ".join(str(v) for v in dict.fromkeys((max(low, now // 2), now, min(most, now * 2))))
    now = now or (most - low) / 10
    if name in _NEAR_ONE:
        values = (1 - 3 * (1 - now), now, 1 - (1 - now) / 3)
        return ", ".join(f"{v:.5g}" for v in dict.fromkeys(min(max(low, v), most) for v in values))
    return ", ".join(f"{v:.3g}" for v in dict.fromkeys((max(low, now / 3), now, min(most, now * 3))))


def _listed(axis: Axis) -> str:
    return ", ".join(f"{value:g}" for value in axis.values)
