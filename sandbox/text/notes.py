"""Short texts: what buyers ask for, what documents say, everyday messages and claims."""

from __future__ import annotations

from typing import Final

import numpy as np

_REQUESTS: Final = {
    "en": (
        "Hi, I moved. Could you send it to my new address please?",
        "Please wait with the parcel until I am back from my trip.",
        "Can you hold my order for two days? Nobody is at home.",
        "I typed the wrong street, please change it before it goes out.",
    ),
    "es": (
        "Hola, me cambié de casa, ¿pueden mandarlo a la nueva dirección?",
        "Por favor esperen un par de días para enviarlo, no estoy en casa.",
    ),
}
_DOCUMENTS: Final = {
    "manifest": (
        "Collection list. Parcels as listed below. Received in good order.",
        "Driver sheet, evening round. Bags counted at the gate.",
    ),
    "screenshot": ("Tracking page, saved from the browser.", "Order page with the status line."),
    "photo": ("Cage with parcels at the loading door.", "Counter receipt, photographed."),
}
MESSAGES: Final = {
    "buyer": ("When will it arrive?", "Thank you, received.", "Is this available in blue?",
              "The box was a little damaged but the item is fine."),
    "seller": ("Thank you for your order.", "It is on its way.", "We will check and come back."),
    "platform": ("A reminder: please answer your customer within 24 hours.",),
}  # fmt: skip
CLAIMS: Final = (
    "It never came.", "The box was empty.", "Not what the pictures show.",
    "It stopped working after a day.", "You sent me another item.", "I do not need it any more.",
)  # fmt: skip


def buyer_request(region: str, rng: np.random.Generator) -> str:
    """Return a buyer's message asking for another address or a later dispatch."""
    bank = _REQUESTS["es" if region == "MX" else "en"]
    return bank[int(rng.integers(len(bank)))]


def document_text(kind: str, rng: np.random.Generator) -> str:
    """Return the text extracted from a document of ``kind``."""
    bank = _DOCUMENTS[kind]
    return bank[int(rng.integers(len(bank)))]
