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


def _reports(data: str):
    from dataclasses import replace  # noqa: PLC0415

    from core.storage.store import open_store  # noqa: PLC0415
    from tests import listed_runs  # noqa: PLC0415
    from ui.widgets import downloads  # noqa: PLC0415

    run = listed_runs.run(7, 0.9)
    downloads.report_buttons(open_store(), [replace(run, config=replace(run.training, data=data))])


def test_a_report_is_offered_where_there_are_images_to_measure_on(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))
    at = AppTest.from_function(_reports, kwargs={"data": "mnist"}).run()
    assert (len(at.get("download_button")), len(at.caption)) == (2, 0)
    at = AppTest.from_function(_reports, kwargs={"data": "cifar10"}).run()
    assert not at.exception
    assert at.get("download_button") == []
    assert at.caption[0].value.startswith("A report measures anew. CIFAR-10 is not on this computer yet: ")
