"""Measure how the shipped network reads, and write it into docs/model-card.md.

    python -m benchmarks.recognition [--pen-digits FILE] [--network FOLDER]

Without the file of pen-drawn digits the figures on writers are left out.
"""

import argparse
import datetime
import platform
import re
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks import unseen
from core.data import datasets, synthetic_strokes, training_sets
from core.ink.photograph import from_image
from core.ink.preprocessing import from_strokes, sketch
from core.models import networks
from core.models.classifier import Recognizer
from core.nn import calibration
from core.records import DigitImage, Prediction

CARD = Path(__file__).parents[1] / "docs" / "model-card.md"
FIGURES = re.compile(r"(?<=<!-- figures -->\n).*?(?=<!-- end -->)", re.DOTALL)
PASS = 0.98  # share of the writers' digits that the strict threshold lets pass
OF_EACH = 1000  # pictures of each sort that is no digit
PICTURES = 300  # digits that are also read from a picture of them, which takes longer
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
    parser.add_argument("--pen-digits", type=Path, metavar="FILE")
    parser.add_argument("--network", type=Path, metavar="FOLDER", help="instead of the shipped one")
    options = parser.parse_args()
    network = networks.load(options.network) if options.network else networks.shipped()
    text = "\n".join(measure(Recognizer(network), options.pen_digits))
    print(text)
    if not options.network:
        CARD.write_text(FIGURES.sub(lambda found: f"\n{text}\n\n", CARD.read_text()))


def measure(reader: Recognizer, pen_file: Path | None) -> list[str]:
    """Return the lines of the figures."""
    temperature = reader.network.about["calibration"]["temperature"]
    data = datasets.mnist()
    test = [DigitImage(pixels) for pixels in data.x_test.astype(np.float32) / 255]
    mnist = Reading(reader.predict_many(test), data.y_test)
    lines = [
        f"Measured on {datetime.date.today()}, {platform.machine()}, Python {platform.python_version()}.",
        "",
        "| digits | how many | read rightly | worst digit | calibration error before, after | called digits |",
        "|---|--:|--:|--:|--:|--:|",
        _row("MNIST test", mnist, temperature),
    ]
    threshold, drawn = 0.5, None
    if pen_file:
        digits = [
            d for d in training_sets.pen_digits(str(pen_file.resolve())) if training_sets.is_held_out(d.writer)
        ]
        labels = np.array([d.digit for d in digits])
        rng = np.random.default_rng(1)
        placed = [_placed(d.strokes, rng) for d in digits]
        images = [from_strokes(strokes, brushes=[brush] * len(strokes)) for strokes, brush in placed]
        drawn = Reading(reader.predict_many([i for i in images if i]), labels)
        lines.append(_row(f"drawn by {len({d.writer for d in digits})} held-out writers", drawn, temperature))
        some = rng.permutation(len(digits))[:PICTURES]
        pictures = [(_picture(*placed[i]), labels[i]) for i in some]
        seen = Reading(
            reader.predict_many([p for p, _ in pictures if p]), np.array([label for p, label in pictures if p])
        )
        lines.append(_row("the same as pictures", seen, temperature))
        threshold = float(np.quantile(drawn.is_digit(), 1 - PASS))
    lines += ["", *_others(reader, threshold, pen_file)]
    lines += ["", *_confusions("MNIST test", mnist)]
    if drawn:
        lines += _confusions("held-out writers", drawn)
    return [*lines, f"One `Recognizer.predict` takes {_milliseconds(reader, test[0]):.2f} ms (median of 2000)."]


def _row(name: str, reading: Reading, temperature: float) -> str:
    right = reading.right()
    by_digit = [float(right[reading.labels == d].mean()) for d in range(10)]
    before, after = reading.errors(temperature)
    passed = (reading.is_digit() >= calibration.LEAST_DIGIT).mean()
    return (
        f"| {name} | {len(right):,} | {right.mean():.2%} ({(~right).sum()} wrong) "
        f"| {int(np.argmin(by_digit))}: {min(by_digit):.1%} | {before:.2%} / {after:.2%} | {passed:.1%} |"
    )


def _others(reader: Recognizer, threshold: float, pen_file: Path | None) -> list[str]:
    strict = f"at the threshold that {PASS:.0%} of the writers' digits pass ({threshold:.3f})"
    lines = [
        f"| no digit, of sorts not learnt | flagged below {calibration.LEAST_DIGIT:g}, as the app does |"
        + (f" {strict} |" if pen_file else ""),
        "|---|--:|" + ("--:|" if pen_file else ""),
    ]
    rng = np.random.default_rng(2)
    for name, make in unseen.SORTS.items():
        judged = np.array([p.is_digit for p in reader.predict_many([make(rng) for _ in range(OF_EACH)])])
        shares = [(judged < calibration.LEAST_DIGIT).mean()]
        shares += [(judged < threshold).mean()] if pen_file else []
        lines.append(f"| {name} | " + " | ".join(f"{share:.1%}" for share in shares) + " |")
    return lines


def _confusions(name: str, reading: Reading) -> list[str]:
    read = reading.probabilities().argmax(1)
    pairs = list(zip(reading.labels[~reading.right()].tolist(), read[~reading.right()].tolist(), strict=True))
    counted = sorted({pair: pairs.count(pair) for pair in pairs}.items(), key=lambda item: -item[1])[:8]
    said = ", ".join(f"{true} read as {false} ({count})" for (true, false), count in counted)
    return [f"Most frequent mistakes, {name}: {said or 'none'}.", ""]


def _placed(strokes, rng: np.random.Generator) -> tuple[synthetic_strokes.Strokes, float]:
    """The digit at a random size and place on a canvas, in whole pixels, and the brush it is drawn with."""
    points = np.concatenate(strokes)
    low, size = points.min(0), np.ptp(points, axis=0)
    extent = rng.uniform(*SIZES)
    zoom = extent / size.max()
    corner = rng.uniform(0, 1, 2) * (CANVAS - size * zoom)
    return [np.round((s - low) * zoom + corner) for s in strokes], rng.uniform(*BRUSHES)


def _picture(strokes: synthetic_strokes.Strokes, brush: float) -> DigitImage | None:
    """The same digit, taken from a picture of the canvas."""
    ink = sketch([s + 20 for s in strokes], [brush] * len(strokes), CANVAS + 40)
    return from_image((255 * (1 - ink)).astype(np.uint8))


def _milliseconds(reader: Recognizer, image: DigitImage) -> float:
    times = []
    for _ in range(2000):
        started = time.perf_counter()
        reader.predict(image)
        times.append(time.perf_counter() - started)
    return 1000 * float(np.median(times))


if __name__ == "__main__":
    main()
