"""Metrics are the operator's alone, and hold figures of the whole, not of tenants."""

import pytest

from srexpert import outbox
from srexpert.tenancy import acting_for

pytestmark = pytest.mark.django_db


def test_show_counts_waiting_work_for_this_machine(cast, client):
    with acting_for(cast.northwind):
        outbox.put(topic="tests.metrics", key="a", payload={})
    text = client.get("/metrics").content.decode()
    assert 'srexpert_outbox_messages{state="pending",topic="tests.metrics"} 1.0' in text
    assert "srexpert_outbox_lag_seconds" in text
    assert "Northwind" not in text


@pytest.mark.parametrize(("proxy", "address"), [(False, "203.0.113.9"), (True, "127.0.0.1")])
def test_show_does_not_exist_for_others(client, settings, proxy, address):
    settings.BEHIND_PROXY = proxy
    assert client.get("/metrics", REMOTE_ADDR=address).status_code == 404


def test_show_with_a_token_asks_for_it(client, settings):
    settings.METRICS_TOKEN = "operator-token"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer operator-token"}).status_code == 200
