"""Runs as tables and as TensorBoard's event files, to be looked at elsewhere.

An event file is a row of records: eight bytes of length, their checksum, the event, its checksum. The event is
a protocol buffer; it is written here by its few fields, so that no TensorFlow is needed.
(tensorflow/core/lib/io/record_writer.h and tensorflow/core/util/event.proto.)

Called by `ui.sections.runs_tools`.
"""

import csv
import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from core.records import Metric, Run
from core.training import configs

TAGS = ("train_accuracy", "train_loss", "validation_accuracy", "validation_loss")
_WHOSE = ("visitor", "until")  # of FineTuning
_FORMULA = (*"=+-@\t\r\n", *"\uff1d\uff0b\uff0d\uff20")  # the last four as wide as a Chinese character
_FIELDS = ("images", "epoch", "seconds", *TAGS, "whole")


def table(runs: Sequence[Run]) -> bytes:
    """Return a CSV file with a row for each run: its figures and all of its settings but the layers' own.

    Whose drawings a network was fine-tuned on is left out: others may read the file.
    """
    rows = []
    for run in runs:
        config = {k: v for k, v in configs.to_json(run.config).items() if k not in ("layers", "changes")}
        for name in ("augmentation", "fine_tuning"):
            its = config.pop(name, None) or {}
            config |= {f"{name.replace('_', '-')} {k}": v for k, v in its.items() if k not in _WHOSE}
        figures = {k: v for k, v in asdict(run).items() if k not in ("config", "stop", "visitor")}
        rows.append({**figures, "layers": " > ".join(layer.kind for layer in run.config.layers), **config})
    return _csv(rows)


def curves(points: Mapping[int, Sequence[Metric]]) -> bytes:
    """Return a CSV file with a row for each point of each run's curves. points: by the run's id."""
    rows = (
        {"run": run_id} | {name: getattr(point, name) for name in _FIELDS}
        for run_id, its in points.items()
        for point in its
    )
    return _csv(list(rows))


def events(run: Run, points: Sequence[Metric]) -> bytes:
    """Return the curves of a run as one of TensorBoard's event files; the step is the number of images seen."""
    began = run.created.timestamp()
    records = [_event(began, 0, _text(3, "brain.Event:2"))]
    for point in points:
        values = b""
        for tag in TAGS:
            if (value := getattr(point, tag)) is not None:
                name = "/".join(reversed(tag.split("_")))  # 'accuracy/train': one chart for both
                values += _bytes(1, _text(1, name) + b"\x15" + struct.pack("<f", value))
        records.append(_event(began + point.seconds, point.images, _bytes(5, values)))
    return b"".join(map(_record, records))


def event_files(runs: Mapping[Run, Sequence[Metric]] | Sequence[tuple[Run, Sequence[Metric]]]) -> bytes:
    """Return a ZIP file with a folder for each run, which `tensorboard --logdir` opens."""
    pairs = runs.items() if isinstance(runs, Mapping) else runs
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for run, points in pairs:
            name = f"run-{run.id}/events.out.tfevents.{int(run.created.timestamp())}.digit-lab"
            archive.writestr(name, events(run, points))
    return out.getvalue()


def _csv(rows: list[dict]) -> bytes:
    names = list(dict.fromkeys(name for row in rows for name in row))
    out = io.StringIO()
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows({name: _safe(value) for name, value in row.items()} for row in rows)
    return out.getvalue().encode()


def _safe(value: object) -> object:
    """A text that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


# -- protocol buffers, and the records around them


def _event(wall_time: float, step: int, rest: bytes) -> bytes:
    return b"\x09" + struct.pack("<d", wall_time) + b"\x10" + _varint(step) + rest


def _text(field: int, text: str) -> bytes:
    return _bytes(field, text.encode())


def _bytes(field: int, data: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(data)) + data


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def _record(data: bytes) -> bytes:
    length = struct.pack("<Q", len(data))
    return length + _checksum(length) + data + _checksum(data)


def _checksum(data: bytes) -> bytes:
    """CRC-32C, turned and shifted as record_writer.h says."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _TABLE[(crc ^ byte) & 255] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _entry(number: int) -> int:
    for _ in range(8):
        number = number >> 1 ^ (0x82F63B78 if number & 1 else 0)
    return number


_TABLE = [_entry(number) for number in range(256)]
