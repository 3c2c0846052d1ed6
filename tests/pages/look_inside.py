"""The page Look inside, and what its maps are given."""

import json

import numpy as np
from streamlit.testing.v1 import AppTest

from core.data import datasets
from core.models.classifiers import Classifier
from core.records import Network
from core.worker import export, models
from tests.pages.opened import ROOT


def page(drawing: dict | None = None, **state) -> AppTest:
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.session_state["inside-view"] = "All maps"
    if drawing:
        at.session_state["canvas"] = {"drawing": {"raw": drawing, "data": None}}
    for key, value in state.items():
        at.session_state[key.replace("_", "-")] = value
    return at.switch_page("pages/look_inside.py").run()


def sent(at: AppTest) -> dict | None:
    """What the component of the maps was given."""
    found = [json.loads(part.proto.json) for part in at.get("bidi_component") if '"noun"' in part.proto.json]
    return found[0] if found else None


def classifier_of(layers, low=-0.5, high=0.5) -> Classifier:
    """A network for images in colour, with random weights between low and high."""
    model, rng = models.build(layers, datasets.KINDS["cifar10"].shape), np.random.default_rng(0)
    weights = {key: rng.uniform(low, high, array.shape) for key, array in models.get_weights(model).items()}
    models.set_weights(model, weights)
    network = Network("colour", layers, models.get_weights(model), export.to_litert(model), {}, "cifar10")
    return Classifier(network)
