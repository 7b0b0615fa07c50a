"""The real embedding model, loaded once, and a short way to write closed cases."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from casewright.models import Case, ClosedCase, Money
from knowledge_base.embedding import Embedder
from knowledge_base.precedents import Precedents

START = datetime(2026, 3, 1, tzinfo=UTC)

Closer = Callable[..., ClosedCase]


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    return Embedder()


@pytest.fixture(scope="session")
def closed() -> Closer:
    """Write a closed case; ``day`` is when it was closed, counted from the first of March.

    ``more`` are its facts, its clauses, and when it was overturned.
    """

    def write(
        case_id: str,
        *,
        seller: str = "S-other",
        linked: tuple[str, ...] = (),
        family: str = "appeal.late_dispatch",
        day: float = 0,
        outcome: str = "overturn",
        situation: str = "The carrier had an outage on the day the parcel was due.",
        text: str = "",
        subject: Mapping[str, str] | None = None,
        parties: tuple[str, ...] = (),
        **more: Any,
    ) -> ClosedCase:
        case = Case(
            case_id=case_id,
            case_type=family,
            subject=dict(subject or {}),
            seller_id=seller,
            region="US",
            channel="appeal",
            opened_at=START - timedelta(days=90),
            impact=Money(cents=1000, currency="USD"),
            text=text,
            linked_seller_ids=linked,
            party_ids=parties,
        )
        closed_at = START + timedelta(days=day)
        return ClosedCase(
            case=case, outcome=outcome, closed_at=closed_at, situation=situation, **more
        )

    return write


@pytest.fixture
def base(tmp_path: Path, embedder: Embedder) -> Iterator[Precedents]:
    with Precedents.open(tmp_path / "kb", embedder=embedder) as opened:
        yield opened


@pytest.fixture(scope="session")
def start() -> datetime:
    return START


@pytest.fixture(scope="session")
def chroma(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Chroma server on loopback, as `chroma run` starts it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    run = "import sys; from chromadb.cli.cli import app; sys.exit(app())"
    folder = tmp_path_factory.mktemp("chroma")
    given = ["run", "--path", str(folder), "--host", "127.0.0.1", "--port", str(port)]
    command = [sys.executable, "-c", run, *given]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}"
        server.terminate()
