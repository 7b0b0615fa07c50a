"""How the parts of a store reach its database: each is handed what opens a transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from sqlalchemy.ext.asyncio import AsyncConnection

Transaction = Callable[[], AbstractAsyncContextManager[AsyncConnection]]
"""Opens one transaction on a store, which ends with the block."""
