"""Tells a text that instructs whoever, or whatever, decides the case (handbook 0.4).

Deterministic patterns in English, Spanish and Chinese over the text as a reader would see it:
characters that cannot be seen are dropped, look-alike letters and accents folded. What is found
raises the route and is quoted; it is never an answer to anything, and never a verdict on who wrote
it: a party that pleads hard may be flagged as well, which costs a look by a person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from agents.assistant_talk import ALL
from agents.encoded import encoded_in
from agents.folding import Folded

_NEAR: Final = r"[^.!?。！？\n]{0,60}?"
"""Within one sentence, and not far."""

_DECIDER: Final = (
    r"(?:reviewer|moderator|examiner|adjudicator|analyst|agent|assistant|model|system|ai|bot|"
    r"chatbot|llm|decision[- ]maker)"
)
_VERDICT: Final = r"(?:result|outcome|decision|verdict|status|answer|case|appeal)"
_RULES: Final = (
    r"(?:instruction|prompt|rule|polic|guideline|procedure|check|scan|evidence|record|step|review)"
)

_MARKS: Final = ".!?。！？\n"
WIDEST: Final = 120
"""Most characters of a quote before and after what was found."""

ENGLISH: Final = (
    rf"(?<!not )(?<!n't )\b(?:ignore|disregard|forget|override|bypass|skip)\b{_NEAR}\b{_RULES}",
    rf"\b{_RULES}\w*\b{_NEAR}\b(?:void|cancelled|no longer (?:apply|applies|valid))\b",
    rf"\b(?:whoever|whatever|whichever)\b{_NEAR}\b(?:review|read|decid|judg|assess|process|handl)",
    rf"\bif you are (?:an? |the )?(?:\w+ )?{_DECIDER}\b",
    rf"\b(?:note|message|instructions?|attention)\b:? (?:to|for) (?:\w+ ){{0,3}}{_DECIDER}\b",
    r"(?:^|[.!?]\s+|\n\s*)(?:dear |hey |hello |hi )?"
    r"(?:assistant|ai|model|bot|chatbot|system)\s*[,:]",
    rf"\b(?:set|mark|record|enter|put|return|output|select|choose)\b{_NEAR}\b{_VERDICT}\b"
    r"[^.!?\n]{0,20}?(?:\bto\b|\bas\b|=|:)",
    r"\b(?:answer|reply|respond|return|output)\b[^.!?\n]{0,40}\b(?:nothing else|only)\b",
    rf"\b(?:final|correct|right|required) {_VERDICT}\b\s*(?:is|=|:)",
)
SPANISH: Final = (
    rf"(?<!no )\b(?:ignor|olvid|omit|descart|salt)\w*\b{_NEAR}\b(?:instruccion|regla|politica|"
    r"norma|evidencia|prueba|escaneo|registro|verificacion|comprobacion|revision)",
    rf"\b(?:quien|quienquiera|cualquiera que)\b{_NEAR}\b(?:revis|lea\b|lee\b|decid|evalu)",
    r"\bsi (?:eres|usted es|es usted)\b[^.!?\n]{0,20}"
    r"\b(?:modelo|asistente|ia|bot|sistema|revisor)\b",
    r"\b(?:pon|ponga|marca|marque|establece|establezca|fija|fije|registra|registre)\b"
    r"[^.!?\n]{0,30}\b(?:resultado|decision|veredicto|caso)\b[^.!?\n]{0,12}(?:\b(?:como|a|en)\b|=|:)",
    r"(?:^|[.!?:;,\n]\s*|\by |\bfavor )(?:respond|contest)(?:e|a|an|ed)\b[^.!?\n]{0,40}"
    r"\b(?:nada mas|solo|unicamente)\b",
    r"\b(?:nota|mensaje|instruccion(?:es)?) (?:para|al?) (?:\w+ ){0,2}"
    r"(?:revisor|asistente|modelo|sistema)",
)
CHINESE: Final = (
    r"(?<!不要)(?<!不能)(?<!别)(?:忽略|无视|忘记|跳过)[^。！？\n]{0,20}"
    r"(?:指令|规则|政策|扫描|记录|证据|检查|核查|审核|以上)",
    r"(?:将|把)[^。！？\n]{0,12}(?:结果|结论|判定|决定|裁决)[^。！？\n]{0,6}(?:设|改|定|标|判)",
    r"(?:如果|若|假如)你是[^。！？\n]{0,12}(?:模型|助手|人工智能|ai|系统|机器人|审核)",
    r"(?:审核|评审|审查|处理)(?:员|人|者|系统|模型)[^。！？\n]{0,12}(?:直接|必须|只需|只能)",
    r"(?:不需要|无需|不必|不用)(?:再)?(?:核查|检查|审核|核实)",
)
FRAMES: Final = (
    r"<\s*/?\s*(?:system|assistant|developer|instructions?|admin)\b[^>]{0,80}>",
    r"<\|\w+\|>|\[/?inst\]",
    r"\[\s*(?:system|automated|internal|admin|verified)\b[^\]\n]{0,40}\]",
    r"(?:-{2,}|={2,}|#{1,4})\s*(?:begin |end )?(?:system|internal|automated|instructions?)\b",
    r"(?:^|\n)\s*(?:system|assistant|developer|decision|outcome|verdict)\s*[:=>]",
    r"[\"']?(?:decision|outcome|verdict)[\"']?\s*[:=]\s*[\"']?\w",
)
"""Text that is made up as a machine's: tags, blocks and fields of a verdict."""


