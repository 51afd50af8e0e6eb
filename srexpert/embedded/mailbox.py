"""The embedded mailbox: an SMTP server on loopback that keeps each message as a file and sends nothing on."""

import asyncio
import itertools
import signal
import sys
import time
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from srexpert.embedded import endpoints, state
from srexpert.embedded.files import write_private

LARGEST_MESSAGE = 10 * 2**20


class KeepingHandler:
    """Writes each message to a directory as `TIME-NUMBER.eml`, with the envelope's people in two headers."""

    def __init__(self, directory: Path) -> None:
        """`directory` exists."""
        self._directory, self._numbers = directory, itertools.count(1)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 -- the library's interface
        """Keep the message, or tell the sender to come again when it cannot be kept."""
        name = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{time.time_ns() % 10**9:09}-{next(self._numbers)}.eml"
        head = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n"
        content = head + envelope.content.decode("utf-8", errors="surrogateescape")
        try:
            write_private(self._directory / name, content, None)
        except OSError as error:
            return f"452 the message cannot be kept: {error.strerror}"
        return "250 kept"


async def serve(*, port: int, directory: Path) -> None:
    """Receive mail on the loopback port until SIGTERM. Raises OSError when the port is taken."""
    loop, stopped = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    handler = KeepingHandler(directory)
    server = await loop.create_server(
        lambda: SMTP(handler, hostname="localhost", data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True),
        host="127.0.0.1",
        port=port,
    )
    async with server:
        await stopped.wait()


def main() -> int:
    """Run the mailbox of this deployment; what `up` starts when no EMAIL_URL is set."""
    try:
        asyncio.run(serve(port=endpoints.port("mailbox"), directory=state.subdirectory("mail")))
    except OSError as error:
        sys.stderr.write(f"the mailbox cannot listen: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
