"""Cases as they are served at their first look, beside what the generator drew."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sandbox.timeline import DAY, instant, rfc3339


@dataclass
class Case:
    """A case at its first look, its records fetched once each."""

    drawn: dict[str, Any]
    record: dict[str, Any]
    as_of: str
    client: Any
    known: dict[str, tuple[int, dict[str, Any]]] = field(default_factory=dict)

    def get(self, path: str, **query: Any) -> tuple[int, dict[str, Any]]:
        """Status and data of an answer."""
        key = f"{path} {query}"
        if key not in self.known:
            answer = self.client.get(path, params={**query, "as_of": self.as_of})
            self.known[key] = (answer.status_code, answer.json().get("data", {}))
        return self.known[key]


def cases_of(world, client, case_type, made=Case):
    """All cases of a type."""
    mine = [line for line in world.causes if line["case_type"] == case_type]
    return [_case(client, drawn, made) for drawn in mine]


def _case(client, drawn, made):
    record = client.get(f"/v1/cases/{drawn['case_id']}").json()["data"]
    return made(drawn, record, rfc3339(instant(record["opened_at"]) + 2 * DAY), client)


def differing(cases, read, column):
    """The cases whose rows disagree with the drawn column; None means not to be had."""
    seen = [(case, read(case)) for case in cases]
    known = [(case, value) for case, value in seen if value is not None]
    assert len(known) > 0.35 * len(cases)
    return [
        case.drawn["case_id"] for case, value in known if value is not case.drawn["columns"][column]
    ]
