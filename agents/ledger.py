"""Which model calls were made, and for what, whoever made them.

The calls of a reading happen far below it: in a loop, in samples that run side by side, behind
fallbacks and repairs. They are noted where they are made and read where they are paid for; in
between they travel in the task's context, as spans do, so that cases in flight never mix.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from casewright.cost import ModelCall

_ledgers: ContextVar[tuple[list[ModelCall], ...]] = ContextVar("ledgers", default=())
_asked: ContextVar[tuple[str, ...]] = ContextVar("asked", default=())


@contextmanager
def ledger() -> Iterator[list[ModelCall]]:
    """The model calls made inside, in the order in which they ended; ledgers may nest."""
    calls: list[ModelCall] = []
    token = _ledgers.set((*_ledgers.get(), calls))
    try:
        yield calls
    finally:
        _ledgers.reset(token)


@contextmanager
def asking(factors: Sequence[str]) -> Iterator[None]:
    """Calls made inside are made for these factors."""
    token = _asked.set(tuple(factors))
    try:
        yield
    finally:
        _asked.reset(token)


def asked() -> tuple[str, ...]:
    """The factors for which calls are made here."""
    return _asked.get()


def note(call: ModelCall) -> None:
    """Enter a call into every open ledger."""
    for calls in _ledgers.get():
        calls.append(call)
