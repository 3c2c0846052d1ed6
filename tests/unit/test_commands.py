"""What the command line refuses before anything is trained, and that it comes to an end."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.__main__ import main
from core.commands import data, sweep
from core.storage import sweeps as stored
from core.storage.store import open_store
from core.training.search import Axis, Plan
from tests.unit.sweep_configs import CONFIG

PLAN = Plan((Axis("batch_size", (16, 32)),))
OF_A_NUMBER = ["train --resume", "sweep --show", "sweep --resume", "sweep --stop", "sweep --delete"]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_HOME", str(tmp_path))


@pytest.mark.parametrize("number", ["99999999999999999999", "1000000000", "first"])
@pytest.mark.parametrize("option", OF_A_NUMBER)
def test_a_number_that_no_database_holds_is_refused_like_other_options(home, capsys, option, number):
    with pytest.raises(SystemExit):
        main([*option.split(), number])
    assert f"expected a number such as 7, got '{number}'" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["evaluate", "export"])
def test_a_network_whose_number_no_database_holds_is_no_file_either(home, capsys, tmp_path, command):
    out = ["--format", "html", "--out", str(tmp_path / "a.html")] if command == "export" else []
    assert main([command, "9" * 20, *out]) == 1
    assert f"{'9' * 20} is no network that I can read" in capsys.readouterr().err


def test_a_sweep_that_is_deleted_cannot_be_resumed(home, capsys):
    """It would never come to an end: what is deleted is not carried on."""
    store = open_store()
    number = stored.add(store, CONFIG, PLAN, name="A", visitor="")
    stored.delete(store, number)
    assert main(["sweep", "--resume", str(number)]) == 1
    said = f"Sweep {number} is deleted; Undo on the page Runs brings it back for a day.\n"
    assert capsys.readouterr().err == said
    stored.undelete(store, number)
    assert stored.one(store, number).status == "stopped"


def test_a_sweep_that_is_deleted_while_one_watches_is_over(home, capsys, monkeypatch):
    store = open_store()
    number = stored.add(store, CONFIG, PLAN, name="A", visitor="")
    monkeypatch.setattr(sweep.signal, "signal", lambda *_: None)
    monkeypatch.setattr(sweep.time, "sleep", lambda _: stored.delete(store, number))
    jobs = SimpleNamespace(store=store, trouble="")
    assert sweep._watch(jobs, number, SimpleNamespace(resume=None, json=False)) == 1
    assert f"Sweep {number} was deleted." in capsys.readouterr().err


def test_the_last_seed_of_a_sweep_has_its_limit_too(home, capsys):
    begin = ["sweep", "--recipe", "quick", "--vary", "batch_size=16,32", "--seeds", "2", "--budget", "4"]
    assert main([*begin, "--seed", str(2**31 - 1)]) == 1
    assert "The seed is 2147483648, but has to lie between 0 and 2147483647." in capsys.readouterr().err


def test_a_data_set_is_written_under_the_very_name_that_is_given(tmp_path, capsys):
    """NumPy would add .npz to it, and the file of that name would be missed."""
    for name in ("digits", "digits.npz"):
        data._write(tmp_path / name, {"x": np.arange(3)})
        assert capsys.readouterr().out == f"{tmp_path / name} (0.0 MB)\n"
        assert np.load(tmp_path / name)["x"].tolist() == [0, 1, 2]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits", "digits.npz"]
