"""Redacts every log record: its message, arguments, exception and stack; no secret or address reaches a log."""

import logging
import re
from importlib import import_module
from typing import Any

# Named and not imported, as settings name middleware: the redactor is pure, and lies in the layer above.
redact = import_module("privacy.redaction").redact


LONGEST = 16_384  # characters of a message or a traceback; more is a body that somebody logged
# What Django and libraries attach to records and may hold a request's body or headers.
ATTACHED = ("request", "body", "data", "payload", "content", "headers", "cookies", "params", "sql", "json")
# PostgreSQL repeats the row in the detail of an error: 'Key (email)=(…) already exists', 'Failing row contains (…)'.
ROW = re.compile(r"^(\s*(?:DETAIL|CONTEXT|STATEMENT):).*$", re.MULTILINE)
ROW_IN_LINE = re.compile(r"(Failing row contains|Key) \(.*\)")


def clean(text: str) -> str:
    """Return a text as it may stand in a log; never raises, withholds what it can't judge."""
    try:
        if len(text) > LONGEST:
            text = f"{text[:LONGEST]} [{len(text) - LONGEST} more characters withheld]"
        text = ROW.sub(r"\1 [withheld]", text)
        text = ROW_IN_LINE.sub(r"\1 [withheld]", text)
        return str(redact(text).text)
    except Exception as error:  # noqa: BLE001 -- a log line must not stop the work that it tells of
        return f"[withheld: redaction failed with {type(error).__name__}]"


def message(record: logging.LogRecord) -> str:
    """Return the record's message with its arguments, bytes replaced by their count."""
    try:
        record.args = _without_bytes(record.args)
        if isinstance(record.msg, bytes):
            return f"[{len(record.msg)} bytes]"
        return record.getMessage()
    except Exception as error:  # noqa: BLE001 -- a wrong format would otherwise be printed with all arguments
        return f"[withheld: the message could not be formatted, {type(error).__name__}]"


def _without_bytes(arguments: Any) -> Any:
    if isinstance(arguments, tuple):
        return tuple(_counted(one) for one in arguments)
    if isinstance(arguments, dict):
        return {key: _counted(one) for key, one in arguments.items()}
    return arguments


def _counted(one: object) -> object:
    return f"[{len(one)} bytes]" if isinstance(one, (bytes, bytearray, memoryview)) else one


class RedactingFilter(logging.Filter):
    """Rewrites each record in place, so that every handler after it sees the redacted text only."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = clean(message(record)), ()
        if record.exc_info or record.exc_text:
            record.exc_text = clean(record.exc_text or _traceback(record))
            record.exc_info = None  # a handler that formats it anew would print the values again
        if record.stack_info:
            record.stack_info = clean(str(record.stack_info))
        for name in ATTACHED:
            record.__dict__.pop(name, None)
        return True


class RedactingFormatter(logging.Formatter):
    """Formats a record and redacts the final text; for handlers of libraries that take no filter."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return clean(super().format(record))
        except Exception as error:  # noqa: BLE001 -- the same
            return f"[withheld: the record could not be formatted, {type(error).__name__}]"


def _traceback(record: logging.LogRecord) -> str:
    try:
        if isinstance(record.exc_info, tuple) and record.exc_info[0] is not None:
            return logging.Formatter().formatException(record.exc_info)
    except Exception as error:  # noqa: BLE001 -- an exception whose text can't be made
        return f"[withheld: the traceback could not be formatted, {type(error).__name__}]"
    return ""
