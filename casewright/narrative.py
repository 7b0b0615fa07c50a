"""The rationale as told to a reviewer: sentences over claims, checked one by one."""

from __future__ import annotations

from typing import Literal

from casewright.base import Model


class Told(Model):
    """One sentence of a narrative.

    Attributes:
        sentence: What the reviewer reads.
        claims: Numbers of the decision's claims that it tells, from 1.
        by: The model, or the template that stands in where the model's words did not check out.
        reason: Why they did not, in plain words; empty where they did.
    """

    sentence: str
    claims: tuple[int, ...]
    by: Literal["model", "template"] = "template"
    reason: str = ""


class Narrative(Model):
    """The rationale, what speaks for the outcome apart from what speaks against it.

    Attributes:
        language: Language of the sentences (BCP 47).
        supports: What the outcome rests on.
        contradicts: What points to another outcome.
        beside: What tells neither way, such as how similar cases ended.
        reason: Why no model told it, in plain words; empty where one did.
    """

    language: str
    supports: tuple[Told, ...] = ()
    contradicts: tuple[Told, ...] = ()
    beside: tuple[Told, ...] = ()
    reason: str = ""
