"""Ctrl-C and SIGTERM while work goes on: first end what was begun, then stop at once."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def stopping(drain: Callable[[], object], stop: Callable[[], object]) -> Iterator[None]:
    """Handle signals inside; called within the event loop.

    Outside the main thread, where Python hears no signals, nothing changes.

    Args:
        drain: Called at the first Ctrl-C, or at SIGTERM, with which clusters take a process away.
        stop: Called at each later Ctrl-C.
    """
    asked = False

    def heard(number: signal.Signals) -> None:
        nonlocal asked
        if not asked:
            asked = True
            drain()
        elif number is signal.SIGINT:
            stop()

    loop, before = asyncio.get_running_loop(), {}
    with suppress(ValueError, RuntimeError, NotImplementedError):
        for number in SIGNALS:
            before[number] = signal.getsignal(number)
            loop.add_signal_handler(number, heard, number)
    try:
        yield
    finally:
        for number, handler in before.items():
            with suppress(ValueError, RuntimeError, NotImplementedError):
                loop.remove_signal_handler(number)
                signal.signal(number, handler)
