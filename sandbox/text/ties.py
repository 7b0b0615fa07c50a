"""What sellers answer when another account shares something with theirs, and their papers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from sandbox.text.answers import MANNERS
from sandbox.text.letters import Tone, one_of, write_letter

THEMES: Final = ("relative", "agency", "warehouse", "staff")
NAMED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "en": {
        "relative": (
            "The other shop belongs to my brother {name}; we share the flat and its internet.",
            "{name}, my wife, ran that account from our kitchen table with the same telephone.",
            "My aunt {name} in {town} owns that shop and let me use her old computer.",
        ),
        "agency": (
            "Both shops are managed by the agency {firm} in {town}, which logs in for its clients.",
            "Our agency {firm} has the other account as a client too, its contract is enclosed.",
            "Since {year} the agency {firm} keeps our listings, and those of the other shop.",
        ),
        "warehouse": (
            "We rent shelves at {firm} in {town}, and the other shop ships from the same hall.",
            "The address is the warehouse of {firm}; some dozens of shops use its network.",
            "{firm} in {town} stores for both of us, that is the address you see.",
        ),
        "staff": (
            "{name} worked for that shop until {year} and set up our account on an old laptop.",
            "Our manager {name} was employed at that shop before, and left it in {year}.",
            "I was an employee there under {name} until {year}, that is where the number is from.",
        ),
    },
    "es": {
        "relative": (
            "La otra tienda es de mi hermano {name}; compartimos la casa y el internet.",
            "Mi tía {name}, de {town}, lleva esa tienda y me prestó su computadora.",
        ),
        "agency": (
            "Las dos tiendas las maneja la agencia {firm} de {town}, que entra por sus clientes.",
            "Nuestra agencia {firm} también lleva la otra cuenta, va el contrato.",
        ),
        "warehouse": (
            "Rentamos estantes en {firm}, en {town}, y la otra tienda sale de la misma nave.",
            "La dirección es la bodega de {firm}; varias tiendas usan su red.",
        ),
        "staff": (
            "{name} trabajó en esa tienda hasta {year} y abrió nuestra cuenta en una laptop vieja.",
            "Fui empleado allí con {name} hasta {year}, de ahí el número.",
        ),
    },
    "zh": {
        "relative": (
            "另一个店铺是我哥哥{name}的,我们住在一起,用同一个网络。",
            "那个账号是我姑姑{name}在{town}开的,她借给我旧电脑。",
        ),
        "agency": (
            "两个店铺都是{town}的{firm}代运营,由他们登录。",
            "我们的代运营公司{firm}也做那个账号,合同附上。",
        ),
        "warehouse": (
            "我们租{town}{firm}的仓库,那个店铺也从同一个仓库发货。",
            "地址是{firm}的仓库,很多店铺都用那里的网络。",
        ),
        "staff": (
            "{name}到{year}年为止在那个店铺上班,用旧电脑帮我们开的账号。",
            "我以前在那边给{name}打工,{year}年离职,号码是那时候的。",
        ),
    },
}
BARE: Final = {
    "en": (
        "We do not know that shop and never had anything to do with it.",
        "A cousin may have used the computer once, we do not remember when.",
        "Somebody we know has a shop as well, maybe that is what you see.",
        "The other account is not ours, the address and the network must be a mistake.",
        "An agency looked after things for a while, we have forgotten which.",
        "There are many shops in this town, we cannot say who owns them.",
        "It could be the warehouse, or the telephone, or an old contract, who knows.",
        "People come and go in our office, an employee may have had two shops.",
    ),
    "es": (
        "No conocemos esa tienda y nunca tuvimos nada que ver.",
        "Un primo quizá usó la computadora alguna vez.",
        "Algún conocido tiene tienda también, será eso.",
        "La otra cuenta no es nuestra, la dirección debe ser un error.",
        "Una agencia nos ayudó un tiempo, ya no sabemos cuál.",
    ),
    "zh": (
        "我们不认识那个店铺,没有任何关系。",
        "可能有个亲戚用过这台电脑,不记得了。",
        "另一个账号不是我们的,应该是系统搞错了。",
        "以前找过代运营,是哪家已经忘了。",
        "可能是仓库,也可能是电话,我们不清楚。",
    ),
}
_TOWNS: Final = ("Riverton", "Ashby", "Linden", "Marlow", "Quinta Vieja", "Haizhu")
_FIRMS: Final = ("Bluegate Services", "Fern & Oak", "Tandem Retail", "Corvo Logistics", "Yunfan")
_PEOPLE: Final = ("Daniel", "Marta", "Wei", "Ines", "Oliver", "Li Na", "Tom", "Carmen")

DEEDS: Final = (
    "Bill of sale. {a} sells the business with its stock and accounts to {b}, for the price "
    "agreed. Handed over on {date}. Signed by both.",
    "Transfer of a going concern. Parties: {a} as vendor, {b} as buyer. Effective {date}. "
    "Signatures of vendor and buyer.",
)
NO_DEEDS: Final = (
    "Letter of intent. One party would like to sell a shop. Names and day are left open.",
    "Receipt for office furniture, {b}, {date}.",
    "Draft of a contract without parties and without a date.",
)
PAPERS: Final = {
    "id_card": ("Identity card, front side, name and number readable.",),
    "utility_bill": ("Electricity bill for the business premises.", "Internet bill, one line."),
    "bank_letter": ("Letter of the bank, account holder and number.",),
    "authorisation": ("Agreement on shop services, monthly fee.", "List of clients, two pages."),
    "tax_letter": ("Tax office, registration of a trade.",),
}


def write_answer(named: bool, theme: str, tone: Tone, year: int, rng: np.random.Generator) -> str:
    """Write the answer; ``named`` ones tell a concrete shared resource of the kind ``theme``."""
    bank = NAMED[tone.language][theme] if named else BARE[tone.language]
    slots = {
        "name": one_of(_PEOPLE, rng),
        "town": one_of(_TOWNS, rng),
        "firm": one_of(_FIRMS, rng),
        "year": str(year - int(rng.integers(1, 4))),
    }
    return write_letter(MANNERS, [one_of(bank, rng)], tone, slots, rng)
