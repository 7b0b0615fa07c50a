"""What the image runs, run without a container engine.

The wheel is built from exactly the files that the Dockerfile copies, and installed into an
environment of its own; packages come from the one that the tests run in. Then the image's command,
its health check and compose's commands are started with the image's environment, from a workspace
folder that holds what a user mounts. Instead of a read-only disk, files are compared.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.server import Endpoint

ROOT = Path(__file__).parents[2]
PORT = "8321"
SETTINGS = """
console_hosts = ["risk.example.com"]

[team.ana]
roles = ["analyst", "senior"]
"""

Dockerfile = Any  # the class in conftest.py, which importlib mode keeps out of reach


@dataclass(frozen=True)
class Image:
    """The image's file system, as far as it matters: programs, a home folder, a workspace."""

    programs: Path
    home: Path
    workspace: Path
    environment: dict[str, str]

    def start(self, command: list[str], **more: str) -> subprocess.Popen[str]:
        program = str(self.programs / "bin" / command[0])
        return subprocess.Popen(
            [program, *command[1:]],
            cwd=self.workspace,
            env={**self.environment, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )

    def run(self, command: list[str], **more: str) -> tuple[int, str, str]:
        with self.start(command, **more) as process:
            out, err = process.communicate(timeout=120)
        return process.returncode, out, err

    def files(self) -> dict[str, int]:
        """What must not change: every file with the time of its last change."""
        found = (one for top in (self.programs, self.workspace) for one in top.rglob("*"))
        return {str(one): one.stat().st_mtime_ns for one in found if one.is_file()}


@pytest.fixture(scope="module")
def image(
    dockerfile: Dockerfile, tmp_path_factory: pytest.TempPathFactory, marketplace: Endpoint
) -> Image:
    top = tmp_path_factory.mktemp("image")
    built = wheel(dockerfile, top / "build")
    programs = environment(top / "opt", built)
    workspace = top / "workspace"
    workspace.mkdir()
    places = {
        "PATH": f"{programs / 'bin'}:/usr/bin:/bin",
        "MPLCONFIGDIR": str(top / "tmp"),
        "XDG_CACHE_HOME": str(top / "tmp"),
        "CASEWRIGHT_HOME": str(top / "home"),
    }
    assert set(places) <= set(dockerfile.environment)
    source = {
        "CASEWRIGHT_SOURCE_URL": marketplace.base_url,
        "CASEWRIGHT_SOURCE_TOKEN": marketplace.read_token,
        "CASEWRIGHT_SOURCE_TIMEOUT_S": "60",
    }
    given = {**dockerfile.environment, **places, **source}
    return Image(programs, top / "home", workspace, given)


def wheel(dockerfile: Dockerfile, build: Path) -> Path:
    """The wheel, from what the Dockerfile copies and nothing else."""
    build.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", "*.pyc", "htmx.min.js")
    for name in dockerfile.copied:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, build / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, build / name)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(build / "out"), str(build))
    (made,) = (build / "out").glob("casewright-*.whl")
    return made


def environment(folder: Path, built: Path) -> Path:
    """An environment with the wheel, that finds all other packages where the tests have them."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    own = next((folder / "lib").glob("python*/site-packages"))
    (own / "packages.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip(
        "--python", str(folder / "bin" / "python"), "install", "--no-deps", "--no-index", str(built)
    )
    return folder


def pip(*arguments: str) -> None:
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PYTHONPATH": ""}
    command = [sys.executable, "-m", "pip", "--quiet", *arguments]
    subprocess.run(command, check=True, env=quiet, cwd="/")


def free_port() -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


def test_the_command_refuses_to_start_open_to_everybody(
    image: Image, dockerfile: Dockerfile
) -> None:
    code, _, err = image.run(dockerfile.one("ENTRYPOINT").words + dockerfile.one("CMD").words)
    assert code == 2
    assert "a sign-in service or an API key" in err


def test_the_console_runs_is_well_and_ends_and_writes_nothing_beside_its_home(
    image: Image, dockerfile: Dockerfile
) -> None:
    entry, command = dockerfile.one("ENTRYPOINT").words, dockerfile.one("CMD").words
    (image.workspace / "casewright.toml").write_text(SETTINGS)
    before = image.files()
    code, out, _ = image.run([*entry, "key", "new", "--name", "x", "--as", "ana", "--days", "1"])
    assert code == 0
    key = next(word for word in out.split() if word.startswith("cw_"))
    port = free_port()
    health = [word.replace(PORT, port) for word in dockerfile.health]
    with image.start([*entry, *command, "--port", port]) as console:
        try:
            await_health(image, health, console)
            with httpx.Client(base_url=f"http://127.0.0.1:{port}") as http:
                assert http.get("/health").json() == {"status": "ok"}
                assert http.get("/api/v1/queue").status_code == 401
                asked = http.get("/api/v1/queue", headers={"authorization": f"Bearer {key}"})
                assert asked.status_code == 200
            console.send_signal(getattr(signal, dockerfile.one("STOPSIGNAL").text))
            _, told = console.communicate(timeout=60)
        finally:
            console.kill()
    assert console.returncode == 130
    assert "sign-in?token" not in told, "no link for whoever reads the log"
    assert image.run(health)[0] == 1
    assert image.files() == before


def await_health(image: Image, command: list[str], console: subprocess.Popen[str]) -> None:
    """Ask as often as it takes, from when somebody listens: each asking is a start of Python."""
    port = int(command[-1].rpartition(":")[2].partition("/")[0])
    deadline = time.monotonic() + 120
    while not listening(port) or image.run(command)[0] != 0:
        assert console.poll() is None, console.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.2)


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def stand_in(command: list[str], folder: Path) -> Iterator[int]:
    """Chroma as compose starts it, on a port and in a folder of the test's own."""
    port = int(free_port())
    run = "import sys; from chromadb.cli.cli import app; sys.exit(app())"
    ours = {"/data": str(folder), "8000": str(port), "0.0.0.0": "127.0.0.1"}
    given = [ours.get(word, word) for word in command]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([sys.executable, "-c", run, *given], **quiet) as server:  # type: ignore[call-overload]
        try:
            yield port
        finally:
            server.kill()


def test_compose_s_services_work_together(
    image: Image, compose: Any, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    services = compose["services"]
    postgres = new_database("template1")
    with stand_in(services["chroma"]["command"], tmp_path / "chroma") as port:
        asked = [
            word.replace("8000", str(port)) for word in services["chroma"]["healthcheck"]["test"]
        ]
        assert asked.pop(0) == "CMD"
        deadline = time.monotonic() + 60
        while subprocess.run(asked, capture_output=True).returncode != 0:
            assert time.monotonic() < deadline
            time.sleep(0.3)
        environment = {
            **services["batch"]["environment"],
            "CASEWRIGHT_STORE_URL": postgres,
            "CASEWRIGHT_KNOWLEDGE_URL": f"http://127.0.0.1:{port}",
            "CASEWRIGHT_HOME": str(tmp_path / "home"),
        }
        command = ["casewright", *services["batch"]["command"], "--limit", "2"]
        code, out, err = image.run(command, **environment)
        assert (code, len(out.splitlines())) == (0, 2), err
        assert not list((tmp_path / "home").glob("*.sqlite")), "the records are not in the home"
    assert subprocess.run(asked, capture_output=True).returncode != 0
