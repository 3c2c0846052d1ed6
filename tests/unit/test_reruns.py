"""What is kept between runs of pages is what Streamlit would say anew; of a run that is over nothing is."""

import asyncio
import copy
import gc
import json
import weakref
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest
from streamlit import config
from streamlit.components.v2.bidi_component import main, serialization
from streamlit.components.v2.presentation import make_bidi_component_presenter
from streamlit.errors import StreamlitAPIException
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import ScriptRunner, get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.runtime.state import SessionState
from streamlit.runtime.state.common import WidgetMetadata

from core import paths
from tests import memory
from ui import reruns

SECTIONS = ("theme", "theme.light", "theme.dark", "theme.sidebar", "theme.light.sidebar", "theme.dark.sidebar")


def message(fill):
    """The theme as Streamlit puts it together for a run."""
    made = ForwardMsg().new_session.custom_theme
    parts = made, made.light, made.dark, made.sidebar, made.light.sidebar, made.dark.sidebar
    for part, section in zip(parts, SECTIONS, strict=True):
        fill(part, section)
    return made.SerializeToString(deterministic=True)


def test_the_theme_is_streamlits_own_and_worked_out_once(monkeypatch):
    config.get_config_options(force_reparse=True)
    asked = []

    def fill(part, section):
        asked.append(section)
        app_session._populate_theme_msg(part, section)

    said = message(app_session._populate_theme_msg)
    assert b"#4b4fe2" in said, "the colours of .streamlit/config.toml"
    kept = reruns.kept(fill)
    assert [message(kept) for _ in range(3)] == [said] * 3
    assert asked == list(SECTIONS)


def test_the_settings_are_streamlits_own_and_worked_out_once():
    config.get_config_options(force_reparse=True)
    asked = []

    def fill(settings):
        asked.append(settings)
        app_session._populate_config_msg(settings)

    def said(fill):
        settings = ForwardMsg().new_session.config
        fill(settings)
        return settings.SerializeToString(deterministic=True)

    kept = reruns.kept(fill)
    assert [said(kept) for _ in range(3)] == [said(app_session._populate_config_msg)] * 3 != [b""] * 3
    assert len(asked) == 1


@pytest.mark.parametrize(
    "data",
    [
        {"list": [[1, 2], [3]], "dict": {"raw": {"objects": []}}, "text": "a", "none": None, "tuple": (1, "b")},
        {"of records": [{"id": 1}, {"id": 2}], "empty": [], "nothing": {}},
        {"table": pd.DataFrame({"a": [1, 2]}), "array": np.arange(3), "list": [0.5]},
    ],
)
def test_what_a_component_is_sent_stays_as_it_was(monkeypatch, data):
    def sent():
        made = BidiComponent()
        serialization.serialize_mixed_data(data, made)
        return made

    before = sent()
    monkeypatch.setattr(
        serialization, "is_dataframe_like", reruns.seldom_table(serialization.is_dataframe_like)
    )
    assert sent() == before


REPLACED = (
    (app_session, "_populate_theme_msg"),
    (app_session, "_populate_config_msg"),
    (serialization, "is_dataframe_like"),
    (main, "make_bidi_component_presenter"),
    (ScriptRunner, "_run_script_thread"),
)


def test_a_server_replaces_all_of_them(monkeypatch):
    before = [getattr(where, name) for where, name in REPLACED]
    for (where, name), one in zip(REPLACED, before, strict=True):
        monkeypatch.setattr(where, name, one)
    reruns.spare()
    for (where, name), one in zip(REPLACED, before, strict=True):
        assert getattr(where, name) is not one, name


@pytest.fixture
def no_collection():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def session(events, kind="json_trigger_value"):
    """A session with a component whose events those are."""
    made = SessionState()
    about = WidgetMetadata("events", deserializer=lambda said: said, serializer=json.dumps, value_type=kind)
    made._new_widget_state.set_widget_metadata(about)
    if events is not None:
        made._new_widget_state.set_from_value("events", events)
    made._key_id_mapper["component"] = "$$id"
    return made


MAKERS = [make_bidi_component_presenter, reruns.presenter]
WAYS = pytest.mark.parametrize("make", MAKERS)


