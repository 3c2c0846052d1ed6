"""Which network reads, whatever becomes of it meanwhile."""

from streamlit.testing.v1 import AppTest

from core.models import classifiers, registry
from core.storage.store import StoreError
from ui.state import keys

READS = """
import streamlit as st
from ui.state import selection
st.session_state["reads"] = selection.classifier().network.name
second = selection.second()
st.session_state["second"] = second and second.network.name
"""


def test_a_moment_without_the_database_forgets_no_choice(monkeypatch, classifier, tutorials_classifier):
    runs = {7: tutorials_classifier, 8: classifiers.shipped("first-conv-best")}
    monkeypatch.setattr(registry, "classifier", lambda number, owner=None: runs.get(number))
    at = AppTest.from_string(READS)
    at.session_state[keys.NETWORK], at.session_state[keys.SECOND_NETWORK] = 7, 8
    at.run()
    both = (tutorials_classifier.network.name, runs[8].network.name)
    assert (at.session_state["reads"], at.session_state["second"]) == both

    def out_of_reach(*_: object) -> None:
        raise StoreError("The database cannot be reached.")

    with monkeypatch.context() as patch:
        patch.setattr(registry, "classifier", out_of_reach)
        at.run()
        assert (at.session_state["reads"], at.session_state["second"]) == (classifier.network.name, None)
    at.run()
    assert (at.session_state["reads"], at.session_state["second"]) == both
    runs.clear()  # deleted
    at.run()
    assert (at.session_state["reads"], at.session_state[keys.NETWORK]) == (classifier.network.name, 0)
