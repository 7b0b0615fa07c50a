"""Every exception httpx has is mapped, and what cannot pass is not tried again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from casewright.errors import SourceError, SourceRefused
from casewright.models import EvidenceStatus
from tools.sources.http import HttpSource
from tools.toolbox import Toolbox

AS_OF = datetime(2026, 6, 3, tzinfo=UTC)
PASSING = (
    httpx.TimeoutException,
    httpx.NetworkError,
    httpx.ProxyError,
    httpx.RemoteProtocolError,
    httpx.DecodingError,
)
FATAL = (httpx.LocalProtocolError, httpx.UnsupportedProtocol, httpx.InvalidURL)


def family(root: type[Exception]) -> Iterator[type[Exception]]:
    yield root
    for child in root.__subclasses__():
        yield from family(child)


ALL = {
    kind
    for name in httpx.__all__
    if isinstance(root := getattr(httpx, name), type) and issubclass(root, Exception)
    for kind in family(root)
}


def made(kind: type[Exception]) -> Exception:
    error = kind.__new__(kind)
    Exception.__init__(error, "x")
    return error


def test_the_tree_was_walked():
    assert {httpx.ReadError, httpx.StreamClosed, httpx.CookieConflict, *PASSING, *FATAL} <= ALL


@pytest.mark.parametrize("kind", sorted(ALL, key=repr))
async def test_every_exception_of_httpx_is_mapped(builtin_tools, patience, kind):
    tries = 0

    def fail(request: httpx.Request) -> httpx.Response:
        nonlocal tries
        tries += 1
        raise made(kind)

    transport = httpx.MockTransport(fail)
    async with HttpSource("http://x.invalid", patience=patience, transport=transport) as source:
        toolbox = Toolbox(builtin_tools, source, lambda: AS_OF)
        call = toolbox.call("get_order", {"order_id": "O-1"}, as_of=AS_OF)
        if issubclass(kind, FATAL):
            with pytest.raises(SourceRefused):
                await call
        else:
            evidence = await call
            assert evidence.status is EvidenceStatus.ERROR
            assert evidence.reason
    assert tries == (4 if issubclass(kind, PASSING) else 1)


async def test_an_error_names_its_cause_and_a_remedy(patience):
    def fail(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("secret detail")

    transport = httpx.MockTransport(fail)
    async with HttpSource("http://x.invalid", patience=patience, transport=transport) as source:
        with pytest.raises(SourceError, match="ConnectError") as caught:
            await source.get("/v1/orders/O-1", {}, as_of=AS_OF)
    assert isinstance(caught.value.__cause__, httpx.ConnectError)
    assert "CASEWRIGHT_SOURCE_URL" in caught.value.remedy
    assert caught.value.code == "connection_failed"
