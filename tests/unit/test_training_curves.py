"""What the figures hold: Plotly's own JSON, as a browser gets it."""

import base64
import json
from dataclasses import replace

import numpy as np
import pytest

from core.records import Metric
from ui.figures import training_curves


def point(images, whole=False, accuracy=0.8, measured=True):
    """A point of a training with 1000 images per epoch."""
    return Metric(
        images=images,
        epoch=images / 1000,
        seconds=images / 500,
        train_accuracy=accuracy,
        train_loss=1 - accuracy,
        validation_accuracy=accuracy + 0.1 if measured else None,
        validation_loss=0.9 - accuracy if measured else None,
        whole=whole,
    )


# Half an epoch, one, and another half that measured nothing.
POINTS = [
    point(500, accuracy=0.5),
    point(1000, whole=True, accuracy=0.7),
    point(1500, accuracy=0.75, measured=False),
]


def content(figure):
    return json.loads(figure.to_json())


def numbers(values):
    """A list of numbers, which Plotly may have packed."""
    if isinstance(values, dict):
        return np.frombuffer(base64.b64decode(values["bdata"]), values["dtype"]).tolist()
    return values


def curves(figure):
    """{(name, axis): (x, y)} of a figure's traces."""
    return {
        (t["name"], t.get("yaxis", "y")): (numbers(t["x"]), pytest.approx(numbers(t["y"])))
        for t in content(figure)["data"]
    }


def test_live_curves_show_training_and_validation():
    figure = training_curves.live_curves(POINTS, 3, "test")
    assert curves(figure) == {
        # name, axis         images             accuracy above, loss below
        ("training", "y"): ([500, 1000, 1500], [0.5, 0.7, 0.75]),
        ("test", "y"): ([500, 1000], [0.6, 0.8]),
        ("training", "y2"): ([500, 1000, 1500], [0.5, 0.3, 0.25]),
        ("test", "y2"): ([500, 1000], [0.4, 0.2]),
    }
    layout = content(figure)["layout"]
    assert layout["xaxis2"]["title"]["text"] == "training images seen, of 3k"
    assert layout["xaxis"]["range"] == pytest.approx([0, 1530])
    assert layout["yaxis"]["range"] == [0, 1.03]  # the whole climb
    assert layout["yaxis2"]["range"] == [0, 2.5]
    low, high = content(training_curves.live_curves(POINTS, 3, "test", fine=True))["layout"]["yaxis"]["range"]
    assert 0 < low < 0.5  # all accuracies from here on are seen
    assert high > 0.85
    assert [t["showlegend"] for t in content(figure)["data"]] == [True, True, False, False]


@pytest.mark.parametrize(
    ("images", "epochs", "ticks"),
    [
        # from 1000 images per epoch, and at most six
        (100, 3, ["1k<br>epoch 1"]),
        (1000, 3, ["1k<br>epoch 1"]),
        (1500, 3, ["1k<br>epoch 1", "2k<br>epoch 2"]),
        (6000, 40, [f"{n}k<br>epoch {n}" for n in (1, 2, 3, 4, 5, 6)]),
        (6100, 40, [f"{n}k<br>epoch {n}" for n in (2, 4, 6)]),
        (40_000, 40, [f"{n}k<br>epoch {n}" for n in (7, 14, 21, 28, 35)]),
    ],
)
def test_the_ticks_are_whole_epochs(images, epochs, ticks):
    axis = content(training_curves.live_curves([point(images)], epochs, "test"))["layout"]["xaxis"]
    assert axis["ticktext"] == ticks
    assert numbers(axis["tickvals"]) == pytest.approx([1000 * int(tick.split()[-1]) for tick in ticks])
    assert axis["range"] == pytest.approx([0, 1.02 * max(images, 1000)])


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (7, "7"),
        (999, "999"),
        (1000, "1k"),
        (1550, "1.55k"),
        (57_000, "57k"),
        (999_960, "1M"),
        (2_400_000, "2.4M"),
    ],
)
def test_large_counts_are_short(count, words):
    assert training_curves._short(count) == words


def test_a_measurement_says_what_it_was_measured_on():
    (_, measured, *_) = content(training_curves.live_curves(POINTS, 3, "validation"))["data"]
    assert measured["customdata"] == [
        # epoch, seconds
        [0.5, 1.0, "measured on a sample of 1,000"],
        [1.0, 2.0, "measured on all of them"],
    ]
    assert measured["marker"]["size"] == [3, 7]
    assert "customdata[2]" in measured["hovertemplate"]


def test_before_the_first_point_there_are_empty_axes():
    figure = training_curves.live_curves([], 10, "validation")
    assert all(x == y == [] for x, y in curves(figure).values())
    layout = content(figure)["layout"]
    assert (layout["yaxis"]["range"], layout["yaxis2"]["range"]) == ([0, 1.03], [0, 2.5])
    assert not layout["xaxis"]["showticklabels"]


def test_the_first_point_is_seen():
    """A line through one point is nothing to see."""
    for points, mode in ((POINTS[:1], "markers"), (POINTS[:2], "lines")):
        assert content(training_curves.live_curves(points, 3, "test"))["data"][0]["mode"] == mode


def test_the_climb_begins_before_the_first_step():
    figure = training_curves.live_curves(POINTS, 3, "test", first=0.125)
    assert curves(figure)["test", "y"] == ([0, 500, 1000], [0.125, 0.6, 0.8])
    assert curves(figure)["test", "y2"] == ([500, 1000], [0.4, 0.2])  # no loss was measured then
    fine = training_curves.live_curves(POINTS, 3, "test", first=0.125, fine=True)
    assert curves(fine)["test", "y"] == ([500, 1000], [0.6, 0.8])


