"""Names that the command line lists: how a simulated model reads, and what can go wrong."""

from __future__ import annotations

from typing import Final, Literal

Style = Literal["expert", "noisy", "gullible", "faulty"]
STYLES: Final[tuple[Style, ...]] = ("expert", "noisy", "gullible", "faulty")
FAULTS: Final = (
    "rate_limited", "server_error", "overloaded", "no_access",
    "hang", "cut_body", "cut_stream", "not_json", "wrong_shape", "no_choices",
    "invented_quote", "wrong_pointer", "wrong_action", "unknown_factor", "unknown_answer",
    "missing_arguments", "wrong_types", "wrong_tool", "prose", "silence", "enormous",
    "contradiction", "malformed_arguments", "arguments_list", "endless_tools",
)  # fmt: skip
"""Faults of the HTTP answer, of the body as a whole, and of what is said and called."""
