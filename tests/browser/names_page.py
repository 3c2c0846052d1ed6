"""Not a page of the app: names that would act, shown in every way that the pages show names."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

import streamlit as st

from core.records import Metric
from tests import names
from ui import plain, say
from ui.figures import training_curves

POINTS = [Metric(i, float(i), 1.0, 0.5, 0.5, 0.5, 0.5, whole=True) for i in (1, 2)]

for number, name in enumerate(names.ACTING):
    shown = plain.markdown(name)
    with st.container(key=f"name-{number}"):
        say.error(name)
        say.info(f"It is called {name}.")
        say.caption(name)
        st.markdown(f"#### {shown}")
        st.markdown(f"**{shown}**, run 1")
        st.button(shown, key=f"button-{number}", help=shown)
        st.popover(shown)
        st.expander(shown)
        st.progress(0.5, text=shown)
        st.radio("Which", [name], format_func=plain.markdown, key=f"radio-{number}")
        st.segmented_control("Which", [name], format_func=plain.markdown, key=f"segments-{number}")
with st.container(key="raw"):
    st.selectbox("Lists show letters", names.ACTING, key="list")
    st.dataframe({"name": names.ACTING, names.ALL: names.ACTING})
    st.plotly_chart(training_curves.compare(dict.fromkeys(names.ACTING, POINTS)), key="compare")
    st.plotly_chart(
        training_curves.across_seeds({name: [(0, 0.5), (1, 0.6)] for name in names.ACTING}), key="spread"
    )
