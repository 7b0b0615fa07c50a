"""The line to one endpoint: every call of a model goes through here, and is bounded and counted."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Sequence
from typing import Any

import openai
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage
from pydantic import ValidationError

from agents.abilities import Abilities, Ability
from agents.endpoint import Endpoint
from agents.failures import model_error
from agents.fence import unmarked
from agents.kept import kept, replayed
from agents.ledger import ledger
from agents.limits import Limits
from agents.meter import said_digest
from agents.modes import MODES, Mode, Request
from agents.perloop import PerLoop
from agents.probe import able_mode
from casewright.errors import ModelError, ModelMalformed, ModelRefused, ModelUnavailable
from casewright.journal import journal_here
from casewright.together import Together

_MALFORMED = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What the client raises over an answer of another shape; it has no one error for it."""

BYTES_A_TOKEN = 4
"""How many bytes of text a token is taken for until the endpoint has counted."""

LEAST = 5
"""So many calls are looked back at, at least, before an endpoint is left alone that has no
fallback. With one, the first call is enough: it was tried three times."""

RESTING = "See that it is up. It is asked again by itself, within a minute."


class Line:
    """One endpoint as all conversations of a process share it.

    Args:
        endpoint: Which one.
        model: Its client.
        patience_s: Longest wait for one call, retries included, in seconds; waiting for the
            limits comes before it.
        limits: What all lines of the process may use together.
        abilities: What endpoints were found able to do.
        together: What its calls have in common with others; None: nothing.
        others: The endpoints that can be tried instead.
        told_as: How errors name the endpoint, where there is more than one.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        model: BaseChatModel,
        *,
        patience_s: float,
        limits: Limits,
        abilities: Abilities,
        together: Together | None = None,
        others: Sequence[Endpoint] = (),
        told_as: str = "",
    ) -> None:
        self.endpoint = endpoint
        """The endpoint at its other end."""
        self._model = model
        self._patience_s = patience_s
        self._limits = limits
        self._abilities = abilities
        self._told_as = told_as
        self._probing = PerLoop(asyncio.Lock)
        self._failed: ModelError | None = None
        self._failed_at = float("-inf")
        self._renewed = False
        company = together or Together()
        self._signals = company.signals
        self._breaker = company.breakers.of(endpoint.name)
        self._breaker.least = 1 if others else LEAST
        self._breaker.instead = tuple(company.breakers.of(one.name) for one in others)

    async def mode(self) -> Mode:
        """How the endpoint calls functions: as the settings say, as remembered, or as probed.

        Raises:
            ModelError: nothing is known, and the probe fails or finds no mode.
        """
        if self.endpoint.mode != "auto":
            return MODES[self.endpoint.mode]
        began = time.monotonic()
        async with self._probing.here():
            if known := self.ability.mode:
                return MODES[known]
            # Who waited for a probe shares its end; one after another, they would wait for hours.
            if self._failed and self._failed_at > began:
                raise self._failed
            return await self.probe()

    async def mode_instead(self, refused: Mode) -> Mode | None:
        """Another mode for an endpoint that refuses calls in this one; None where there is none.

        An endpoint is probed anew once in a process.

        Raises:
            ModelError: the probe fails or finds no mode.
        """
        if self.endpoint.mode != "auto":
            return None
        async with self._probing.here():
            if self.ability.mode == refused.name and not self._renewed:
                self._renewed = True
                await self.probe()
            known = self.ability.mode
        return MODES[known] if known and known != refused.name else None

    async def probe(self) -> Mode:
        """Find out which mode the endpoint can do, and remember it.

        Raises:
            ModelError: the endpoint fails, or can do none.
        """
        try:
            found = await able_mode(self.call)
        except ModelError as error:
            self._failed, self._failed_at = error, time.monotonic()
            raise
        self._learn(mode=found.name)
        return found

    async def call(self, request: Request, temperature: float = 0.0) -> AIMessage:
        """Make one call.

        Args:
            request: What to send.
            temperature: How much answers may vary; not sent to a model that takes none.

        Raises:
            ModelError: the endpoint is unreachable, refuses, fails, or answers in another shape.
        """
        sent = temperature if self.ability.temperature else None
        try:
            return await self._limited(request, sent)
        except ModelRefused as refusal:
            if sent is None or not _about_temperature(refusal):
                raise
        message = await self._limited(request, None)
        self._learn(temperature=False)
        return message

    @property
    def resting(self) -> bool:
        """Whether it gave no answer a short while ago, so that another line is better tried."""
        return self._breaker.resting

    @property
    def ability(self) -> Ability:
        """What the endpoint was found able to do."""
        return self._abilities.of(self.endpoint)

    def _learn(self, **found: Any) -> None:
        self._abilities.learn(self.endpoint, self.ability.model_copy(update=found))

    async def _limited(self, request: Request, temperature: float | None) -> AIMessage:
        """One call, or what it brought before the run that works here was interrupted."""
        journal = journal_here()
        if journal is None:
            return await self._counted(request, temperature)
        async with journal.next_entry(_digest_of(self.endpoint, request, temperature)) as entry:
            if entry.held is not None:
                return replayed(entry.held)
            with ledger() as calls:
                message = await self._counted(request, temperature)
            await entry.keep(kept(message, calls))
            return message

    async def _counted(self, request: Request, temperature: float | None) -> AIMessage:
        if not self._breaker.admits():
            raise ModelUnavailable(
                f"The model endpoint {self.endpoint.name} is left alone for now: too many calls "
                "of it failed.",
                remedy=RESTING,
            )
        async with self._limits.slot(_tokens_of(request), self.endpoint.name) as slot:
            message = await self._heard(request, temperature)
            if message.usage_metadata:
                slot.tokens = message.usage_metadata["total_tokens"]
        return message

    async def _heard(self, request: Request, temperature: float | None) -> AIMessage:
        """The answer, told to the breaker and to whoever listens."""
        began = time.monotonic()
        try:
            message = await self._answered(request, temperature)
        except (ModelUnavailable, ModelMalformed):
            self._breaker.failed()
            self._signals.failed(self.endpoint.name)
            raise
        except Exception:  # it answered: it refuses
            self._breaker.answered()
            raise
        except BaseException:
            self._breaker.left()
            raise
        self._breaker.answered()
        self._signals.answered(self.endpoint.name, time.monotonic() - began)
        return message

    async def _answered(self, request: Request, temperature: float | None) -> AIMessage:
        # Reasoning models refuse a temperature, even the one that they use.
        model = self._model.model_copy(update={"temperature": temperature})
        try:
            async with asyncio.timeout(self._patience_s):
                return await model.ainvoke(list(request.messages), **request.options)
        except (ValidationError, RecursionError):
            # The client cannot hold a call whose arguments are JSON but no object, such as a
            # list. That is the model's slip, not the endpoint's, and costs it the turn.
            return AIMessage("")
        except (openai.OpenAIError, TimeoutError, *_MALFORMED) as error:
            raise model_error(error, self._told_as) from error


def _about_temperature(refusal: ModelRefused) -> bool:
    return "temperature" in refusal.message


def _digest_of(endpoint: Endpoint, request: Request, temperature: float | None) -> str:
    """What is asked, and of whom.

    Ids of messages and the markers of fences are left out: they are drawn anew each time.
    """
    said = [
        (one.type, one.content, getattr(one, "tool_calls", ()), getattr(one, "tool_call_id", ""))
        for one in request.messages
    ]
    asked = [endpoint.name, temperature, said, request.options]
    return said_digest(unmarked(json.dumps(asked, default=str)))


def _tokens_of(request: Request) -> int:
    """About how many tokens a request has."""
    said = [
        {"text": message.text, "calls": getattr(message, "tool_calls", ())}
        for message in request.messages
    ]
    text = json.dumps([said, request.options], ensure_ascii=False, default=str)
    return len(text.encode(errors="replace")) // BYTES_A_TOKEN
