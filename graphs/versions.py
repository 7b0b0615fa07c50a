"""Graph versions: ``sop@number+digest``, the digest over everything that can change a decision."""

from __future__ import annotations

from typing import Any

from agents.prompts import prompt_digest
from agents.remembered import reading_settings
from casewright.canonical import digest_of
from casewright.settings import Settings
from graphs.sop import Sop

CODE_VERSION = 16
"""Version of the node code. Raise it with every change that can change a decision."""

SHOWN = 12
"""Hex digits of the digest that are shown; 48 bits tell a team's versions apart."""


def version_of(sop: Sop, settings: Settings) -> str:
    """The graph version of an SOP under these settings.

    The digest covers the SOP's files, the declarations of its tools, the code of its statistics,
    the prompts, the node code's version and the model settings.
    """
    digest = digest_of(_parts(sop, settings))
    return f"{sop.name}@{sop.spec.version}+{digest[:SHOWN]}"


def made_of(sop: Sop, settings: Settings) -> dict[str, str]:
    """What the digest of a graph version covers, by name: short values as they are.

    Files, addresses and the like are digests of theirs, so that this may be kept and shown.
    """
    return {
        name: _short(value) if name != "model_base_url" else digest_of(value)[:SHOWN]
        for name, value in _parts(sop, settings).items()
    }


def _short(value: Any) -> str:
    return str(value) if isinstance(value, str | int | float) else digest_of(value)[:SHOWN]


def _parts(sop: Sop, settings: Settings) -> dict[str, Any]:
    return {
        "files": dict(sop.files),
        "tools": _declared(sop),
        "statistics": _statistics(sop),
        "prompts": prompt_digest(),
        "code": CODE_VERSION,
        **reading_settings(settings),
        "precedents": settings.precedents,
    }


def _declared(sop: Sop) -> dict[str, str]:
    """Digests of the tools that a workspace declares and the SOP or its reader uses, by name."""
    return {tool.name: tool.digest for tool in sop.tools if tool.digest}


def _statistics(sop: Sop) -> dict[str, str]:
    """Digests of the statistics that the SOP's factors rest on, by name."""
    measured = (factor.measured for factor in sop.factors.values())
    return {one.statistic.name: one.statistic.digest for one in measured if one}
