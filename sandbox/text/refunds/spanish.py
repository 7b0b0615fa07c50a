"""Sentences about claims in Spanish."""

from __future__ import annotations

from typing import Final

from sandbox.text.refunds.phrases import Phrases

PHRASES: Final = Phrases(
    openings=("Hola,", "Buenas tardes,", "Escribo por mi pedido.", "Buenos días,"),
    absent=(
        "El paquete no está en mi casa, ya pregunté a los vecinos.",
        "Yo estaba en casa y sigo esperando el paquete.",
        "No tengo el artículo, en la puerta no dejaron ninguna caja.",
        "Lo pagué y no lo he visto.",
    ),
    hollow=(
        "La caja llegó pero el artículo no venía adentro.",
        "Abrí la caja en la puerta y no había nada, puro papel.",
        "Solo llegó el empaque.",
    ),
    fault=(
        "Al abrir la caja {part} ya venía {state}.",
        "No lo he usado: {part} llegó {state}, se ve enseguida.",
        "Recién sacado del empaque, {part} estaba {state}.",
        "Me llegó con {part} {state} y la caja cerrada.",
    ),
    other=(
        "En la caja venía otro modelo, la etiqueta lo muestra.",
        "Pedí otro color y otra talla, al abrir la caja lo vi.",
    ),
    later=(
        "Al principio todo bien, después de unas semanas {part} quedó {state}.",
        "Lo usé en un viaje y ahora {part} está {state}.",
        "Al abrir la caja {part} se veía bien, ahora está {state}.",
    ),
    dislike=(
        "Está como en la página, {part} bien, pero no me gusta en mi casa.",
        "Lo pensé otra vez y ya no lo necesito.",
        "Nada venía {state}, solo es muy grande.",
    ),
    vague=("No está bien y ya.", "No estoy contento con lo que llegó."),
    parts=("la tapa", "el asa", "el cierre", "la correa", "el cable", "la costura", "el marco"),
    states=("suelto", "torcido", "con una grieta", "con manchas", "con rayones", "en dos pedazos"),
    dates=("Me llegó el {date}.", "El paquete llegó el {date}."),
    unscanned=(
        "El rastreo sigue igual, todavía lo tiene el vendedor.",
        "El rastreo nunca mostró una entrega.",
    ),
    scanned=(
        "El rastreo dice entregado el {date} y es mentira.",
        "En su página sale una entrega el {date}.",
    ),
    pleas=(
        "Quiero mi dinero hoy.", "Devuélvanme el dinero por favor.", "Ya no espero más.",
        "Pido el reembolso completo.",
    ),
    policy=(
        "La ley del consumidor me da la razón.",
        "Si no, hago una disputa con mi tarjeta.",
        "Mi banco me devuelve el dinero si ustedes no lo hacen.",
    ),
    fillers=(
        "Ya le escribí al vendedor.", "Era un regalo.", "Compro aquí desde hace tiempo.",
        "Mando lo que tengo.", "Pagué con tarjeta.", "El precio era bueno.",
        "Tengo niños chicos.", "Puedo contestar por la tarde.",
    ),
    closings=("Gracias.", "Quedo en espera.", "Saludos."),
    neat=(
        "Quisiera exponer el asunto con claridad y calma.",
        "Agradezco el tiempo dedicado a revisar esta solicitud.",
        "Confío en que se halle una solución justa para ambas partes.",
    ),
    arrived=("Ya llegó, gracias.", "Recibido, todo bien.", "Hoy llegó la caja, gracias."),
    pleased=("Funciona muy bien, gracias.", "Muy contenta, tal como en la foto."),
    small_talk=(
        "¿Cuándo llega?", "¿Ya va en camino?", "Gracias por contestar.", "¿Lo tienen en azul?",
    ),
    answers=("Gracias por su mensaje, lo revisamos.", "Va en camino con la paquetería."),
    replies=(
        "Nosotros lo empacamos y todo iba en orden.",
        "No estamos de acuerdo con este reclamo.",
        "Enviamos lo que se pidió, revisen los papeles por favor.",
        "El cliente no contestó nuestra pregunta.",
    ),
    came_back_other=(
        "Lo que regresó no es lo que enviamos.",
        "La devolución no es nuestro artículo, compárenlo por favor.",
    ),
)  # fmt: skip
