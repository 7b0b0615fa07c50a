from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HADOLINT = str(Path(sys.executable).with_name("hadolint"))

Dockerfile = Any  # the class in conftest.py, which importlib mode keeps out of reach
Locked = dict[str, dict[str, str]]


def lint(text: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([HADOLINT, "-"], input=text, capture_output=True, text=True)


def test_hadolint_has_nothing_to_say() -> None:
    text = (ROOT / "Dockerfile").read_text("utf-8")
    told = lint(text)
    assert (told.returncode, told.stdout) == (0, "")
    assert lint(text.replace("--no-install-recommends", "")).returncode == 1, "it cannot fail"


def test_every_base_is_a_stage_or_has_a_version(dockerfile: Dockerfile) -> None:
    defaults = dict(re.findall(r"(\w+)=(\S+)", " ".join(x.text for x in dockerfile.all("ARG"))))
    for base in dockerfile.bases.values():
        image = defaults[base.strip("${}")] if "$" in base else base
        assert image in dockerfile.bases or re.fullmatch(r"python:3\.11-[\w-]+", image)


def test_both_images_run_as_the_same_account_which_is_not_root(dockerfile: Dockerfile) -> None:
    user = dockerfile.one("USER")
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", user.text), "by number, so that it can be checked"
    assert user.stage == "system"
    assert dockerfile.bases["ray"] == dockerfile.bases["casewright"] == "system"
    assert dockerfile.instructions[-1].stage == "casewright", "the one that is built unasked"
    build = [one for one in dockerfile.instructions if one.stage in ("ray", "casewright")]
    assert {one.word for one in build} == {"FROM", "COPY"}


def test_every_file_it_copies_is_there_and_nothing_else_goes_to_the_builder(
    dockerfile: Dockerfile,
) -> None:
    assert [path for path in dockerfile.copied if not (ROOT / path).exists()] == []
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*"
    let_in = {rule[1:] for rule in rules if rule.startswith("!")}
    assert let_in == set(dockerfile.copied)
    for never in (".env", ".git", "workspace", ".venv"):
        assert not any(fnmatch(never, rule) for rule in let_in)


def test_what_is_copied_is_what_the_wheel_is_made_of(dockerfile: Dockerfile) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packaged = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert set(packaged) <= set(dockerfile.copied)


def test_every_package_is_installed_by_hash(dockerfile: Dockerfile) -> None:
    installs = [one.text for one in dockerfile.all("RUN") if "pip install" in one.text]
    assert len(installs) == 3
    for text in installs:
        assert "--no-deps" in text
        assert "--require-hashes" in text or "/wheels/*.whl" in text


def test_no_secret_is_in_a_layer(
    dockerfile: Dockerfile, literal_secrets: Any, unknown_settings: Any
) -> None:
    assert not literal_secrets(dockerfile.environment)
    assert not unknown_settings(dockerfile.environment)
    assert {one.text.partition("=")[0] for one in dockerfile.all("ARG")} == {
        "PYTHON",
        "PYTHON_SLIM",
    }


def test_what_it_writes_goes_to_the_volume_or_to_tmp(dockerfile: Dockerfile) -> None:
    environment = dockerfile.environment
    assert dockerfile.one("VOLUME").words == [environment["CASEWRIGHT_HOME"]]
    assert environment["MPLCONFIGDIR"].startswith("/tmp/")
    assert environment["XDG_CACHE_HOME"].startswith("/tmp/")
    assert environment["PYTHONDONTWRITEBYTECODE"] == "1"


def test_the_health_check_asks_the_port_that_is_exposed(dockerfile: Dockerfile) -> None:
    port = dockerfile.one("EXPOSE").text
    assert dockerfile.health[-1] == f"http://127.0.0.1:{port}/ready"
    assert f"{port}" not in dockerfile.one("CMD").text, "the console's own default"


def test_the_locks_agree_and_name_no_address(locked: Locked) -> None:
    dev, runtime = locked["requirements-dev"], locked["requirements"]
    for name in ("requirements-image", "requirements-ray"):
        versions = locked[name]
        assert not set(versions) & set(runtime), "what the runtime's lock brings is there already"
        assert {one: dev[one] for one in versions if one in dev} == {
            one: version for one, version in versions.items() if one in dev
        }
        text = (ROOT / f"{name}.lock").read_text("utf-8")
        assert "://" not in text
        assert "index-url" not in text
        assert text.count("\n") > 2 * len(versions), "each with its hashes"
    assert locked["requirements-ray"]["cffi"] == locked["requirements-image"]["cffi"]


def test_the_extras_of_the_image_are_locked(locked: Locked) -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "optional-dependencies"
    ]
    beside = {**locked["requirements"], **locked["requirements-image"]}
    for extra in ("oidc", "otlp", "pdf", "postgres", "tables"):
        names = {re.split(r"[\[>=<]", one)[0] for one in extras[extra]}
        assert names <= set(beside), extra
    assert "ray" in locked["requirements-ray"]
    assert "virtualenv" in locked["requirements-ray"], "KubeRay asks for ray[default]"
