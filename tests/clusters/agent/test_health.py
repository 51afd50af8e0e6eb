"""/healthz and /metrics over real HTTP."""

import urllib3
from prometheus_client.parser import text_string_to_metric_families

from clusters.agent.health import HealthServer
from clusters.agent.metrics import Metrics


def test_healthz_tells_whether_the_agent_is_well():
    well = True
    health = HealthServer("127.0.0.1", 0, healthy=lambda: well, registry=Metrics().registry)
    try:
        url = f"http://127.0.0.1:{health.port}/healthz"
        assert urllib3.request("GET", url).status == 200
        well = False
        assert urllib3.request("GET", url, retries=False).status == 503
        assert urllib3.request("GET", f"http://127.0.0.1:{health.port}/other").status == 404
    finally:
        health.close()


def test_metrics_are_in_the_text_format():
    metrics = Metrics()
    metrics.batches.labels("delta").inc(3)
    health = HealthServer("127.0.0.1", 0, healthy=lambda: True, registry=metrics.registry)
    try:
        text = urllib3.request("GET", f"http://127.0.0.1:{health.port}/metrics").data.decode()
    finally:
        health.close()
    samples = {
        (sample.name, sample.labels.get("type")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["srexpert_agent_batches_sent_total", "delta"] == 3
    assert ("srexpert_agent_queue_pending", None) in samples
