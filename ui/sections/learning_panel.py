"""A run's network as it learns, and afterwards its whole training to be wound back and forth."""

import numpy as np
import streamlit as st

from core.models import state_networks
from core.models.classifiers import Classifier
from core.nn.activations import softmax
from core.records import Metric, Run, TrainConfig
from core.storage import states
from core.storage.store import ACTIVE, Store
from core.training import configs
from ui.components import canvas
from ui.components.learning import learning
from ui.state import visitor


def learning_panel(store: Store, run: Run, points: list[Metric]) -> None:
    """Show the latest state of a run that trains, or all states of one that has ended, if it has any."""
    probe = states.probe(store, run.id)
    if probe is None:
        return
    drawing = _drawing(store, run)
    if run.status in ACTIVE:
        latest = states.latest(store, run.id)
        shown, readings = [latest] if latest else [], None
    else:
        version = store.network_version(run.id)
        shown = states.views(store, run.id)
        read = drawing if configs.reads_drawings(run.config) else None
        readings = _readings(store, run.id, version, None if read is None else read.tobytes())
    if not shown:
        return
    config = run.training
    learning(
        config.layers,
        configs.kind(config),
        probe,
        shown,
        points,
        key=f"learning-{run.id}",
        measured=configs.measured(config),
        total=_images(config, points),
        whose="Your drawing" if run.visitor == visitor.name() else "A drawing",
        drawing=drawing,
        readings=readings,
    )


def _images(config: TrainConfig, points: list[Metric]) -> int:
    """How many images the whole training sees, with those that its data add, as far as its points tell."""
    if points and points[-1].epoch > 0:
        return round(points[-1].images * config.epochs / points[-1].epoch)
    return configs.divide(config)[0] * config.epochs


def _drawing(store: Store, run: Run) -> np.ndarray | None:
    """The drawing that is read: while it trains the run's own, afterwards what the visitor has drawn since."""
    if not configs.reads_drawings(run.config):
        return None
    mine = canvas.last_image() if run.status not in ACTIVE else None
    return mine.pixels if mine and run.visitor == visitor.name() else store.drawing(run.id)


@st.cache_data(max_entries=50, show_spinner=False)
def _readings(
    _store: Store, run_id: int, version: bytes | None, drawing: bytes | None
) -> dict[int, np.ndarray]:
    """What the network of each state says of a drawing: step -> float [classes]; none where it cannot be told.

    version: of the network that the run has left. drawing: float32 [28, 28].
    """
    store = _store
    run, network = store.run(run_id), store.network(run_id)
    if drawing is None or run is None or network is None:
        return {}
    pixels = np.frombuffer(drawing, np.float32).reshape(1, 28, 28)
    found = {}
    for step, _ in states.moments(store, run_id):
        state = states.state(store, run_id, step)
        then = state and state_networks.at(network, run.config.layers, state)
        if then:
            found[step] = softmax(Classifier(then).logits(pixels))[0]
    return found
