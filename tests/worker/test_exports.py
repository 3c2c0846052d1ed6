"""Keras opens what is written for it without Keras."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from core.analysis.reports import notebook, subjects
from core.data import datasets
from core.models import networks
from core.models.exports import keras_files
from core.nn.activations import softmax
from core.records import Metric
from tests.networks import logits_of, network_of, pictures


@pytest.mark.parametrize("suffix", ["keras", "h5"])
@pytest.mark.parametrize("number", range(6))
def test_keras_computes_the_same(tmp_path, suffix, number):
    network = network_of(number)
    file = tmp_path / f"network.{suffix}"
    file.write_bytes({"keras": keras_files.keras, "h5": keras_files.h5}[suffix](network))
    model = keras.saving.load_model(file)
    x = pictures(network)
    np.testing.assert_allclose(model.predict(x, verbose=0), softmax(logits_of(network, x)), atol=1e-5)


PROGRAM = """
import json, sys
import plotly.graph_objects as go
go.Figure.show = lambda figure: print("a figure of", len(figure.data))
names = {}
for cell in json.load(open("report.ipynb"))["cells"]:
    if cell["cell_type"] == "code":
        exec("".join(cell["source"]), names)
"""


def test_the_notebook_runs_and_measures_what_the_report_says(tmp_path):
    points = [Metric(n, n, n, 0.9, 0.4 / n, 0.8, 0.5 / n, True) for n in range(1, 4)]
    about = [subjects.of_network(networks.shipped("first-conv-best"), None, points)]
    (tmp_path / "report.ipynb").write_bytes(notebook.make(about))
    arrays = datasets.mnist()
    np.savez(tmp_path / "mnist.npz", x_test=arrays.x_test, y_test=arrays.y_test)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=110
    )
    assert done.returncode == 0, done.stderr[-2000:]
    right = float((about[0].evaluation.predicted == arrays.y_test).mean())
    assert f"{right:.2%} right; the report said {right:.2%}" in done.stdout
    assert done.stdout.count("a figure of") == 3
    assert "expected calibration error" in done.stdout
