"""What an event says, in words; used by the terminal and by dossiers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from casewright.audit import Event, Kind

Body = Mapping[str, Any]


def told(event: Event) -> str:
    """One line on what happened. A body that lacks what its kind has is told as far as it goes."""
    return _WORDS.get(event.kind, _nothing)(event.body)


def people(events: Iterable[Event]) -> list[dict[str, Any]]:
    """Who had a part in a case, by role, with what each did and how often."""
    found: dict[tuple[str, str], dict[str, int]] = {}
    for event in events:
        did = found.setdefault((event.actor.role, event.actor.id), {})
        did[event.kind.value] = did.get(event.kind.value, 0) + 1
    return [{"role": role, "id": one, "did": did} for (role, one), did in sorted(found.items())]


def _entered(body: Body) -> str:
    return f"{body.get('version')}, as of {body.get('as_of')}, by way of {body.get('channel')}"


def _evidence(body: Body) -> str:
    parts = len(body.get("parts", ()))
    more = f", {parts} parts" if parts else ""
    name, digest = body.get("action") or body.get("tool"), str(body.get("digest", ""))
    return f"{name}: {body.get('status')}{more} {digest[:12]}".strip()


def _factors(body: Body) -> str:
    return ", ".join(
        f"{one.get('name')} {_spelled(one.get('value'))}" for one in body.get("factors", ())
    )


def _model_call(body: Body) -> str:
    tokens = f"{body.get('tokens_in')} tokens in, {body.get('tokens_out')} out"
    error = f", {body['error']}" if body.get("error") else ""
    return f"{body.get('model')}: {tokens}{error}, prompt {body.get('prompt', '')[:12]}"


def _proposed(body: Body) -> str:
    struck = f", {body['struck']} struck" if body.get("struck") else ""
    claims = f"{body.get('claims')} claims{struck}"
    return f"{body.get('outcome')} by row {body.get('row')}, {claims}"


def _routed(body: Body) -> str:
    reasons = "; ".join(map(str, body.get("reasons", ())))
    due = f", due {body['due']}" if body.get("due") else ""
    return f"to {body.get('route')}{due}" + (f" ({reasons})" if reasons else "")


def _viewed(body: Body) -> str:
    if body.get("what") == "citation":
        return f"citation {body.get('citation')}, {str(body.get('reference'))[:12]}"
    return str(body.get("what")) + (", personal data hidden" if body.get("masked") else "")


def _until(body: Body) -> str:
    return f"until {body['until']}" if body.get("until") else ""


def _released(body: Body) -> str:
    return "handed back with a reason" if body.get("handed_back") else "given back"


def _assigned(body: Body) -> str:
    return f"to {body['to']}" if body.get("to") else "to whoever takes it"


def _reviewed(body: Body) -> str:
    changed = [*body.get("factors", ()), *body.get("parameters", ())]
    changed += [f"claim {number}" for number in body.get("claims", ())]
    changed += [f"question {number}" for number in body.get("questions", ())]
    parts = (body.get("outcome"), f"changed {', '.join(changed)}" if changed else "")
    more = "".join(f", {one}" for one in parts if one)
    return f"{body.get('act')} ({', '.join(body.get('codes', ()))}){more}"


def _first_read(body: Body) -> str:
    return f"{body.get('outcome')}, before the proposal was shown"


def _checked(body: Body) -> str:
    ended = "caught" if body.get("caught") else "missed"
    return f"a check, {ended}: {body.get('act')} ({', '.join(body.get('codes', ()))})"


def _wrote(body: Body) -> str:
    name = f" ({body['name']})" if body.get("name") else ""
    return f"{body.get('do')}{name}: {body.get('status')}"


def _closed(body: Body) -> str:
    automatic = "automatically" if body.get("automatic") else "after review"
    second = ", drawn for a second look" if body.get("second_look") else ""
    return f"{body.get('outcome')} {automatic}{second}"


def _reopened(body: Body) -> str:
    return f"undone, and back at its gate; review {body.get('reviews')} counts no longer"


def _exported(body: Body) -> str:
    masked = "masked" if body.get("masked") else "with personal data"
    return f"dossier, {masked}, seal {str(body.get('seal'))[:12]}"


def _revealed(body: Body) -> str:
    reason = f": {body['reason']}" if body.get("reason") else ""
    return f"{body.get('what')}{reason}" + (", with a note" if body.get("note") else "")


def _adopted(body: Body) -> str:
    kinds = ("reviews", "looks", "releases", "calibrations")
    held = [f"{len(body[kind])} {_ADOPTED.get(kind, kind)}" for kind in kinds if body.get(kind)]
    return ", ".join(("as it stood before the log told of it", *held))


def _looked_again(body: Body) -> str:
    note = ", with a note" if body.get("note") else ""
    return f"{body.get('outcome')}{note}"


def _version(body: Body) -> str:
    stage = f", {body['stage']}" if body.get("stage") else ""
    return f"{body.get('version')}{stage}"


_ADOPTED: Final = {"looks": "second looks"}


def _changed(body: Body) -> str:
    return ", ".join(map(str, body.get("fields", ())))


def _erased(body: Body) -> str:
    return f"{len(body.get('evidence', ()))} bodies of evidence"


def _asked(body: Body) -> str:
    about = f" about {body['factor']}" if body.get("factor") else ""
    return f"the {body.get('to')}{about}, until {body.get('until')}"


def _answered(body: Body) -> str:
    about = f" about {body['factor']}" if body.get("factor") else ""
    return f"{body.get('how')}: the {body.get('to')}{about}"


def _opened(body: Body) -> str:
    of = f", an appeal against {body['appeal_of']}" if body.get("appeal_of") else ""
    return f"{str(body.get('case'))[:12]}{of}"


def _appealed(body: Body) -> str:
    return f"by the {body.get('by')}, as {body.get('appeal')}"


def _nothing(_: Body) -> str:
    return ""


_WORDS: Final[Mapping[Kind, Callable[[Body], str]]] = {
    Kind.ADOPTED: _adopted,
    Kind.ENTERED: _entered,
    Kind.EVIDENCE: _evidence,
    Kind.FACTORS: _factors,
    Kind.MODEL_CALL: _model_call,
    Kind.PROPOSED: _proposed,
    Kind.REOPENED: _reopened,
    Kind.DECIDED: _proposed,
    Kind.ROUTED: _routed,
    Kind.WAITING: _routed,
    Kind.VIEWED: _viewed,
    Kind.CLAIMED: _until,
    Kind.RENEWED: _until,
    Kind.RELEASED: _released,
    Kind.ASSIGNED: _assigned,
    Kind.HELD: _until,
    Kind.REVIEWED: _reviewed,
    Kind.FIRST_READ: _first_read,
    Kind.CHECKED: _checked,
    Kind.PLANNED: _wrote,
    Kind.ENFORCED: _wrote,
    Kind.UNDONE: _wrote,
    Kind.CLOSED: _closed,
    Kind.CHANGED: _changed,
    Kind.ASKED: _asked,
    Kind.ANSWERED: _answered,
    Kind.OPENED: _opened,
    Kind.APPEALED: _appealed,
    Kind.EXPORTED: _exported,
    Kind.REVEALED: _revealed,
    Kind.ERASED: _erased,
    Kind.LOOKED_AGAIN: _looked_again,
    Kind.PROMOTED: _version,
    Kind.ROLLED_BACK: _version,
    Kind.CALIBRATED: _version,
    Kind.SWITCHED_OFF: _version,
}


def _spelled(value: Any) -> str:
    if value is None:
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return f"(text {str(value.get('digest'))[:12]})"
    return str(value)
