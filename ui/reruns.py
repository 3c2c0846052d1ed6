"""What Streamlit works out anew at each run of a page, though it is the same each time: kept here.

Every stroke is a run of its page, and a class of thirty makes fifteen of them a second. `ui.server` calls
`spare` when the server starts. What is replaced is Streamlit's own; `tests/unit/test_reruns.py` holds what
takes its place to what that says.

Besides, a run is let go of as soon as it is over. Streamlit leaves reference cycles, 120 kB of them at each
drawing, which only Python's collector of garbage finds: until it looks the server grows, and the holes that are
left then do not go back to the system.
"""

import contextlib
import threading
from collections.abc import Callable
from functools import wraps
from typing import Any, Self

from streamlit.components.v2.bidi_component import main, serialization
from streamlit.errors import StreamlitAPIException
from streamlit.runtime import app_session
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_run_context_attr import SCRIPT_RUN_CONTEXT_ATTR_NAME
from streamlit.runtime.state import SessionState


def spare() -> None:
    """Have this process keep what no run changes."""
    app_session._populate_theme_msg = kept(app_session._populate_theme_msg)
    app_session._populate_config_msg = kept(app_session._populate_config_msg)
    serialization.is_dataframe_like = seldom_table(serialization.is_dataframe_like)
    main.make_bidi_component_presenter = presenter
    ScriptRunner._run_script_thread = let_go(ScriptRunner._run_script_thread)  # type: ignore[assignment, method-assign]


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


def let_go(runs: Callable[[ScriptRunner], None]) -> Callable[[ScriptRunner], None]:
    """Return what runs a page as `runs` does, and cuts what leads from the run back to itself when it is over.

    Its thread holds its context, which holds the run, which holds the thread; and its session's state asks it
    at each access whether it is to stop.
    """

    @wraps(runs)
    def run(runner: ScriptRunner) -> None:
        try:
            runs(runner)
        finally:
            with contextlib.suppress(AttributeError):
                delattr(threading.current_thread(), SCRIPT_RUN_CONTEXT_ATTR_NAME)
            object.__setattr__(runner._session_state, "_yield_callback", _goes_on)

    return run


def _goes_on() -> None:
    """What is over has nothing to stop."""


def presenter(
    aggregator_id: str, component_id: str | None = None, allowed_state_keys: set[str] | None = None
) -> Callable[[object, SessionState], object]:
    """Return what makes a component's state what a page sees of it: its triggers beside it.

    As Streamlit's `make_bidi_component_presenter`, which makes a class, 5 kB, each time that it is looked at.
    """

    def present(base: object, session: SessionState) -> object:
        if not isinstance(base, dict):
            return base
        about = session._new_widget_state.widget_metadata.get(aggregator_id)
        if about is None or about.value_type != "json_trigger_value":
            return base
        try:
            said = session._new_widget_state[aggregator_id]
        except KeyError:
            said = None
        events = said if isinstance(said, list) else [said]
        payloads = [one for one in events if isinstance(one, dict) and isinstance(one.get("event"), str)]
        shown = {one["event"]: one.get("value") for one in payloads} | base
        return Presented(shown, session, component_id, allowed_state_keys)

    return present


class Presented(dict[str, object]):
    """A component's state as a page sees it: what is set here is set in the session, too."""

    def __init__(
        self, shown: dict[str, object], session: SessionState, component: str | None, allowed: set[str] | None
    ):
        super().__init__(shown)
        self._session, self._component, self._allowed = session, component, allowed

    def __getattr__(self, name: str) -> object:
        return self.get(name)

    def __setattr__(self, name: str, value: object) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        memo[id(self)] = self  # it stands for the state itself
        return self

    def __setitem__(self, key: str, value: object) -> None:
        self._check_early(key)
        if self._allowed is None or key in self._allowed:
            super().__setitem__(key, value)
            self._store()

    def __delitem__(self, key: str) -> None:
        self._check_early(key)
        super().__delitem__(key)
        self._store()

    def _check_early(self, key: str) -> None:
        """Raise StreamlitAPIException where the component is on the page already."""
        run = get_script_run_ctx()
        if run is None or self._component is None:
            return
        name = self._session._key_id_mapper.get_key_from_id(self._component)
        if self._component in run.shared.widget_ids_this_run or name in run.shared.form_ids_this_run:
            raise StreamlitAPIException(
                f"`st.session_state.{name}.{key}` cannot be modified after the component with key `{name}` is "
                "instantiated.",
                error_id="bidi-component-state-cannot-be-modified",
            )

    def _store(self) -> None:
        if self._component is not None:
            self._session._new_widget_state.set_from_value(self._component, dict(self))
