"""The configuration that the Train form holds, whether it is shown or not."""

from dataclasses import replace

import streamlit as st

from core.records import TrainConfig
from core.training.recipes import ON_THE_PAGE, RECIPES
from ui.state import keys

FIRST = "quick"


def current() -> TrainConfig:
    """Return what the form says."""
    if keys.CONFIG not in st.session_state:
        load(FIRST)
    return st.session_state[keys.CONFIG]


def change(config: TrainConfig) -> None:
    """Say something else without touching the form's fields, as the layer table does."""
    st.session_state[keys.CONFIG] = config


def load(recipe: str) -> None:
    """Fill the form from a recipe; the seed stays."""
    seed = st.session_state[keys.CONFIG].seed if keys.CONFIG in st.session_state else 0
    put(replace(RECIPES[recipe].config, seed=seed), recipe)


def put(config: TrainConfig, recipe: str) -> None:
    """Fill the form from a configuration, such as an earlier run's. Call it before the form is shown."""
    st.session_state[keys.CONFIG] = config
    st.session_state[keys.RECIPE] = recipe if recipe in ON_THE_PAGE else FIRST
    for fields in (keys.FORM, keys.LAYERS_EDITION):  # new fields, with the new values
        st.session_state[fields] = st.session_state.get(fields, 0) + 1
    st.session_state[keys.LAYERS_BEFORE] = []  # they were of another network


def recipe() -> str:
    """Return the recipe that the form was filled from."""
    return st.session_state.get(keys.RECIPE, FIRST)
