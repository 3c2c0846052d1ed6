"""What the figures of mistakes and data hold."""

import json

import numpy as np

from core.analysis import evaluation
from ui.figures import dataset_figures, metric_figures

TABLE = np.array([[998, 2, 0], [0, 49, 1], [3, 0, 7]])
NAMES = ("cat", "dog", "ship")


def content(figure):
    return json.loads(figure.to_json())


def test_each_cell_says_what_it_holds():
    figure = content(metric_figures.confusion(TABLE, NAMES, "counts", ink="#000", marked=(2, 0)))
    *_, text, cells = figure["data"]
    assert text["text"] == [["998", "2", ""], ["", "49", "1"], ["3", "", "7"]]
    assert [[c[0], c[1], c[4]] for c in cells["customdata"]] == [
        [true, read, TABLE[true, read]] for true in range(3) for read in range(3)
    ]
    assert list(zip(cells["y"], cells["x"], strict=True)) == [(c[0], c[1]) for c in cells["customdata"]]
    (outline,) = figure["layout"]["shapes"]
    assert [outline[k] for k in ("y0", "y1", "x0", "x1")] == [1.5, 2.5, -0.5, 0.5]


def test_the_views_of_a_matrix():
    views = {name: view(TABLE) for name, view in metric_figures.VIEWS.items()}
    assert views["by row, %"] == [["99.8", "0.2", ""], ["", "98.0", "2.0"], ["30.0", "", "70.0"]]
    assert views["errors only"] == [["", "2", ""], ["", "", "1"], ["3", "", ""]]
    figure = content(metric_figures.confusion(TABLE, NAMES, "errors only", ink="#000"))
    assert len([trace for trace in figure["data"] if trace["type"] == "heatmap"]) == 2  # no diagonal
    assert "shapes" not in figure["layout"]


def test_a_row_or_a_column_is_outlined_whole():
    row = content(metric_figures.confusion(TABLE, NAMES, "counts", ink="#000", marked=(1, None)))
    assert [row["layout"]["shapes"][0][k] for k in ("y0", "y1", "x0", "x1")] == [0.5, 1.5, -0.5, 2.5]


def test_a_class_without_pictures_divides_nothing_by_nothing():
    table = np.array([[0, 0], [0, 5]])
    for view in metric_figures.VIEWS:
        assert "NaN" not in metric_figures.confusion(table, NAMES[:2], view, ink="#000").to_json()


def test_a_long_curve_keeps_its_ends_and_its_first_points():
    curve = evaluation.Coverage(np.linspace(0, 0.9999, 9990), np.linspace(0.99, 1, 9990), np.ones(9990))
    places = metric_figures.thin(curve)
    assert len(places) <= metric_figures.MAX_POINTS
    assert {0, 1, 2, 9989} <= set(places.tolist())
    figure = content(metric_figures.coverage(curve))
    assert figure["layout"]["xaxis"]["range"][1] == 1


def test_reliability_shows_only_bins_with_pictures():
    bins = [evaluation.Bin(0.8, 0.9, 10, 0.86, 0.5), evaluation.Bin(0.9, 1.0, 90, 0.98, 1.0)]
    right, ideal, counts = content(metric_figures.reliability(bins))["data"]
    assert right["y"] == [0.5, 1.0]
    assert ideal["x"] == ideal["y"] == [0, 1]
    assert counts["y"] == [10, 90]


def test_histograms_move_their_axis_and_keep_their_heights():
    one, everything = np.zeros(256, int), np.zeros(256, int)
    one[[0, 255]] = 3, 1
    everything[[0, 51, 255]] = 8, 1, 1
    heights = []
    for scale, at in (("0 to 255", [0, 51, 255]), ("0 to 1", [0, 0.2, 1]), ("standardised", [-1, 0.02, 4.1])):
        figure = content(dataset_figures.pixel_histograms(one, everything, ("a", "b"), scale, 50, 50))
        first, second = figure["data"]
        np.testing.assert_allclose(second["x"], at)
        heights.append((first["y"], second["y"]))
    assert heights == [([0.75, 0.25], [0.8, 0.1, 0.1])] * 3


def test_class_counts():
    figure = content(dataset_figures.class_counts(np.array([3, 1]), ("cat", "dog")))
    assert figure["data"][0]["x"] == ["cat", "dog"]
    assert figure["data"][0]["y"] == [3, 1]
    assert figure["layout"]["shapes"][0]["y0"] == 2  # the mean
