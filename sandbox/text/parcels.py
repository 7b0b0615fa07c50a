"""What buyers write about parcels that held something else than they bought, or nothing."""

from __future__ import annotations

from typing import Final

import numpy as np

from sandbox.text.letters import one_of
from sandbox.text.typing_noise import mistype

SAYS: Final = {
    "en": (
        "There was a plastic keyring in the bag and not the thing I paid for.",
        "I opened it and found one folded napkin, no product.",
        "The envelope had a sheet of blank paper inside, that is all.",
        "Box arrived sealed and with nothing in it at all.",
        "Inside was a cheap bracelet I never ordered instead of my item.",
        "Only bubble wrap. The goods were not in the package.",
        "They sent me a single sticker in place of what I bought.",
        "No item in the carton, just crumpled newspaper.",
    ),
    "es": (
        "Venía un llavero de plástico y no lo que compré.",
        "Abrí el paquete y solo había una servilleta doblada.",
        "El sobre traía una hoja en blanco, nada más.",
        "La caja llegó cerrada y sin nada adentro.",
        "En lugar del producto mandaron una calcomanía.",
        "Puro plástico de burbujas, el artículo no estaba.",
    ),
}
OTHER: Final = {
    "en": (
        "The package has not reached me although the page says so.",
        "Please look into this order, see the photo.",
        "The colour is not the one in the pictures.",
        "It came with a scratch and one part is bent.",
        "I waited for two weeks and want my money back.",
        "The bag was open at one side, I am not happy with this.",
        "One of the two pieces is smaller than the other.",
        "The shop does not reply to me about the parcel.",
        "I ordered the wrong size and would like to return it.",
    ),
    "es": (
        "El paquete no ha llegado aunque la página dice que sí.",
        "Por favor revisen este pedido, va la foto.",
        "El color no es el de las fotos.",
        "Llegó rayado y con una pieza doblada.",
        "Esperé dos semanas y quiero mi dinero.",
        "La bolsa venía abierta de un lado, no estoy conforme.",
        "La tienda no me contesta sobre el paquete.",
    ),
}
CHORUS: Final = {
    True: {
        "en": ("The parcel was completely {a}, there was {b} in it, I want a {c} refund.",),
        "es": ("El paquete venía totalmente {a}, no había {b} dentro, quiero reembolso {c}.",),
    },
    False: {
        "en": ("This order is still {a}, there is {b} at my door, I want a {c} refund.",),
        "es": ("Este pedido sigue {a}, no hay {b} en mi puerta, quiero reembolso {c}.",),
    },
}
_CHANGES: Final = {
    True: {
        "en": {"a": ("empty", "hollow"), "b": ("nothing", "not one thing"), "c": ("full", "whole")},
        "es": {"a": ("vacío", "hueco"), "b": ("nada", "ni una cosa"), "c": ("total", "íntegro")},
    },
    False: {
        "en": {"a": ("missing", "lost"), "b": ("no parcel", "no box"), "c": ("full", "whole")},
        "es": {"a": ("perdido", "sin salir"), "b": ("paquete", "caja"), "c": ("total", "íntegro")},
    },
}
_SLIPS: Final = 0.04


def claim_text(language: str, says: bool, ring: bool, rng: np.random.Generator) -> str:
    """Write a buyer's claim.

    Args:
        language: ``en`` or ``es``.
        says: Whether the parcel is to have held nothing, or something worthless.
        ring: Whether the buyer belongs to a group, which repeats one sentence with small changes.
        rng: Source of randomness.
    """
    if ring:
        changes = _CHANGES[says][language]
        slots = {name: one_of(options, rng) for name, options in changes.items()}
        return one_of(CHORUS[says][language], rng).format(**slots)
    return mistype(one_of((SAYS if says else OTHER)[language], rng), _SLIPS, rng)
