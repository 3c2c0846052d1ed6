"""`python -m core predict`: what a network reads in files.

Called by `core.commands.command_line`.
"""

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from core.ink import files
from core.models import classifiers, number_prediction
from core.records import Drawing
from core.words import confidence, in_words

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"


def add(commands: Commands) -> None:
    """Add the command `predict`, which `_predict` runs."""
    predict = commands.add_parser("predict", help="read digits in pictures and stroke files")
    predict.add_argument("files", nargs="+", type=Path, metavar="FILE")
    predict.add_argument("--json", action="store_true", help="one JSON object per line")
    predict.add_argument(
        "--number", action="store_true", help="read several digits side by side as a number, such as 42"
    )
    predict.set_defaults(run=_predict)


def _predict(options: argparse.Namespace) -> int:
    classifier, failed = classifiers.shipped(), False
    answer, sentence = (_number, _number_sentence) if options.number else (_answer, _sentence)
    for path in options.files:
        row = _predict_file(classifier, path, answer)
        failed |= "error" in row
        print(json.dumps(row) if options.json else f"{path}: {row.get('error') or sentence(row)}", flush=True)
    return int(failed)


def _predict_file(
    classifier: classifiers.Classifier, path: Path, answer: Callable[[classifiers.Classifier, bytes], dict]
) -> dict:
    """One row of the answer: {"file", ...what `answer` says of its bytes} or {"file", "error"}."""
    try:
        files.check_length(path.stat().st_size)
        with path.open("rb") as file:  # what is no ordinary file may have no length, and no end
            data = file.read(files.MAX_BYTES + 1)
        return {"file": str(path), **answer(classifier, data)}
    except files.BadInput as error:
        said = str(error)
    except OSError as error:
        said = f"The file cannot be read: {error.strerror}."
    except Exception as error:  # noqa: BLE001  what is wrong with one file is no reason to leave the others out
        said = f"The file cannot be read: {type(error).__name__}, {error}."
    return {"file": str(path), "error": said}


def _answer(classifier: classifiers.Classifier, data: bytes) -> dict:
    """{"digit", "probabilities", "is_digit"} of one file."""
    image = files.read(data, classifiers.shipped().predict)
    if image is None:  # no ink: nothing speaks for one digit more than for another
        return {"digit": None, "probabilities": [0.1] * 10, "is_digit": 0.0}
    prediction = classifier.predict(image)
    probabilities = [round(float(p), 6) for p in prediction.probabilities]
    is_digit = None if prediction.is_digit is None else round(prediction.is_digit, 6)
    return {"digit": prediction.digit, "probabilities": probabilities, "is_digit": is_digit}


def _sentence(row: dict) -> str:
    return "no digit" if row["digit"] is None else in_words(row["probabilities"])


def _number(classifier: classifiers.Classifier, data: bytes) -> dict:
    """{"number", "digits": [{"digit", "probability", "box"}]} of one file, boxes in the file's own unit."""
    content = files.open_file(data)
    reading = number_prediction.predict(content, classifier)
    zoom = 1.0 if isinstance(content, Drawing) else files.reduced(data, content)
    if reading is None:
        return {"number": None, "digits": []}
    digits = [
        {
            "digit": digit.prediction.digit,
            "probability": round(float(digit.prediction.probabilities.max()), 6),
            "box": [round(zoom * side, 2) for side in digit.box],
        }
        for digit in reading.digits
    ]
    return {"number": reading.number, "digits": digits}


def _number_sentence(row: dict) -> str:
    if row["number"] is None:
        return "no number"
    return f"{row['number']} ({', '.join(confidence(digit['probability']) for digit in row['digits'])})"
