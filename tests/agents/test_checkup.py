"""What `doctor --model` finds out about the endpoints."""

import pytest

from agents.abilities import Abilities
from agents.checkup import check_up
from agents.endpoint import endpoints
from casewright.settings import Fallback


@pytest.fixture
def both(probed, backup):
    """Settings with a fallback."""
    fallback = Fallback(model="spare", base_url=backup.url)
    return probed.model_copy(update={"model_fallbacks": (fallback,)})


async def test_each_endpoint_is_probed_and_what_it_can_do_is_told(endpoint, backup, both, able):
    endpoint.respond(able("schema", temperature=False))
    backup.respond(able("json"))
    first, second = [check async for check in check_up(both)]
    assert (first.ok, second.ok) == (True, True)
    assert f"scripted at {endpoint.url}: mode 'schema', takes no temperature; 2" in first.detail
    assert f"spare at {backup.url}: mode 'json'; 3 calls" in second.detail
    assert [Abilities(both.home).of(one).mode for one in endpoints(both)] == ["schema", "json"]


async def test_what_is_remembered_is_asked_again(endpoint, probed, able):
    for mode in ("schema", "tools"):
        endpoint.respond(able(mode))
        (check,) = [check async for check in check_up(probed)]
        assert f"mode '{mode}'" in check.detail


async def test_an_endpoint_that_cannot_be_used_has_a_remedy(endpoint, probed, able):
    endpoint.respond(able(refusal=401))
    (check,) = [check async for check in check_up(probed)]
    assert not check.ok
    assert "refuses the key" in check.detail
    assert "CASEWRIGHT_MODEL_API_KEY" in check.remedy


async def test_a_mode_that_is_set_is_not_probed(endpoint, settings):
    (check,) = [check async for check in check_up(settings)]
    assert "not probed, the settings say 'tools'" in check.detail
    assert endpoint.requests == []


async def test_without_a_model_nothing_is_asked(settings):
    bare = settings.model_copy(update={"model": ""})
    assert [check async for check in check_up(bare)] == []
