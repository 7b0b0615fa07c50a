"""Presidio's recognizers as casewright uses them: no language model, no network, no file.

They are called one by one rather than through Presidio's engine, which would want a spaCy pipeline
that nothing here needs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final, Literal

from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    EmailRecognizer,
    EsNieRecognizer,
    EsNifRecognizer,
    IbanRecognizer,
    ItFiscalCodeRecognizer,
    PhoneRecognizer,
    UkNinoRecognizer,
    UsItinRecognizer,
    UsSsnRecognizer,
)
from tldextract import TLDExtract

from agents import personal_patterns as shapes

Kind = Literal["PERSON", "EMAIL", "PHONE", "ADDRESS", "BANK", "TAX", "CARD", "ID", "TEXT"]
"""What was found; ``TEXT`` is no personal data: it only looks like one of our own tokens."""

PHONE_REGIONS: Final = ("US", "GB", "MX", "ES", "FR", "DE", "IT")

_SSN: Final = Pattern("SSN", r"\b(?!000|666|9\d\d)\d{3}[- .](?!00)\d{2}[- .](?!0000)\d{4}\b", 0.5)
_ITIN: Final = Pattern("ITIN", r"\b9\d{2}[- ](?:5\d|6[0-5]|7\d|8[0-8]|9[0-24-9])[- ]\d{4}\b", 0.5)
_UNIONPAY: Final = Pattern("UnionPay", r"\b62\d{2}(?:[ -]?\d{4}){3}(?:[ -]?\d{3})?\b", 0.3)
_CASED: Final = re.MULTILINE
"""Capital letters tell a name from a word, so that they count in our own patterns."""


class _Email(EmailRecognizer):
    """Presidio's, with the list of public suffixes that the package carries."""

    def validate_result(self, pattern_text: str) -> bool:
        return _suffixes()(pattern_text).fqdn != ""


@lru_cache(maxsize=1)
def _suffixes() -> TLDExtract:
    # Without both arguments the list is fetched over the network and written to a folder.
    return TLDExtract(cache_dir=None, suffix_list_urls=())


@lru_cache(maxsize=1)
def recognizers() -> tuple[tuple[Kind, EntityRecognizer], ...]:
    """Every recognizer with the kind of what it finds."""
    return (
        ("EMAIL", _Email()),
        ("CARD", CreditCardRecognizer()),
        ("CARD", CreditCardRecognizer(patterns=[_UNIONPAY])),
        ("BANK", IbanRecognizer()),
        ("PHONE", PhoneRecognizer(supported_regions=PHONE_REGIONS, leniency=1)),
        ("ID", UsSsnRecognizer(patterns=[_SSN])),
        ("TAX", UsItinRecognizer(patterns=[_ITIN])),
        ("ID", UkNinoRecognizer()),
        ("TAX", EsNifRecognizer()),
        ("ID", EsNieRecognizer()),
        ("TAX", ItFiscalCodeRecognizer()),
        *_own(),
    )


def _own() -> Iterator[tuple[Kind, EntityRecognizer]]:
    families: tuple[tuple[Kind, Sequence[str]], ...] = (
        ("PERSON", shapes.PERSONS),
        ("PHONE", shapes.PHONES),
        ("ADDRESS", shapes.ADDRESSES),
        ("BANK", shapes.BANK),
        ("TAX", shapes.TAX),
        ("ID", shapes.IDENTITY),
    )
    for kind, family in families:
        patterns = [Pattern(f"{kind} {n}", one, 0.6) for n, one in enumerate(family)]
        yield kind, PatternRecognizer(kind, patterns=patterns, global_regex_flags=_CASED)
