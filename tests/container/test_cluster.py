"""The manifests of examples/cluster, by structure.

No Kubernetes and no KubeRay are at hand, so that nothing here asks their schemas: fields of a
RayJob are held against the list in KubeRay's reference (ray.io/v1).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
CLUSTER = ROOT / "examples" / "cluster"
FILES = sorted(CLUSTER.glob("*.yaml"))
VERSIONS = {
    "Namespace": "v1",
    "ConfigMap": "v1",
    "PersistentVolumeClaim": "v1",
    "Service": "v1",
    "Deployment": "apps/v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
    "NetworkPolicy": "networking.k8s.io/v1",
    "RayJob": "ray.io/v1",
}
RAY_JOB = {
    "activeDeadlineSeconds",
    "backoffLimit",
    "entrypoint",
    "rayClusterSpec",
    "shutdownAfterJobFinishes",
    "submissionMode",
    "submitterPodTemplate",
    "ttlSecondsAfterFinished",
}
RAY_CLUSTER = {"authOptions", "headGroupSpec", "rayVersion", "workerGroupSpecs"}
HEAD = {"rayStartParams", "template"}
WORKERS = {*HEAD, "groupName", "maxReplicas", "minReplicas", "replicas"}

Locked = dict[str, dict[str, str]]


def documents() -> list[dict[str, Any]]:
    yaml = YAML(typ="safe", pure=True)
    return [one for path in FILES for one in yaml.load_all(path)]


def one_of(kind: str, name: str = "") -> dict[str, Any]:
    (found,) = (
        one
        for one in documents()
        if one["kind"] == kind and (not name or one["metadata"]["name"] == name)
    )
    return found


def pods(value: Any) -> Iterator[dict[str, Any]]:
    """Every pod template's spec in a value, at any depth."""
    if isinstance(value, dict):
        if "containers" in value:
            yield value
        for inner in value.values():
            yield from pods(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from pods(inner)


PODS = [
    pytest.param(pod, id=f"{one['kind']}-{number}")
    for one in documents()
    for number, pod in enumerate(pods(one))
]


def containers(pod: dict[str, Any]) -> list[dict[str, Any]]:
    return [*pod.get("initContainers", ()), *pod["containers"]]


def test_every_object_is_of_a_known_kind_and_in_the_one_namespace() -> None:
    found = documents()
    assert {one["kind"] for one in found} == set(VERSIONS)
    for one in found:
        assert one["apiVersion"] == VERSIONS[one["kind"]]
        if one["kind"] != "Namespace":
            assert one["metadata"]["namespace"] == "casewright"
    names = [(one["kind"], one["metadata"].get("name")) for one in found]
    assert len(names) == len(set(names))
    assert len(PODS) == 7


@pytest.mark.parametrize("pod", PODS)
def test_a_pod_keeps_to_what_its_namespace_enforces(pod: dict[str, Any]) -> None:
    account = pod["securityContext"]
    assert account["runAsNonRoot"] is True
    assert account["runAsUser"] == account["runAsGroup"] == account["fsGroup"] == 10001
    assert account["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert not any("hostPath" in volume for volume in pod.get("volumes", ()))
    for container in containers(pod):
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


@pytest.mark.parametrize("pod", PODS)
def test_every_container_is_given_its_size(pod: dict[str, Any]) -> None:
    for container in containers(pod):
        resources = container["resources"]
        assert set(resources["requests"]) == {"cpu", "memory"}
        assert resources["limits"]["memory"]


@pytest.mark.parametrize("pod", PODS)
def test_what_is_mounted_is_there(pod: dict[str, Any]) -> None:
    claims = {
        volume["persistentVolumeClaim"]["claimName"]
        for volume in pod["volumes"]
        if "persistentVolumeClaim" in volume
    }
    assert claims <= {one_of("PersistentVolumeClaim")["metadata"]["name"]}
    volumes = {volume["name"] for volume in pod["volumes"]} | {"data"}  # of the StatefulSet
    for container in containers(pod):
        assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
        assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]} or (
            container["name"] == "knowledge"
        )


def test_one_alone_writes_what_all_others_copy() -> None:
    writers = [
        one["kind"]
        for one in documents()
        for pod in pods(one)
        for volume in pod.get("volumes", ())
        if "persistentVolumeClaim" in volume
        and not volume["persistentVolumeClaim"].get("readOnly", False)
    ]
    assert writers == ["CronJob"]


def test_what_is_copied_is_the_folder_of_the_knowledge_base() -> None:
    from knowledge_base.opened import KNOWLEDGE

    copies = [
        (container["command"], {mount["name"]: mount for mount in container["volumeMounts"]})
        for one in documents()
        for pod in pods(one)
        for container in containers(pod)
        if container["name"] == "knowledge"
    ]
    assert len(copies) == 3
    for (*_, source, target), mounts in copies:
        assert source == f"{mounts['knowledge']['mountPath']}/{KNOWLEDGE}"
        assert target == f"{mounts['home']['mountPath']}/"


