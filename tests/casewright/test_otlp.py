"""Spans reach a real OTLP/HTTP receiver on loopback, and nothing is sent that was not asked for."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from casewright import spans
from casewright.errors import UsageError
from casewright.otlp import exporting

PROGRAM = """
import sys
from casewright import spans
from casewright.otlp import exporting
for name in sys.argv[2:]:
    with exporting(sys.argv[1]):
        with spans.span(f"invoke_workflow {name}", {"casewright.case_id": "C-1"}):
            with spans.span("node read"):
                pass
print(sorted(name for name in sys.modules if name.startswith("opentelemetry.sdk"))[:1])
"""


class Collector:
    """What a receiver was sent."""

    def __init__(self) -> None:
        self.url = ""
        self.paths: list[str] = []
        self.batches: list[ExportTraceServiceRequest] = []

    @property
    def names(self) -> list[str]:
        return [
            span.name
            for batch in self.batches
            for resource in batch.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    received = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            received.paths.append(self.path)
            received.batches.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield received
    server.shutdown()
    thread.join(timeout=10)
    server.server_close()


def ran(endpoint: str, *names: str) -> str:
    command = [sys.executable, "-c", PROGRAM, endpoint, *names]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_a_collector_is_sent_the_spans_of_the_whole_process(collector: Collector) -> None:
    ran(collector.url, "first", "second")
    assert set(collector.paths) == {"/v1/traces"}
    expected = ["invoke_workflow first", "invoke_workflow second", "node read", "node read"]
    assert sorted(collector.names) == expected
    resource = collector.batches[0].resource_spans[0].resource
    assert ("service.name", "casewright") in {
        (one.key, one.value.string_value) for one in resource.attributes
    }


def test_without_a_collector_the_sdk_is_not_even_imported() -> None:
    assert ran("", "one") == "[]"


def test_a_collector_that_is_away_costs_spans_and_no_case() -> None:
    assert ran("http://127.0.0.1:9", "one") != "[]"


@pytest.mark.parametrize("address", ["collector:4318", "ftp://collector", "http://"])
def test_an_address_that_is_none_is_told(address: str) -> None:
    with pytest.raises(UsageError, match="no HTTP URL"), exporting(address):
        pass


def test_the_names_are_those_of_the_conventions() -> None:
    from opentelemetry.semconv._incubating.attributes import gen_ai_attributes, server_attributes
    from opentelemetry.semconv.attributes import error_attributes

    known = {
        value
        for module in (gen_ai_attributes, server_attributes, error_attributes)
        for value in vars(module).values()
        if isinstance(value, str)
    }
    used = {value for name, value in vars(spans).items() if name.isupper() and name[0] != "_"}
    assert used <= known
