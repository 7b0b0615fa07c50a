"""JSON Pointers (RFC 6901), written from the steps that lead to a place.

The library ``jsonpointer`` follows them; to write one it builds an object for each, which costs
many times what the text does.
"""

from __future__ import annotations

from collections.abc import Iterable


def pointer_of(steps: Iterable[str | int]) -> str:
    """The pointer to where the steps, field names and indices, lead; empty for no step."""
    return "".join([pointer_step(step) for step in steps])


def pointer_step(step: str | int) -> str:
    """One step as it stands in a pointer, with its slash."""
    if isinstance(step, int):
        return f"/{step}"
    if "~" in step or "/" in step:
        step = step.replace("~", "~0").replace("/", "~1")
    return f"/{step}"
