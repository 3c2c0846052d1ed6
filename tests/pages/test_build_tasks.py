"""Networks to be built by hand: the recipe's own layers meet all that is asked, others do not; the page."""

from dataclasses import replace
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.nn.architectures import AveragePooling2D, Conv2D, Dense, Flatten, MaxPooling2D
from core.training.recipes import RECIPES
from ui.content.build_tasks import TASKS, ticked

ROOT = Path(__file__).parents[2]
HIDDEN = (
    Conv2D(10, 4, activation="relu"),
    Flatten(),
    Dense(50, "relu"),
    Dense(50, "relu"),
    Dense(10, "softmax"),
)
SOLVED = {
    "net_1": RECIPES["two-conv-one-pooling"].config.layers,
    "net_2": RECIPES["without-pooling"].config.layers,
    "hidden": HIDDEN,
    "cifar": (Conv2D(16, 3), MaxPooling2D(2), Conv2D(16, 3), Flatten(), Dense(10, "softmax")),
}


@pytest.mark.parametrize("key", TASKS)
def test_what_is_asked_for_can_be_built_and_the_answer_alone_is_not_it(key):
    task = TASKS[key]
    assert all(ticked(task, SOLVED[key]))
    only = SOLVED[key][-1:]
    assert not all(ticked(task, only))
    assert not any(ticked(task, ()))
    for place in range(len(SOLVED[key])):  # each of its layers is needed, but for images, where one may do more
        fewer = SOLVED[key][:place] + SOLVED[key][place + 1 :]
        assert not all(ticked(task, fewer)) or key == "cifar"


@pytest.mark.parametrize(
    ("key", "layers", "missing"),
    [
        ("net_1", SOLVED["net_2"], {"Two convolutions, with 32 and 64 filters", "Max pooling after both"}),
        ("net_2", SOLVED["net_1"], {"One of them has a stride of 2", "No pooling"}),
        ("hidden", (*HIDDEN[:2], Dense(100, "relu"), HIDDEN[-1]), {"Two hidden Dense layers, of 50 each"}),
        ("hidden", (HIDDEN[0], *HIDDEN[2:]), {"All layers fit together"}),
        (
            "cifar",
            (Conv2D(16, 3), Conv2D(64, 3), Flatten(), Dense(500), Dense(10, "softmax")),
            {"At most 500,000"},
        ),
        ("cifar", (Conv2D(8, 3), AveragePooling2D(2), Flatten(), Dense(10, "softmax")), {"At least two"}),
    ],
)
def test_what_is_missing_is_not_ticked(key, layers, missing):
    task = TASKS[key]
    done = ticked(task, layers)
    left = [requirement.text for requirement, there in zip(task.requirements, done, strict=True) if not there]
    assert all(any(text.startswith(start) for text in left) for start in missing), left


def texts(at: AppTest) -> str:
    return " ".join(part.value for kind in ("markdown", "caption") for part in at.get(kind))


def test_the_page_opens_with_the_answers_layer_alone_and_ticks_what_is_there(jobs, by_the_navigation):
    at = AppTest.from_file(ROOT / "app.py", default_timeout=60)
    at.query_params["lesson"], at.query_params["step"] = "hand", "5"
    at.switch_page("pages/lessons.py").run()
    at.button(key="lesson-further-0").click().run()
    assert not at.exception
    assert at.session_state["config"].layers == (Dense(10, "softmax"),)
    assert "1 of 6." in texts(at)  # it ends in Dense 10
    at.session_state["config"] = replace(at.session_state["config"], layers=SOLVED["net_1"])
    at.switch_page("pages/train.py").run()
    assert "All there: press Train." in texts(at)
    at.button(key="leave-task").click().run()
    assert "net_1" not in texts(at)
    assert not at.exception