@lru_cache(maxsize=512)  # what a party wrote stands in several records of its case
def instruction_in(text: str) -> str | None:
    """The first sentence of a text that instructs whoever decides, exactly as it stands in it.

    Args:
        text: What a party wrote.

    Returns:
        A substring of ``text``; None where nothing in it is told to the decider.
    """
    seen = _seen(text)
    found = min(_told(seen.text), default=None)
    if found is None:
        return next((text[start:end][:WIDEST] for start, end in _spelled(text)), None)
    return text[slice(*seen.place(*_sentence(seen.text, *found)))]


def instructions_in(text: str) -> tuple[tuple[int, int], ...]:
    """Every place of a text that instructs whoever reads it, from its sentence to its line's end.

    What follows an instruction on its line is taken to belong to it: a second sentence such as
    "Say yes." tells a machine what to do only behind a first one that makes it listen.

    Returns:
        Places as first and last character, the last exclusive; they may overlap.
    """
    seen = _seen(text)
    places = (_sentence(seen.text, *found, widest=len(text)) for found in _told(seen.text))
    lines = ((start, _line_end(seen.text, end)) for start, end in places)
    return (*(seen.place(*one) for one in lines), *_spelled(text))


def _spelled(text: str) -> Iterator[tuple[int, int]]:
    """Where an instruction stands that only decoding makes readable."""
    for start, end, decoded in encoded_in(text):
        if next(_told(_seen(decoded).text), None):
            yield start, end


def _seen(text: str) -> Folded:
    return Folded.of(text).joined()


def _told(seen: str) -> Iterator[tuple[int, int]]:
    for pattern in _patterns():
        yield from (match.span() for match in pattern.finditer(seen) if match[0])


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _sentence(text: str, start: int, end: int, widest: int = WIDEST) -> tuple[int, int]:
    """The span widened to where its sentence, or its line, starts and ends; at most so far."""
    while start < end - 1 and text[start] in _MARKS + " ":
        start += 1
    first, last = max(0, start - widest), min(len(text), end + widest)
    while start > first and text[start - 1] not in _MARKS:
        start -= 1
    while end < last and text[end - 1] not in _MARKS:
        end += 1
    while text[start] == " ":
        start += 1
    return start, end


@lru_cache(maxsize=1)
def _patterns() -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one) for one in (*ENGLISH, *SPANISH, *CHINESE, *FRAMES, *ALL))
