"""Event files against TensorFlow's own reader, and tables against Python's."""

import csv
import io
import zipfile
from dataclasses import replace

import pytest
import tensorflow as tf

from core.records import Metric
from core.runs import tracking
from core.training import finetuning
from tests.listed_runs import run

POINTS = [
    Metric(50, 0.1, 0.5, 0.25, 2.0),
    Metric(70_000, 1.0, 2.5, 0.75, 0.5, 0.875, 0.25, whole=True, drawing=(0.1,) * 10),
]


def test_tensorflow_reads_the_event_files(tmp_path):
    its = run(7, 0.9)
    with zipfile.ZipFile(io.BytesIO(tracking.event_files([(its, POINTS), (run(8, 0.5), [])]))) as archive:
        archive.extractall(tmp_path)
        first, second = archive.namelist()
    assert first.startswith("run-7/events.out.tfevents.")
    began = its.created.timestamp()
    version, *events = tf.compat.v1.train.summary_iterator(str(tmp_path / first))
    assert version.file_version == "brain.Event:2"
    assert [(e.step, e.wall_time - began) for e in events] == [(50, 0.5), (70_000, 2.5)]
    said = [{value.tag: value.simple_value for value in e.summary.value} for e in events]
    assert said == [
        {"accuracy/train": 0.25, "loss/train": 2.0},
        {
            "accuracy/train": 0.75,
            "loss/train": 0.5,
            "accuracy/validation": 0.875,
            "loss/validation": 0.25,
        },
    ]
    assert len(list(tf.compat.v1.train.summary_iterator(str(tmp_path / second)))) == 1


def test_a_table_does_not_say_whose_drawings_a_network_has_learnt_from():
    secret = "0123456789abcdef" * 2
    taught = replace(run(7, 0.9), config=finetuning.config(run(7, 0.9).training.layers, -2, secret, until=81))
    made = tracking.table([taught]).decode()
    assert secret not in made
    (row,) = csv.DictReader(io.StringIO(made))
    assert (row["fine-tuning base"], row["fine-tuning mixing_weight"]) == ("-2", "0.65")
    assert row["augmentation rotation"] == "9"


@pytest.mark.parametrize("begin", ["=", "\n=", "\uff1d"])
def test_no_name_in_a_table_is_a_formula(begin):
    (row,) = csv.DictReader(io.StringIO(tracking.table([replace(run(8, 0.5), name=f"{begin}1+1")]).decode()))
    assert row["name"] == f"'{begin}1+1"


def test_tables_hold_each_run_and_each_point():
    mine = replace(run(7, 0.9, validation=0.95), notes="tried, again", tags="a, b")
    strange = replace(run(8, 0.5), name="=1+1")
    rows = list(csv.DictReader(io.StringIO(tracking.table([mine, strange]).decode())))
    assert [row["id"] for row in rows] == ["7", "8"]
    assert (rows[0]["notes"], rows[0]["optimizer"], float(rows[0]["test_accuracy"])) == (
        "tried, again",
        "SGD",
        0.9,
    )
    assert rows[0]["layers"] == "Flatten > Dense > Dense"
    assert rows[0]["augmentation rotation"] == "0.0"
    assert rows[1]["name"] == "'=1+1"  # no formula
    points = list(csv.DictReader(io.StringIO(tracking.curves({7: POINTS}).decode())))
    assert [(row["run"], int(row["images"])) for row in points] == [("7", 50), ("7", 70_000)]
    assert [row["validation_loss"] for row in points] == ["", "0.25"]


@pytest.mark.parametrize("number", [0, 127, 128, 300, 2**40])
def test_numbers_are_written_as_protocol_buffers_do(number):
    read = sum((byte & 127) << 7 * place for place, byte in enumerate(tracking._varint(number)))
    assert read == number
