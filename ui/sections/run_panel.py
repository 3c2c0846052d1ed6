"""One training as it goes on: its curves, what it gets wrong, your drawing, and its controls."""

import itertools
import time
from collections.abc import Iterator

import numpy as np
import streamlit as st

from core.models import input_scalings
from core.records import Imported, Metric, Run
from core.runs import comparison
from core.runs.queue import OwnJobs
from core.storage import states, steering
from core.storage.store import ACTIVE, Store
from core.training import configs, diagnostics, pace
from core.training.optimization import OPTIMIZERS
from core.words import capitalised, duration
from ui import plain
from ui.components import canvas, plotly_chart, term_notes
from ui.figures import training_curves
from ui.sections import learning_panel, network_choice, run_mistakes, steering_panel
from ui.state import keys, links, navigation, selection, visitor, worker
from ui.widgets import announce, downloads

EVERY = 1.0  # seconds between two looks at a run that trains
SOON = 0.3  # and at one whose curves begin now, until they have as many points as
BEGUN = 3
LOOK = 0.02  # between two looks at one whose first point may come at any moment

_STATUS = {
    "queued": ("waiting", "gray"),
    "running": ("training", "blue"),
    "done": ("finished", "green"),
    "stopped": ("stopped", "orange"),
    "interrupted": ("interrupted", "orange"),
    "failed": ("failed", "red"),
}


def shown(jobs: OwnJobs) -> int | None:
    """Return the run to show: the one chosen, or named in the address, or one that trains now; or None.

    Where a browser goes back, the address counts again. One that trains is chosen by being seen: when it
    ends, its result stays.
    """
    named = navigation.run_in_address()
    if keys.RUN not in st.session_state or (named is not None and links.in_history()):
        st.session_state[keys.RUN] = named
    if st.session_state[keys.RUN] is None and (active := jobs.store.active()):
        st.session_state[keys.RUN] = active[0]
    if (number := st.session_state[keys.RUN]) is not None:
        st.query_params["run"] = str(number)  # another page has taken it out of the address
    return number


def show(number: int) -> None:
    """Make this the run that the Train page shows, in this tab and after a reload."""
    st.session_state[keys.RUN] = number
    st.query_params["run"] = str(number)


def run_panel(jobs: OwnJobs, number: int) -> None:
    """Show a run, anew every moment while it trains. A reload or another page leaves the run alone."""
    run = jobs.store.run(number)
    if run is None:
        st.info("This run is gone. Choose another under Runs, or train a new one.")
        return
    every = _every(jobs, run, jobs.store.metrics(number))
    st.fragment(_panel, run_every=every)(jobs, number, every, itertools.count())


def _every(jobs: OwnJobs, run: Run, points: list[Metric]) -> float | None:
    """Return after how many seconds to look again, None for never."""
    if run.status not in ACTIVE:
        return None
    if run.kind == "imported":
        return SOON
    begins = run.status == "running" or not jobs.store.position(run.id)
    return SOON if begins and len(points) < BEGUN else EVERY


@worker.spoken
def _panel(jobs: OwnJobs, number: int, every: float | None, turns: Iterator[int]) -> None:
    """turns: counts how often this part has run by itself since the page did."""
    looks = next(turns) > 0
    run = jobs.store.run(number)
    points = jobs.store.metrics(number)
    if run is None or every != _every(jobs, run, points) or shown(jobs) != number:
        st.rerun()  # the whole page: only that can change how often one looks
    active, trained = run.status in ACTIVE, run.kind == "trained"
    if active and trained and run.visitor == visitor.name() and configs.reads_drawings(run.config):
        _send_drawing(jobs, number)
    asked = steering.requests(jobs.store, number) if trained else []
    # Containers of their own, so that what comes and goes in one never moves, and so redraws, another.
    header, controls, network, image, details = (st.container() for _ in range(5))
    with header:
        _header(jobs, run, points, steering_panel.words(asked))
        announce.announce(f"Run {run.id}: {_status(run)[0]}.", "run")
    with controls:
        _controls(jobs, run, points)
        steering_panel.buttons(jobs, run, asked)
        _next_steps(jobs, run)
    with network:
        if trained:
            learning_panel.learning_panel(jobs.store, run, points)
    with image:
        if trained and (points or active):
            if looks and not points and every == SOON:
                points = _first_point(jobs.store, run)
            _curves(jobs.store, run, points, steering_panel.marks(asked))
    with details:
        if trained and points:
            run_mistakes.mistakes(jobs.store, run)


def _first_point(store: Store, run: Run) -> list[Metric]:
    """Return the first point of a run that trains as soon as it is there, or none within the time of one look.

    Only where the panel looks again by itself: what its visitor does beside it is answered at once.
    """
    until = time.monotonic() + SOON * (run.status == "running" and not run.stop)
    while not (points := store.metrics(run.id)) and time.monotonic() < until:
        time.sleep(LOOK)
    return points