@pytest.mark.parametrize("base", [{"drawing": 1, "sent": [2]}, {}, None, 7])
@pytest.mark.parametrize("kind", ["json_trigger_value", "json_value"])
@pytest.mark.parametrize(
    "events",
    [
        None,
        [],
        {"event": "sent", "value": 3},
        [{"event": "tap", "value": 1}, {"event": "tap", "value": 2}, {"event": 5, "value": 3}, "text", {}],
        [{"event": "tap"}],
        "text",
    ],
)
def test_a_component_shows_what_streamlit_shows(events, kind, base):
    shown = [make("events", "$$id")(base, session(events, kind)) for make in MAKERS]
    assert shown[0] == shown[1]
    assert isinstance(shown[0], dict) == isinstance(shown[1], dict)


@WAYS
def test_what_is_set_in_a_component_is_set_in_the_session(make):
    its = session([{"event": "tap", "value": 1}])
    shown = make("events", "$$id", {"drawing", "mode"})({"drawing": 2}, its)
    assert (shown.tap, shown.drawing, shown.other) == (1, 2, None)
    assert copy.deepcopy({"of": shown})["of"] is shown
    assert json.loads(json.dumps(shown)) == {"tap": 1, "drawing": 2}
    shown.drawing, shown["mode"], shown["unknown"] = 3, "a", "is left out"
    assert its._new_widget_state["$$id"] == shown == {"tap": 1, "drawing": 3, "mode": "a"}
    del shown["mode"]
    assert its._new_widget_state["$$id"] == shown == {"tap": 1, "drawing": 3}


@WAYS
def test_a_component_on_the_page_is_not_set_any_more(make, monkeypatch):
    run = Mock()
    run.shared.widget_ids_this_run, run.shared.form_ids_this_run = {"$$id"}, set()
    for module in ("streamlit.components.v2.presentation", "ui.reruns"):
        monkeypatch.setattr(f"{module}.get_script_run_ctx", lambda: run)
    shown = make("events", "$$id")({"drawing": 2}, session([]))
    with pytest.raises(
        StreamlitAPIException, match=r"st\.session_state\.component\.drawing. cannot be modified"
    ):
        shown["drawing"] = 3
    with pytest.raises(StreamlitAPIException, match="cannot be modified"):
        del shown["drawing"]
    assert shown == {"drawing": 2}


def test_a_component_that_was_looked_at_leaves_nothing(no_collection):
    """Streamlit makes a class each time, 5 kB in a reference cycle: 25 of them for each drawing on a phone."""
    its = session([{"event": "tap", "value": 1}])
    present = reruns.presenter("events", "$$id")

    def look():
        for _ in range(100):
            present({"drawing": 2}, its)

    kept, _ = memory.least([look] * 5)
    assert kept / 100 < 100


class Run(ScriptRunner):
    """A run without a page, which takes what is there of a real one."""

    _run_script_thread = reruns.let_go(ScriptRunner._run_script_thread)

    def __init__(self):
        self.loop = asyncio.new_event_loop()
        super().__init__(
            "id",
            "app.py",
            SessionState(),
            Mock(),
            Mock(),
            RerunData(),
            {},
            Mock(),
            PagesManager("app.py"),
            self.loop,
        )

    def _run_script(self, _):
        its = get_script_run_ctx()
        its.reset(page_script_hash="", yield_check=self._maybe_handle_execution_control_request)
        its.session_state["word"] = "kept"
        self.context = weakref.ref(its)

    def over(self):
        self.start()
        self._script_thread.join()
        self.loop.close()
        return self


def test_a_run_that_is_over_is_gone(no_collection):
    """Streamlit's holds itself, with its context and thread: 15 kB."""
    run = Run().over()
    assert run.context() is None
    assert run._session_state["word"] == "kept", "what is in the session stays"
    gone = weakref.ref(run)
    del run
    assert gone() is None


def test_the_address_of_the_database_is_written_once(no_collection, monkeypatch, tmp_path):
    paths.database()
    kept, _ = memory.least([lambda: [paths.database() for _ in range(100)] and None] * 5)
    assert kept / 100 < 50
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path / "a?b"))
    assert paths.database() == f"sqlite:///{tmp_path}/a%3Fb/digit-lab.db"
