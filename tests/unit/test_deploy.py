"""What Dockerfile and compose.yaml name is there: read line by line, where no container engine is at hand."""

import fnmatch
import json
import re
import shlex
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import streamlit as st
import yaml  # type: ignore[import-untyped]
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from deploy import local

ROOT = Path(__file__).parents[2]
HEALTH = "/_stcore/health"  # as deploy/local.py waits for


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's (instruction, what follows)."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    found = re.findall(r"^([A-Z]+) (.*)$", "\n".join(lines).replace("\\\n", " "), re.MULTILINE)
    return [(name, " ".join(rest.split())) for name, rest in found]


def of(name: str) -> list[str]:
    return [rest for one, rest in instructions() if one == name]


def copied() -> list[tuple[str, str]]:
    """(a source, where it goes), of all COPY."""
    found = [line.split() for line in of("COPY")]
    return [(source, target) for *sources, target in found for source in sources]


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def variables() -> dict[str, str]:
    return dict(pair.split("=", 1) for line in of("ENV") for pair in shlex.split(line))


def code(*parts: str) -> str:
    return "\n".join(path.read_text() for part in parts for path in (ROOT / part).rglob("*.py"))


def test_what_is_copied_is_there_and_is_not_left_out():
    ignored = [line.strip("/") for line in (ROOT / ".dockerignore").read_text().split()]
    kept = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for source, _ in copied():
        assert [one for one in kept if one == source or one.startswith(f"{source}/")], source
        for one in Path(source).parts:
            assert not any(fnmatch.fnmatch(one, pattern.removeprefix("**/")) for pattern in ignored), source


def test_all_that_the_app_imports_and_reads_is_copied():
    inside = {source for source, _ in copied()}
    assert {"app.py", ".streamlit", "core", "ui", "pages", "assets"} <= inside
    text = "\n".join(
        path.read_text() for part in ("core", "ui", "pages") for path in (ROOT / part).rglob("*.py")
    )
    named = set(re.findall(r'parents\[\d\] / "(\w+)"', text)) | {"docs" for _ in re.findall(r'/ "docs"', text)}
    assert all(any(one == there.split("/")[0] for there in inside) for one in named), named
    imported = set(re.findall(r"^\s*from (deploy|tests|benchmarks|digit_lab)\b", text, re.MULTILINE))
    assert imported == set()


def test_it_runs_as_nobody_in_particular_and_owns_its_data():
    (user,) = of("USER")
    assert user != "root"
    made = next(line for line in of("RUN") if "useradd" in line)
    assert user in shlex.split(made)
    home = variables()["DIGIT_LAB_HOME"]
    assert f"chown {user} {home}" in made
    assert of("VOLUME") == [home]
    names = [name for name, _ in instructions()]
    assert names.index("USER") > max(place for place, name in enumerate(names) if name in ("RUN", "COPY"))


def test_its_python_is_one_of_ours_and_its_packages_are_locked():
    (image,) = of("FROM")
    accepted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"]
    assert SpecifierSet(accepted).contains(re.fullmatch(r"python:([\d.]+)-slim-\w+", image)[1])
    there = {source for source, _ in copied()}
    for line in of("RUN"):
        for file in re.findall(r"-r (\S+)", line):
            assert file in there
            for other in re.findall(r"^-r (\S+)", (ROOT / file).read_text(), re.MULTILINE):
                assert other in there
    lock = (ROOT / "requirements.lock").read_text()
    locked = dict(re.findall(r"^([\w.-]+)(?:\[[^]]*\])?==(\S+)", lock, re.MULTILINE))
    for line in (ROOT / "requirements.txt").read_text().splitlines():
        if re.match(r"[a-z]", line, re.IGNORECASE):
            wanted = Requirement(line.split("#")[0])
            assert wanted.specifier.contains(locked[canonicalize_name(wanted.name)]), wanted


def test_it_listens_where_its_health_and_the_proxy_look(services):
    (port,) = of("EXPOSE")
    command = json.loads(of("CMD")[-1])
    assert command[:3] == ["streamlit", "run", "app.py"]
    options = dict(zip(command[3::2], command[4::2], strict=True))
    assert options == {"--server.address": "0.0.0.0", "--server.port": port}
    (health,) = of("HEALTHCHECK")
    check = json.loads(re.search(r"CMD (\[.*\])", health)[1])
    assert check[:2] == ["python", "-c"]
    compile(check[2], "health", "exec")
    assert f"http://localhost:{port}{HEALTH}" in check[2]
    assert HEALTH in Path(local.__file__).read_text(encoding="utf-8")
    assert set(re.findall(r"server (page-\d+):(\d+)", services["proxy"]["command"])) == {
        (name, port) for name in services if name.startswith("page-")
    }


def test_the_workers_find_the_modules():
    """`dask worker` does not look where it is started: what it is sent would not be found."""
    assert variables()["PYTHONPATH"] == of("WORKDIR")[0]
    assert {"core", "ui"} <= {target for _, target in copied()}


