"""The knowledge base by its settings: a Chroma server, and an embedding endpoint."""

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from pydantic import SecretStr

from casewright.errors import EnvironmentFault, ModelError
from casewright.models import ClosedCase
from casewright.settings import Settings
from knowledge_base.endpoint import EndpointEmbedder
from knowledge_base.opened import index_of, open_knowledge

Closer = Callable[..., ClosedCase]
LATER = datetime(2027, 1, 1, tzinfo=UTC)
WORDS = ("snow", "strike", "box", "invoice")


class Endpoint(ThreadingHTTPServer):
    """Imitates an embedding endpoint: a vector counts four words. Keeps what it was sent."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.sent: list[str] = []
        self.keys: set[str] = set()
        self.broken = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Answer(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        texts = [asked["input"]] if isinstance(asked["input"], str) else asked["input"]
        self.server.sent += texts
        self.server.keys.add(self.headers["Authorization"])
        counts = [[0.1 + text.lower().count(word) for word in WORDS] for text in texts]
        data = [
            {"object": "embedding", "index": i, "embedding": [0.0] if self.server.broken else c}
            for i, c in enumerate(counts)
        ]
        usage = {"prompt_tokens": 1, "total_tokens": 1}
        body = {"object": "list", "model": asked["model"], "data": data, "usage": usage}
        content = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def _found(settings: Settings, text: str) -> list[str]:
    with open_knowledge(settings) as base:
        return [one.case_id for one in base.browse(text, case_type=None, as_of=LATER)]


def test_a_server_answers_as_chroma_in_process_does(
    tmp_path: Path, chroma: str, closed: Closer
) -> None:
    texts = ("Snow closed the roads.", "The depot was on strike.", "An empty box arrived.")
    cases = [closed(f"c{i}", situation=text) for i, text in enumerate(texts)]
    cases.append(closed("other", family="payout.hold"))
    inside = Settings(home=tmp_path / "inside")
    server = Settings(home=tmp_path / "server", knowledge_url=chroma)
    for settings in (inside, server):
        with open_knowledge(settings) as base:
            assert base.ingest(cases).added == 4
    assert _found(server, "a blizzard") == _found(inside, "a blizzard")
    assert not list((tmp_path / "server").rglob("vectors-*"))
    with open_knowledge(server) as base:
        assert base.erase(case_ids=["c0"]).remains == ()
        assert base.ingest(cases).refused == 1
    assert sorted(_found(server, "a blizzard")) == ["c1", "c2", "other"]
    with open_knowledge(server) as base:
        assert base.ingest([cases[1]], rebuild=True).added == 1
    assert _found(server, "a blizzard") == ["c1"]


def test_a_server_that_does_not_answer_is_named(tmp_path: Path, closed: Closer) -> None:
    settings = Settings(home=tmp_path, knowledge_url="http://127.0.0.1:9")
    with open_knowledge(settings) as base, pytest.raises(EnvironmentFault, match="chroma run"):
        base.ingest([closed("a")])


def test_an_endpoint_embeds_what_the_mask_lets_out(
    tmp_path: Path, endpoint: Endpoint, closed: Closer
) -> None:
    settings = Settings(
        home=tmp_path,
        embedding_model="counting",
        embedding_base_url=endpoint.url,
        embedding_api_key=SecretStr("k"),
    )
    with open_knowledge(settings, mask=lambda text: text.replace("Ada", "someone")) as base:
        base.ingest([closed("a", situation="Ada saw snow."), closed("b", situation="A strike.")])
        assert index_of(settings).database.state().space.embedder == "counting"
        assert base.browse("Ada, snow", case_type=None, as_of=LATER)[0].case_id == "a"
    assert set(endpoint.sent) == {"someone saw snow.", "A strike.", "someone, snow"}
    assert endpoint.keys == {"Bearer k"}


def test_from_the_built_in_model_to_an_endpoint_and_back(
    tmp_path: Path, endpoint: Endpoint, closed: Closer
) -> None:
    plain = Settings(home=tmp_path, embedding_base_url=endpoint.url)
    other = plain.model_copy(update={"embedding_model": "counting"})
    with open_knowledge(plain) as base:
        base.ingest([closed("a", situation="snow"), closed("b", situation="strike")])
    assert _found(other, "snow") == ["a", "b"]
    assert endpoint.sent == []
    with open_knowledge(other) as base:
        assert base.reembed() == 2
    assert _found(plain, "snow") == ["a", "b"]
    assert endpoint.sent == ["snow", "strike", "snow"]
    with open_knowledge(plain) as base:
        assert base.reembed() == 2
    assert index_of(plain).database.state().space.embedder.startswith("all-MiniLM")


def test_an_endpoint_that_fails_is_a_model_error(endpoint: Endpoint) -> None:
    endpoint.broken = True
    with pytest.raises(ModelError, match="one vector for each text"):
        EndpointEmbedder("m", base_url=endpoint.url).embed(["a"])
    gone = EndpointEmbedder("m", base_url="http://127.0.0.1:9/v1", timeout_s=0.5)
    with pytest.raises(ModelError, match="'m' failed"):
        gone.embed(["a"])
