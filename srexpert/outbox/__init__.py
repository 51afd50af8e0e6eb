"""Work that outlives processes: a row in the transaction that causes it, a broker message as its doorbell.

`put` writes the row, `handles` registers who does the work. Truth, due time and fencing number are in
PostgreSQL; losing broker, worker or scheduler at any moment loses nothing (`docs/adr/0004-outbox.md`).
"""

from srexpert.outbox.registry import Message, Undeliverable, handles
from srexpert.outbox.writing import cancel, put

__all__ = ["Message", "Undeliverable", "cancel", "handles", "put"]
