"""The built-in tools come in through the plugins' door."""

from __future__ import annotations

import pytest

from casewright.errors import UsageError
from casewright.registry import Registry
from tools import builtin
from tools.base import Tool

NAMES = {
    "get_login_signals",
    "list_legal_orders",
    "check_address",
    "check_identity",
    "check_registry",
    "check_tax_id",
    "check_watchlist",
    "get_bank_account",
    "check_brand",
    "check_certificate",
    "check_supplier",
    "compare_catalogues",
    "classify_listing",
    "get_appeal",
    "get_balance",
    "get_buyer",
    "get_buyer_ring",
    "get_claim",
    "get_complaint",
    "get_dispatch_summary",
    "get_hold",
    "get_kyb_request",
    "get_inspection",
    "get_listing",
    "get_listing_sales",
    "get_metrics",
    "get_notice",
    "get_order",
    "get_order_pattern",
    "get_payment_trace",
    "get_photo_check",
    "get_pickup_manifest",
    "get_review_stats",
    "get_reviewer_ring",
    "get_seller",
    "get_tracking_summary",
    "get_violation",
    "get_weight_profile",
    "list_appeals",
    "list_campaigns",
    "list_carrier_alerts",
    "list_claims",
    "list_documents",
    "list_incidents",
    "list_links",
    "list_listing_edits",
    "list_messages",
    "list_order_changes",
    "list_platform_incidents",
    "list_programmes",
    "list_return_scans",
    "list_reviews",
    "list_scans",
    "list_violations",
    "match_recalls",
}


def test_every_builtin_tool_is_registered_once():
    registry = Registry()
    builtin.register(registry)
    tools = registry.all("tool", Tool)
    assert set(tools) == NAMES
    assert all(tool.name == name for name, tool in tools.items())
    with pytest.raises(UsageError, match="Two plugins"):
        builtin.register(registry)


def test_a_model_can_be_shown_every_tool(builtin_tools):
    for tool in builtin_tools.values():
        schema = tool.arguments.model_json_schema()
        assert schema["additionalProperties"] is False
        assert all("description" in one for one in schema["properties"].values())
        assert tool.description.endswith(".")
