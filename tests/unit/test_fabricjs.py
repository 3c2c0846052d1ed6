import numpy as np
import pytest

from core.ink import fabricjs
from core.records import Drawing
from tests import shapes

SIDE = 340


def objects(drawing):
    return fabricjs.to_objects(drawing, SIDE, ink="#000", brush=18)


def test_curves_become_points():
    """Fabric.js smooths a line into quadratic curves: half-way, one is (start + 2 control + end) / 4."""
    path = [["M", 0, 0], ["Q", 0, 40, 40, 40], ["L", 50, 40]]
    assert fabricjs.to_drawing([{"type": "Path", "strokeWidth": 5, "path": path}], SIDE).strokes[
        0
    ].tolist() == [
        [0, 0],
        [10, 30],
        [40, 40],
        [50, 40],
    ]


def test_what_is_no_line_is_left_out():
    things = [
        {"type": "Rect", "width": 3},
        *shapes.fabric(7)["objects"],
        {"type": "Path", "strokeWidth": 5, "path": []},
    ]
    drawing = fabricjs.to_drawing(things, SIDE)
    assert len(drawing.strokes) == len(drawing.brushes) == 1
    assert drawing.canvas == SIDE


@pytest.mark.parametrize("digit", range(10))
def test_a_drawing_survives_the_canvas(digit):
    strokes = tuple(shapes.strokes(digit))
    back = fabricjs.to_drawing(objects(Drawing(strokes, (7.0,) * len(strokes), SIDE)), SIDE)
    assert back.brushes == (7.0,) * len(strokes)
    for before, after in zip(strokes, back.strokes, strict=True):
        assert np.abs(before - after).max() <= 0.01


@pytest.mark.parametrize(("size", "left"), [(1, 0), (5000, -900), (20, 100)])
def test_strokes_of_unknown_unit_are_made_to_fit(size, left):
    fitted = objects(Drawing(tuple(shapes.strokes(8, size, left, left))))
    points = np.concatenate(fabricjs.to_drawing(fitted, SIDE).strokes)
    assert points.min() >= 0
    assert points.max() <= SIDE
    assert np.ptp(points, axis=0).max() == pytest.approx(0.6 * SIDE, abs=0.1)


def test_a_canvas_of_another_size_is_scaled_with_its_brush():
    drawing = Drawing((np.array([[0, 0], [680, 680]], np.float32),), (40.0,), 680)
    (thing,) = objects(drawing)
    assert thing["path"][-1] == ["L", 340, 340]
    assert thing["strokeWidth"] == 20


def test_a_lone_point_is_drawn_as_a_dot():
    (thing,) = objects(Drawing((np.array([[50, 60]], np.float32),), (18.0,), SIDE))
    assert len(thing["path"]) == 2


def test_what_is_no_number_is_left_out():
    """Whatever a browser sends: the other lines are read."""
    good = shapes.fabric(7)["objects"]
    path = [["M", 0, 0], ["L", 9, 9]]
    things = [
        {"type": "Path", "strokeWidth": float("nan"), "path": path},
        {"type": "Path", "strokeWidth": 1e300, "path": path},
        {"type": "Path", "strokeWidth": "wide", "path": path},
        {"type": "Path", "path": path},
        {"type": "Path", "strokeWidth": 5, "path": [["M", float("nan"), 0]]},
        {"type": "Path", "strokeWidth": 5, "path": [["M", float("inf"), 0], ["L", 1, 1]]},
        {"type": "Path", "strokeWidth": 5, "path": [["Q", 1, 2, 3, 4]]},
        {"type": "Path", "strokeWidth": 5, "path": [["M", 1], 7]},
        {},
        *good,
    ]
    drawing = fabricjs.to_drawing(things, SIDE)
    assert len(drawing.strokes) == len(good)


def test_a_far_point_is_moved_nearer():
    far = {"type": "Path", "strokeWidth": 5, "path": [["M", 0, 0], ["L", 1e30, -1e30]]}
    assert fabricjs.to_drawing([far], SIDE).strokes[0].tolist() == [[0, 0], [1e6, -1e6]]
