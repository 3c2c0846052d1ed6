"""What the measurement on a GPU says without one, the text that it makes, and the programs that it exports."""

import json
from dataclasses import asdict

import numpy as np
import pytest

from benchmarks import __main__ as benchmarks
from benchmarks import gpu, xla_program
from core.worker import devices, epoch_program
from tests.worker.device_trainings import CONFIGS, some_digits

FIGURES = xla_program.Figures(
    "NVIDIA H100",
    (xla_program.Speed("minute", 1_234_567.8, 0.0456),),
    (xla_program.Race("99.4%", (1.5, 1.25, 2.0), (0.9951, 0.995, 0.9949), 9.75),),
    first_point=8.26,
    agreement="After 20 steps all was the same.",
)


def test_without_a_gpu_it_says_so_and_writes_nothing(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(benchmarks, "OUT", tmp_path / "benchmarks.md")
    benchmarks.OUT.write_text("# As it was\n")
    monkeypatch.setattr("sys.argv", ["benchmarks", "gpu"])
    benchmarks.main()
    said = capsys.readouterr().out
    assert said.startswith("There is no GPU that TensorFlow can use on this computer, so training on a GPU was")
    assert benchmarks.OUT.read_text() == "# As it was\n"


def test_figures_from_another_machine_are_written_into_the_file(monkeypatch, tmp_path):
    monkeypatch.setattr(benchmarks, "OUT", tmp_path / "benchmarks.md")
    monkeypatch.setattr(gpu, "write", benchmarks.write)
    benchmarks.OUT.write_text("# B\n\n<!-- training -->\n\nearlier\n\n<!-- numbers -->\n\nothers'\n")
    (tmp_path / "figures.json").write_text(json.dumps(asdict(FIGURES)))
    monkeypatch.setattr("sys.argv", ["gpu", "--figures", str(tmp_path / "figures.json")])
    gpu.main()
    written = benchmarks.OUT.read_text()
    assert "NVIDIA H100*\n\n## On a GPU\n" in written
    assert "| minute | affine | 1,234,568 | 46 ms |" in written
    assert "| 99.4% | minute | 1.50 s | 9.8 s | 99.51%, 99.50%, 99.49% |" in written
    assert "after 8.3 s, compilation included. After 20 steps all was the same.\n" in written
    assert written.index("earlier") < written.index("On a GPU") < written.index("others'")


@pytest.mark.parametrize("name", ["SGD", "Adam"])
def test_an_exported_program_says_which_variables_it_takes_and_changes(monkeypatch, tmp_path, name):
    """SGD's are the four arrays of two layers, the rate and the count of steps; Adam's two more for each."""
    data = some_digits()
    monkeypatch.setattr(gpu.datasets, "mnist", lambda: data)
    monkeypatch.setattr(devices, "has_gpu", lambda: True)
    job = gpu._job(CONFIGS[name])
    assert isinstance(job.steps, epoch_program.EpochProgram)
    gpu._begin(job, 0)
    arguments = job.steps.arguments(0, 2, np.float32([0.1, 0.2]))
    gpu._write(tmp_path / "steps", job.steps.program, arguments, job, expected={"loss": 2.0})
    about = json.loads((tmp_path / "steps.json").read_text())
    kinds = [job._variables()[i].path.split("/")[-1] for i in about["changed"]]
    assert about["given"] == ["images", "labels", *about["changed"]]
    assert sorted(about["changed"]) == list(range(len(job._variables())))
    assert kinds[:4] == ["kernel", "bias", "kernel", "bias"]
    assert len(kinds) == {"SGD": 6, "Adam": 14}[name]
    assert (tmp_path / "steps.mlir").read_bytes()[:4] == b"ML\xefR"
