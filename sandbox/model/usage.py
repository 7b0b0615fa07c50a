"""Tokens of the simulator: four characters are one, and prefixes seen before are cached."""

from __future__ import annotations

import hashlib
import json
import threading
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Final

CHARACTERS: Final = 4
"""Characters of a token."""

BLOCK: Final = 128
"""Tokens by which a prompt cache grows, as hosted endpoints state it."""

KEPT: Final = 20_000
"""Blocks that the cache holds."""


def tokens(text: str) -> int:
    """Tokens of a text: its characters by four, rounded up."""
    return -(-len(text) // CHARACTERS)


class PromptCache:
    """Prefixes of earlier prompts, in whole blocks; safe between threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: OrderedDict[str, None] = OrderedDict()

    def usage(self, body: Mapping[str, Any], written: str) -> dict[str, Any]:
        """The usage of a request and its reply, in the form of chat completions."""
        prompt = prompt_of(body)
        used, out = tokens(prompt), tokens(written)
        return {
            "prompt_tokens": used,
            "completion_tokens": out,
            "total_tokens": used + out,
            "prompt_tokens_details": {"cached_tokens": self._cached(prompt)},
            "completion_tokens_details": {"reasoning_tokens": 0},
        }

    def _cached(self, prompt: str) -> int:
        size = BLOCK * CHARACTERS
        digest, known, marks = hashlib.sha256(), 0, list[str]()
        for at in range(0, len(prompt) - size + 1, size):
            digest.update(prompt[at : at + size].encode("utf-8", "replace"))
            marks.append(digest.hexdigest())
        with self._lock:
            for number, mark in enumerate(marks, start=1):
                known = number if mark in self._seen and known == number - 1 else known
                self._seen[mark] = None
            while len(self._seen) > KEPT:
                self._seen.popitem(last=False)
        return known * BLOCK


def prompt_of(body: Mapping[str, Any]) -> str:
    """The request as one text: functions and form first, then the messages in their order."""
    parts = [body.get("tools") or [], body.get("response_format") or {}, *(body["messages"])]
    return "\n".join(json.dumps(part, ensure_ascii=False) for part in parts)
