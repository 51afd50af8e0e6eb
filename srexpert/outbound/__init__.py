"""The one way out for HTTP: guarded against addresses that a customer has no business with."""

from srexpert.outbound.addresses import Forbidden
from srexpert.outbound.client import Answer, Unreachable, send

__all__ = ["Answer", "Forbidden", "Unreachable", "send"]
