"""What buyers write about what they bought.

Slots are ``{item}``, what the listing sells; ``{part}``, a part that such an item has; ``{time}``
and ``{place}``, when and where it is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

TOPICS: Final = (
    "Lamp", "Bottle", "Puzzle", "Brush", "Jacket", "Charger", "Mat", "Leash", "Mug",
)  # fmt: skip


@dataclass(frozen=True)
class Reviews:
    """Sentences of one language by what they do.

    ``use`` tell of use that only an owner would know, ``praise`` and ``blame`` judge without
    telling any, ``service`` praise the shop instead of the product. ``things`` maps a topic to
    its word and the parts it has.
    """

    use: tuple[str, ...]
    praise: tuple[str, ...]
    blame: tuple[str, ...]
    service: tuple[str, ...]
    times: tuple[str, ...]
    places: tuple[str, ...]
    things: Mapping[str, tuple[str, tuple[str, ...]]]


ENGLISH: Final = Reviews(
    use=(
        "After {time} the {part} of the {item} still feels tight, I use it {place}.",
        "The {part} squeaked at first and stopped after {time} {place}.",
        "I keep the {item} {place} and the {part} has one small mark after {time}.",
        "It took me two tries to find out how the {part} comes off for cleaning.",
        "My old {item} lost its {part} after {time}, on this one it sits deeper.",
        "Mine fell down {place} and only the {part} got a dent.",
        "The {part} is a bit stiff when it is cold {place}.",
        "We have used the {item} every day for {time} and the {part} is the first thing to wear.",
        "If you use it {place}, mind the {part}, it collects dust.",
        "My daughter pulled at the {part} for {time} and it holds.",
    ),
    praise=(
        "Very happy with the {item}.", "Good quality for the price.", "Just as in the pictures.",
        "Would buy the {item} again.", "Nice colour, does its job.", "Better than I thought.",
        "Exactly what I was looking for.", "A good {item}, no complaints.", "Works well.",
    ),
    blame=(
        "Not worth the money.", "The {item} looks cheaper than in the pictures.",
        "It came late and I had expected more.", "Sent the {item} back.", "Too small for me.",
        "Disappointing, I would not buy it again.", "It was not what I ordered.",
    ),
    service=(
        "The seller answered within minutes.", "Super fast shipping and kind service.",
        "Arrived before the date, very well packed.", "The best shop I ever ordered from.",
        "Customer care solved everything at once.", "Delivery was quicker than expected.",
    ),
    times=("two weeks", "a month", "three months", "ten days", "half a year", "one season"),
    places=(
        "in the kitchen", "at the office", "in the car", "on the balcony", "on our trips",
        "in my daughter's room", "next to the bed", "in the hall",
    ),
    things={
        "Lamp": ("lamp", ("switch", "arm", "cord")),
        "Bottle": ("bottle", ("lid", "seal", "base")),
        "Puzzle": ("puzzle", ("frame", "box lid", "blue corner")),
        "Brush": ("brush", ("handle", "cap", "head")),
        "Jacket": ("jacket", ("zip", "left pocket", "cuff")),
        "Charger": ("charger", ("plug", "cable", "light")),
        "Mat": ("mat", ("corner", "underside", "seam")),
        "Leash": ("leash", ("clip", "loop", "stitching")),
        "Mug": ("mug", ("handle", "rim", "base")),
    },
)  # fmt: skip

SPANISH: Final = Reviews(
    use=(
        "Después de {time} de uso {place}, en {item} solo noto {part} un poco más floja.",
        "Al principio me costó limpiar {part}, hay que girarla antes de sacarla.",
        "Uso {item} {place} todos los días y {part} tiene una marca pequeña.",
        "La otra que tenía perdió {part} en {time}; en esta va más adentro.",
        "Se me cayó {place} y solo se golpeó {part}.",
        "Si se usa {place} conviene cuidar {part}, junta polvo.",
        "Con el frío {part} se pone dura, pero con {time} de uso cede.",
    ),
    praise=(
        "Muy contenta con la compra.", "Buena calidad por el precio.", "Igual que en las fotos.",
        "Volvería a comprar {item}.", "Bonito color, cumple su función.", "Mejor de lo esperado.",
    ),
    blame=(
        "No vale lo que cuesta.", "En las fotos parece de mejor calidad.", "Devolví {item}.",
        "Llegó tarde y esperaba más.", "No era lo que pedí.",
    ),
    service=(
        "El vendedor contestó en minutos.", "Envío rapidísimo y trato amable.",
        "Llegó antes de la fecha y muy bien empacado.", "La mejor tienda en la que he comprado.",
    ),
    times=("dos semanas", "un mes", "tres meses", "diez días", "medio año"),
    places=("en la cocina", "en la oficina", "en el coche", "en el balcón", "en los viajes"),
    things={
        "Lamp": ("la lámpara", ("la pantalla", "la base")),
        "Bottle": ("la botella", ("la tapa", "la junta")),
        "Puzzle": ("el rompecabezas", ("la caja", "la pieza azul")),
        "Brush": ("el cepillo", ("la tapa", "la punta")),
        "Jacket": ("la chaqueta", ("la cremallera", "la manga")),
        "Charger": ("el cargador", ("la clavija", "la luz")),
        "Mat": ("el tapete", ("la esquina", "la costura")),
        "Leash": ("la correa", ("la hebilla", "la costura")),
        "Mug": ("la taza", ("el asa", "la base")),
    },
)  # fmt: skip

BANKS: Final = {"en": ENGLISH, "es": SPANISH}


def everyday_review(topic: str, stars: int, language: str, rng: np.random.Generator) -> str:
    """Write an ordinary buyer's review of one or two sentences.

    Args:
        topic: What it is about, one of ``TOPICS``.
        stars: From 1 to 5; up to 2 complain.
        language: ``en`` or ``es``.
        rng: Source of randomness.
    """
    bank = BANKS[language]
    draw = rng.random(3)
    first = one(bank.blame if stars <= 2 else bank.praise, draw[0])
    sentences = [first] if draw[2] < 0.4 else [one(bank.use, draw[1]), first]
    return filled(" ".join(sentences), topic, bank, rng)


def one(options: tuple[str, ...], draw: float) -> str:
    """Return the option a draw from 0 to 1 falls on."""
    return options[int(draw * len(options))]


def filled(text: str, topic: str, bank: Reviews, rng: np.random.Generator) -> str:
    """Fill the slots of ``text`` for an item of ``topic``."""
    item, parts = bank.things[topic]
    draw = rng.random(3)
    return text.format(
        item=item,
        part=one(parts, draw[0]),
        time=one(bank.times, draw[1]),
        place=one(bank.places, draw[2]),
    )
