"""Measure how the shipped network reads, and write it into docs/model-card.md.

    python -m benchmarks.recognition [--pen-digits FILE] [--unipen-digits FILE] [--unipen-characters FILE]
                                     [--network FOLDER]

Without the files of what pens have written, the figures on writers are left out.
"""

import argparse
import datetime
import platform
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import unseen
from core.data import datasets, pen_files, pen_paths
from core.data.training_sets import AMBIGUOUS, BY_A_DETAIL, Files
from core.ink.photograph import from_image
from core.ink.preprocessing import from_strokes, sketch
from core.models import networks
from core.models.classifiers import Classifier
from core.nn import calibration
from core.records import DigitImage, Prediction

CARD = Path(__file__).parents[1] / "docs" / "model-card.md"
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end -->)", re.DOTALL)
PASS = 0.98  # share of the writers' digits that the strict threshold lets pass
OF_EACH = 1000  # images of each sort that is no digit
IMAGES = 300  # digits that are also read from an image of them, which takes longer
CANVAS, SIZES, BRUSHES = 280, (60, 240), (4, 30)  # in pixels


@dataclass(frozen=True)
class Reading:
    """What a network says of many digits."""

    predictions: list[Prediction]
    labels: np.ndarray

    def probabilities(self) -> np.ndarray:
        return np.stack([p.probabilities for p in self.predictions])

    def right(self) -> np.ndarray:
        return self.probabilities().argmax(1) == self.labels

    def is_digit(self) -> np.ndarray:
        return np.array([p.is_digit for p in self.predictions])

    def threshold(self, fraction: float) -> float:
        """That it is a digit has at least this probability for that share of them."""
        return float(np.quantile(self.is_digit(), 1 - fraction))

    def errors(self, temperature: float) -> tuple[float, float]:
        """Expected calibration error before the temperature was applied, and after."""
        logits = np.stack([p.logits for p in self.predictions])
        return tuple(
            calibration.expected_calibration_error(calibration.split(scaled)[0], self.labels)
            for scaled in (logits * temperature, logits)
        )  # type: ignore[return-value]


