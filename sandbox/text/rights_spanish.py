"""Sentences in Spanish about goods whose brand complained."""

from __future__ import annotations

from typing import Final

from sandbox.text.rights_english import RightsPhrases

PHRASES: Final = RightsPhrases(
    openings=(
        "Hola, apelamos el retiro de {listing}.",
        "Buenos días, escribimos por nuestra publicación {listing} de {brand}.",
        "Estimado equipo,",
        "Pedimos que revisen {listing} otra vez.",
    ),
    themes={
        "batches": (
            "Cada caja de {brand} trae su código de lote y los anotamos todos.",
            "Podemos decir el lote y el día de llegada de cada pieza.",
        ),
        "promises": (
            "El proveedor nos dijo que todo viene de la fábrica de {brand}.",
            "El mayorista nos dio su palabra y sus propios papeles.",
        ),
        "papers": (
            "Adjuntamos varios certificados y una carta sobre {brand}.",
            "Hay papeles de todo, por favor vean los archivos.",
        ),
        "chain": (
            "Compramos {brand} a un distribuidor y pagamos cada factura por transferencia.",
            "La mercancía se compró a un mayorista de la forma normal.",
        ),
        "rival": (
            "Quien se quejó vende el mismo artículo dos páginas más adelante.",
            "La queja llegó un día después de que bajamos el precio.",
        ),
    },
    copies=(
        "Todos saben que es tipo original, el precio lo dice.",
        "Los clientes buscan la réplica y quedan contentos.",
        "Solo está inspirado en {brand}, es una imitación barata.",
    ),
    denials=(
        "No es réplica ni tipo original.",
        "Nunca hemos vendido una imitación.",
        "No está inspirado en {brand}, es {brand}.",
    ),
    policy=(
        "La política de propiedad intelectual pide pruebas antes de retirar.",
        "Revender lo que el dueño ya vendió es legal.",
        "Según sus reglas quien se queja debe mostrar su derecho.",
    ),
    pleas=(
        "Por favor regresen la publicación, es la mitad de nuestro ingreso.",
        "Pedimos un trato justo para una tienda pequeña.",
        "Les rogamos restaurarla hoy.",
        "No entendemos este retiro.",
    ),
    fillers=(
        "Llevamos mucho tiempo en esta categoría.",
        "Los clientes nos escriben y están contentos.",
        "La publicación estuvo meses sin una sola pregunta.",
        "Las fotos se tomaron en nuestra bodega.",
        "Contestamos cada mensaje en un día.",
        "El resto del inventario está en nuestro almacén.",
        "Podemos mandar una muestra.",
        "El precio es nuestro precio normal.",
        "Revisamos los archivos dos veces.",
        "Dejamos de venderlo después del aviso.",
        "Las devoluciones son pocas.",
        "Habríamos cambiado el texto si alguien lo pedía.",
        "Dígannos qué punto no queda claro.",
        "Esperamos que lo lea una persona.",
        "Los puntos nos afectan en las búsquedas.",
        "Pedimos hablar con la otra parte y no contestó.",
    ),
    closings=("Gracias.", "Saludos.", "Quedamos atentos.", ""),
    neat=(
        "Agradecemos la oportunidad de responder a este asunto.",
        "Quisiéramos aportar contexto sobre {listing}.",
        "Respetamos la propiedad intelectual y tomamos en serio estas inquietudes.",
        "Por un lado, entendemos la necesidad de proteger las marcas.",
        "Por otro lado, creemos que nuestra posición merece consideración.",
        "Quedamos disponibles para cualquier aclaración.",
    ),
)
