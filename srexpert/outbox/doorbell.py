"""Tells a worker that the outbox has something; a lost ring costs seconds, never work."""

import logging
import time

from celery import current_app
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

DRAIN = "srexpert.outbox.drain"
_SILENCE_SECONDS = 3.0
_silent_until = 0.0


def ring() -> None:
    """Sends one message to the workers; with the broker away it gives up at once, and for a moment.

    Without that pause each commit would wait for a connection that can't be made.
    """
    global _silent_until  # noqa: PLW0603 -- one small circuit breaker a process
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(DRAIN, retry=False, expires=60)
    except (OperationalError, OSError) as error:
        _silent_until = time.monotonic() + _SILENCE_SECONDS
        logger.warning("the broker did not take the doorbell (%s); the sweeper will", type(error).__name__)
