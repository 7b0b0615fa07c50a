"""The console on a real port of loopback, as the command and browser tests run it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from casewright.clock import utc_now
from casewright.errors import CasewrightError, SchemaStale, UsageError
from casewright.settings import Settings
from casewright.store import Store
from casewright.team import Membership, Role
from review.web.doors.entrance import Entrance, Tls, require_closed
from review.web.doors.serving import Served, serving

TEAM = {"ana": Membership(roles=(Role.SENIOR,)), "bo": Membership(roles=(Role.QA,))}


@pytest.fixture(scope="module")
def teamed_(sourced: Settings) -> Settings:
    return sourced.model_copy(update={"team": TEAM})


@pytest.fixture(scope="module")
def served(teamed_: Settings) -> Iterator[Served]:
    with serving(teamed_) as console:
        yield console


def signed_in(served: Served, member: str) -> httpx.Client:
    """A browser that opened a link and pressed the button."""
    link = httpx.URL(served.link(member))
    browser = httpx.Client(base_url=served.base_url)
    with httpx.Client(base_url=served.base_url) as pressed:
        assert pressed.get(link).status_code == 200
        assert pressed.post("/sign-in", data={"token": link.params["token"]}).status_code == 303
        browser.cookies.update(pressed.cookies)
    return browser


def test_members_sign_in_by_links_beside_each_other(served: Served) -> None:
    with signed_in(served, "ana") as ana, signed_in(served, "bo") as bo:
        assert "ana" in ana.get("/", follow_redirects=True).text
        assert "bo" in bo.get("/", follow_redirects=True).text


def test_a_body_that_does_not_say_its_size_is_refused_on_the_wire(served: Served) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(64):
            yield b"x" * 65536

    async def send() -> int:
        headers = {"content-type": "application/x-www-form-urlencoded"}
        async with httpx.AsyncClient(base_url=served.base_url) as http:
            try:
                return (await http.post("/sign-in", content=endless(), headers=headers)).status_code
            except httpx.WriteError:  # it hung up on us
                return 413

    assert asyncio.run(send()) == 413


def test_another_name_in_the_host_is_refused_on_the_wire(served: Served) -> None:
    answer = httpx.get(f"{served.base_url}/health", headers={"host": "rebound.example"})
    assert answer.status_code == 400
    assert "server" not in answer.headers


def test_nobody_is_believed_about_an_address(served: Served) -> None:
    """Else whoever tries to sign in would be counted anew with each address they make up."""
    codes = [
        httpx.post(
            f"{served.base_url}/sign-in",
            data={"token": "x"},
            headers={"x-forwarded-for": f"10.0.0.{number}"},
        ).status_code
        for number in range(12)
    ]
    assert codes[-1] == 429


def test_a_port_that_is_taken_is_told(teamed_: Settings) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UsageError, match=f"Port {port}.*--port"), serving(teamed_, port=port):
            pass


def test_why_it_does_not_start_is_told(
    teamed_: Settings, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    import sqlite3

    with sqlite3.connect(tmp_path / "casewright.sqlite") as connection:
        connection.execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.execute("INSERT INTO alembic_version VALUES ('0001')")
    old = teamed_.model_copy(update={"home": tmp_path})
    with pytest.raises(SchemaStale, match="doctor --upgrade"), serving(old):
        pass
    assert capfd.readouterr().err == ""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate for 127.0.0.1, made for the test."""
    from datetime import UTC, datetime
    from ipaddress import ip_address

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    folder, key = tmp_path_factory.mktemp("tls"), ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    tls = Tls(folder / "cert.pem", folder / "key.pem")
    tls.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    assert tls.key is not None
    tls.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return tls


def test_over_tls_the_cookie_goes_nowhere_else(teamed_: Settings, certificate: Tls) -> None:
    trusted = ssl.create_default_context(cafile=str(certificate.certificate))
    with (
        serving(teamed_, entrance=Entrance(tls=certificate)) as console,
        httpx.Client(base_url=console.base_url, verify=trusted) as browser,
    ):
        assert console.base_url.startswith("https://127.0.0.1:")
        token = httpx.URL(console.link("ana")).params["token"]
        told = browser.post(
            "/sign-in", data={"token": token}, headers={"origin": console.base_url}
        ).headers["set-cookie"]
        assert told.startswith("__Host-casewright=")
        assert told.endswith("; HttpOnly; Path=/; SameSite=strict; Secure")
        assert "ana" in browser.get("/", follow_redirects=True).text


def test_a_trusted_proxy_is_believed_about_an_address(teamed_: Settings) -> None:
    hosted = teamed_.model_copy(update={"console_hosts": ("risk.example.com",)})
    with serving(hosted, entrance=Entrance(behind_proxy=True)) as console:
        assert console.base_url == "https://risk.example.com"
        codes = [
            httpx.post(
                f"http://127.0.0.1:{console.port}/sign-in",
                data={"token": "x"},
                headers={"x-forwarded-for": f"10.0.0.{number}", "host": "risk.example.com"},
            ).status_code
            for number in range(12)
        ]
    assert set(codes) == {403}


@pytest.mark.parametrize(
    ("missing", "told"),
    [
        ("keys", "key new"),
        ("team", r"\[team.NAME\]"),
        ("tls", "--cert"),
        ("hosts", "console_hosts"),
        ("", ""),
    ],
)
async def test_beyond_this_machine_everything_has_to_be_set_up(
    teamed_: Settings, tmp_path: Path, missing: str, told: str
) -> None:
    settings = teamed_.model_copy(
        update={
            "team": {} if missing == "team" else TEAM,
            "console_hosts": () if missing == "hosts" else ("risk.example.com",),
        }
    )
    entrance = Entrance("0.0.0.0", None if missing == "tls" else Tls(Path("cert.pem")))
    async with Store.open(tmp_path) as store:
        key, _ = await store.api_keys.new("ci", "ana", utc_now(), timedelta(days=1))
        keys = (key,)
        if missing == "keys":
            keys = (await store.api_keys.revoke(key.key_id, utc_now()),)
    if missing:
        with pytest.raises(CasewrightError, match=told):
            require_closed(entrance, settings, keys, utc_now())
    else:
        require_closed(entrance, settings, keys, utc_now())
    require_closed(Entrance(), settings, (), utc_now())
