import email
import email.policy
import smtplib
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from srexpert.embedded import endpoints, process


def test_mailbox_keeps_what_a_real_client_sends(state_directory: Path, wait_for: Callable[..., None]) -> None:
    port = endpoints.port("mailbox")
    child = process.spawn([sys.executable, "-m", "srexpert.embedded.mailbox"], name="mailbox", output=None)
    try:
        wait_for(lambda: _listens(port), what="the mailbox")
        message = email.message.EmailMessage(policy=email.policy.SMTP)
        message["Subject"], message["To"] = "Déployé", "ana@northwind.example"
        message.set_content("It broke — come and see.")
        with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
            client.send_message(
                message, "noreply@srexpert.example", ["ana@northwind.example", "rui@northwind.example"]
            )
    finally:
        process.stop(child, ((process.signal.SIGTERM, 5.0), (process.signal.SIGKILL, 2.0)))
    [kept] = (state_directory / "mail").glob("*.eml")
    read = email.message_from_bytes(kept.read_bytes(), policy=email.policy.default)
    assert read["Subject"] == "Déployé"
    assert read["X-Envelope-To"] == "ana@northwind.example, rui@northwind.example"
    assert read.get_content().strip() == "It broke — come and see."
    assert kept.stat().st_mode & 0o077 == 0


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