def test_its_commands_and_their_options_are_there(services):
    scripts = {one.name: one for one in metadata.entry_points(group="console_scripts")}
    assert "streamlit" in scripts
    commands = {one.name: one.load() for one in metadata.entry_points(group="dask_cli")}
    for name in ("scheduler", "worker"):
        program, command, *given = services[name]["command"].split()
        assert program in scripts
        known = {option for one in commands[command].params for option in (*one.opts, *one.secondary_opts)}
        assert {option for option in given if option.startswith("--")} <= known
    assert (
        f"tcp://scheduler:{services['scheduler']['command'].split('--port ')[1].split()[0]}"
        in (services["worker"]["command"])
    )


def test_every_variable_is_one_that_something_reads(services):
    text = code("core", "ui")
    options = {
        "STREAMLIT_" + re.sub(r"\W|(?=[A-Z])", "_", key).upper() for key in st.config.get_config_options()
    }
    named = {name for service in services.values() for name in service.get("environment", {})} | set(
        variables()
    )
    for name in named:
        elsewhere = (
            name.startswith(("POSTGRES_", "PYTHON", "PIP_")) or name == "FORWARDED_ALLOW_IPS"
        )  # uvicorn's
        assert elsewhere or f'"{name}"' in text or name in options, name
    documented = (ROOT / "docs/deployment.md").read_text()
    for name in re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text()):
        assert f"{name}=" in documented
    for page in ("page-1", "page-2"):
        its = services[page]["environment"]
        assert its["DIGIT_LAB_LOCAL_USER"] == "0"  # everybody comes by the proxy
        assert its["DIGIT_LAB_CLUSTER"] == services["worker"]["command"].split()[2]
        assert its["DIGIT_LAB_DATABASE"].endswith("@database/lab")


def test_every_variable_of_ours_is_documented_and_nothing_else_is():
    read = set(re.findall(r'"(DIGIT_LAB_[A-Z0-9_]+)"', code("core", "ui", "digit_lab")))
    text = (ROOT / "docs/deployment.md").read_text()
    assert set(re.findall(r"^\| `(DIGIT_LAB_\w+)` \|", text, re.MULTILINE)) == read
    assert set(re.findall(r"DIGIT_LAB_\w+", text)) == read
    compose = (ROOT / "compose.yaml").read_text()
    for name in re.findall(r"\$\{(\w+):", compose):  # what whoever starts it may say
        assert name in text


def test_what_does_not_start_is_said_in_a_sentence(monkeypatch):
    """As where another program has the port: the process's own words are above it."""

    def refused(*_, **__):
        raise RuntimeError("http://localhost:8080/_stcore/health did not answer")

    monkeypatch.setattr(sys, "argv", ["local", "--database", "postgresql://lab@localhost/lab"])
    monkeypatch.setattr(local, "processes", refused)
    with pytest.raises(SystemExit, match=r"health did not answer; is another program there\?"):
        local.main()


def test_the_services_wait_for_what_they_need(services):
    for name, service in services.items():
        for other in service.get("depends_on", ()):
            assert other in services, (name, other)
        assert "build" in service or ":" in service["image"], name
    assert {"database", "scheduler", "worker", "page-1", "page-2", "proxy"} == set(services)
    assert services["worker"]["deploy"]["replicas"] == 2
    assert (ROOT / services["page-1"]["build"] / "Dockerfile").is_file()


def test_the_proxys_own_command_makes_the_file_that_the_other_way_makes(services, tmp_path):
    """Its shell is run here, with another template's place and without nginx."""
    proxy = services["proxy"]
    (mounted,) = proxy["volumes"]
    source, target, mode = mounted.split(":")
    assert (target, mode) == ("/template", "ro")
    assert (ROOT / source).samefile(local.TEMPLATE)
    shell, flag, script = shlex.split(proxy["command"].replace("$$", "$"))
    assert (shell, flag) == ("sh", "-c")
    make, run = script.split(" && ")
    assert run == 'exec nginx -c /tmp/nginx.conf -g "daemon off;"'
    assert make.endswith(" /template > /tmp/nginx.conf")
    here = make.removesuffix(" /template > /tmp/nginx.conf") + f" {shlex.quote(str(local.TEMPLATE))} > made"
    subprocess.run([shell, flag, here], check=True, cwd=tmp_path)
    text = (tmp_path / "made").read_text()
    assert not re.search(r"\$(SERVERS|LISTEN|FOLDER)", text)
    assert (
        "server page-1:8501 max_fails=1 fail_timeout=3s; server page-2:8501 max_fails=1 fail_timeout=3s;"
        in text
    )
    listens = re.search(r"listen (\d+);", text)[1]
    assert proxy["ports"][0].endswith(f":{listens}")
    assert "$http_upgrade" in text
    assert "$cookie_digit_lab_guest" in text
