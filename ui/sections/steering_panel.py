"""How a training is steered while it goes on: paused, slowed down, and with other settings."""

from typing import Any

import streamlit as st

from core.records import Change, Run
from core.runs.queue import OwnJobs
from core.storage import steering
from core.storage.steering import Request
from core.training import steering as settings
from core.words import counted
from ui import say
from ui.components import term_notes
from ui.state import keys, visitor, worker

MARKED = 12  # changes at most that are named on the curves
_PACE_BUTTONS = {
    "pause": ("Pause", ":material/pause:"),
    "slow": ("Slow motion", ":material/slow_motion_video:"),
    "resume": ("Go on", ":material/play_arrow:"),
    "batch": ("One more batch", ":material/skip_next:"),
    "epoch": ("One more epoch", ":material/fast_forward:"),
}
_SHOWN = {"pause": ("resume", "batch", "epoch"), "slow": ("resume", "pause"), "resume": ("pause", "slow")}


def buttons(jobs: OwnJobs, run: Run, asked: list[Request]) -> None:
    """Pause, slow motion, one more batch or epoch, and what can be changed; for whoever has started the run."""
    if run.status != "running" or run.kind != "trained" or run.stop or run.visitor != visitor.name():
        return
    with st.container(horizontal=True, gap="xsmall"):
        for name in _SHOWN[steering.pace(asked)]:
            label, icon = _PACE_BUTTONS[name]
            st.button(label, key=f"pace-{name}", icon=icon, on_click=_ask, args=(jobs, run.id, name))
        _changes(jobs, run, asked)


def _changes(jobs: OwnJobs, run: Run, asked: list[Request]) -> None:
    """What can be changed, as it is now."""
    with st.popover("Change", icon=":material/tune:", key="steer"):
        term_notes.caption(
            "From its next batch on. What is changed is marked on the curves and stays in the run's record."
        )
        config = settings.at(run.training, [*run.training.changes, *_pending(asked)], 2**62)
        for name in settings.offered(run.training):
            _field(jobs, run, name, settings.value(config, name))


def words(asked: list[Request]) -> str:
    """Return in a word how it goes on, '' where that is as usual."""
    return {"pause": "paused", "slow": "in slow motion"}.get(steering.pace(asked), "")


def marks(asked: list[Request]) -> list[tuple[int, str]]:
    """Return (images, what was changed) for the curves: each change that is in effect."""
    done = [one for one in asked if one.images is not None and one.name in settings.SETTINGS]
    return [(one.images or 0, f"{_label(one.name)} {one.value:g}") for one in done[-MARKED:]]


def record(run: Run) -> None:
    """Say what was changed on the way, where anything was."""
    if run.kind == "trained" and (changes := run.training.changes):
        listed = ", ".join(f"{_label(c.name)} {c.value:g} from step {c.step:,}" for c in changes[-MARKED:])
        st.caption(f"{counted(len(changes), 'change')} on the way: {listed}.")


def _label(name: str) -> str:
    return settings.SETTINGS[name].label.lower()


def _pending(asked: list[Request]) -> list[Change]:
    return [Change(2**62, r.name, r.value) for r in asked if r.step is None and r.name in settings.SETTINGS]


def _field(jobs: OwnJobs, run: Run, name: str, value: float) -> None:
    setting, key = settings.SETTINGS[name], keys.steer_field(run.id, name)
    told: dict[str, Any] = {"key": key, "on_change": _change, "args": (jobs, run.id, name, key)}
    if name in ("learning_rate", "weight_decay"):
        st.number_input(
            setting.label, setting.min, setting.max, value, format="%g", step=value / 2 or 0.001, **told
        )
    else:
        st.slider(setting.label, float(setting.min), float(setting.max), value, **told)


@worker.spoken
def _ask(jobs: OwnJobs, run_id: int, name: str) -> None:
    steering.ask(jobs.store, run_id, name)


@worker.spoken
def _change(jobs: OwnJobs, run_id: int, name: str, key: str) -> None:
    try:
        steering.ask(jobs.store, run_id, name, float(st.session_state[key]))
    except ValueError as error:
        say.error(error)
