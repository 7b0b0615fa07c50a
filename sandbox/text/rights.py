"""What is written about rights in goods: complaints, sellers' letters, and the papers they send."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from sandbox.text import rights_chinese, rights_english, rights_spanish
from sandbox.text.letters import Tone, one_of, write_letter

SUPPLIERS: Final = (
    "Marlow Wholesale", "Anselm & Sons", "Delta Import", "Grupo Nava", "Huaxin Trading",
    "Pell Distribution", "Rotterdam Cargo Goods", "Sierra Mayoreo", "Tidewater Supply",
)  # fmt: skip
Theme = Literal["batches", "promises", "papers", "chain", "rival"]
THEMES: Final[tuple[Theme, ...]] = ("batches", "promises", "papers", "chain", "rival")
BANKS: Final = {
    "en": rights_english.PHRASES, "es": rights_spanish.PHRASES, "zh": rights_chinese.PHRASES,
}  # fmt: skip
_COMPLAINTS: Final = {
    "counterfeit": ("The goods on offer are not ours. Please remove them.",
                    "Our agent reports counterfeit {brand} goods under this listing."),
    "trademark": ("The listing uses the word mark {brand}, registered in class {number}.",
                  "We act for the owner of {brand} and ask for removal, class {number}."),
    "copyright": ("The pictures of {brand} were taken from our own shop without leave.",
                  "Text and photographs of {brand} are used here without a licence."),
    "design": ("The shape is protected by design registration {number}.",
               "The item copies the registered look of {brand}, entry {number}."),
    "patent": ("The item practises claim 1 of our patent {number}.",
               "Utility patent {number} covers the mechanism shown."),
}  # fmt: skip
_DOCUMENTS: Final = {
    "invoice": ("Invoice. Goods as listed, {brand}. Payment received by transfer.",
                "Sales invoice for {brand} articles, terms 30 days, delivered free.",
                "Factura. Mercancía {brand} según lista. Pagado."),
    "authorisation": ("This letter confirms that the holder may offer {brand} goods.",
                      "To whom it may concern: the bearer buys {brand} from our channel."),
    "certificate": ("Certificate of conformity, {brand}, see annex.",
                    "Test summary. Sample of {brand} received and examined."),
    "photo": ("Shelf with cartons, {brand} labels visible.", "Box, front and back."),
}  # fmt: skip


@dataclass(frozen=True)
class Plea:
    """What a seller's letter is to say of goods of ``brand``; ``copy`` owns up to a copy."""

    brand: str
    listing: str
    theme: Theme
    copy: bool
    close: bool


def write_plea(plea: Plea, tone: Tone, rng: np.random.Generator) -> str:
    """Write the letter of a seller whose listing was removed."""
    bank = BANKS[tone.language]
    body = [one_of(bank.themes[plea.theme], rng)]
    if plea.copy:
        body.append(one_of(bank.copies, rng))
    elif rng.random() < (0.25 if plea.close else 0.06):
        body.append(one_of(bank.denials, rng))
    slots = {"brand": plea.brand, "listing": plea.listing}
    return write_letter(BANKS, body, tone, slots, rng)


def write_complaint(kind: str, brand: str, rng: np.random.Generator) -> str:
    """Write what a rights owner filed, by the kind of right."""
    number = str(int(rng.integers(1, 45)) if kind == "trademark" else rng.integers(10**6, 10**7))
    return one_of(_COMPLAINTS[kind], rng).format(brand=brand, number=number)


def document_text(kind: str, brand: str, rng: np.random.Generator) -> str:
    """Return the text extracted from a paper of ``kind``."""
    return one_of(_DOCUMENTS[kind], rng).format(brand=brand)
