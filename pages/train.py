"""Choose a recipe or build a network, click Train, and watch it learn."""

from collections.abc import Callable

import streamlit as st

from core.models import keras_program
from core.runs.queue import OwnJobs
from core.storage.store import StoreError
from core.training import configs
from ui import say
from ui.components import plotly_chart
from ui.sections import (
    build_task,
    editable_diagram,
    layer_diagram,
    layer_table,
    network_file,
    run_panel,
    sweep_form,
    train_button,
    train_form,
)
from ui.state import keys, links, train_config, worker
from ui.widgets import heading


@links.fragment
def train_page(jobs: OwnJobs) -> None:
    left, right = st.columns([1, 1.45], gap="large")
    with left:
        choose(jobs)
    with right:
        watch(jobs)


def choose(jobs: OwnJobs) -> None:
    train_form.sync()
    problem = jobs.check(train_config.current())
    train_button.train_button(jobs, problem)
    train_form.recipe_card(train_button.seconds_of_latest(jobs))
    train_form.knobs()
    editable_diagram.editable_diagram()
    build_task.checklist()
    with st.expander("Training", icon=":material/tune:", key="training"):
        train_form.training_fields()
    with st.expander("Data", icon=":material/dataset:", key="digits"):
        train_form.data_fields()
    _folded("Augmentation", "transform", "augmentation", train_form.augmentation_fields)
    _folded("Layers", "layers", keys.LAYER_TABLE, layer_table.layer_table)
    _folded("Picture of the layers", "schema", keys.LAYER_DIAGRAM, layer_diagram.layer_diagram)
    _folded("Sweep", "grid_view", keys.SWEEP_FORM, lambda: sweep_form.sweep_form(jobs))
    _folded("The same in Python", "code", "source", lambda: _program(problem))
    _folded("Open a .keras file", "upload_file", "upload", lambda: network_file.open_file(jobs))


def _folded(label: str, icon: str, key: str, show: Callable[[], None]) -> None:
    """What is worked out only while it is open."""
    part = st.expander(label, icon=f":material/{icon}:", key=key, on_change="rerun")
    if part.open:
        with part:
            show()


def _program(problem: str) -> None:
    if problem:
        say.caption(problem)
    else:
        st.code(keras_program.source(train_config.current()), language="python")


@worker.spoken
def watch(jobs: OwnJobs) -> None:
    number = run_panel.shown(jobs)
    if number is None:
        along = " What you drew on the Draw page is read along the way."
        is_read = configs.reads_drawings(train_config.current())
        st.info(f"Click Train to watch this network learn.{along * is_read}")
        layer_diagram.layer_diagram()
        return
    with st.container(key="run-panel"):
        run_panel.run_panel(jobs, number)


try:
    its_jobs = worker.jobs()
except StoreError as error:
    say.error(error)
    st.stop()
heading.heading("Train a network", "Choose a recipe or build your own, click Train, and watch it learn.")
train_page(its_jobs)
plotly_chart.library()
