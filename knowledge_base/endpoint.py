"""Vectors from any OpenAI-compatible embedding endpoint, through langchain-openai."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from casewright.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from langchain_openai import OpenAIEmbeddings
    from numpy.typing import NDArray

Mask = Callable[[str], str]
"""Takes out of a text what must not leave the process."""


class EndpointEmbedder:
    """An embedding model behind an endpoint. Texts leave the process, masked by whoever calls.

    Args:
        model: Name of the model, which is also that of the vector space.
        base_url: The endpoint; empty: the client's default.
        api_key: Its key.
        timeout_s: Longest wait for one answer, in seconds.
        mask: What is done to each text before it leaves.
    """

    def __init__(
        self,
        model: str,
        *,
        base_url: str = "",
        api_key: SecretStr | None = None,
        timeout_s: float = 60.0,
        mask: Mask = str,
    ) -> None:
        self.name = model
        self._base_url = base_url
        self._api_key = api_key or SecretStr("")
        self._timeout_s = timeout_s
        self._mask = mask
        self._lock = threading.Lock()
        self._client: OpenAIEmbeddings | None = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embed texts as rows of length 1, of shape (texts, the model's dimension).

        Raises:
            ModelError: the endpoint fails, or answers with something else than vectors.
        """
        import numpy as np
        from openai import OpenAIError

        if not texts:
            return np.empty((0, 0), dtype=np.float32)
        try:
            answered = self._opened().embed_documents([self._mask(text) for text in texts])
            rows = np.array(answered, dtype=np.float32)
        except (OpenAIError, ValueError, TypeError) as error:
            raise self._fault(str(error)) from error
        lengths = np.linalg.norm(rows, axis=-1, keepdims=True) if rows.ndim == 2 else rows
        if rows.shape[:1] != (len(texts),) or not (np.isfinite(lengths).all() and lengths.all()):
            raise self._fault("it did not answer with one vector for each text")
        return rows / lengths

    def _opened(self) -> OpenAIEmbeddings:
        from langchain_openai import OpenAIEmbeddings

        with self._lock:
            if self._client is None:
                given: dict[str, Any] = {
                    "base_url": self._base_url or None,
                    "api_key": SecretStr(self._api_key.get_secret_value() or "none"),
                    "timeout": self._timeout_s,
                    # Else it cuts texts into tokens of OpenAI's own, whose table it downloads.
                    "check_embedding_ctx_length": False,
                }
                self._client = OpenAIEmbeddings(model=self.name, **given)
            return self._client

    def _fault(self, why: str) -> ModelError:
        return ModelError(
            f"The embedding model {self.name!r} failed: {why}.",
            remedy="Check embedding_base_url, embedding_model and the key.",
        )
