"""What Streamlit works out anew at each run of a page, though it is the same each time: kept here.

Every stroke is a run of its page, and a class of thirty makes fifteen of them a second. `ui.server` calls
`spare` when the server starts. All functions are Streamlit's own; `tests/unit/test_reruns.py` holds what is
kept to what they say.
"""

from typing import Any

from streamlit.components.v2.bidi_component import serialization
from streamlit.runtime import app_session


def spare() -> None:
    """Have this process keep what no run changes."""
    app_session._populate_theme_msg = kept(app_session._populate_theme_msg)
    app_session._populate_config_msg = kept(app_session._populate_config_msg)
    serialization.is_dataframe_like = seldom_table(serialization.is_dataframe_like)


def kept(fill: Any) -> Any:
    """Return what fills in settings, or a section of the theme, as `fill` does, which is asked once for each.

    For the theme it goes through all 367 options for each of six sections, at each run.
    """
    known: dict[tuple[str, ...], Any] = {}

    def filled(message: Any, *section: str) -> None:
        if section not in known:
            one = type(message)()
            fill(one, *section)
            known[section] = one
        if known[section].ByteSize():  # merging an empty one would say that there is a section
            message.MergeFrom(known[section])

    return filled


def seldom_table(is_table: Any) -> Any:
    """Return what says whether a component's datum is a table, without a long look at lists and dictionaries.

    Of those Streamlit takes a dictionary of pandas' series for one, which no component of ours is sent.
    """
    return lambda datum: not isinstance(datum, dict | list) and is_table(datum)
