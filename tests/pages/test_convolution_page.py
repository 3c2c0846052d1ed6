"""The Convolution page without a browser: what its component is given, and what is said."""

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.models import classifiers
from core.nn import ops
from core.nn.architectures import Dense, Flatten
from core.nn.ops import IMAGE_KERNELS
from core.records import DigitImage
from tests import shapes
from tests.pages.operations import drawn, given, open_page
from tests.worked_examples import IMAGE, KERNEL

ROOT = Path(__file__).parents[2]


def png(width: int = 300, height: int = 200) -> bytes:
    picture = np.zeros((height, width, 3), np.uint8)
    picture[:, width // 2 :] = 200
    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG")
    return out.getvalue()


def test_the_tutorials_example_comes_first():
    data = given(open_page("convolution"))
    assert data["input"]["values"] == IMAGE.tolist()
    assert data["kernel"]["values"] == KERNEL.tolist()
    (output,) = data["outputs"]
    assert output["values"] == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]
    assert output["title"] == "Result: 3 x 3"
    assert data["reveal"]


def test_stride_and_padding_change_the_result_and_the_formula():
    at = open_page("convolution")
    at.segmented_control(key="conv-stride").set_value(2)
    at.segmented_control(key="conv-padding").set_value("Zeros").run()
    data = given(at)
    assert data["pad"] == [1, 1, 1, 1]
    assert data["outputs"][0]["values"] == [[2, 3, 1], [1, 4, 3], [0, 2, 1]]
    assert r"{\frac{5 + 2 \cdot 1 - 3}{2} + 1} = {\frac{4}{2} + 1} = \mathbf{3}" in at.latex[1].value
    at.number_input(key="conv-zeros").set_value(6).run()
    assert given(at)["outputs"][0]["title"] == "Result: 8 x 8"


def test_what_is_left_over_is_explained():
    at = open_page("convolution", conv_stride=3)
    assert given(at)["outputs"][0]["values"] == [[4]]
    assert r"\left\lfloor \frac{2}{3} \right\rfloor + 1} = \mathbf{1}" in at.latex[1].value
    assert any("2 cells are left over" in caption.value for caption in at.caption)


def test_a_kernel_changes_its_size_about_its_middle_and_becomes_ones_own():
    at = open_page("convolution")
    at.slider(key="conv-size").set_value(5).run()
    assert at.selectbox(key="conv-kernel").value == "Your own"
    assert given(at)["kernel"]["texts"][1:4] == [["0", *map(str, row), "0"] for row in KERNEL.tolist()]
    assert given(at)["outputs"][0]["values"] == [[4]]
    at.selectbox(key="conv-kernel").set_value("Box blur").run()
    assert at.slider(key="conv-size").value == 3
    assert given(at)["kernel"]["texts"] == [["1/9"] * 3] * 3


def test_a_kernel_that_is_too_large_is_said_and_nothing_is_lost():
    at = open_page("convolution")
    at.slider(key="conv-size").set_value(7).run()
    assert not at.exception
    assert at.error[0].value.startswith("The window is 7 wide and the picture with its padding only 5")
    assert given(at)["outputs"] == []
    assert len(given(at)["kernel"]["texts"]) == 7
    at.slider(key="conv-size").set_value(3).run()
    assert not at.error
    assert given(at)["kernel"]["values"] == KERNEL.tolist()


@pytest.mark.parametrize("part", ["Step by step", "Image kernels"])
@pytest.mark.parametrize("text", ["nan", ""])
def test_what_is_no_number_is_said_and_stays_in_its_cell(part, text):
    texts = [["1", "0", "0"], ["0", text, "0"], ["0", "0", "1"]]
    at = open_page("convolution", shapes.fabric(3), conv_part=part, conv_texts=texts, conv_image_texts=texts)
    assert not at.exception
    assert "row 2, column 2" in at.error[0].value
    assert given(at)["kernel"]["texts"] == texts
    assert given(at)["outputs"] == []


@pytest.mark.parametrize(
    ("page", "state"),
    [
        ("convolution", {"conv_picture": "Your drawing"}),
        ("convolution", {"conv_part": "Image kernels"}),
        ("pooling", {"pool_picture": "Your drawing"}),
        ("pooling", {"pool_picture": "Feature map"}),
    ],
)
def test_without_a_drawing_it_says_to_draw_first(page, state):
    at = open_page(page, **state)
    assert at.info[0].value.startswith("Nothing is drawn yet: draw a digit")
    assert at.get("page_link")
    assert not at.get("bidi_component")


