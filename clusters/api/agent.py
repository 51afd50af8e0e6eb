"""The four calls of an agent."""

from clusters.api.transport import Caller, agent_call
from clusters.domain import enrolment, ingest
from clusters.wire import messages


@agent_call
def enrol(caller: Caller, body: bytes) -> messages.Enrolled:
    """Opens a session."""
    message = messages.decode_enrolment(body)
    with caller.scope():
        return enrolment.enrol(cluster=caller.cluster(), message=message)


@agent_call
def sync(caller: Caller, body: bytes) -> messages.Synced:
    """Takes a batch of changes, or a part of a manifest."""
    message = messages.decode_sync(body)
    if isinstance(message, messages.Manifest):
        with caller.scope():
            return ingest.apply_manifest(cluster=caller.cluster(), manifest=message)
    with caller.scope():
        # Before the costly projection, which a stranger to the session has no claim on.
        ingest.require_session(cluster=caller.cluster(), session_id=message.session)
    batch = ingest.Batch(message)
    with caller.scope():
        return ingest.apply_delta(cluster=caller.cluster(), batch=batch)


@agent_call
def heartbeat(caller: Caller, body: bytes) -> messages.Acknowledged:
    """Hears that the agent lives."""
    message = messages.decode_heartbeat(body)
    with caller.scope():
        return ingest.beat(cluster=caller.cluster(), message=message)


@agent_call
def commands(caller: Caller, body: bytes) -> messages.Commands:
    """Tells the agent what to do; nothing yet, so it only checks the session.

    The wait is the agent's: an open request here would hold a thread of the web server.
    """
    message = messages.decode_poll(body)
    with caller.scope():
        ingest.require_session(cluster=caller.cluster(), session_id=message.session)
    return messages.Commands()
