"""What the model endpoints of the settings can do, looked at by asking them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from agents.ledger import ledger
from agents.line import Line
from agents.model import lines
from casewright.cost import total
from casewright.doctor import Check
from casewright.errors import ModelError
from casewright.settings import Settings


async def check_up(settings: Settings) -> AsyncIterator[Check]:
    """Probe each endpoint anew, whatever is remembered of it, and remember what is found.

    Args:
        settings: The settings in use; without a ``model`` there is nothing to ask.

    Raises:
        ModelError: no client can be made from the settings.
    """
    for line in lines(settings) if settings.model else ():
        yield await _checked(line)


async def _checked(line: Line) -> Check:
    name = "probe"
    if line.endpoint.mode != "auto":
        told = f"{line.endpoint.name}: not probed, the settings say {line.endpoint.mode!r}"
        return Check(name=name, ok=True, detail=told)
    try:
        with ledger() as calls:
            mode = await line.probe()
    except ModelError as error:
        told = f"{line.endpoint.name}: {error.message}"
        return Check(name=name, ok=False, detail=told, remedy=error.remedy)
    used = total(calls)
    warm = "" if line.ability.temperature else ", takes no temperature"
    told = (
        f"{line.endpoint.name}: mode {mode.name!r}{warm}; "
        f"{used.model_calls} calls, {used.tokens_in + used.tokens_out} tokens"
    )
    return Check(name=name, ok=True, detail=told)
