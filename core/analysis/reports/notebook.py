"""The report as a Jupyter notebook that runs: the network lies in it, and all its numbers are measured anew."""

import base64
import json
import re
import textwrap
from collections.abc import Sequence
from math import isfinite
from pathlib import Path
from typing import Any

from core.analysis.reports import subjects
from core.analysis.reports.subjects import Subject
from core.data.datasets import KINDS
from core.ink.files import BadInput
from core.io.templates import template
from core.models import keras_program
from core.models.exports import keras_files

_TEMPLATE = template(Path(__file__).with_name("notebook.py.jinja"))
_MARKS = re.compile(r"[!-/:-@\[-`{-~]")  # a name is letters, also where Markdown would make something of it
# A data set -> the name under which Keras downloads it.
_IN_KERAS = {"mnist": "mnist", "cifar10": "cifar10", "fashion-mnist": "fashion_mnist"}
_CELL = "# %%"  # begins one; with [markdown] behind it, one of text


def make(about: Sequence[Subject]) -> bytes:
    """Return the .ipynb file. about: one subject, or several on the same data; of others it raises BadInput."""
    if len(tested_on := sorted({KINDS[one.network.data].tested_on for one in about})) > 1:
        raise BadInput(
            "A notebook measures its networks on the same test images, and these are for "
            f"{' and '.join(tested_on)}; the report takes them."
        )
    cells = [_cell(part) for part in _source(about).split(f"\n{_CELL}")[1:]]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": kernel, "language_info": {"name": "python"}},
        "cells": cells,
    }
    return json.dumps(notebook, indent=1).encode()


def _source(about: Sequence[Subject]) -> str:
    """The cells as one program, each behind a line that begins with _CELL."""
    kind = KINDS[about[0].network.data]
    return "\n" + _TEMPLATE.render(
        title=_title(about),
        subjects=[
            {
                "name": subject.name,
                "facts": subjects.facts(subject),
                "network": base64.b64encode(keras_files.keras(subject.network)).decode(),
                "accuracy": _accuracy(subject),
                "points": [
                    [
                        p.epoch,
                        p.train_accuracy,
                        p.validation_accuracy,
                        *map(_finite, (p.train_loss, p.validation_loss)),
                    ]
                    for p in subject.points
                    if p.whole
                ],
            }
            for subject in about
        ],
        classes=list(kind.names),
        file=f"{kind.tested_on}.npz",
        keras=_IN_KERAS.get(kind.tested_on, ""),
        shape=kind.shape,
        environment=subjects.environment(),
        program=_program(about[0]),
        literal=_literal,
        quoted=lambda text: textwrap.indent(text, "    "),
    )


def _accuracy(subject: Subject) -> float | None:
    found = subject.evaluation
    return float((found.predicted == found.labels).mean()) if found else None


def _title(about: Sequence[Subject]) -> str:
    one = _MARKS.sub(r"\\\g<0>", about[0].name)
    return one if len(about) == 1 else f"{len(about)} networks side by side"


def _program(subject: Subject) -> str:
    """The training as a Keras program, '' where nobody knows how it was trained."""
    run = subject.run
    is_plain = (
        run is not None and run.kind == "trained" and run.training.data == KINDS[run.training.data].tested_on
    )
    return keras_program.source(run.training) if run and is_plain else ""


def _finite(loss: float | None) -> float | None:
    """None for what Python would not read again: inf and nan are no names there."""
    return loss if loss is not None and isfinite(loss) else None


def _literal(value: Any) -> str:
    """Any JSON value as Python writes it, one line."""
    return repr(json.loads(json.dumps(value)))


def _cell(part: str) -> dict[str, Any]:
    head, _, text = part.partition("\n")
    lines = text.strip("\n").splitlines(keepends=True)
    if "[markdown]" in head:
        plain = [line[2:] if line.startswith("# ") else line.removeprefix("#") for line in lines]
        return {"cell_type": "markdown", "metadata": {}, "source": plain}
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "outputs": [], "source": lines}
