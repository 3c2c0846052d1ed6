"""Choose a recipe or build a network, click Train, and watch it learn."""

import contextlib
import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.ink.files import BadInput
from core.models import keras_import, keras_program
from core.runs.queue import OwnJobs
from core.storage.store import StoreError
from core.training import configs
from ui import say
from ui.components import canvas, plotly_chart
from ui.figures import network_diagram
from ui.sections import build_task, editable_diagram, layer_table, run_panel, sweep_form, train_form
from ui.state import keys, links, train_config, visitor, worker
from ui.widgets import heading

LONG = 9  # layers beyond which their image is scrolled, for it would be too small to read


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
    _begin(jobs, problem)
    train_form.recipe_card(_took(jobs))
    train_form.knobs()
    editable_diagram.editable_diagram()
    build_task.checklist()
    with st.expander("Training", icon=":material/tune:", key="training"):
        train_form.training_fields()
    with st.expander("Data", icon=":material/dataset:", key="digits"):
        train_form.data_fields()
    _folded("Augmentation", "transform", "augmentation", train_form.augmentation_fields)
    _folded("Layers", "layers", keys.LAYER_TABLE, layer_table.layer_table)
    _folded("Picture of the layers", "schema", keys.LAYER_DIAGRAM, layer_diagram)
    _folded("Sweep", "grid_view", keys.SWEEP_FORM, lambda: sweep_form.sweep_form(jobs))
    _folded("The same in Python", "code", "source", lambda: _program(problem))
    _folded("Open a .keras file", "upload_file", "upload", lambda: open_file(jobs))


def _begin(jobs: OwnJobs, problem: str) -> None:
    """The recipe and the button, and why it cannot be clicked or what it will be trained on."""
    # Nothing whose height changes stands above the button: it would move away from under a finger.
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="begin"):
        train_form.recipe_choice()
        st.button(  # what a callback does is done, whatever interrupts the run that shows the page
            "Train",
            type="primary",
            icon=":material/play_arrow:",
            key="train",
            disabled=bool(problem),
            on_click=start,
            args=(jobs,),
        )
    if problem:
        say.caption(problem)
        layer_table.offer_flatten()
    else:
        st.fragment(device, run_every=None if jobs.device else 1.0)(jobs, jobs.device)


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


def device(jobs: OwnJobs, known: str) -> None:
    """What it will be trained on, as soon as the worker says so."""
    if jobs.device != known:
        st.rerun()
    say.caption(worker.state(jobs) or f"on {known}")


def layer_diagram() -> None:
    config = train_config.current()
    kind = configs.kind(config)
    diagram = network_diagram.diagram(config.layers, kind.shape, kind.classes, of_digits=kind.of_digits)
    # st.html would take the SVG out
    long = " dl-long" if len(config.layers) > LONG else ""
    st.markdown(f'<div class="dl-diagram{long}" tabindex="0">{diagram}</div>', unsafe_allow_html=True)


def _took(jobs: OwnJobs) -> float | None:
    """How many seconds the latest finished training of the recipe took, or None."""
    with contextlib.suppress(StoreError):  # the run beside it says so
        runs = (run for run in jobs.store.runs() if run.status == "done")
        return next((run.seconds for run in runs if run.recipe == train_config.recipe()), None)
    return None


@worker.spoken
def start(jobs: OwnJobs) -> None:
    """Queue what the form says, and show it."""
    train_form.sync()
    config = train_config.current()
    image = canvas.last_image() if configs.reads_drawings(config) else None
    number = jobs.submit(
        config,
        name=train_form.title(),
        visitor=visitor.name(),
        recipe=train_form.recipe_key(),
        drawing=image.pixels if image else None,
    )
    run_panel.show(number)


def open_file(jobs: OwnJobs) -> None:
    """Take in a network that somebody has saved: only its layers and numbers, never its code."""
    file = st.file_uploader(
        "A network saved by Digit Lab or by Keras",
        type=["keras", "h5", "hdf5"],
        key=keys.KERAS_FILE,
        max_upload_size=keras_import.MAX_BYTES // 10**6,
        help="Where it ends in sigmoids, each by itself, the same sums share out 100% here: the order of the "
        "answers stays.",
    )
    if not file or st.session_state.get(keys.KERAS_OPENED) == file.file_id:
        return
    st.session_state[keys.KERAS_OPENED] = file.file_id
    try:
        found, weights, shape = keras_import.read(file.getvalue())
        number = jobs.open_network(
            configs.imported(found, shape), weights, name=plain(file.name), visitor=visitor.name()
        )
    except (BadInput, StoreError) as error:
        say.error(error)
        return
    run_panel.show(number)
    st.rerun()


def plain(name: str) -> str:
    """A file's name without its ending and without what Markdown would make something of."""
    return re.sub(r"[^\w .-]", " ", Path(name).stem).strip()[:60] or "a network"


@worker.spoken
def watch(jobs: OwnJobs) -> None:
    number = run_panel.shown(jobs)
    if number is None:
        along = " What you drew on the Draw page is read along the way."
        is_read = configs.reads_drawings(train_config.current())
        st.info(f"Click Train to watch this network learn.{along * is_read}")
        layer_diagram()
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
