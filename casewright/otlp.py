"""Sends spans to an OpenTelemetry collector, where the settings name one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import urlsplit

from casewright.errors import EnvironmentFault, UsageError

PATH = "/v1/traces"
"""Where a collector takes traces over HTTP, below its base URL (OTLP 1.x)."""

TIMEOUT_S = 2
"""Longest wait for the collector. One that is away costs spans, never a case."""


@contextmanager
def exporting(endpoint: str) -> Iterator[None]:
    """Send the spans made inside, and flush at the end. One process has one collector.

    Where a tracer provider is set up already, by an embedding program or by OpenTelemetry's own
    launcher, it stays in charge.

    Args:
        endpoint: Base URL of the collector, or the whole URL with its path; empty: nothing is sent.

    Raises:
        UsageError: the address is no HTTP URL.
        EnvironmentFault: the extra ``otlp`` is not installed.
    """
    if not endpoint:
        yield
        return
    url = _traces(endpoint)
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise EnvironmentFault(
            "Spans cannot be sent: the OpenTelemetry SDK is not installed.",
            remedy="Install casewright[otlp], or leave the setting otlp_endpoint empty.",
        ) from error
    from opentelemetry import trace

    if isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider):
        about = {"service.name": "casewright", "service.version": _version()}
        made = TracerProvider(resource=Resource.create(about))
        made.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(url, timeout=TIMEOUT_S)))
        trace.set_tracer_provider(made)
    try:
        yield
    finally:
        provider = trace.get_tracer_provider()
        if isinstance(provider, TracerProvider):
            provider.force_flush()


def _traces(endpoint: str) -> str:
    parts = urlsplit(endpoint)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"The collector's address {endpoint!r} is no HTTP URL.",
            remedy="Give otlp_endpoint like http://127.0.0.1:4318.",
        )
    return endpoint if parts.path.endswith(PATH) else endpoint.rstrip("/") + PATH


def _version() -> str:
    try:
        return version("casewright")
    except PackageNotFoundError:  # run from its source
        return "0"
