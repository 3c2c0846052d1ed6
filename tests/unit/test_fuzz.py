"""Malformed files of every kind, some 2,000: each gets its answer or one sentence, soon, in little memory."""

import warnings

import pytest

from tests import fuzz

COUNTS = fuzz.numbers(2000)


@pytest.mark.slow
@pytest.mark.parametrize("kind", COUNTS)
def test_malformed_files_get_an_answer_or_one_sentence(kind):
    before = fuzz.memory()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # zipfile's, of two entries with one name
        for seed in range(COUNTS[kind]):
            try:
                fuzz.try_one(kind, seed)
            except Exception as error:
                raise AssertionError(f"{kind}, seed {seed}: {type(error).__name__}: {error}") from error
    assert fuzz.memory() - before < fuzz.MEGABYTES


@pytest.mark.parametrize("kind", COUNTS)
def test_the_same_seed_makes_the_same_file(kind):
    make = fuzz.KINDS[kind].make
    one, other = (make(fuzz.Random(f"{kind} 1")) for _ in range(2))
    assert one == other
    assert one != make(fuzz.Random(f"{kind} 2"))


def test_a_fault_is_found(monkeypatch):
    """A reader that raises, one that says nothing, and one that says two lines."""
    for said, error in (("", Exception), ("two\nlines", fuzz.files.BadInput), ("", fuzz.files.BadInput)):

        def read(data, error=error, said=said):
            raise error(said)

        monkeypatch.setitem(fuzz.KINDS, "strokes", fuzz.Kind(fuzz.strokes, read, 1))
        with pytest.raises((fuzz.Fault, Exception)) as found:
            fuzz.try_one("strokes", 0)
        assert not isinstance(found.value, fuzz.files.BadInput)