def test_ones_own_drawing_is_what_the_network_sees():
    at = open_page("convolution", shapes.fabric(3), conv_picture="Your drawing")
    np.testing.assert_allclose(given(at)["input"]["values"], drawn(3), atol=1e-5)
    expected = ops.convolve(drawn(3), KERNEL)
    np.testing.assert_allclose(given(at)["outputs"][0]["values"], expected, atol=1e-5)


def test_image_kernels_on_ones_own_drawing():
    at = open_page("convolution", shapes.fabric(5), conv_part="Image kernels")
    for name, (kernel, sentence) in IMAGE_KERNELS.items():
        at.selectbox(key="conv-image-kernel").set_value(name).run()
        (output,) = given(at)["outputs"]
        np.testing.assert_allclose(output["values"], ops.convolve(drawn(5), kernel), atol=1e-5)
        assert sentence in [m.value for m in at.markdown]
        largest = np.abs(output["values"]).max()
        assert output["scale"] == pytest.approx(1 if abs(kernel.sum() - 1) < 1e-9 else largest, abs=1e-4)


def test_a_learnt_kernel_does_what_it_does_in_the_network(classifier):
    at = open_page("convolution", shapes.fabric(5), conv_part="Image kernels")
    at.selectbox(key="conv-image-kernel").set_value("Learnt by the network that reads").run()
    at.slider(key="conv-learnt").set_value(7).run()
    data = given(at)
    assert not data["kernel"]["editable"]
    bias = classifier.network.weights["conv2d_1/bias"][6]
    (maps, *_) = classifier.activations(DigitImage(drawn(5))).values()
    np.testing.assert_allclose(
        np.maximum(np.array(data["outputs"][0]["values"]) + bias, 0), maps[..., 6], atol=1e-3
    )


def test_a_network_without_a_convolution_has_no_kernel_to_offer(monkeypatch):
    classifier = classifiers.shipped()
    dense = replace(classifier.network, layers=(Flatten(), Dense(10, "softmax")), weights={})
    monkeypatch.setattr(classifier, "network", dense)
    learnt = "Learnt by the network that reads"  # chosen while another network read
    at = open_page("convolution", shapes.fabric(5), conv_part="Image kernels", conv_image_kernel=learnt)
    assert learnt not in at.selectbox(key="conv-image-kernel").options
    assert at.selectbox(key="conv-image-kernel").value == "Your own"


def test_kernels_that_are_no_numbers_are_not_offered(monkeypatch):
    classifier = classifiers.shipped()
    weights = {name: array * np.nan for name, array in classifier.network.weights.items()}
    monkeypatch.setattr(classifier, "network", replace(classifier.network, weights=weights))
    learnt = "Learnt by the network that reads"
    at = open_page("convolution", shapes.fabric(5), conv_part="Image kernels", conv_image_kernel=learnt)
    assert at.selectbox(key="conv-image-kernel").value == "Your own"


def test_a_picture_is_reduced_and_a_bad_file_leaves_it():
    at = open_page("convolution", conv_part="Image kernels", conv_source="Picture")
    assert any(caption.value == "Choose a picture." for caption in at.caption)
    at.file_uploader[0].set_value(("picture.png", png(), "image/png")).run()
    data = given(at)
    assert data["input"]["title"] == "Before: 107 x 160"
    assert data["look"] == "light"
    assert {data["input"]["values"][0][0], data["input"]["values"][0][-1]} == {0, 200}
    at.file_uploader[0].set_value(("notes.png", b"dear diary", "image/png")).run()
    assert "PNG" in at.error[0].value
    assert given(at)["input"] == data["input"]
    at.file_uploader[0].set_value(("cut.png", png()[:90], "image/png")).run()
    assert not at.exception
    assert "damaged" in at.error[0].value
    at.file_uploader[0].set_value(("line.png", png(800, 8), "image/png")).run()
    assert not at.exception
    assert at.error[0].value.startswith("The window is 3 wide")


def test_settings_outlive_a_change_of_page():
    at = open_page("convolution")
    at.segmented_control(key="conv-stride").set_value(2).run()
    at.slider(key="conv-size").set_value(2).run()
    before = given(at)
    at.switch_page("pages/about.py").run()
    at.switch_page("pages/convolution.py").run()
    assert not at.exception
    assert given(at) == before
