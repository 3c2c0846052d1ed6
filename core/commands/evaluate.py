"""`python -m core evaluate` and `export`: a network measured, or taken away as a file.

Called by `core.commands.command_line`.
"""

import argparse
import json
from pathlib import Path
from typing import TypeAlias

import numpy as np
from tqdm import tqdm

from core.analysis.reports import subjects
from core.analysis.reports.formats import REPORTS
from core.analysis.reports.subjects import Subject
from core.commands import output
from core.data import datasets
from core.ink import files
from core.models import classifiers, input_scalings, keras_import, networks
from core.models.exports.formats import FORMATS
from core.nn import metrics
from core.records import Dataset
from core.storage.store import open_store
from core.training import configs, finetuning
from core.words import parse_id

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add_evaluate(commands: Commands) -> None:
    """Add the command `evaluate`, which `_evaluate` runs."""
    evaluate = commands.add_parser("evaluate", help="measure a network on the test pictures of its data set")
    evaluate.add_argument(
        "network",
        metavar="RUN_OR_MODEL",
        help="a run's number, a .keras or .h5 file, or a folder such as assets/models/...",
    )
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(run=_evaluate)


def add_export(commands: Commands) -> None:
    """Add the command `export`, which `_export` runs."""
    export = commands.add_parser(
        "export", help="write a network as a file that other programs open, or a report of one or several"
    )
    export.add_argument(
        "networks",
        nargs="+",
        metavar="RUN_OR_FOLDER",
        help="a run's number, a folder such as assets/models/..., or a .keras or .h5 file; several for a "
        "report or a notebook that compares them",
    )
    export.add_argument("--format", required=True, choices=[*FORMATS, *REPORTS])
    export.add_argument("--out", type=Path, metavar="FILE", required=True)
    export.set_defaults(run=_export)


def _evaluate(options: argparse.Namespace) -> int:
    classifier = _classifier(options.network)
    data, noun = datasets.load(classifier.network.data), datasets.KINDS[classifier.network.data].noun
    logits = classifier.logits(data.x_test.astype(np.float32) / 255)
    right, (_, loss, _) = logits.argmax(1) == data.y_test, metrics.figures(logits, data.y_test)
    train_accuracy, train_loss, count = _training_figures(options.network, classifier, data)
    pixels = input_scalings.sentence(
        input_scalings.measure(classifier.logits, data.x_test, data.y_test), classifier.shape, noun
    )
    if options.json:
        row = {"network": options.network, "test_accuracy": right.mean(), "wrong": int((~right).sum())}
        row |= {"test_loss": loss, "train_accuracy": train_accuracy, "train_loss": train_loss}
        print(json.dumps({**row, "pixels": pixels}))
    else:
        print(f"{right.mean():.2%} of {len(right):,} test {noun}, {(~right).sum()} wrong, loss {loss:.4f}")
        print(f"{train_accuracy:.2%} of {count:,} training {noun}, loss {train_loss:.4f}")
        if pixels:
            print(pixels)
    return 0


def _export(options: argparse.Namespace) -> int:
    if options.format in REPORTS:
        about = [_subject(named) for named in options.networks]
        written = {options.out: REPORTS[options.format].make(about)}
    else:
        if len(options.networks) > 1:
            raise files.BadInput(
                f"{len(options.networks)} networks cannot be one {options.format} file; name one of them, or "
                "take report or notebook, which compare several."
            )
        network, form = _classifier(options.networks[0]).network, FORMATS[options.format]
        written = {options.out: form.make(network)}
        if beside := form.beside:
            other = options.out.with_suffix(beside.suffix)
            if other in written:
                raise files.BadInput(
                    f"{options.out} is what the file beside the {options.format} file is called; name it "
                    f"{options.out.with_suffix(form.suffix)}."
                )
            written[other] = beside.make(network, options.out.name).encode()
    for path, data in written.items():
        output.write(path, data)
        print(f"{path} ({len(data) / 1000:,.0f} kB)")
    return 0


def _subject(named: str) -> Subject:
    """What a report says of a run or of a network in a folder or file."""
    network = _classifier(named).network
    store = open_store()
    run = None if (number := parse_id(named)) is None else store.run(number)
    return subjects.of_network(network, run, store.metrics(run.id) if run else ())


def _training_figures(
    named: str, classifier: classifiers.Classifier, data: Dataset
) -> tuple[float, float, int]:
    """(accuracy, loss, how many) of the training images that a run has learnt from; of them all for a file,
    and for what has learnt from none of them.

    As stored with the run, else measured now.
    """
    run = None if (number := parse_id(named)) is None else open_store().run(number)
    chosen = np.arange(len(data.x_train))
    if run and run.kind == "trained" and not finetuning.learns_alone(run.training):
        chosen = configs.training_indices(run.training, len(chosen) - configs.divide(run.training)[1])
    if run and run.train_accuracy is not None and run.train_loss is not None:
        return run.train_accuracy, run.train_loss, len(chosen)
    parts = np.array_split(chosen, -(-len(chosen) // 1000))
    logits = [
        classifier.logits(data.x_train[part].astype(np.float32) / 255)
        for part in tqdm(parts, desc="training pictures", disable=None, leave=False)
    ]
    return *metrics.figures(np.concatenate(logits), data.y_train[chosen])[:2], len(chosen)


def _classifier(named: str) -> classifiers.Classifier:
    """A run's number, a .keras or .h5 file, or a folder -> what reads with its network. Raises BadInput."""
    if (number := parse_id(named)) is not None:
        if not (network := open_store().network(number)):
            raise files.BadInput(f"Run {named} has no network; `{output.program()} runs` lists what there is.")
        return classifiers.Classifier(network)
    path = Path(named)
    try:
        if path.is_dir():
            return classifiers.Classifier(networks.load(path))
        with path.open("rb") as file:  # what is too large, or has no end, is not read to its end
            layers, weights, shape = keras_import.read(file.read(keras_import.MAX_BYTES + 1))
    except OSError as error:
        of = "" if error.filename in (None, str(path)) else f"{Path(error.filename).name}: "
        raise files.BadInput(f"{named} is no network that I can read: {of}{error.strerror or error}.") from None
    except ValueError as error:
        raise files.BadInput(f"{named} is no network that I can read: {error}") from None
    from core.worker import export, models  # noqa: PLC0415

    model, data = models.build(layers, shape), configs.imported(layers, shape).data
    models.set_weights(model, weights)
    return classifiers.Classifier(export.to_network(model, layers, path.stem, {}, data))
