"""Reports of harm with a product: by people who tell how it came about, and by others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from sandbox.text.goods import Banned, Good, Hazard
from sandbox.text.letters import one_of

CAUSED: Final[Mapping[str, Mapping[Hazard, tuple[str, ...]]]] = {
    "en": {
        "fire": ("Plugged the {noun} in {when} in the {place}. After half an hour the cell "
                 "swelled, burst and set the cloth on fire. Picture attached.",
                 "The {noun} lay on the table {when}, charging as the leaflet says. The case "
                 "melted and burned my hand."),
        "shock": ("I touched the switch of the {noun} {when} and got a shock up to the elbow. The "
                  "wire under it is bare, see picture.",
                  "The {noun} was on in the {place} {when}; its cover came off and my son was "
                  "shocked by the contacts."),
        "choking": ("A piece of the {noun} broke off in my daughter's mouth {when}. She choked "
                    "until we got it out. The crack is in the picture.",
                    "The small part of the {noun} came loose {when} while he played in the "
                    "{place}, and it stuck in his throat."),
        "laceration": ("The blade of the {noun} jumped out of its holder {when} and cut my thumb, "
                       "four stitches. Used as shown in the leaflet.",
                       "In the {place} {when} the guard of the {noun} snapped and the edge went "
                       "into my palm."),
        "chemical": ("Used the {noun} as written {when}. After ten minutes the skin was red and "
                     "blistered; the doctor says a chemical burn.",
                     "One drop of the {noun} {when}, and my eye swelled shut for two days."),
        "ingestion": ("The lid of the {noun} opened by itself {when} and my two year old swallowed "
                      "what was inside. X-ray attached.",
                      "A part of the {noun} fell out in the {place} {when}; she swallowed it and "
                      "had to be operated on."),
    },
    "es": {
        "fire": ("Conecté el {noun} {when} en casa. A la media hora se hinchó, reventó y prendió "
                 "el mantel. Va la foto.",),
        "shock": ("Toqué el apagador del {noun} {when} y me dio toques hasta el codo; el cable "
                  "está pelado.",),
        "choking": ("Se rompió una pieza del {noun} en la boca de mi hija {when} y se ahogaba. Va "
                    "la foto.",),
        "laceration": ("La navaja del {noun} brincó de su base {when} y me cortó el pulgar, cuatro "
                       "puntadas.",),
        "chemical": ("Usé el {noun} como dice {when}; a los diez minutos tenía ampollas.",),
        "ingestion": ("La tapa del {noun} se abrió sola {when} y mi niño se tragó lo de adentro.",),
    },
}  # fmt: skip
NOT_CAUSED: Final = {
    "en": ("Dangerous {noun}, do not buy!!", "Unsafe product. Stay away from this seller.",
           "My friend was hurt by it, very bad.", "This {noun} is a risk for everybody.",
           "I opened the box of the {noun} with a knife {when} and cut myself.",
           "I put the {noun} in the microwave {when} and it caught fire.",
           "It fell into the bath {when}, then it sparked a little.",
           "Somebody should check this {noun}, it feels cheap."),
    "es": ("Producto peligroso, no compren este {noun}.", "Muy malo, lastimó a una amiga.",
           "Metí el {noun} al microondas {when} y se prendió.",
           "Alguien debería revisar este {noun}, se siente barato."),
}  # fmt: skip
UNMASKED: Final = {
    "en": ("It says {cover} on the page, but what came is {name}, as everybody here knows.",
           "Bought it because I knew the code: you get {name}, not a {cover}."),
    "es": ("Dice {cover} en la página, pero llega {name}.",),
}  # fmt: skip
_WHEN: Final = {
    "en": ("last Sunday", "on Friday evening", "at six in the morning", "two weeks ago"),
    "es": ("el domingo", "el viernes en la noche", "hace dos semanas"),
}
_PLACES: Final = ("kitchen", "bedroom", "living room", "car")


def write_report(language: str, good: Good, caused: bool, rng: np.random.Generator) -> str:
    """Write a report.

    Args:
        language: ``es``, or anything else for English.
        good: The product.
        caused: Whether it tells how the product, used as meant, did the harm.
        rng: Source of randomness.
    """
    bank = "es" if language == "es" else "en"
    options = CAUSED[bank][good.hazard] if caused else NOT_CAUSED[bank]
    return one_of(options, rng).format(
        noun=good.spanish if bank == "es" else good.noun,
        when=one_of(_WHEN[bank], rng),
        place=one_of(_PLACES, rng),
    )


def unmask(language: str, banned: Banned, rng: np.random.Generator) -> str:
    """Write what a buyer says who got a prohibited good under another name."""
    bank = "es" if language == "es" else "en"
    return one_of(UNMASKED[bank], rng).format(cover=banned.cover, name=banned.name)
