"""Posts a page as a signed webhook, by the Standard Webhooks specification (standardwebhooks.com, 1.0.0)."""

import json

from standardwebhooks.webhooks import Webhook

from alerts.channels.base import Page, channel
from srexpert import outbound, outbox

# The receiver isn't ready, or asks for patience: all other 4xx say that a repeat would be refused as well.
_LATER = {408, 425, 429}


@channel("webhook")
def send(page: Page) -> None:
    """Posts the page; raises srexpert.outbox.Undeliverable, permanent for a 3xx and most of the 4xx."""
    content = body_of(page)
    try:
        answer = outbound.send("POST", page.address, headers=headers_of(page, content), content=content)
    except outbound.Unreachable as error:
        raise outbox.Undeliverable(str(error)) from error
    if 200 <= answer.status < 300:
        return
    permanent = 300 <= answer.status < 500 and answer.status not in _LATER
    raise outbox.Undeliverable(f"the webhook answered {answer.status}", permanent=permanent)


def body_of(page: Page) -> bytes:
    """The JSON of the specification: type, timestamp, data."""
    data = {
        "incident": page.incident,
        "url": page.url,
        "title": page.title,
        "severity": page.severity,
        "state": page.state,
        "cluster": page.cluster,
        "cause": page.cause,
        "advice": page.advice,
        "affected": page.affected,
        "opened_at": page.opened_at.isoformat(),
        "step": page.step,
    }
    event = {"type": "incident.triggered", "timestamp": page.at.isoformat(), "data": data}
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode()


def headers_of(page: Page, content: bytes) -> dict[str, str]:
    """Id (the same for each try), time and signature of this try."""
    signature = Webhook(page.secret).sign(page.key, page.at, content.decode())
    return {
        "Content-Type": "application/json",
        "webhook-id": page.key,
        "webhook-timestamp": str(int(page.at.timestamp())),
        "webhook-signature": signature,
    }
