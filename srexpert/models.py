"""The core's two tables: work to be done, and the index of bearer secrets."""

from srexpert.outbox.models import OutboxMessage
from srexpert.tenancy.models import Token

__all__ = ["OutboxMessage", "Token"]
