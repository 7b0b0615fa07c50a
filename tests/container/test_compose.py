from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
CHECKER = str(Path(sys.executable).with_name("check-jsonschema"))

Locked = dict[str, dict[str, str]]


def valid(path: Path) -> bool:
    command = [CHECKER, "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(command, capture_output=True).returncode == 0


def test_it_is_a_compose_file(tmp_path: Path) -> None:
    assert valid(ROOT / "compose.yaml")
    wrong = tmp_path / "compose.yaml"
    wrong.write_text("services: {one: {imagine: x}}\n")
    assert not valid(wrong), "it cannot fail"


def test_only_the_console_is_published_and_on_loopback_alone(compose: Any) -> None:
    published = {name: one["ports"] for name, one in compose["services"].items() if "ports" in one}
    assert published == {"console": ["127.0.0.1:8321:8321"]}
    assert not any("network_mode" in one for one in compose["services"].values())
    assert compose["networks"]["back"]["internal"] is True
    for name in ("postgres", "chroma"):
        assert compose["services"][name]["networks"] == ["back"]


@pytest.mark.parametrize("name", ["postgres", "chroma", "console", "batch"])
def test_every_service_is_held_to_what_it_needs(compose: Any, name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["mem_limit"]
    assert service["cpus"]
    assert service["pids_limit"]
    assert re.fullmatch(r"[\w/-]+:\d+\.\d+[\w.-]*", service["image"]), "pinned to a version"


def test_no_service_is_missing_above(compose: Any) -> None:
    assert set(compose["services"]) == {"postgres", "chroma", "console", "batch"}


def test_versions_are_those_of_the_project_and_of_its_lock(compose: Any, locked: Locked) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    images = {name: one["image"] for name, one in compose["services"].items()}
    assert images["console"] == images["batch"] == f"casewright:{version}"
    assert images["chroma"].endswith(f":{locked['requirements']['chromadb']}")
    assert f"casewright:{version} ." in (ROOT / "Dockerfile").read_text("utf-8")


def test_what_runs_on_has_a_health_check_and_what_needs_it_waits_for_it(compose: Any) -> None:
    services = compose["services"]
    assert services["postgres"]["healthcheck"]["test"]
    assert services["chroma"]["healthcheck"]["test"]
    assert "healthcheck" not in services["console"], "the image's own"
    assert services["batch"]["healthcheck"] == {"disable": True}, "it is no server"
    for name in ("console", "batch"):
        waits = services[name]["depends_on"]
        assert waits == {one: {"condition": "service_healthy"} for one in ("postgres", "chroma")}


def test_no_secret_is_in_it_and_every_variable_is_a_setting(
    compose: Any, literal_secrets: Any, unknown_settings: Any
) -> None:
    for service in compose["services"].values():
        environment = service.get("environment", {})
        assert not literal_secrets(environment)
        assert not unknown_settings(environment)
        for value in environment.values():
            assert not re.search(r"://[^/]*:[^/]*@", str(value)), "a password in an address"


def test_secrets_and_workspace_stay_out_of_the_repository() -> None:
    ignored = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert {".env", "/workspace/"} <= set(ignored)


def test_the_proxy_that_is_believed_is_the_gateway_of_the_front(compose: Any) -> None:
    (front,) = compose["networks"]["front"]["ipam"]["config"]
    assert ip_address(front["gateway"]) in ip_network(front["subnet"])
    environment = compose["services"]["console"]["environment"]
    assert environment["CASEWRIGHT_CONSOLE_PROXIES"] == f'["{front["gateway"]}"]'


def test_everything_named_is_declared(compose: Any) -> None:
    for service in compose["services"].values():
        assert set(service["networks"]) <= set(compose["networks"])
        named = {one.partition(":")[0] for one in service["volumes"] if isinstance(one, str)}
        assert named <= set(compose["volumes"])
