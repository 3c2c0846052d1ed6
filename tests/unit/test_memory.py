"""What a training needs, against a count by hand; what is said where it cannot fit."""

from dataclasses import replace

import pytest

from core.nn.architectures import Conv2D, Dense, Flatten
from core.records import TrainConfig
from core.training import memory

SMALL = TrainConfig((Flatten(), Dense(10, "softmax")), optimizer="Adam", batch_size=1000)
WIDE = replace(SMALL, layers=(Conv2D(512, 3, padding="same"), *SMALL.layers), batch_size=2048)


def test_what_is_needed_is_counted_from_the_layers():
    """(784 values of the image, 784 flat, 10 of the answer) x 1000, twice; 7850 parameters, seven times."""
    numbers = 2 * 1000 * (784 + 784 + 10) + 7 * 7850
    assert memory.needed(SMALL) == 700 * 10**6 + 3 * 60_000 * 784 + 4 * numbers
    assert memory.needed(replace(SMALL, batch_size=2000)) - memory.needed(SMALL) == 4 * 2 * 1000 * 1578
    # with small batches, measuring counts: 500 images, the two layers beside each other that hold most
    assert memory.needed(replace(SMALL, batch_size=1)) == 700 * 10**6 + 3 * 60_000 * 784 + 4 * (
        500 * 2 * 784 + 7 * 7850
    )


def test_a_batch_that_cannot_fit_is_refused(monkeypatch):
    assert memory.available() > 10**8
    monkeypatch.setattr(memory, "available", lambda: 8 * 10**9)
    assert memory.check(SMALL) == ""
    assert memory.check(replace(WIDE, batch_size=32)) == ""
    assert memory.check(WIDE) == (
        "Batches of 2,048 through these layers need about 14.1 GB of memory; this computer has 8.0 GB. "
        "A smaller batch needs less."
    )


@pytest.mark.parametrize(("limit", "gives"), [("1000000", 1_000_000), ("max", None)])
def test_a_container_has_what_it_is_allowed(tmp_path, monkeypatch, limit, gives):
    file = tmp_path / "memory.max"
    file.write_text(f"{limit}\n")
    monkeypatch.setattr(memory, "_LIMIT", file)
    assert memory.available() == (gives or memory.psutil.virtual_memory().total)


def test_a_worker_that_ended_without_a_word_may_have_wanted_memory(monkeypatch):
    monkeypatch.setattr(memory, "available", lambda: 8 * 10**9)
    assert memory.perhaps(SMALL) == ""
    assert memory.perhaps(replace(WIDE, batch_size=1000)) == (
        " Perhaps memory was short: it needs about 7.4 GB of this computer's 8.0 GB. "
        "A smaller batch needs less."
    )