def test_a_loss_above_that_of_guessing_is_seen_whole():
    points = [replace(POINTS[0], train_loss=4.0), POINTS[1]]
    assert content(training_curves.live_curves(points, 3, "test"))["layout"]["yaxis2"]["range"][1] > 4


def test_in_the_fine_end_the_bad_start_leaves_the_picture():
    """Loss 1.0 at first, at most 0.1 in the last three quarters."""
    points = [point(100 * i, accuracy=0.0 if i == 1 else 0.9, measured=False) for i in range(1, 9)]
    layout = content(training_curves.live_curves(points, 1, "test", fine=True))["layout"]
    assert layout["yaxis2"]["range"] == pytest.approx([0, 0.11])
    assert layout["yaxis"]["range"][0] > 0.8


def test_runs_are_compared_at_every_point():
    """The sample of 1,000 at 500 images is a smaller dot among the whole measurements."""
    whole = [point(1000 * n, whole=True, accuracy=0.6 + 0.05 * n) for n in range(3)]
    other = [whole[0], point(500, accuracy=0.5), *whole[1:]]
    figure = training_curves.compare({"one": whole, "other": other})
    assert curves(figure) == {
        ("one", "y"): ([0, 1000, 2000], [0.7, 0.75, 0.8]),
        ("other", "y"): ([0, 500, 1000, 2000], [0.7, 0.6, 0.75, 0.8]),
    }
    assert content(figure)["data"][1]["marker"]["size"] == [6, 3, 6, 6]
    colours = [trace["line"]["color"] for trace in content(figure)["data"]]
    assert len(set(colours)) == 2
    assert content(figure)["layout"]["yaxis"]["title"]["text"] == "validation accuracy"


def test_a_run_of_one_epoch_is_compared_by_its_curve():
    """It has one whole measurement, at its end: a dot. The samples before it are smaller dots of its curve."""
    points = [*(point(100 * n, accuracy=0.1 * n) for n in range(1, 5)), point(500, whole=True, accuracy=0.6)]
    figure = training_curves.compare({"short": points})
    assert len(curves(figure)["short", "y"][0]) == 5
    assert content(figure)["data"][0]["marker"]["size"] == [3, 3, 3, 3, 6]


def test_training_figures_are_compared_at_every_point():
    figure = training_curves.compare({"one": POINTS}, "train_loss")
    assert figure.layout.showlegend  # otherwise Plotly names a curve only beside another
    assert curves(figure) == {("one", "y"): ([500, 1000, 1500], [0.5, 0.3, 0.25])}
    assert "tickformat" not in content(figure)["layout"]["yaxis"]  # a loss is no percentage


def test_more_runs_than_colours():
    figure = training_curves.compare({f"run {i}": POINTS for i in range(20)})
    assert len(figure.data) == 20


def test_the_spread_shows_each_seed_and_their_mean():
    figure = training_curves.across_seeds({"A": [(0, 0.9), (1, 0.92)], "B": [(0, 0.5), (3, 0.6), (4, 0.7)]})
    found = [(numbers(t["x"]), t["y"]) for t in content(figure)["data"]]
    assert found == [
        ([0.9, 0.92], ["A", "A"]),
        ([pytest.approx(0.91)], ["A"]),
        ([0.5, 0.6, 0.7], ["B", "B", "B"]),
        ([pytest.approx(0.6)], ["B"]),
    ]
    assert content(figure)["data"][2]["customdata"] == [0, 3, 4]


@pytest.mark.parametrize("steps", [1, 12, 5000])
def test_the_learning_rate_over_the_epochs(steps):
    rates = np.linspace(0.1, 0, steps, dtype=np.float32)
    (trace,) = content(training_curves.learning_rates(rates, steps_per_epoch=4))["data"]
    x, y = numbers(trace["x"]), numbers(trace["y"])
    assert len(x) == min(steps, training_curves.MAX_POINTS)
    assert (x[0], x[-1]) == (0, (steps - 1) / 4)
    assert y == pytest.approx(np.interp(np.array(x) * 4, np.arange(steps), rates))


def test_few_points_are_all_shown():
    assert training_curves.thin(POINTS) == POINTS
    assert training_curves.thin([]) == []


@pytest.mark.parametrize("count", [201, 1000, 5000])
def test_of_many_points_the_whole_ones_and_the_ends_remain(count):
    """Every fiftieth point measured everything, which makes a hundred of them at most."""
    points = [point(i, whole=i % 50 == 7) for i in range(count)]
    kept = training_curves.thin(points)
    assert len(kept) <= training_curves.MAX_POINTS + 2
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert kept == sorted(kept, key=lambda p: p.images)
    assert [p for p in kept if p.whole] == [p for p in points if p.whole]
    assert np.diff([p.images for p in kept]).max() <= count / 99 + 1  # evenly spread


def test_more_whole_points_than_fit_are_thinned_too():
    points = [point(i, whole=True) for i in range(500)]
    kept = training_curves.thin(points)
    assert len(kept) <= training_curves.MAX_POINTS + 2
    assert (kept[0], kept[-1]) == (points[0], points[-1])


def test_compared_curves_are_smoothed_dashed_and_logarithmic():
    whole = [point(1000 * n, whole=True, accuracy=0.5 * n) for n in range(3)]
    figure = training_curves.compare(
        {"one": whole, "base": whole}, smoothing=0.5, log=["images"], dashed=["base"]
    )
    y = numbers(content(figure)["data"][0]["y"])
    assert y[1] == pytest.approx((0.25 * y[0] + 0.5 * (y[0] + 0.5)) / 0.75)  # with half of the one before
    told = content(figure)
    assert [trace["line"].get("dash") for trace in told["data"]] == [None, "dash"]
    assert (told["layout"]["xaxis"]["type"], told["layout"]["yaxis"]["type"]) == ("log", "linear")