def test_images_are_of_one_version(locked: Locked, dockerfile: Any) -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    images = {
        container["image"]
        for one in documents()
        for pod in pods(one)
        for container in containers(pod)
    }
    assert images == {
        f"registry.example.com/casewright:{version}",
        f"registry.example.com/casewright:{version}-ray",
        f"chromadb/chroma:{locked['requirements']['chromadb']}",
    }
    assert one_of("Job")["metadata"]["name"].endswith(version)
    account = dockerfile.one("USER").text
    assert account == "10001:10001"


def test_secrets_are_named_and_never_written(unknown_settings: Any, literal_secrets: Any) -> None:
    told = one_of("ConfigMap")["data"]
    assert not unknown_settings(told)
    assert not literal_secrets(told)
    assert not any(one["kind"] == "Secret" for one in documents())
    for one in documents():
        for pod in pods(one):
            for container in containers(pod):
                assert not literal_secrets({v["name"]: v for v in container.get("env", ())})
                if any("configMapRef" in source for source in container.get("envFrom", ())):
                    assert {"secretRef": {"name": "casewright"}} in container["envFrom"]


def test_settings_with_parts_are_read_as_they_stand(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from casewright.settings import load_settings

    for name, value in one_of("ConfigMap")["data"].items():
        monkeypatch.setenv(name, value)
    settings = load_settings(home=tmp_path)
    assert "ana" in settings.team
    assert settings.console_hosts == ("risk.example.com",)
    assert ip_network(settings.console_proxies[0])


def test_probes_ask_the_console_by_a_name_that_it_knows() -> None:
    from review.web.doors.entrance import LOCAL_HOSTS
    from review.web.rights import RIGHTS, Door

    (console,) = one_of("Deployment")["spec"]["template"]["spec"]["containers"]
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        asked = console[probe]["httpGet"]
        assert RIGHTS["GET", asked["path"]] is Door.PUBLIC
        assert asked["httpHeaders"][0]["value"] in LOCAL_HOSTS
    assert console["readinessProbe"]["httpGet"]["path"] == "/ready"
    assert console["livenessProbe"]["httpGet"]["path"] == "/health", "a store away is no reason"


def test_the_ray_job_holds_fields_of_the_reference_and_the_locked_version(locked: Locked) -> None:
    spec = one_of("RayJob")["spec"]
    assert set(spec) <= RAY_JOB
    cluster = spec["rayClusterSpec"]
    assert set(cluster) <= RAY_CLUSTER
    assert set(cluster["headGroupSpec"]) <= HEAD
    assert cluster["rayVersion"] == locked["requirements-ray"]["ray"]
    assert cluster["authOptions"] == {"mode": "token"}
    (workers,) = cluster["workerGroupSpecs"]
    assert set(workers) <= WORKERS
    cores = workers["template"]["spec"]["containers"][0]["resources"]["requests"]["cpu"]
    assert workers["rayStartParams"]["num-cpus"] == cores
    assert all(isinstance(one, str) for one in workers["rayStartParams"].values())


def test_commands_are_commands_of_ours() -> None:
    given = [
        container["args"]
        for one in documents()
        for pod in pods(one)
        for container in containers(pod)
        if "args" in container and "casewright" in container["image"]
    ]
    assert len(given) == 4
    for words in given:
        assert is_ours(words), words
    assert not is_ours(["batch", "run", "--engin", "ray"]), "it cannot fail"


def test_the_command_of_the_night_is_one_of_ours() -> None:
    program, *words = one_of("RayJob")["spec"]["entrypoint"].split()
    assert program == "casewright"
    assert is_ours(words)


def is_ours(words: list[str]) -> bool:
    """Whether these words are a command, and its options some that it knows."""
    import typer

    import cli

    command: Any = typer.main.get_command(cli.app)
    rest = list(words)
    while rest and hasattr(command, "commands") and rest[0] in command.commands:
        command = command.commands[rest.pop(0)]
    known = {name for one in command.params for name in one.opts}
    return not hasattr(command, "commands") and all(
        word in known for word in rest if word.startswith("--")
    )


def test_nothing_passes_that_no_policy_names() -> None:
    policies = [one for one in documents() if one["kind"] == "NetworkPolicy"]
    nobody = one_of("NetworkPolicy", "nobody")["spec"]
    assert nobody == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    labels = [
        template["labels"]
        for one in documents()
        for template in templates(one)
        if "labels" in template
    ]
    for policy in policies:
        wanted = policy["spec"]["podSelector"].get("matchLabels", {})
        assert any(wanted.items() <= given.items() for given in labels), policy["metadata"]["name"]


def templates(value: Any) -> Iterator[dict[str, Any]]:
    """Metadata of every pod template."""
    if isinstance(value, dict):
        if "metadata" in value and "containers" in value.get("spec", {}):
            yield value["metadata"]
        for inner in value.values():
            yield from templates(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from templates(inner)


def test_the_page_names_every_file_and_real_settings(unknown_settings: Any) -> None:
    for name in ("cluster.md", "container.md"):
        page = (ROOT / "docs" / name).read_text("utf-8")
        assert not unknown_settings(re.findall(r"CASEWRIGHT_[A-Z_]+\b(?!…)", page))
    page = (ROOT / "docs" / "cluster.md").read_text("utf-8")
    assert [path.name for path in FILES if f"{path.name}" not in page] == []
