"""Webhooks against a real HTTP receiver on loopback."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

import cli
from casewright.audit import Happened, Kind
from casewright.errors import UnknownName, UsageError, VerificationError
from casewright.settings import Settings
from casewright.store import Store
from casewright.webhook import ANNOUNCED, PREFIX, TOLERANCE_S, Webhook, key_of, signed, verify
from review.delivery import (
    AT_ONCE,
    FIRST_PAUSE_S,
    LONGEST_PAUSE_S,
    Delivered,
    deliver_webhooks,
    keep_delivering,
    send_test,
)

NOW = datetime(2026, 6, 3, 8, tzinfo=UTC)
SECRET = PREFIX + base64.b64encode(bytes(range(32))).decode()
OTHER = PREFIX + base64.b64encode(bytes(range(32, 64))).decode()


class Died(BaseException):
    """The process is gone."""


@dataclass
class Receiver:
    """What came, and what is answered: the statuses in turn, then 204."""

    url: str = ""
    got: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(body) for _, body in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.got.append((dict(self.headers.items()), body))
            status = receiver.answers.pop(0) if receiver.answers else 204
            self.send_response(status)
            if 300 <= status < 400:
                self.send_header("location", f"{receiver.url}/elsewhere")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as one:
        yield one


@pytest.fixture
def hooked(tmp_path: Path, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("BI_SECRET", SECRET)
    hook = Webhook(url=receiver.url, secret_env="BI_SECRET")
    return Settings(home=tmp_path, webhooks={"bi": hook})


async def happen(store: Store, *kinds: Kind, case: str = "c1", **body: Any) -> None:
    for kind in kinds:
        await store.log.note(case, Happened(kind=kind, at=NOW, body=body), run_id="r1")


async def deliver(store: Store, settings: Settings, at: datetime = NOW) -> Delivered:
    (one,) = await deliver_webhooks(store, settings, lambda: at)
    return one


async def test_an_endpoint_is_told_in_order_what_it_wants_and_nothing_else(
    hooked: Settings, receiver: Receiver
) -> None:
    async with Store.open(hooked.home) as store:
        await happen(store, Kind.CLOSED)  # before it was there
        assert await deliver(store, hooked) == Delivered(name="bi")
        secret = {"note": "what a reviewer wrote", "seller": "sel_1"}
        await happen(store, Kind.VIEWED, Kind.CLAIMED)
        await happen(store, Kind.REVIEWED, act="approve", codes=["A1"], outcome="", **secret)
        await happen(
            store, Kind.CLOSED, outcome="uphold", route="senior", automatic=False, **secret
        )
        assert (await deliver(store, hooked)).sent == 2
        assert (await deliver(store, hooked)).sent == 0
        log = await store.log.of("c1")
    reviewed, decided = receiver.told
    common = {"case_id": "c1", "run_id": "r1"}
    assert reviewed == {
        "type": "case.reviewed",
        "timestamp": "2026-06-03T08:00:00Z",
        "data": {**common, "event": log[-2].hash, "act": "approve", "codes": ["A1"], "outcome": ""},
    }
    assert decided["type"] == "case.decided"
    assert decided["data"] == {
        **common, "event": log[-1].hash,
        "outcome": "uphold", "route": "senior", "automatic": False,
    }  # fmt: skip
    ids = [headers["webhook-id"] for headers, _ in receiver.got]
    assert ids == [log[-2].hash, log[-1].hash]
    for headers, body in receiver.got:
        assert verify(SECRET, headers, body, now=NOW) == json.loads(body)


async def test_a_real_case_is_told_without_a_word_of_a_party(
    settled: Settings, receiver: Receiver, plain_case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BI_SECRET", SECRET)
    every = Webhook(url=receiver.url, secret_env="BI_SECRET", events=tuple(ANNOUNCED))
    settings = settled.model_copy(update={"webhooks": {"bi": every}})
    async with Store.open(settings.home) as store:
        await store.cursors.opened("bi")
        await store.cursors.passed("bi", 0)
        sent = (await deliver(store, settings)).sent
        run = await store.latest_run(plain_case)
    assert run is not None
    told = [one["type"] for one in receiver.told]
    assert sent == len(told)
    assert [one for one in told if one != "case.enforced"] == [
        "case.entered", "case.waiting", "case.claimed", "case.reviewed", "case.decided",
    ]  # fmt: skip
    written = b"".join(body for _, body in receiver.got).decode()
    assert run.case.seller_id not in written
    assert "qa" not in [one["data"].get("reviewer") for one in receiver.told]
    allowed = {"case_id", "run_id", "event", "route", "due", "act", "codes", "outcome", "automatic"}
    allowed |= {"do", "purpose", "name", "key", "status"}
    assert {key for one in receiver.told for key in one["data"]} <= allowed


@pytest.mark.parametrize("status", [301, 307, 400, 404, 410, 429, 500, 503])
async def test_what_is_not_taken_is_sent_again_after_growing_pauses_and_nothing_passes_it(
    hooked: Settings, receiver: Receiver, status: int
) -> None:
    async with Store.open(hooked.home) as store:
        await deliver(store, hooked)
        await happen(store, Kind.CLOSED, Kind.REVIEWED)
        receiver.answers = [status] * 3
        at, pause = NOW, FIRST_PAUSE_S
        for attempt in range(3):
            found = await deliver(store, hooked, at)
            assert found == Delivered(name="bi", error=f"it answered {status}")
            assert len(receiver.got) == attempt + 1
            await deliver(store, hooked, at + timedelta(seconds=pause - 1))
            assert len(receiver.got) == attempt + 1  # not before its time
            at, pause = at + timedelta(seconds=pause), pause * 2
        assert await deliver(store, hooked, at) == Delivered(name="bi", sent=2)
        assert await store.cursors.of("bi") == ("bi", (await store.log.head()).entry, 0, 0, "")
    assert [one["type"] for one in receiver.told] == ["case.decided"] * 4 + ["case.reviewed"]
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 2
    assert "/elsewhere" not in str(receiver.got)


async def test_an_endpoint_that_is_away_keeps_nothing_else_from_being_told(
    hooked: Settings, receiver: Receiver
) -> None:
    away = Webhook(url="http://127.0.0.1:9/hook", secret_env="BI_SECRET")
    unset = Webhook(url=receiver.url, secret_env="NOT_SET")
    hooks = {"away": away, "unset": unset, **hooked.webhooks}
    settings = hooked.model_copy(update={"webhooks": hooks})
    async with Store.open(settings.home) as store:
        await deliver_webhooks(store, settings, lambda: NOW)
        await happen(store, Kind.CLOSED)
        later = NOW + timedelta(days=1)
        found = {one.name: one for one in await deliver_webhooks(store, settings, lambda: later)}
    assert found["bi"].sent == 1
    assert found["away"].error == "no answer: ConnectError"
    assert found["unset"].error == "The environment variable NOT_SET is not set."


async def test_the_pause_has_an_end(hooked: Settings, receiver: Receiver) -> None:
    receiver.answers = [500] * 30
    async with Store.open(hooked.home) as store:
        await deliver(store, hooked)
        await happen(store, Kind.CLOSED)
        at = NOW
        for _ in range(30):
            await deliver(store, hooked, at)
            cursor = await store.cursors.of("bi")
            assert cursor is not None
            assert cursor.next_at - at.timestamp() <= LONGEST_PAUSE_S
            at = datetime.fromtimestamp(cursor.next_at, UTC)
        assert (await deliver(store, hooked, at)).sent == 1


async def test_more_than_is_read_at_a_time_is_told_as_well(
    hooked: Settings, receiver: Receiver
) -> None:
    async with Store.open(hooked.home) as store:
        await deliver(store, hooked)
        await happen(store, *[Kind.CLOSED, Kind.VIEWED] * (AT_ONCE + 1))
        assert (await deliver(store, hooked)).sent == AT_ONCE + 1
        log = [one.hash for one in await store.log.of("c1") if one.kind is Kind.CLOSED]
    assert [headers["webhook-id"] for headers, _ in receiver.got] == log


async def test_who_dies_between_sending_and_noting_it_sends_it_again(
    hooked: Settings, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with Store.open(hooked.home) as store:
        await deliver(store, hooked)
        await happen(store, Kind.CLOSED)

        async def dies(*_: object) -> None:
            raise Died

        with monkeypatch.context() as patch:
            patch.setattr("casewright.store.cursors.Cursors.passed", dies)
            with pytest.raises(Died):
                await deliver(store, hooked)
    async with Store.open(hooked.home) as store:
        assert (await deliver(store, hooked)).sent == 1
    first, second = (headers["webhook-id"] for headers, _ in receiver.got)
    assert first == second


async def test_two_processes_do_not_tell_the_same_endpoint(
    hooked: Settings, receiver: Receiver
) -> None:
    async with Store.open(hooked.home) as store:
        await deliver(store, hooked)
        await happen(store, Kind.CLOSED)
        with FileLock(hooked.home / "locks" / "webhook-bi"):
            assert (await deliver(store, hooked)).error == "another process is telling it"
    assert receiver.got == []


async def test_in_the_background_it_is_told_as_it_happens(
    hooked: Settings, receiver: Receiver
) -> None:
    class Enough(Exception):
        pass

    rounds = 0

    async with Store.open(hooked.home) as store:

        async def sleep(_: float) -> None:
            nonlocal rounds
            rounds += 1
            if rounds == 3:
                raise Enough
            await happen(store, Kind.CLOSED)

        with pytest.raises(Enough):
            await keep_delivering(store, hooked, lambda: NOW, sleep=sleep)
        without = hooked.model_copy(update={"webhooks": {}})
        await keep_delivering(store, without, lambda: NOW, sleep=sleep)
    assert len(receiver.got) == 2


async def test_a_test_message_is_signed_as_others_are(hooked: Settings, receiver: Receiver) -> None:
    await send_test(hooked, "bi", lambda: NOW)
    ((headers, body),) = receiver.got
    assert verify(SECRET, headers, body, now=NOW)["type"] == "test"
    with pytest.raises(UnknownName):
        await send_test(hooked, "ib", lambda: NOW)
    receiver.answers = [500]
    with pytest.raises(UsageError, match="it answered 500"):
        await send_test(hooked, "bi", lambda: NOW)


def test_the_commands_tell_what_they_did(
    hooked: Settings,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(hooked.home)
    toml = f'[webhooks.bi]\nurl = "{receiver.url}"\nsecret_env = "BI_SECRET"\n'
    (hooked.home / "casewright.toml").write_text(toml)
    home = ["--home", str(hooked.home / "home")]

    def run(*arguments: str) -> tuple[int, str]:
        capsys.readouterr()
        return cli.run([*home, "webhook", *arguments]), capsys.readouterr().out

    assert run("list")[1].startswith(f"bi  {receiver.url}  decided, reviewed, enforced; 0 events")
    assert run("send") == (0, "bi  0 messages sent\n")
    assert run("test", "bi") == (0, "The webhook bi took it.\n")
    told = json.loads(run("list", "--json")[1])
    assert told == [
        {
            "name": "bi", "url": receiver.url, "events": ["decided", "reviewed", "enforced"],
            "behind": 0, "failures": 0, "last_error": "",
        }
    ]  # fmt: skip
    monkeypatch.delenv("BI_SECRET")
    assert run("send")[0] == 1
    assert "BI_SECRET is not set" in run("list")[1]


KEY = (key_of(SECRET),)
BODY = b'{"type":"case.decided","timestamp":"2026-06-03T08:00:00Z","data":{"case_id":"c1"}}'


def test_it_is_signed_as_standard_webhooks_says() -> None:
    # The example of the specification's own libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed((key_of(secret),), "msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}', at)
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_while_a_secret_is_replaced_both_verify(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BOTH", f"{OTHER} {SECRET}")
    keys = Webhook(url="https://bi.example/", secret_env="BOTH").keys()
    headers = signed(keys, "m1", BODY, NOW)
    for secret in (SECRET, OTHER):
        assert verify(secret, headers, BODY, now=NOW)["type"] == "case.decided"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": None},
        {"webhook-id": None},
        {"webhook-timestamp": None},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1a,AAAA"},
        {"webhook-signature": "v1,\ud800 ünicode"},
        {"webhook-id": "another"},
        {"webhook-timestamp": "1780473599"},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "١٢٣"},
    ],
)
def test_a_forged_delivery_is_refused(change: dict[str, str | None]) -> None:
    headers = {**signed(KEY, "m1", BODY, NOW), **change}
    sent = {name: value for name, value in headers.items() if value is not None}
    with pytest.raises(VerificationError):
        verify(SECRET, sent, BODY, now=NOW)


def test_a_delivery_with_another_secret_is_refused() -> None:
    with pytest.raises(VerificationError, match="No signature"):
        verify(OTHER, signed(KEY, "m1", BODY, NOW), BODY, now=NOW)


@given(seconds=st.integers(-10_000_000, 10_000_000))
def test_a_delivery_counts_for_five_minutes(seconds: int) -> None:
    headers, now = signed(KEY, "m1", BODY, NOW), NOW + timedelta(seconds=seconds)
    if abs(seconds) <= TOLERANCE_S:
        assert verify(SECRET, headers, BODY, now=now)["type"] == "case.decided"
    else:
        with pytest.raises(VerificationError, match="old"):
            verify(SECRET, headers, BODY, now=now)


@given(place=st.integers(0, len(BODY) - 1), by=st.integers(1, 255))
def test_a_changed_byte_is_noticed(place: int, by: int) -> None:
    changed = bytearray(BODY)
    changed[place] ^= by
    with pytest.raises(VerificationError, match="No signature"):
        verify(SECRET, signed(KEY, "m1", BODY, NOW), bytes(changed), now=NOW)


@pytest.mark.parametrize(
    "url",
    [
        "http://bi.example/hook",
        "http://169.254.169.254/latest",
        "http://127.0.0.1.example/",
        "http://127.0.0.1@bi.example/",
        "https://user:password@bi.example/",
        "https:///hook",
        "ftp://bi.example/",
        "file:///etc/passwd",
        "bi.example/hook",
        "https://bi.example:99999/",
        "http://[::1",
        "",
    ],
)
def test_an_address_that_is_not_safe_is_no_setting(url: str) -> None:
    with pytest.raises(ValidationError):
        Webhook(url=url, secret_env="X")


@pytest.mark.parametrize(
    "url",
    ["https://bi.example/hook?a=1", "http://127.0.0.1:8/", "http://[::1]/", "http://localhost/"],
)
def test_https_and_this_machine_are(url: str) -> None:
    assert Webhook(url=url, secret_env="X").url == url


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_AAAA", "A" * 44, "whsec_!!!", OTHER[:-3]])
def test_a_secret_that_is_none_is_told_so(secret: str) -> None:
    with pytest.raises(UsageError, match="no secret"):
        key_of(secret)
