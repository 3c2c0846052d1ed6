"""What a network gets wrong, how sure it was, and how far that can be trusted."""

import streamlit as st

from core.models.registry import SHIPPED
from core.storage.store import StoreError
from ui import say
from ui.components import term_notes
from ui.sections import colour_image, confusion_explorer, evaluated_network, evaluation_metrics, two_networks
from ui.widgets import heading

its_names, unreachable = evaluated_network.networks_to_choose()
heading.heading(
    "See what a network gets wrong",
    "How often it is wrong, with which pictures, and how sure it was.",
    switch=True,
)
if unreachable:
    say.error(unreachable)
    st.stop()
if not its_names:
    st.info(colour_image.NO_NETWORK)
    st.stop()
try:
    its_number, its_set, its_data = evaluated_network.choose(its_names)
    its_answer = evaluated_network.answer(its_number, its_names, its_set, its_data)
except StoreError as error:
    say.error(error)
    st.stop()
if its_answer is None:
    st.stop()
evaluation_metrics.headline(its_answer.evaluation)
confusion_explorer.explore(its_set, its_data, its_answer)
with st.container(key="mistakes-figures"):
    first_column, second_column, third_column = st.columns(3, gap="large")
with first_column:
    evaluation_metrics.class_by_class(its_answer.evaluation)
with second_column:
    evaluation_metrics.reliability(its_answer.evaluation)
with third_column:
    evaluation_metrics.abstention(its_answer.evaluation)
two_networks.two_networks(its_set, its_data, its_answer, its_names)
if max(its_names) <= SHIPPED:
    term_notes.caption("Networks that you train appear in both lists.")
