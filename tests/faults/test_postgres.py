"""PostgreSQL restarted at once, and killed: what was answered with 2xx is kept, and all goes on."""

import os
import signal
from collections.abc import Callable, Sequence
from pathlib import Path

import psycopg
import pytest

from srexpert.embedded import endpoints, preparation, process, services
from tests.alerts.sinks import mailbox
from tests.deployment import deployment, until
from tests.faults.stage import HttpAgent, crashing_pod

ROUND = 5


@pytest.fixture
def ask(state_directory: Path) -> Callable[[str], int]:
    """A figure from the own PostgreSQL, asked for across organizations."""

    def figure(statement: str) -> int:
        with psycopg.connect(endpoints.database_url(endpoints.APP)) as connection:
            connection.execute(f"SET LOCAL ROLE {endpoints.SYSTEM}")
            (found,) = connection.execute(statement).fetchone() or (0,)
            return int(found)

    return figure


def test_restarted_postgres_keeps_every_answered_batch(
    state_directory: Path, tmp_path: Path, ask: Callable[[str], int]
):
    with services.ensure(postgres=True, valkey=False), mailbox() as mails:
        preparation.migrate()
        preparation.seed_demo(preparation.run_quietly, embedded_database=True)
        surroundings = {"DATABASE_URL": "", "EMAIL_URL": f"smtp://127.0.0.1:{mails.port}"}
        with deployment(tmp_path, **surroundings) as running:
            running.web()
            running.worker()
            running.scheduler()
            token = (state_directory / "demo" / "agent.token").read_text()
            agent = HttpAgent(running.url, token)
            agent.begin()
            servers = [_server() or 0]
            for blow in (signal.SIGQUIT, signal.SIGKILL):  # an immediate shutdown, a crash
                _send_round(agent)
                os.kill(servers[-1], blow)
                _send_round(agent)  # while it is away
                servers.append(until(lambda: _server(besides=servers), "the next PostgreSQL"))
            _send_round(agent)
            agent.client.http.close()  # type: ignore[attr-defined]

            assert (
                ask("SELECT count(*) FROM kubernetes_object WHERE kind = 'Pod'") == agent.taken == 5 * ROUND
            )
            until(
                lambda: ask("SELECT count(*) FROM alerts_incident") == agent.taken, "an incident for each pod"
            )
            until(lambda: len({mail["Message-ID"] for mail in mails.mails}) == agent.taken, "a mail for each")
            waiting = (
                "SELECT count(*) FROM outbox_message WHERE state IN ('pending', 'running') AND due_at < now()"
            )
            until(lambda: ask(waiting) == 0, "the end of all work that is due")
            assert ask("SELECT count(*) FROM alerts_notification WHERE state <> 'sent'") == 0
            assert len(set(servers)) == 3
            assert any(status >= 500 for status in agent.statuses) or agent.client.unanswered


def _send_round(agent: HttpAgent) -> None:
    for _ in range(ROUND):
        agent.send(crashing_pod(agent.taken))


def _server(besides: Sequence[int] = ()) -> int | None:
    """The process of the own PostgreSQL, or None while there is no new one."""
    found = process.recorded("postgres")
    return found.pid if found is not None and found.pid not in besides else None
