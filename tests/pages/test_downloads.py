"""What a network can be saved as, by the buttons that save it."""

from streamlit.testing.v1 import AppTest

from core.models.exports.formats import FORMATS


def _buttons():
    from core.models import networks  # noqa: PLC0415
    from ui.widgets import downloads  # noqa: PLC0415

    network = networks.shipped("first-conv-best")
    downloads.network_buttons(lambda: network, downloads.stem(network))


def test_each_format_has_a_button():
    at = AppTest.from_function(_buttons).run()
    assert not at.exception
    labels = [button.proto.label for button in at.get("download_button")]
    assert [label for label in labels if label != "PyTorch module (.py)"] == [f.label for f in FORMATS.values()]
    assert labels.index("PyTorch module (.py)") == 1 + labels.index("PyTorch weights (.safetensors)")
