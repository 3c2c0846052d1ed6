"""Where browsers let a page use the camera, and what is said elsewhere."""

import pytest

from ui.widgets import camera


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("http://localhost:8501", True),
        ("http://127.0.0.1:8501/draw", True),
        ("http://[::1]:8501", True),
        ("https://school.example/lab", True),
        (None, True),
        ("http://192.168.0.7:8501", False),
        ("http://teacher.local:8501", False),
        ("http://localhost.example", False),
    ],
)
def test_a_camera_needs_https_or_this_computer(url, allowed):
    assert camera.allowed(url) == allowed


def test_what_is_said_elsewhere_points_to_picture():
    assert "plain http" in camera.NOT_HERE
    assert "Choose Picture" in camera.NOT_HERE
