"""What the command line refuses before anything is trained, and that it comes to an end."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from core.__main__ import main
from core.commands import command_line, data, output, sweep
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


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            "--recipe quick --vary batch_size=16,32 --budget 0",
            "The budget is 0 trainings; 1 to 200 are accepted.",
        ),
        ("--recipe quick --three-by-three --vary batch_size=16,32", "leave --vary out"),
        ("--recipe quick --three-by-three --method random", "leave --method out"),
        ("--resume 1 --budget 4", "--budget is for a new sweep, with --recipe; leave it out."),
        ("--show 1 --three-by-three", "--three-by-three is for a new sweep, with --recipe; leave it out."),
        ("--list --seed 0", "--seed is for a new sweep, with --recipe; leave it out."),
    ],
)
def test_no_option_of_a_sweep_is_passed_over_without_a_word(home, capsys, options, sentence):
    assert main(["sweep", *options.split()]) == 1
    assert sentence in capsys.readouterr().err


def test_sweeps_are_listed_as_json_too(home, capsys):
    number = stored.add(open_store(), CONFIG, PLAN, name="A", visitor="", recipe="quick")
    assert main(["sweep", "--list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {
        "sweep": number, "name": "A", "recipe": "quick", "method": "grid", "status": "running", "over": 0.0
    }  # fmt: skip


def test_a_file_that_has_no_end_is_no_network_and_is_not_read_to_its_end(home, capsys, tmp_path):
    """A file of 30 GB without its content: to read it all would take as much memory."""
    huge = tmp_path / "huge.keras"
    with huge.open("wb") as file:
        file.truncate(30_000_000_000)
    for named in (str(huge), "/dev/zero"):
        assert main(["evaluate", named]) == 1
        assert "at most 60 MB are accepted" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "missing")]) == 1
    missing = tmp_path / "missing"
    said = f"{missing} is no network that I can read: No such file or directory.\n"
    assert capsys.readouterr().err == said
    assert main(["evaluate", str(tmp_path)]) == 1
    said = f"{tmp_path} is no network that I can read: network.json: No such file or directory.\n"
    assert capsys.readouterr().err == said


def test_a_file_that_cannot_be_replaced_stays_as_it_is(tmp_path, monkeypatch):
    """Of a disk that is full half a file is left, which takes nothing's place."""
    path, genuine = tmp_path / "network.html", Path.write_bytes

    def full(self, content):
        genuine(self, content[:2])
        raise OSError(28, "No space left on device")

    output.write(path, b"before")
    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(output.BadInput, match=r"network\.html cannot be written: No space left on device\."):
        output.write(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_is_written_through_its_link_and_where_it_is_no_ordinary_one(tmp_path):
    path, link = tmp_path / "a", tmp_path / "link"
    path.write_bytes(b"before")
    link.symlink_to(path)
    output.write(link, b"after")
    assert (link.is_symlink(), path.read_bytes()) == (True, b"after")
    output.write(Path(os.devnull), b"after")
    assert not Path(os.devnull).is_file()


@pytest.mark.parametrize(
    "words", ["train --recipe quick --out", "map --out", "landscapes --out", "reproduce --report --into"]
)
def test_a_folder_that_cannot_be_written_is_refused_before_anything_is_computed(home, capsys, tmp_path, words):
    (tmp_path / "file").touch()
    assert main([*words.split(), str(tmp_path / "file")]) == 1
    sentence = f"The folder {tmp_path / 'file'} cannot be written: File exists.\n"
    assert capsys.readouterr().err == sentence
    assert main(["runs", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_measurements_that_are_damaged_are_no_traceback(home, capsys, tmp_path):
    (tmp_path / "reproduction.json").write_text("{half")
    assert main(["reproduce", "--report", "--into", str(tmp_path)]) == 1
    assert f"{tmp_path / 'reproduction.json'} is not as this command writes it" in capsys.readouterr().err


def test_the_address_of_a_database_that_is_none_is_refused_in_a_sentence(capsys, monkeypatch):
    monkeypatch.setenv("DIGIT_LAB_DATABASE", "postgresql://lab:secret@host:port/lab")
    assert main(["runs"]) == 1
    said = capsys.readouterr().err
    assert said.startswith("The database cannot be opened: ")
    assert said.endswith("DIGIT_LAB_DATABASE takes such as postgresql://user:password@host/name.\n")
    assert "secret" not in said


def test_where_it_is_installed_it_names_itself_so(home, capsys, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/usr/bin/digit-lab", "runs"])
    assert main(["runs"]) == 0
    assert capsys.readouterr().out == "There are no runs yet: digit-lab train --recipe quick\n"


# -- as a program


def program(tmp_path, *arguments, **options):
    # What is begun in the background is deaf to Ctrl C, as is what that begins: here it is as in a terminal.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return subprocess.Popen(
            [sys.executable, "-m", "core", *arguments],
            cwd=Path(__file__).parents[2],
            env={**os.environ, "DIGIT_LAB_HOME": str(tmp_path)},
            stderr=subprocess.PIPE,
            **options,
        )
    finally:
        signal.signal(signal.SIGINT, before)


def test_whoever_reads_on_no_longer_hears_nothing_of_it(tmp_path):
    """As after `| head`: a pipe whose other end is closed."""
    read, write = os.pipe()
    os.close(read)
    with program(tmp_path, "recipes", "--json", stdout=write) as process:
        os.close(write)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (1, b"")


INTERRUPTED = """
import sys

class Pressed:
    def find_spec(name, path, target=None):
        if name == "core.commands":
            raise KeyboardInterrupt

sys.meta_path.insert(0, Pressed)
from core.__main__ import main
sys.exit(main(["recipes"]))
"""


def test_ctrl_c_ends_it_as_well_while_all_that_it_needs_is_imported():
    done = subprocess.run(
        [sys.executable, "-c", INTERRUPTED],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


def test_a_name_that_a_terminal_cannot_show_is_printed_all_the_same(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    arguments = ["export", "assets/models/digit-lab", "--format", "onnx", "--out"]
    with program(tmp_path, *arguments, str(tmp_path / "größe.onnx"), stdout=subprocess.PIPE) as process:
        shown, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert shown.startswith(str(tmp_path).encode() + rb"/gr\xf6\xdfe.onnx (")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is full is Linux's")
def test_what_cannot_be_printed_is_said_in_a_sentence(tmp_path):
    with open("/dev/full", "wb") as full, program(tmp_path, "recipes", stdout=full) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said == b"What this command prints cannot be read or written: No space left on device.\n"


def test_ctrl_c_ends_it_without_a_traceback(tmp_path):
    """While it waits for a file that nobody writes."""
    os.mkfifo(tmp_path / "never")
    arguments = ["evaluate", str(tmp_path / "never")]
    with program(tmp_path, *arguments) as process, (tmp_path / "never").open("wb"):  # open on both sides
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (130, b"")


def test_each_command_is_told_in_the_docs():
    told = (Path(__file__).parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
    (commands,) = command_line._parser()._subparsers._group_actions
    missing = [
        name for name in commands.choices if not re.search(rf"`(python -m core )?{name}\b|core {name}\b", told)
    ]
    assert not missing, f"docs/cli.md says nothing of the command {', '.join(missing)}"
