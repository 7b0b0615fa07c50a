"""Tells a text that a person has to see at once (handbook 12, Always human).

A threat to life, self-harm, a child: patterns in English, Spanish and Chinese that err towards
telling, since the cost is a look by a person.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_ALARMS: Final = (
    r"\b(?:suicid\w*|self[- ]harm\w*|end (?:my|his|her|their|your) life|take my own life)\b",
    r"\b(?:kill|shoot|stab|hurt) (?:myself|you|him|her|them|us)\b",
    r"\b(?:want to die|death threats?|bomb threat)\b",
    r"\b(?:matarme|quitarme la vida|autolesi\w*|matarte|matarl[oa]s?|quiero morir)\b",
    r"\bamenazas? de muerte\b",
    r"自杀|自残|轻生|不想活|杀了(?:你|他|她|我)|死亡威胁",
    r"\b(?:under ?age|minors|under (?:18|eighteen))\b|\b(?:is|am|was|are|still) a minor\b",
    r"\b(?:[1-9]|1[0-7])[- ]years?[- ]old\b",
    r"\b(?:menor(?:es)? de edad|niñ[oa]s? de (?:[1-9]|1[0-7]) años)\b",
    r"未成年|(?<!\d)(?:[1-9]|1[0-7])岁",
)


def alarm_in(text: str) -> str | None:
    """The words of a text that a person has to see at once; None where there are none."""
    found = (match[0] for one in _patterns() if (match := one.search(text)))
    return next(found, None)


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, re.IGNORECASE) for one in _ALARMS)
