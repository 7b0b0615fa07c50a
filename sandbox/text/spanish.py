"""Sentences in Spanish."""

from __future__ import annotations

from typing import Final

from sandbox.text.phrases import Phrases

PHRASES: Final = Phrases(
    openings=(
        "Hola, escribo por el pedido {order}.",
        "Buenos días, apelamos el aviso del pedido {order}.",
        "Estimados,",
        "Buenas tardes, pedimos revisar {order}.",
        "Hola equipo,",
    ),
    blame=(
        "El chofer de {carrier} no pasó en su horario de siempre.",
        "{carrier} dejó nuestros paquetes en la bodega sin escanear.",
        "La demora fue en el depósito de {carrier}, no con nosotros.",
        "La recolección estaba programada y {carrier} no llegó.",
        "El repartidor traía el lector descompuesto y no pudo escanear en la puerta.",
        "La camioneta venía llena y el chofer dejó la mitad de los bultos.",
        "{carrier} cambió la recolección al día siguiente sin avisar.",
        "Esto lo causó {carrier} y nosotros no mandamos en sus camiones.",
    ),
    own=(
        "Dos empleados se enfermaron esa semana y nos atrasamos.",
        "El chofer de {carrier} vino a tiempo, lo que tardó fue nuestro empaque.",
        "El inventario estaba mal y la última pieza estaba en otro estante.",
        "Tuvimos mucha venta y no alcanzamos, el depósito no fue el problema.",
        "El pedido quedó en espera mientras confirmábamos la dirección con el cliente.",
        "La etiqueta no se podía imprimir y su página marcaba error.",
        "El cliente nos escribió sobre la entrega y esperamos su respuesta.",
        "Una parte del envío salió con {carrier} y otra se quedó un día más.",
        "El proveedor tardó con las cajas y la camioneta se fue sin este paquete.",
        "El pedido entró tarde a nuestra lista porque no sincronizaba.",
        "Hizo muy mal tiempo y el personal no pudo llegar al almacén.",
    ),
    scan_dates=(
        "El rastreo muestra el primer escaneo el {date}.",
        "En su sistema aparece aceptado el {date}.",
        "La primera lectura de {carrier} es del {date}.",
    ),
    hand_dates=(
        "Entregamos el paquete al chofer el {date}.",
        "Salió de nuestro almacén el {date}.",
        "Lo dejamos en el mostrador el {date}.",
    ),
    policy=(
        "La política dice que el vendedor no responde por lo que está fuera de su control.",
        "Según sus reglas este pedido se debe disculpar.",
        "Los puntos no corresponden a la norma publicada.",
        "Pedimos la excepción que prevé el reglamento.",
    ),
    pleas=(
        "Una disculpa por la molestia.",
        "Por favor quiten los puntos, vivimos de esta tienda.",
        "Necesitamos la respuesta hoy mismo.",
        "Lo sentimos mucho, vamos a mejorar.",
        "Les pedimos que sean justos.",
    ),
    fillers=(
        "Enviamos todos los días desde el mismo almacén.",
        "Empacamos por la mañana y etiquetamos al mediodía.",
        "El cliente recibió su artículo.",
        "Llevamos mucho tiempo vendiendo aquí.",
        "El paquete estaba bien empacado.",
        "Revisamos nuestros registros dos veces.",
        "Nadie se quejó de esta compra.",
        "Usamos el mismo servicio para todo.",
        "Empezamos en cuanto se pagó el pedido.",
        "Esa semana hubo muchos pedidos en la zona.",
        "Ya cambiamos nuestra rutina.",
        "Podemos mandar más papeles si hacen falta.",
        "Sabemos que los clientes quieren su compra a tiempo.",
        "Adjuntamos lo que tenemos.",
        "El aviso nos sorprendió.",
        "Los demás pedidos de ese día salieron normal.",
        "Nuestra calificación es buena.",
        "Pedimos que lo vea una persona.",
    ),
    closings=("Gracias.", "Saludos.", "Quedamos atentos.", ""),
    neat=(
        "Agradecemos el tiempo dedicado a revisar este asunto.",
        "Quisiéramos aportar contexto sobre el envío de {order}.",
        "Por un lado, reconocemos la importancia de despachar a tiempo.",
        "Por otro lado, creemos que las circunstancias merecen consideración.",
        "Mantenemos el compromiso de mejorar nuestros procesos.",
        "Esperamos una solución constructiva.",
    ),
)
