"""The processes of compose.yaml on one computer without containers: `python -m deploy.local`.

PostgreSQL, a Dask scheduler and two workers, two page servers, and nginx before them; all end with Ctrl C. It
needs PostgreSQL and nginx (Debian: apt-get install postgresql nginx-light) and requirements-server.txt.
"""

import argparse
import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
TEMPLATE = Path(__file__).with_name("nginx.conf.template")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8080, help="where phones come")
    parser.add_argument(
        "--database", help="of a PostgreSQL server that runs: postgresql://user:password@host/name"
    )
    parser.add_argument("--servers", type=int, default=2)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        database = options.database or stack.enter_context(own_database())
        try:
            address, _ = stack.enter_context(
                processes(database, port=options.port, servers=options.servers, workers=options.workers)
            )
        except RuntimeError as error:
            sys.exit(f"{error}; is another program there?")
        print(f"Digit Lab is ready: {address}", flush=True)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


@contextlib.contextmanager
def own_database() -> Iterator[str]:
    """A PostgreSQL server in a temporary folder: for a trial, its data go with it."""
    from tests import postgres  # noqa: PLC0415

    with postgres.server() as url:
        if url is None:
            sys.exit("PostgreSQL is not installed, or cannot be started: name a database with --database.")
        yield url


@contextlib.contextmanager
def processes(
    database: str, *, port: int = 0, servers: int = 2, workers: int = 2
) -> Iterator[tuple[str, list[subprocess.Popen]]]:
    """Start them all and yield (the address for phones, the page servers); end them at the end.

    workers: of the Dask cluster; 0 for none, and each page server has a worker of its own.
    """
    with tempfile.TemporaryDirectory(prefix="digit-lab-deploy-") as name, contextlib.ExitStack() as stack:
        folder, port = Path(name), port or free_port()
        environment = {
            **os.environ,
            "DIGIT_LAB_DATABASE": database,
            "DIGIT_LAB_HOME": str(folder / "home"),
            "DIGIT_LAB_LOCAL_USER": "0",
            "STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_hex(32),  # one for all of them
        }
        if workers:
            environment["DIGIT_LAB_CLUSTER"] = _cluster(stack, environment, workers, folder)
        ports = [free_port() for _ in range(servers)]
        pages = [_page_server(stack, environment, number) for number in ports]
        for number, process in zip(ports, pages, strict=True):
            wait_for(f"http://localhost:{number}/_stcore/health", process)
        _nginx(stack, folder, port, ports)
        yield f"http://localhost:{port}", pages


def _cluster(stack: contextlib.ExitStack, environment: dict[str, str], workers: int, folder: Path) -> str:
    port = free_port()
    scheduler = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", str(port), "--no-dashboard"]
    _start(stack, scheduler, environment, folder)
    for _ in range(workers):
        worker = [
            sys.executable,
            "-m",
            "distributed.cli.dask_worker",
            f"tcp://localhost:{port}",
            "--nthreads",
            "1",
        ]
        _start(stack, [*worker, "--no-dashboard", "--no-nanny"], environment, folder)
    return f"tcp://localhost:{port}"


def _page_server(stack: contextlib.ExitStack, environment: dict[str, str], port: int) -> subprocess.Popen:
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    return _start(stack, [*command, "--server.address", "localhost"], environment, ROOT)


def _nginx(stack: contextlib.ExitStack, folder: Path, port: int, ports: list[int]) -> None:
    servers = " ".join(f"server 127.0.0.1:{one} max_fails=1 fail_timeout=3s;" for one in ports)
    text = TEMPLATE.read_text(encoding="utf-8").replace("$SERVERS", servers).replace("$LISTEN", str(port))
    (folder / "nginx.conf").write_text(text.replace("$FOLDER", str(folder)), encoding="utf-8")
    folder.chmod(0o755)
    nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if nginx is None:
        sys.exit("nginx is not installed.")
    process = _start(
        stack, [nginx, "-c", str(folder / "nginx.conf"), "-g", "daemon off;"], dict(os.environ), folder
    )
    wait_for(f"http://localhost:{port}/_stcore/health", process)


def _start(
    stack: contextlib.ExitStack, command: list[str], environment: dict[str, str], folder: Path
) -> subprocess.Popen:
    path = f"{ROOT}{os.pathsep}{environment.get('PYTHONPATH', '')}"
    process = subprocess.Popen(
        command, cwd=folder, env={**environment, "PYTHONPATH": path}, stdout=subprocess.DEVNULL
    )
    stack.callback(_end, process)
    return process


def _end(process: subprocess.Popen) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return probe.getsockname()[1]


def wait_for(url: str, process: subprocess.Popen, seconds: float = 60) -> None:
    """Return once the address answers. Raises RuntimeError when the process ends or the time is over."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):
            return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer")


if __name__ == "__main__":
    main()