def main() -> None:
    """Measure, print, and put the figures into the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("--pen-digits", "--unipen-digits", "--unipen-characters"):
        parser.add_argument(name, type=Path, metavar="FILE")
    parser.add_argument("--network", type=Path, metavar="FOLDER", help="instead of the shipped one")
    options = parser.parse_args()
    network = networks.load(options.network) if options.network else networks.shipped()
    given = (options.pen_digits, options.unipen_digits, options.unipen_characters)
    text = "\n".join(
        measure(Classifier(network), Files(*(str(path.resolve()) if path else "" for path in given)))
    )
    print(text)
    if not options.network:
        CARD.write_text(
            FIGURES.sub(lambda found: f"\n{text}\n\n", CARD.read_text(encoding="utf-8")), encoding="utf-8"
        )


def measure(classifier: Classifier, files: Files) -> list[str]:
    """Return the lines of the figures."""
    data = datasets.mnist()
    test = [DigitImage(pixels) for pixels in data.x_test.astype(np.float32) / 255]
    writers = _writers(classifier, files)
    readings = {
        "MNIST test (test)": Reading(classifier.predict_many(test), data.y_test),
        **writers,
        **_together(writers),
    }
    temperature = classifier.network.about["calibration"]["temperature"]
    strict = next((r.threshold(PASS) for name, r in readings.items() if name.startswith(STRICT)), None)
    lines = [
        f"Measured on {datetime.date.today()}, {platform.machine()}, Python {platform.python_version()}.",
        "",
        "| digits | how many | read rightly | worst digit | calibration error before, after | called digits |",
        "|---|--:|--:|--:|--:|--:|",
        *(_row(name, reading, temperature) for name, reading in readings.items()),
        "",
        "| read rightly, by digit | " + " | ".join(str(digit) for digit in range(10)) + " |",
        "|---|" + "--:|" * 10,
        *(_by_digit(name, reading) for name, reading in readings.items() if not name.startswith("the same")),
        "",
        *_others(classifier, strict, files),
        "",
    ]
    for name, reading in readings.items():
        lines += _confusions(name, reading) if not name.startswith("the same") else []
    return [
        *lines,
        f"One `Classifier.predict` takes {_milliseconds(classifier, test[0]):.2f} ms (median of 2000).",
    ]


STRICT = "drawn by"  # the first reading of that name sets the strict threshold


def _writers(classifier: Classifier, files: Files) -> dict[str, Reading]:
    """What is said of the digits of those who were never learnt from, by who they are."""
    readings, rng = {}, np.random.default_rng(1)
    if files.pen_digits:
        digits = [d for d in pen_files.pen_digits(files.pen_digits) if pen_files.is_held_out(d.writer)]
        placed = [_placed(d.strokes, rng) for d in digits]
        readings[f"drawn by {_count(digits)} (development)"] = _reading(classifier, digits, placed)
        some = rng.permutation(len(digits))[:IMAGES]
        pairs = [(_image_of(*placed[i]), digits[i].digit) for i in some]
        readings["the same as pictures"] = Reading(
            classifier.predict_many([p for p, _ in pairs if p]),
            np.array([label for p, label in pairs if p]),
        )
    if files.unipen_digits:
        held_out = [d for d in pen_files.pen_digits(files.unipen_digits) if pen_files.is_held_out(d.writer)]
        for kind, last in (("development", False), ("test", True)):
            digits = [d for d in held_out if pen_files.is_test_writer(d.writer) == last]
            placed = [_placed(d.strokes, rng) for d in digits]
            readings[f"drawn by {_count(digits)} of UNIPEN's ({kind})"] = _reading(classifier, digits, placed)
    return readings


def _together(writers: dict[str, Reading]) -> dict[str, Reading]:
    """What is said of the strokes of all writers, where there are several files of them."""
    drawn = [reading for name, reading in writers.items() if name.startswith(STRICT)]
    if len(drawn) < 2:
        return {}
    predictions = [prediction for reading in drawn for prediction in reading.predictions]
    return {"all of these writers": Reading(predictions, np.concatenate([r.labels for r in drawn]))}


def _count(digits: Sequence[pen_files.PenDigit]) -> str:
    return f"{len({d.writer for d in digits})} held-out writers"


def _reading(classifier: Classifier, digits: Sequence[pen_files.PenDigit], placed) -> Reading:
    images = [from_strokes(strokes, brushes=[brush] * len(strokes)) for strokes, brush in placed]
    return Reading(classifier.predict_many([i for i in images if i]), np.array([d.digit for d in digits]))


def _row(name: str, reading: Reading, temperature: float) -> str:
    right = reading.right()
    by_digit = [float(right[reading.labels == d].mean()) for d in range(10)]
    before, after = reading.errors(temperature)
    passed = (reading.is_digit() >= calibration.MIN_IS_DIGIT).mean()
    return (
        f"| {name} | {len(right):,} | {right.mean():.2%} ({(~right).sum()} wrong) "
        f"| {int(np.argmin(by_digit))}: {min(by_digit):.1%} | {before:.2%} / {after:.2%} | {passed:.1%} |"
    )


def _by_digit(name: str, reading: Reading) -> str:
    right = reading.right()
    return f"| {name} | " + " | ".join(f"{right[reading.labels == d].mean():.1%}" for d in range(10)) + " |"


def _others(classifier: Classifier, strict: float | None, files: Files) -> list[str]:
    heading = (
        f"at the threshold that {PASS:.0%} of the six writers' digits pass ({strict:.3f})" if strict else ""
    )
    lines = [
        f"| no digit, not learnt from | how many | flagged below {calibration.MIN_IS_DIGIT:g}, as in the app |"
        + (f" {heading} |" if strict else ""),
        "|---|--:|--:|" + ("--:|" if strict else ""),
    ]
    rng = np.random.default_rng(2)
    sorts = {name: [make(rng) for _ in range(OF_EACH)] for name, make in unseen.SORTS.items()}
    for name, images in {**_written_characters(files), **sorts}.items():
        judged = np.array([p.is_digit for p in classifier.predict_many(images)])
        fractions = [(judged < calibration.MIN_IS_DIGIT).mean()]
        fractions += [(judged < strict).mean()] if strict else []
        lines.append(
            f"| {name} | {len(images):,} | " + " | ".join(f"{fraction:.1%}" for fraction in fractions) + " |"
        )
    return lines


def _written_characters(files: Files) -> dict[str, list[DigitImage]]:
    """Letters and signs that held-out writers have drawn."""
    if not files.unipen_characters:
        return {}
    rng, found = np.random.default_rng(3), pen_files.pen_characters(files.unipen_characters)
    held_out = [c for c in found if pen_files.is_held_out(c.writer)]
    sorts: dict[str, list[DigitImage]] = {}
    for c in held_out:
        strokes, brush = _placed(c.strokes, rng)
        image = from_strokes(strokes, brushes=[brush] * len(strokes))
        kind = "test" if pen_files.is_test_writer(c.writer) else "development"
        alike = c.character in AMBIGUOUS | BY_A_DETAIL
        sort = "that are digits to many hands" if alike else f"letters and signs by held-out writers ({kind})"
        if image is not None:
            sorts.setdefault(sort, []).append(image)
    names = sorted(sorts, key=lambda name: ("many" in name, "test" in name))
    return {name: sorts[name] for name in names}


def _confusions(name: str, reading: Reading) -> list[str]:
    read = reading.probabilities().argmax(1)
    pairs = list(zip(reading.labels[~reading.right()].tolist(), read[~reading.right()].tolist(), strict=True))
    counted = sorted({pair: pairs.count(pair) for pair in pairs}.items(), key=lambda item: -item[1])[:8]
    said = ", ".join(f"{true} read as {false} ({count})" for (true, false), count in counted)
    return [f"Most frequent mistakes, {name}: {said or 'none'}.", ""]


def _placed(strokes, rng: np.random.Generator) -> tuple[pen_paths.Strokes, float]:
    """The digit at a random size and place on a canvas, in whole pixels, and the brush it is drawn with."""
    points = np.concatenate(strokes)
    low, size = points.min(0), np.ptp(points, axis=0)
    extent = rng.uniform(*SIZES)
    zoom = extent / size.max()
    corner = rng.uniform(0, 1, 2) * (CANVAS - size * zoom)
    return [np.round((s - low) * zoom + corner) for s in strokes], rng.uniform(*BRUSHES)


def _image_of(strokes: pen_paths.Strokes, brush: float) -> DigitImage | None:
    """The same digit, taken from an image of the canvas."""
    ink = sketch([s + 20 for s in strokes], [brush] * len(strokes), CANVAS + 40)
    return from_image((255 * (1 - ink)).astype(np.uint8))


def _milliseconds(classifier: Classifier, image: DigitImage) -> float:
    times = []
    for _ in range(2000):
        started = time.perf_counter()
        classifier.predict(image)
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))


if __name__ == "__main__":
    main()
