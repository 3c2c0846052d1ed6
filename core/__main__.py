"""The command line: python -m core predict | train | evaluate | recipes."""

import argparse
import dataclasses
import json
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core import datasets, files, networks, recognizer
from core.recipes import RECIPES


def main(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m core", description=__doc__)
    commands = parser.add_subparsers(required=True)

    predict = commands.add_parser("predict", help="read digits in pictures and stroke files")
    predict.add_argument("files", nargs="+", type=Path, metavar="FILE")
    predict.add_argument("--json", action="store_true", help="one JSON object per line")
    predict.set_defaults(run=_predict)

    train = commands.add_parser("train", help="train a network and store it in a folder")
    train.add_argument("--recipe", required=True, choices=RECIPES)
    train.add_argument("--epochs", type=int, help="instead of the recipe's own number")
    train.add_argument("--seed", type=int, default=0)
    train.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    train.set_defaults(run=_train)

    evaluate = commands.add_parser("evaluate", help="measure a network on MNIST's 10,000 test digits")
    evaluate.add_argument("folder", type=Path, metavar="FOLDER", help="such as assets/models/first-conv-best")
    evaluate.set_defaults(run=_evaluate)

    recipes = commands.add_parser("recipes", help="list the recipes")
    recipes.set_defaults(run=_recipes)

    options = parser.parse_args(arguments)
    return options.run(options)


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
    # TensorFlow: six seconds that the other commands need not wait.
    from core.worker import export, training  # noqa: PLC0415

    recipe = RECIPES[options.recipe]
    config = dataclasses.replace(
        recipe.config, seed=options.seed, epochs=options.epochs or recipe.config.epochs
    )
    metrics = []

    def report(metric):
        metrics.append(metric)
        print(
            f"epoch {metric.epoch:3} of {config.epochs}  {metric.seconds:6.0f} s"
            f"  train {metric.train_accuracy:.2%}  test {metric.test_accuracy:.2%}",
            flush=True,
        )

    model = training.train(config, datasets.mnist(), report)
    about = {
        "recipe": options.recipe,
        "seed": config.seed,
        "epochs": len(metrics),
        "train_seconds": round(metrics[-1].seconds),
        "test_accuracy": round(metrics[-1].test_accuracy, 4),
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
    }
    networks.save(export.to_network(model, config.layers, recipe.title, about), options.out)
    print(f"stored in {options.out}")
    return 0


def _evaluate(options: argparse.Namespace) -> int:
    data = datasets.mnist()
    reader = recognizer.Recognizer(networks.load(options.folder))
    right = reader.logits(data.x_test.astype(np.float32) / 255).argmax(1) == data.y_test
    print(f"{right.mean():.2%} of {len(right):,} test digits, {(~right).sum()} wrong")
    return 0


def _recipes(options: argparse.Namespace) -> int:
    for name, recipe in RECIPES.items():
        print(f"{name}: {recipe.title}. Claim: {recipe.claim}. Source: {recipe.source}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
