"""A Ray cluster: one that is there, or one that is started on this machine for the time."""

from __future__ import annotations

import logging
import os
import secrets
import socket
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Any, Final
from urllib.parse import urlsplit

from casewright.errors import EnvironmentFault, UsageError
from casewright.settings import Settings

LOCAL: Final = "local"
"""Ray's word for a cluster that is started here."""

LOOPBACK: Final = "127.0.0.1"

STORE_BYTES: Final = 80 * 1024 * 1024
"""Object store of a cluster that is started here: nothing is given through it."""

CONNECT_S: Final = 10.0
"""Longest wait until a cluster's address answers, in seconds."""


@dataclass(frozen=True)
class Node:
    """A node of a cluster.

    Attributes:
        node_id: As Ray knows it.
        host: Name of its machine.
        resources: What it has in all, by Ray's names, such as ``CPU``.
    """

    node_id: str
    host: str
    resources: Mapping[str, float]

    def has(self, wanted: Mapping[str, float]) -> bool:
        """Whether a worker that wants these resources fits on it when nothing else runs there."""
        return all(self.resources.get(name, 0) >= count for name, count in wanted.items())


def require_ray() -> None:
    """Make sure that the extra is installed.

    Raises:
        EnvironmentFault: it is not.
    """
    if find_spec("ray") is None:
        raise EnvironmentFault(
            "Ray is not installed.", remedy='Install it: pip install "casewright[ray]".'
        )


@contextmanager
def connected(address: str = "") -> Iterator[None]:
    """Be connected to a cluster for the length of the block; one that was started here ends then.

    Where the process is connected already, it stays so.

    Args:
        address: ``HOST:PORT`` of the cluster's head, or ``auto`` for that which this machine
            belongs to; empty: what the variable ``RAY_ADDRESS`` says, or else one that is started.

    Raises:
        EnvironmentFault: Ray is not installed, or no cluster can be reached at that address.
        UsageError: the address is of Ray Client, which knows no nodes.
    """
    require_ray()
    wanted = address or os.environ.get("RAY_ADDRESS", "") or LOCAL
    _require_usable(wanted)
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    if wanted == LOCAL:
        # By default Ray writes a token into the account's home folder.
        os.environ.setdefault("RAY_AUTH_MODE", "token")
        os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
    import ray

    if ray.is_initialized():
        yield
        return
    _init(wanted)
    try:
        yield
    finally:
        ray.shutdown()


def _init(address: str) -> None:
    import ray

    started = {
        "include_dashboard": False,
        "object_store_memory": STORE_BYTES,
        "_node_ip_address": LOOPBACK,
    }
    more: dict[str, Any] = started if address == LOCAL else {}
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR, **more)
    except (ConnectionError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise EnvironmentFault(
            f"No Ray cluster at {address!r}: {_first_line(error)}",
            remedy="See that its head runs; its token goes in RAY_AUTH_TOKEN.",
        ) from error


def _require_usable(address: str) -> None:
    """Refuse what Ray would wait for without an end.

    Raises:
        EnvironmentFault: nothing answers at the address.
        UsageError: it is of Ray Client.
    """
    if address.startswith("ray://"):
        raise UsageError(
            f"{address!r} is an address of Ray Client.",
            remedy="Run the command on a node of the cluster, as `ray job submit` does.",
        )
    host, colon, port = address.rpartition(":")
    if not colon:
        return
    if not port.isdecimal():
        raise UsageError(f"{address!r} is no HOST:PORT.")
    try:
        socket.create_connection((host.strip("[]"), int(port)), CONNECT_S).close()
    except OSError as error:
        raise EnvironmentFault(
            f"Nothing answers at {address!r}: {error}.",
            remedy="Give the address of the cluster's head, such as HOST:6379.",
        ) from error


def nodes() -> list[Node]:
    """The nodes that are alive."""
    import ray

    return [
        Node(one["NodeID"], one["NodeManagerHostname"], one["Resources"])
        for one in ray.nodes()  # type: ignore[no-untyped-call]
        if one["Alive"]
    ]


def require_shared(settings: Settings, hosts: Collection[str]) -> None:
    """Make sure that all machines reach what the settings name.

    Args:
        settings: The settings.
        hosts: The machines with nodes.

    Raises:
        UsageError: the store or the source is for this machine alone, and there are others.
    """
    others = sorted({*hosts} - {socket.gethostname()})
    if not others:
        return
    if not settings.store_url.get_secret_value():
        raise UsageError(
            f"The store is a file of this machine, and {others[0]} is another one.",
            remedy="Set `store_url` to a PostgreSQL database that all machines reach.",
        )
    if not settings.cases and _of_this_machine(settings.source_url):
        raise UsageError(
            f"The source is on this machine, where {others[0]} does not reach it.",
            remedy="Set `source_url` to an address that all machines reach.",
        )


def _of_this_machine(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host in ("", "localhost")


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
