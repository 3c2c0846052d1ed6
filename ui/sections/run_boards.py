"""What runs have reached, on the Runs page: beside what others have, and beside chance."""

from collections.abc import Collection, Sequence

import pandas as pd
import streamlit as st

from core.data import datasets
from core.data.datasets import KINDS
from core.records import Run
from core.runs import leaderboard
from core.words import possessive
from ui import say
from ui.components import plotly_chart, term_notes
from ui.figures import training_curves
from ui.state import keys, visitor

BOARDS = ("mnist", "cifar10")  # whose leaderboards are offered before anything is trained on them


def board(runs: Sequence[Run]) -> None:
    """The best of each network beside what others have reached."""
    st.header("Leaderboard")
    latest = next((run for run in runs if run.test_accuracy is not None), None)
    data = st.segmented_control(
        "Leaderboard of",
        [name for name in leaderboard.PUBLISHED if name in BOARDS or leaderboard.measured_on(runs, name)],
        key=keys.BOARD_DATA,
        default="mnist" if latest is None else KINDS[latest.config.data].tested_on,
        required=True,
        format_func=lambda name: KINDS[name].title,
        label_visibility="collapsed",
        persist_state="session",
    )
    kind = KINDS[data]
    total = datasets.kind(data).test
    right = f"{kind.noun} that are {'read' if kind.is_written else 'named'} rightly"
    term_notes.caption(
        f"Share of {possessive(kind.title)} {total:,} test {right}: here, as the tutorials claim, as "
        "published. Of several seeds it is the mean: the test never chooses."
    )
    _ranking(leaderboard.rows(runs, data), {run.id for run in runs if run.visitor == visitor.name()})


def _ranking(rows: Sequence[leaderboard.Row], mine: Collection[int]) -> None:
    """mine: the numbers of the visitor's own runs."""
    st.dataframe(
        pd.DataFrame(
            {
                "accuracy": [100 * row.accuracy for row in rows],
                "yours": ["★" if row.run in mine else "" for row in rows],
                "network": [row.who for row in rows],
                "range": ["" if row.min is None else f"{row.min:.2%} to {row.max:.2%}" for row in rows],
                "from": [row.source for row in rows],
            }
        ),
        hide_index=True,
        key="board",
        column_config={
            "accuracy": st.column_config.NumberColumn(format="%.2f%%", width="small"),
            "range": st.column_config.Column(width=130, help="The least and the most of several seeds"),
            "yours": st.column_config.Column(width=50),
        },
    )


def chance(runs: Sequence[Run]) -> None:
    """Several seeds of one recipe: how much of a difference is luck."""
    st.header("What chance does")
    found = {data: leaderboard.seeds(leaderboard.measured_on(runs, data)) for data in leaderboard.PUBLISHED}
    shown = {data: groups for data, groups in found.items() if groups}
    if not shown:
        term_notes.caption(
            "Train one recipe again with another seed, and see here how much of a difference is luck."
        )
    else:
        term_notes.caption("Each dot is the test accuracy of one seed, the line their mean.")
    for data, groups in shown.items():
        if len(shown) > 1:
            st.markdown(f"**{KINDS[data].title}**")
        plotly_chart.chart(training_curves.across_seeds(groups), key=f"spread-{data}")
        for name, seeds in groups.items():
            values = [100 * value for _, value in seeds]
            say.caption(f"{name}: {len(values)} seeds from {min(values):.2f}% to {max(values):.2f}%.")
