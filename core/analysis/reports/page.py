"""The report of a run, or of several side by side, as one HTML page that needs nothing else."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import numpy as np
from markupsafe import Markup
from PIL import Image

from core.analysis import evaluation
from core.analysis.reports import charts, subjects
from core.analysis.reports.charts import COLOURS, Line
from core.analysis.reports.subjects import Subject
from core.data import datasets
from core.data.datasets import KINDS
from core.io.data_urls import PNG, data_url
from core.io.templates import template
from core.records import Evaluation
from core.training import configs
from core.words import capitalised, confidence

WORST = 20  # mistakes that are shown
_TEMPLATE = template(Path(__file__).with_name("page.html.jinja"))


def make(about: Sequence[Subject]) -> bytes:
    """Return the page. about: one subject, or several on the same data. Raises datasets.NoData."""
    titles = [subject.name for subject in about]
    rows = [subjects.facts(subject) for subject in about]
    labels = list(dict.fromkeys(label for row in rows for label in row))
    return _TEMPLATE.render(
        title=titles[0] if len(about) == 1 else f"{len(about)} networks side by side",
        made=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        names=titles,
        colours=COLOURS,
        table=[(label, [row.get(label, "–") for row in rows]) for label in labels],
        compared=_compared(about),
        curves=[(title, Markup(svg)) for title, svg in _curves(about) if svg],
        measured=_measured(about),
        several=len(about) > 1,
        parts=[_part(subject, COLOURS[n % len(COLOURS)]) for n, subject in enumerate(about)],
        environment=subjects.environment(),
    ).encode()


def _compared(about: Sequence[Subject]) -> list[str]:
    """Each network beside the first, in words; those of other data or without numbers are left out."""
    first = about[0]
    return [
        evaluation.in_words(evaluation.compare(first.evaluation, other.evaluation), (first.name, other.name))
        for other in about[1:]
        if KINDS[other.network.data].tested_on == KINDS[first.network.data].tested_on
        and first.evaluation
        and other.evaluation
    ]


def _curves(about: Sequence[Subject]) -> list[tuple[str, str]]:
    found = []
    for title, of_training, measured, percent in (
        ("Accuracy", "train_accuracy", "validation_accuracy", True),
        ("Loss", "train_loss", "validation_loss", False),
    ):
        lines = []
        for n, subject in enumerate(about):
            colour = COLOURS[n % len(COLOURS)]
            whole = [point for point in subject.points if point.whole]
            for field, dashed in ((of_training, True), (measured, False)):
                known = ((p.epoch, getattr(p, field)) for p in whole)
                values = [(epoch, value) for epoch, value in known if value is not None and isfinite(value)]
                lines.append(Line(subject.name, values, colour, dashed))
        found.append((title, charts.line_chart(lines, "epoch", title.lower(), percent=percent)))
    return found


def _measured(about: Sequence[Subject]) -> str:
    """Which images the curves are measured on, in words."""
    every = {configs.measured(one.run.training) for one in about if one.run and one.points}
    mixed = "validation images (test images where none were held out)"
    return mixed if len(every) > 1 else f"{''.join(every)} images"


def _part(subject: Subject, colour: str) -> dict:
    """What is shown of each network by itself."""
    found, kind = subject.evaluation, KINDS[subject.network.data]
    if found is None:
        return {"name": subject.name, "no_number": capitalised(subjects.NO_NUMBER.removeprefix("none: "))}
    bins = [(b.confidence, b.accuracy, b.images) for b in evaluation.reliability(found)]
    table = evaluation.confusion(found)
    return {
        "name": subject.name,
        "classes": found.classes,
        "noun": kind.noun,
        "confusion": [[(int(n), _strength(row, n)) for n in row] for row in table],
        "wrong": int((found.predicted != found.labels).sum()),
        "worst": _worst(found, datasets.load(subject.network.data).x_test),
        "calibration": Markup(charts.reliability_chart(bins, colour)),
    }


def _strength(row: np.ndarray, count: int) -> float:
    return round(float(count / max(1, row.sum())) ** 0.5, 3)


def _worst(found: Evaluation, images: np.ndarray) -> list[tuple[str, str]]:
    """(data URL, what was taken for what) of the mistakes with the largest loss. images: of the test set."""
    wrong = np.flatnonzero(found.predicted != found.labels)
    chosen = wrong[np.argsort(-found.losses[wrong], kind="stable")][:WORST]
    return [
        (
            _url(images[i]),
            f"{found.classes[found.labels[i]]} → {found.classes[found.predicted[i]]}, "
            f"{confidence(float(found.confidence[i]))}",
        )
        for i in chosen
    ]


def _url(pixels: np.ndarray) -> str:
    out = io.BytesIO()
    Image.fromarray(255 - pixels if pixels.ndim == 2 else pixels).save(out, "PNG")
    return data_url(out.getvalue(), PNG)
