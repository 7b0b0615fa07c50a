"""The script that somebody writes in an afternoon: fetch, embed, retrieve, and keep nothing.

    python benchmarks/handwritten.py PLAN

``throughput.py`` writes the plan: where the marketplace answers, and for each case what a batch
asked for it, which texts it embedded, and in which of Chroma's collections it looked. The script
does the same, some cases at a time over one client, and knows nothing of procedures, evidence,
graphs or records. It prints JSON: cases, seconds of its own, and how many requests it made.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path
from typing import Any

import chromadb
import httpx
from chromadb.config import Settings

from knowledge_base.embedding import Embedder

NEAREST = 50


class Script:
    """What the cases share: a client, a model and an open database of vectors."""

    def __init__(self, plan: dict[str, Any], client: httpx.AsyncClient) -> None:
        self._client = client
        self._embedder = Embedder()
        self._chroma = chromadb.PersistentClient(
            plan["vectors"], settings=Settings(anonymized_telemetry=False)
        )
        self._collections: dict[str, Any] = {}
        self._at_once = asyncio.Semaphore(plan["concurrency"])

    async def case(self, case: dict[str, Any]) -> int:
        """One case: its requests one after the other, then its retrievals."""
        async with self._at_once:
            for path in case["asks"]:
                await self.ask(path)
            for collection, text in case["searches"]:
                await asyncio.to_thread(self._nearest, collection, text)
        return len(case["asks"])

    async def ask(self, path: str) -> Any:
        try:
            answer = await self._client.get(path)
        except httpx.TransportError:  # the server had closed a connection that was not used
            answer = await self._client.get(path)
        return answer.json()

    def _nearest(self, collection: str, text: str) -> Any:
        vector = self._embedder.embed([text])[0]
        if not collection:
            return None
        if collection not in self._collections:
            self._collections[collection] = self._chroma.get_collection(
                collection, embedding_function=None
            )
        return self._collections[collection].query(
            query_embeddings=vector.tolist(), n_results=NEAREST
        )


async def run(plan: dict[str, Any]) -> dict[str, Any]:
    start = time.perf_counter()
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(
        base_url=plan["url"],
        headers={"Authorization": f"Bearer {plan['token']}"},
        follow_redirects=True,
        limits=limits,
        timeout=60,
        trust_env=False,
        verify=False,
    ) as client:
        script = Script(plan, client)
        for path in plan["first"]:
            await script.ask(path)
        asks = await asyncio.gather(*map(script.case, plan["cases"]))
    return {
        "cases": len(asks),
        "requests": sum(asks) + len(plan["first"]),
        "seconds": time.perf_counter() - start,
    }


def main() -> None:
    plan = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    print(json.dumps(asyncio.run(run(plan))))


if __name__ == "__main__":
    main()
