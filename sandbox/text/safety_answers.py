"""How sellers answer when asked about the safety of a product, and the papers they add."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from sandbox.text.answers import MANNERS
from sandbox.text.letters import Tone, one_of, write_letter

SHOWN: Final = {
    "en": ("The label of our stock reads batch {batch}; the recall names {first} to {last}.",
           "Our goods are of batch {batch}, see the box, and the notice covers {first} to {last}.",
           "Batch on the carton: {batch}. The recall is of {first} up to {last} only."),
    "es": ("La etiqueta dice lote {batch}; el retiro nombra de {first} a {last}.",
           "Nuestra mercancía es del lote {batch} y el aviso abarca de {first} a {last}."),
    "zh": ("标签上的批次是{batch},召回范围是{first}到{last}。",
           "我们的货是{batch}批次,公告只涉及{first}到{last}。"),
}  # fmt: skip
CLAIMED: Final = {
    "en": ("Our goods are of another batch than the one in the news.",
           "We asked the factory which batch this is and wait for the answer.",
           "The batch mark on the box cannot be read any more.",
           "We believe that this recall is about somebody else.",
           "All batches were checked by us and are fine."),
    "es": ("Nuestra mercancía es de otro lote, no del que dicen.",
           "Preguntamos a la fábrica qué lote es y esperamos respuesta.",
           "La marca de lote de la caja ya no se lee."),
    "zh": ("我们的货不是那一批次的。", "已向工厂询问批次,等待回复。",
           "外箱上的批次看不清了。"),
}  # fmt: skip
PHOTO: Final = {
    True: ("Photo of the label: LOT {batch}. Beside it the notice: lots {first} to {last}.",
           "Carton, lot mark {batch}; printout of the recall, lots {first} - {last}."),
    False: ("Photo of the box, front.", "Photo of the product on a table.",
            "Label, lot mark not legible."),
}  # fmt: skip
_PAPERS: Final = {
    "test_report": ("Test report. Sample received, examined and found as described.",
                    "Report of tests, pages 1 to 6, with tables."),
    "certificate": ("Certificate. The product named overleaf was assessed.",
                    "Certificate of conformity with annex."),
}  # fmt: skip


@dataclass(frozen=True)
class Batches:
    """The batch that a seller's goods are of, and the recalled range beside it."""

    own: str
    first: str
    last: str


def write_answer(shown: bool, batches: Batches, tone: Tone, rng: np.random.Generator) -> str:
    """Write a seller's answer; ``shown`` gives the batch and the range it lies outside of."""
    bank = SHOWN if shown else CLAIMED
    slots = {"batch": batches.own, "first": batches.first, "last": batches.last}
    return write_letter(MANNERS, [one_of(bank[tone.language], rng)], tone, slots, rng)


def paper_text(kind: str, shown: bool, batches: Batches, rng: np.random.Generator) -> str:
    """Return the text extracted from a paper of ``kind``; a photo may show the batch."""
    options = PHOTO[shown] if kind == "photo" else _PAPERS[kind]
    return one_of(options, rng).format(batch=batches.own, first=batches.first, last=batches.last)