def _status(run: Run) -> tuple[str, str]:
    """Return in a word how far a run is, and the colour of its badge."""
    opens = run.kind == "imported" and run.status == "running"
    if run.stop and run.status == "running":
        return "stopping", "orange"
    return ("being opened", "blue") if opens else _STATUS[run.status]


def _send_drawing(jobs: OwnJobs, number: int) -> None:
    """Let the network read what its owner has drawn since, as soon as there is something.

    Once for each drawing: another tab of theirs may have sent another since.
    """
    image = canvas.last_image()
    if image is None or st.session_state.get(keys.DRAWING_SENT) == (mine := (number, image.pixels.tobytes())):
        return
    st.session_state[keys.DRAWING_SENT] = mine
    before = jobs.store.drawing(number)
    if before is None or not np.array_equal(before, image.pixels):
        jobs.store.set_drawing(number, image.pixels)


def _header(jobs: OwnJobs, run: Run, points: list[Metric], how: str) -> None:
    word, colour = _status(run)
    if how and word == "training":
        word, colour = how, "violet"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"## {plain.markdown(run.name)}", width="content")
        st.badge(word, color=colour)  # type: ignore[arg-type]
        st.caption(f"run {run.id}, {configs.origin(run.config)}")
    if note := jobs.failures.get(run.id) or run.note:
        st.markdown(plain.markdown(note))
    if run.kind == "imported" and run.status in ACTIVE:
        opens = "Its network is being built, which takes a few seconds."
        st.progress(0.0, text=plain.markdown(worker.state(jobs) or opens))
    elif run.status == "queued":
        ahead = jobs.store.position(run.id)
        waits = f"{ahead} before it." if ahead else "It is the next."
        st.progress(0.0, text=f"{waits} {plain.markdown(worker.state(jobs))}".rstrip())
    elif run.status == "running":
        stopping = "It stops after this batch; what it has learnt is kept."
        st.progress(min(1.0, _done(run, points)), text=stopping if run.stop else _progress(run, points, how))
    else:
        _result(run)


def _progress(run: Run, points: list[Metric], word: str) -> str:
    epochs = run.training.epochs
    if not points or not run.images_per_second:
        return f"epoch 1 of {epochs}"
    epoch = points[-1].epoch
    number, left = min(epochs, int(epoch) + 1), pace.seconds_left(points, epochs)
    if word:
        return f"epoch {number} of {epochs} · {word} after {run.images:,} images"
    when = "" if left is None else f" · {duration(left)} left"
    return f"epoch {number} of {epochs} · {run.images_per_second:,.0f} images/s{when}"


def _done(run: Run, points: list[Metric]) -> float:
    return points[-1].epoch / run.training.epochs if points else 0.0


def _result(run: Run) -> None:
    facts, noun = [], configs.kind(run.config).noun
    if run.test_accuracy is not None:
        facts.append(f"**{run.test_accuracy:.2%}** of the test {noun}{_loss(run.test_loss)}")
    if run.train_accuracy is not None:
        facts.append(f"{run.train_accuracy:.2%} of the training {noun}{_loss(run.train_loss)}")
    if run.kind == "trained" and run.training.validation_split and run.validation_accuracy is not None:
        facts.append(f"{run.validation_accuracy:.2%} of the validation {noun} (epoch {run.best_epoch})")
    facts += [duration(run.seconds)] if run.seconds else []
    facts += [plain.markdown(" in ".join(filter(None, (run.device, run.dtype))))] if run.device else []
    term_notes.markdown(" · ".join(facts))
    steering_panel.record(run)


def _next_steps(jobs: OwnJobs, run: Run) -> None:
    """How a finished network compares, and where one may go with it."""
    if run.test_accuracy is None or run.kind != "trained" or not run.has_network:
        return
    if facts := comparison.facts(run, jobs.store.runs(), visitor.name()):
        st.markdown(capitalised(" · ".join(facts)))
    on_paper = configs.reads_drawings(run.config)
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Its mistakes", key="its-mistakes", icon=":material/rule:"):
            navigation.open_mistakes(run.id, of_digits=on_paper)
        if on_paper and st.button("Draw with it", key="draw-with-it", icon=":material/draw:"):
            navigation.open_draw(run.id)
        if st.button("Look inside it", key="look-inside-it", icon=":material/search:"):
            navigation.open_look_inside_network(run.id, of_digits=on_paper)


def _loss(loss: float | None) -> str:
    return "" if loss is None else f" (loss {loss:.3f})"


