"""Graph versions: ``sop@number+digest``, the digest over everything that can change a decision."""

from __future__ import annotations

from agents.prompts import prompt_digest
from casewright.canonical import digest_of
from casewright.settings import Settings
from graphs.sop import Sop

CODE_VERSION = 15
"""Version of the node code. Raise it with every change that can change a decision."""

SHOWN = 12
"""Hex digits of the digest that are shown; 48 bits tell a team's versions apart."""


def version_of(sop: Sop, settings: Settings) -> str:
    """The graph version of an SOP under these settings.

    The digest covers the SOP's files, the declarations of its tools, the code of its statistics,
    the prompts, the node code's version and the model settings.
    """
    digest = digest_of(
        {
            "files": dict(sop.files),
            "tools": _declared(sop),
            "statistics": _statistics(sop),
            "prompts": prompt_digest(),
            "code": CODE_VERSION,
            "model": settings.model,
            "model_base_url": settings.model_base_url,
            "model_mode": settings.model_mode,
            "model_reasoning_effort": settings.model_reasoning_effort,
            "model_fallbacks": [one.model_dump(mode="json") for one in settings.model_fallbacks],
            "model_tool_calls": settings.model_tool_calls,
            "model_tokens": settings.model_tokens,
            "model_seconds": settings.model_seconds,
            "model_budget_micros": settings.model_budget_micros,
            "model_privacy": settings.model_privacy,
            "precedents": settings.precedents,
        }
    )
    return f"{sop.name}@{sop.spec.version}+{digest[:SHOWN]}"


def _declared(sop: Sop) -> dict[str, str]:
    """Digests of the tools that a workspace declares and the SOP or its reader uses, by name."""
    return {tool.name: tool.digest for tool in sop.tools if tool.digest}


def _statistics(sop: Sop) -> dict[str, str]:
    """Digests of the statistics that the SOP's factors rest on, by name."""
    measured = (factor.measured for factor in sop.factors.values())
    return {one.statistic.name: one.statistic.digest for one in measured if one}
