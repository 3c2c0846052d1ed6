"""What is kept between the runs of pages is what Streamlit would say anew."""

import numpy as np
import pandas as pd
import pytest
from streamlit import config
from streamlit.components.v2.bidi_component import serialization
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.runtime import app_session

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


def test_a_server_keeps_both(monkeypatch):
    monkeypatch.setattr(app_session, "_populate_theme_msg", app_session._populate_theme_msg)
    monkeypatch.setattr(serialization, "is_dataframe_like", serialization.is_dataframe_like)
    before = app_session._populate_theme_msg, serialization.is_dataframe_like
    reruns.spare()
    assert app_session._populate_theme_msg is not before[0]
    assert serialization.is_dataframe_like is not before[1]