def _controls(jobs: OwnJobs, run: Run, points: list[Metric]) -> None:
    number, mine = run.id, run.visitor == visitor.name()
    with st.container(horizontal=True, gap="xsmall"):
        if mine and run.status in ACTIVE and not run.stop:
            stop = {"icon": ":material/stop:", "on_click": worker.spoken(jobs.stop), "args": (number,)}
            st.button("Stop", key="stop", **stop)  # type: ignore[arg-type]
        elif mine and run.status in ("stopped", "interrupted"):
            resume = {
                "icon": ":material/play_arrow:",
                "on_click": worker.spoken(jobs.resume),
                "args": (number,),
            }
            st.button("Resume", key="resume", **resume)  # type: ignore[arg-type]
        if run.kind == "trained":
            st.button(
                "Again with another seed",
                key="again",
                icon=":material/casino:",
                on_click=again,
                args=(jobs, run),
            )
        elif run.has_network:
            _offer_pixels(jobs, run)
        if run.has_network:
            network_choice.choose_button(run)
        if points or run.has_network:
            downloads.save_menu(jobs.store, run)
        if mine and run.has_network:
            _offer_to_publish(jobs, run)
    if run.has_network and selection.chosen() == number:
        st.caption(":material/check: It reads what you draw on the Draw page.")


def _offer_to_publish(jobs: OwnJobs, run: Run) -> None:
    """It is its owner's alone until they show it to all."""
    st.button(
        "Keep it to myself" if run.published else "Show it to everybody",
        key="publish",
        icon=":material/lock:" if run.published else ":material/public:",
        on_click=worker.spoken(jobs.store.publish),
        args=(run.id, not run.published),
        help="All who use this app can then look at it and use its network; nobody but you can change it.",
    )


def _offer_pixels(jobs: OwnJobs, run: Run) -> None:
    """Where a file's network was trained on other pixels: work these into its first layer, if it is wanted."""
    found = jobs.store.scalings(run.id)
    scaling = None if found is None else input_scalings.of(found, configs.kind(run.config).shape)
    if scaling is None:
        return
    if not input_scalings.can_fold(run.config.layers, scaling):
        st.caption(
            "Its first layer cannot take that in: it pads with zeros. Train it on pixels as they are here."
        )
        return
    st.button(
        "Give it the pixels that it knows",
        key="pixels",
        icon=":material/contrast:",
        on_click=_with_its_pixels,
        args=(jobs, run, scaling),
        help="Opens it once more, with the weights of its first layer changed so that the network does the "
        "conversion itself. Nothing else changes, and this one stays as it is.",
    )


@worker.spoken
def _with_its_pixels(jobs: OwnJobs, run: Run, scaling: input_scalings.Scaling) -> None:
    checkpoint = jobs.store.checkpoint(run.id)
    if checkpoint is None or not isinstance(run.config, Imported):
        return
    shape = configs.kind(run.config).shape
    weights = input_scalings.fold(run.config.layers, checkpoint.best, shape, scaling)
    name = f"{run.name}, pixels converted"
    show(jobs.open_network(run.config, weights, name=name, visitor=visitor.name()))


@worker.spoken
def again(jobs: OwnJobs, run: Run) -> None:
    """Queue the same training with the next seed that none of its runs has used, and show it."""
    same = (r for r in jobs.store.runs() if (r.kind, r.recipe, r.name) == (run.kind, run.recipe, run.name))
    used = {r.training.seed for r in same}
    seed = next(s for s in range(len(used) + 1) if s not in used)
    show(jobs.again(run, seed, visitor.name()))


def _curves(store: Store, run: Run, points: list[Metric], marks: list[tuple[int, str]]) -> None:
    config = run.training
    measured = configs.measured(config)
    about = "Only where the curves move in the end; else the whole climb."
    fine = st.toggle("The fine end", key=keys.FINE_END, persist_state="session", help=about)
    first = states.first_accuracy(store, run.id)
    figure = training_curves.live_curves(points, config.epochs, measured, fine=fine, first=first, marks=marks)
    plotly_chart.live_chart(figure, key="curves")
    term_notes.caption("Above the accuracy, below the loss, epoch by epoch.")
    with st.container(key="verdict"):
        if points:
            rate = configs.peak_learning_rate(config) / OPTIMIZERS[config.optimizer].default_rate
            kind = configs.kind(config)
            found = diagnostics.diagnose(points, config.epochs, rate, len(kind.names), kind.baseline)
            sentence = diagnostics.lag(points, config) or found.sentence
            term_notes.markdown(sentence.replace("validation", measured))
        elif run.status == "running":
            drawn = config.data == "digit-lab"
            soon = "once its pictures are drawn, in a minute or two" if drawn else "in a few seconds"
            st.markdown(f"The network is being built; the curves begin {soon}.")
        else:
            st.markdown("The curves begin here as soon as it trains.")
