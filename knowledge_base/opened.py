"""The knowledge base as the settings describe it: where its vectors lie, and who embeds."""

from __future__ import annotations

from casewright.settings import Settings
from knowledge_base.chroma import Chroma
from knowledge_base.embedding import Embedder, Embedding, Embeddings
from knowledge_base.endpoint import EndpointEmbedder, Mask
from knowledge_base.index import Index
from knowledge_base.precedents import Precedents

KNOWLEDGE = "knowledge"
"""Folder of the knowledge base in the home folder."""


def open_knowledge(settings: Settings, *, mask: Mask = str) -> Precedents:
    """Open the knowledge base; nothing is read or created yet.

    Args:
        settings: Where it lies, and which model embeds.
        mask: What is done to a text before it leaves for an embedding endpoint.
    """
    return Precedents(index_of(settings, mask=mask))


def index_of(settings: Settings, *, mask: Mask = str) -> Index:
    """The index of the knowledge base; it knows no leak guard."""
    folder = settings.home / KNOWLEDGE
    chroma = Chroma(
        folder, url=settings.knowledge_url, token=settings.knowledge_token.get_secret_value()
    )
    return Index(folder, embeddings_of(settings, mask=mask), chroma)


def embeddings_of(settings: Settings, *, mask: Mask = str) -> Embeddings:
    """The built-in model, or the one that is set; an index may be of either."""

    def endpoint(model: str) -> Embedding:
        return EndpointEmbedder(
            model,
            base_url=settings.embedding_base_url,
            api_key=settings.embedding_api_key,
            timeout_s=settings.model_timeout_s,
            mask=mask,
        )

    built_in = Embedder()
    if not settings.embedding_model:
        reachable = endpoint if settings.embedding_base_url else None
        return Embeddings(preferred=built_in, endpoint=reachable)
    return Embeddings(
        preferred=endpoint(settings.embedding_model), others=(built_in,), endpoint=endpoint
    )
