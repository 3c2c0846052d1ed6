"""The command line: python -m core predict | train | evaluate | runs | recipes."""

import argparse
import dataclasses
import json
import signal
import sys
import threading
from pathlib import Path

import numpy as np

from core import configs, datasets, files, keras_file, networks, recognizer
from core.recipes import RECIPES
from core.records import Metric, Run, TrainConfig
from core.store import StoreError, open_store


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True)

    predict = commands.add_parser("predict", help="read digits in pictures and stroke files")
    predict.add_argument("files", nargs="+", type=Path, metavar="FILE")
    predict.add_argument("--json", action="store_true", help="one JSON object per line")
    predict.set_defaults(run=_predict)

    train = commands.add_parser("train", help="train a network; it is also shown on the app's Runs page")
    train.add_argument("--recipe", required=True, choices=RECIPES)
    train.add_argument("--epochs", type=int, help="instead of the recipe's own number")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--json", action="store_true", help="one JSON object per line: each point, then the run")
    train.add_argument("--out", type=Path, metavar="FOLDER", help="store the network in this folder as well")
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="measure a network on MNIST's 10,000 test digits")
    evaluate.add_argument(
        "network",
        metavar="RUN_OR_MODEL",
        help="a run's number, a .keras file, or a folder such as assets/models/...",
    )
    evaluate.add_argument("--json", action="store_true")
    evaluate.set_defaults(run=_evaluate)

    runs = commands.add_parser("runs", help="list all trainings")
    runs.add_argument("--json", action="store_true", help="one JSON object per line")
    runs.set_defaults(run=_runs)

    recipes = commands.add_parser("recipes", help="list the recipes")
    recipes.add_argument("--json", action="store_true", help="one JSON object per line")
    recipes.set_defaults(run=_recipes)

    options = parser.parse_args(arguments)
    try:
        return options.run(options)
    except (StoreError, files.BadInput) as error:
        print(error, file=sys.stderr)
        return 1


def _predict(options: argparse.Namespace) -> int:
    reader, failed = recognizer.shipped(), False
    for path in options.files:
        row = _predict_file(reader, path)
        failed |= "error" in row
        print(json.dumps(row) if options.json else _sentence(row), flush=True)
    return int(failed)


def _predict_file(reader: recognizer.Recognizer, path: Path) -> dict:
    """One row of the answer: {"file", "digit", "probabilities"} or {"file", "error"}."""
    try:
        image = files.read(path.read_bytes())
    except files.BadInput as error:
        return {"file": str(path), "error": str(error)}
    except OSError as error:
        return {"file": str(path), "error": f"The file cannot be read: {error.strerror}."}
    if image is None:  # no ink: nothing speaks for one digit more than for another
        return {"file": str(path), "digit": None, "probabilities": [0.1] * 10}
    prediction = reader.predict(image)
    probabilities = [round(float(p), 6) for p in prediction.probabilities]
    return {"file": str(path), "digit": prediction.digit, "probabilities": probabilities}


def _sentence(row: dict) -> str:
    if "error" in row:
        return f"{row['file']}: {row['error']}"
    if row["digit"] is None:
        return f"{row['file']}: no digit"
    return f"{row['file']}: {row['digit']} ({max(row['probabilities']):.1%})"


def _train(options: argparse.Namespace) -> int:
    recipe = RECIPES[options.recipe]
    epochs = recipe.config.epochs if options.epochs is None else options.epochs
    config = dataclasses.replace(recipe.config, seed=options.seed, epochs=epochs)
    if problem := configs.check(config):
        raise files.BadInput(problem)
    # TensorFlow: six seconds that the other commands need not wait.
    from core.worker import tasks  # noqa: PLC0415

    store = open_store()
    number = store.add(config, name=recipe.title, visitor="command line", recipe=options.recipe)

    def stop(*_: object) -> None:
        # In a thread: the training may hold the database's lock at the very line where Ctrl C reaches it.
        threading.Thread(target=store.ask_to_stop, args=(number,)).start()

    signal.signal(signal.SIGINT, stop)  # Ctrl C keeps the best weights

    def report(metric: Metric) -> None:
        if options.json:
            print(json.dumps(dataclasses.asdict(metric)), flush=True)
        elif metric.whole:
            print(_line(metric, config), flush=True)

    tasks.train_run(store.url, number, report)
    run, network = store.run(number), store.network(number)
    assert run is not None
    if network and options.out:
        networks.save(network, options.out)
    print(json.dumps(_run_row(run)) if options.json else _run_line(run))
    return 0 if run.readable else 1


def _line(metric: Metric, config: TrainConfig) -> str:
    measured = configs.measured(config)
    return (
        f"epoch {metric.epoch:5.4g} of {config.epochs}  {metric.seconds:6.1f} s"
        f"  train {metric.train_accuracy:.2%}  {measured} {metric.validation_accuracy:.2%}"
    )


def _runs(options: argparse.Namespace) -> int:
    runs = open_store().runs()
    for run in runs:
        print(json.dumps(_run_row(run)) if options.json else _run_line(run))
    if not runs and not options.json:
        print("There are no runs yet: python -m core train --recipe quick")
    return 0


def _run_row(run: Run) -> dict:
    row = dataclasses.asdict(run)
    return {**row, "config": configs.to_json(run.config), "created": run.created.isoformat()}


def _run_line(run: Run) -> str:
    accuracy = "" if run.test_accuracy is None else f"  test {run.test_accuracy:.2%}"
    return (
        f"run {run.id}  {run.status:11}  {run.recipe or 'own network':22}  seed {run.config.seed}"
        f"  {run.seconds:6.1f} s{accuracy}  {run.note}".rstrip()
    )


def _evaluate(options: argparse.Namespace) -> int:
    data = datasets.mnist()
    reader = _reader(options.network)
    right = reader.logits(data.x_test.astype(np.float32) / 255).argmax(1) == data.y_test
    if options.json:
        print(
            json.dumps(
                {"network": options.network, "test_accuracy": right.mean(), "wrong": int((~right).sum())}
            )
        )
    else:
        print(f"{right.mean():.2%} of {len(right):,} test digits, {(~right).sum()} wrong")
    return 0


def _reader(named: str) -> recognizer.Recognizer:
    """A run's number, a .keras file or a folder -> what reads with its network. Raises BadInput."""
    if named.isdecimal() and len(named) < 10:
        if not (network := open_store().network(int(named))):
            raise files.BadInput(f"Run {named} has no network; `python -m core runs` lists what there is.")
        return recognizer.Recognizer(network)
    path = Path(named)
    try:
        if path.is_dir():
            return recognizer.Recognizer(networks.load(path))
        layers, weights = keras_file.read(path.read_bytes())
    except (OSError, ValueError) as error:
        raise files.BadInput(f"{named} is no network that I can read: {error}") from None
    from core.worker import export, models  # noqa: PLC0415

    model = models.build(layers)
    models.set_weights(model, weights)
    return recognizer.Recognizer(export.to_network(model, layers, path.stem, {}))


def _recipes(options: argparse.Namespace) -> int:
    for name, recipe in RECIPES.items():
        if options.json:
            row = {**dataclasses.asdict(recipe), "name": name, "config": configs.to_json(recipe.config)}
            print(json.dumps(row))
        else:
            print(f"{name}: {recipe.title}. Claim: {recipe.claim}. Source: {recipe.source}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
