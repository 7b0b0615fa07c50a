"""What is withheld of a party's text before a model reads it: what tells a reader what to do.

An instruction states no fact that a question asks for, so a text can be read without it, and its
case comes to the outcome that it would have come to had nobody tried; the route is raised by the
flag ``addresses_reviewer``, and a person sees the whole text. Beside instructions, tasks and
questions that have nothing to do with a marketplace ("Translate this", "Who are you?") are left
out: neither states a fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from agents.addressing import instructions_in
from agents.visible import VisibleText

_SENTENCE: Final = re.compile(r"[^.!?。！？\n]+[.!?。！？]*")
_TASK: Final = re.compile(
    r"^\W*(?:(?:please|kindly|now|then|and|also|but|(?:can|could|would|will) you|bitte)[ ,]+)*"
    r"(?:act|add|advise|analy[sz]e|answer|append|arrange|blame|build|calculate|combine|compare|"
    r"compose|compute|convert|create|decode|define|delete|describe|design|determine|develop|"
    r"discuss|display|do not|don'?t|draft|encode|encourage|encrypt|enhance|execute|explain|express|"
    r"find|follow|forget|formulate|generate|give|group|help|highlight|identify|ignore|imagine|"
    r"imitate|implement|include|incorporate|insert|integrate|interpret|invent|invert|list (?!of)|"
    r"mask|mention|modify|name|outline|output|perform|play|predict|present|pretend|print|produce|"
    r"promote|propose|provide|put|rearrange|recommend|render|repeat|rephrase|replace|reply|respond|"
    r"return|reverse|rewrite|roleplay|run|say|scramble|sketch|solve|speak|spell|spread|state|"
    r"show|remember|guide|walk|make|let|keep|think|consider|assume|suppose|stop|start|begin|"
    r"continue|call|e-?mail|send|forward|save|store|log|complete|fill|choose|pick|rate|classify|"
    r"count|sort|"
    r"substitute|suggest|summari[sz]e|swap|teach|tell|transform|translate|use|weave|write|"
    r"antworte|beschreib\w*|erklar\w*|erklär\w*|erstell\w*|generier\w*|gib|nenn\w*|sag\w*|"
    r"schreib\w*|spiel\w*|verfass\w*|zeig\w*|übersetz\w*)\b",
    re.IGNORECASE,
)
"""A sentence that begins by giving whoever reads it something to do."""
_TRADE: Final = re.compile(
    r"order|parcel|packag|ship|deliver|carrier|courier|track|label|scan|seller|buyer|customer|"
    r"refund|return|claim|review|invoice|receipt|brand|account|payment|payout|bank|photo|picture|"
    r"listing|product|item|goods|stock|supplier|warehouse|store|shop|market|platform|polic|appeal|"
    r"violation|notice|document|attach|evidence|proof|certificate|price|sale|sold|bought|purchase|"
    r"weight|address|name|date|case|message|request|employee|staff|family|charger|model|batch|"
    r"recall|injur|warrant|quality|authentic|bestell|paket|liefer|ware|rechnung|konto|versand|"
    r"pedido|paquete|env[ií]|entreg|gu[ií]a|vended|comprad|cliente|reembols|factura|cuenta|pago|"
    r"tienda|prueba|money|letter|card|rate us|stars?\b|opinion|\b(?:us|our|we|others)\b|"
    r"\d{3}",
    re.IGNORECASE,
)
"""Words of a case: a sentence with one is read, whatever it begins with."""

QUESTION_WORDS: Final = 5
"""Fewest words of a question that is left out: a short one orders nothing, and Chinese, for which
the words of a case are not listed here, writes none apart.
"""

LEFT_OUT: Final = "⟨left out: told to the reader⟩"


@lru_cache(maxsize=512)
def as_shown(text: str) -> VisibleText:
    """A text as a model is shown it, without what tells its reader what to do."""
    return VisibleText(text, withheld=withheld(text), note=LEFT_OUT)


def withheld(text: str) -> tuple[tuple[int, int], ...]:
    """The places left out, in their order, apart from each other; the last character exclusive."""
    found: list[tuple[int, int]] = []
    for start, end in sorted((*instructions_in(text), *_tasks(text))):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _tasks(text: str) -> Iterator[tuple[int, int]]:
    for sentence in _SENTENCE.finditer(text):
        asks = sentence[0].endswith("?") and len(sentence[0].split()) >= QUESTION_WORDS
        if (asks or _TASK.search(sentence[0])) and not _TRADE.search(sentence[0]):
            yield sentence.span()
