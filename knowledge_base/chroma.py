"""Where vectors lie: Chroma in process, each set in a folder of its own, or a Chroma server."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from casewright.errors import EnvironmentFault, StoreCorrupt
from knowledge_base.database import REBUILD

if TYPE_CHECKING:
    from chromadb.api import ClientAPI
    from chromadb.config import Settings


class Chroma:
    """One Chroma: a folder, opened in process at first use, or a server.

    Args:
        folder: Where sets of vectors lie, each in a folder of its own.
        url: Base URL of a Chroma server, or empty for the folder.
        token: Bearer token for the server, or empty.
    """

    def __init__(self, folder: Path, *, url: str = "", token: str = "") -> None:
        self.folder = folder
        self.url = url
        self._token = token

    def client(self, name: str) -> ClientAPI:
        """A client for the set of vectors of that name.

        Raises:
            StoreCorrupt: its folder is gone.
            EnvironmentFault: the server does not answer.
        """
        import chromadb
        from chromadb.config import Settings

        settings = Settings(anonymized_telemetry=False)
        if self.url:
            return _connected(self.url, self._token, settings)
        if not (self.folder / name).is_dir():
            raise StoreCorrupt(f"{self.folder / name} is missing.", remedy=REBUILD)
        return chromadb.PersistentClient(str(self.folder / name), settings=settings)

    def prefix(self, name: str) -> str:
        """What stands before the names of a set's collections."""
        return f"{name}-" if self.url else ""

    def create(self, name: str) -> None:
        """Make room for a set of vectors; OSError where it cannot be made."""
        if not self.url:
            (self.folder / name).mkdir(parents=True)

    def remove(self, name: str) -> None:
        """Delete the folder of a set of vectors, where there is one."""
        shutil.rmtree(self.folder / name, ignore_errors=True)


def _connected(url: str, token: str, settings: Settings) -> ClientAPI:
    import chromadb

    parts = urlsplit(url)
    secure = parts.scheme == "https"
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        return chromadb.HttpClient(
            host=parts.hostname or url,
            port=parts.port or (443 if secure else 8000),
            ssl=secure,
            headers=headers,
            settings=settings,
        )
    except ValueError as error:  # what Chroma raises where nobody answers
        raise EnvironmentFault(
            f"The Chroma server at {url} does not answer: {error}.",
            remedy="Start it with `chroma run`, or mend the setting knowledge_url.",
        ) from error
