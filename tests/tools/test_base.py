"""Fields that a party wrote are known from their type."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

from tools.base import PartyText, WrittenByParty, party_pointers


class Inner(BaseModel):
    said: PartyText
    kept: str


class Outer(BaseModel):
    name: PartyText
    maybe: PartyText | None = None
    renamed: PartyText | None = Field(default=None, alias="a/b~c")
    many: tuple[PartyText, ...] = ()
    score: Annotated[float, WrittenByParty()] = 0.0
    ours: str = "x"
    items: tuple[Inner, ...] = ()
    inner: Inner | None = None
    by_name: dict[str, Inner] = {}


def test_marked_fields_are_found_at_any_depth():
    inner = {"said": "s", "kept": "k"}
    record = Outer.model_validate(
        {
            "name": "n",
            "maybe": "m",
            "a/b~c": "r",
            "many": ["x", "y"],
            "score": 1.0,
            "ours": "o",
            "items": [inner, inner],
            "inner": inner,
            "by_name": {"x/y": inner},
        }
    )
    assert party_pointers(record) == (
        "/name",
        "/maybe",
        "/a~1b~0c",
        "/many",
        "/score",
        "/items/0/said",
        "/items/1/said",
        "/inner/said",
        "/by_name/x~1y/said",
    )


def test_absent_fields_have_no_pointer():
    assert party_pointers(Outer(name="n", maybe=None)) == ("/name",)


# What the API's handbook marks as written by a party, by tool.
MARKED = {
    "get_claim": {"statement", "seller_reply"},
    "get_seller": {"display_name"},
    "get_appeal": {"statement"},
    "get_order": {"buyer_note"},
    "list_messages": {"items/text"},
    "list_documents": {"items/issuer_name", "items/party_name", "items/text"},
    "get_listing": {"title", "description", "brand", "model_no", "gtin"},
    "list_claims": {"items/statement"},
    "get_notice": {"statement"},
    "get_complaint": {"statement"},
    "get_hold": {"request"},
    "list_incidents": {"items/text"},
    "get_kyb_request": {"legal_name", "trading_name", "address", "explanation"},
    "list_reviews": {"items/text"},
}


def marked(model: type[BaseModel], at: str = "") -> set[str]:
    found: set[str] = set()
    for name, field in model.model_fields.items():
        text = repr(field)
        for part in [field.annotation, *getattr(field.annotation, "__args__", ())]:
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= marked(part, f"{at}{name}/")
                break
        else:
            if "WrittenByParty" in text:
                found.add(f"{at}{name}")
    return found


def test_the_builtin_types_mark_what_the_handbook_marks(builtin_tools):
    found = {
        name: fields for name, tool in builtin_tools.items() if (fields := marked(tool.result))
    }
    assert found == MARKED
