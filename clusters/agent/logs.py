"""The agent's logs: one JSON object a line, redacted as a whole. They carry nothing that an object holds."""

from __future__ import annotations

import json
import logging
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

from privacy.redaction import redact

ROOT: Final = "clusters.agent"
_STANDARD: Final = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


class RedactingFilter(logging.Filter):
    """Redacts the message and each extra field before any formatter sees them; tracebacks become places."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()).text, None
        for name, value in record.__dict__.items():
            if name not in _STANDARD and isinstance(value, str):
                record.__dict__[name] = redact(value).text
        if record.exc_info and record.exc_info[0] is not None:
            record.__dict__["error"] = record.exc_info[0].__name__
            record.__dict__["where"] = places(record.exc_info[2])
        record.exc_info = record.exc_text = record.stack_info = None
        return True


class JsonFormatter(logging.Formatter):
    """time, level, logger, message, and the extra fields."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {name: value for name, value in record.__dict__.items() if name not in _STANDARD}
        return json.dumps(line, default=str, ensure_ascii=False)


def places(trace: TracebackType | None) -> list[str]:
    """Where an exception went: file and line, without the values that its message or frames may hold."""
    return [f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(trace)]


def set_up(level: str) -> None:
    """Log to stderr. Other libraries may only warn: at lower levels some of them print bodies."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(ROOT).setLevel(level.upper())
    # urllib3 warns of each retry with the whole URL; kubernetes' own client would print answers.
    for name in ("urllib3", "kubernetes", "client"):
        logging.getLogger(name).setLevel(logging.ERROR)
    sys.excepthook = _crashed
    threading.excepthook = lambda args: _crashed(args.exc_type, args.exc_value, args.exc_traceback)


def _crashed(kind: type[BaseException], _value: BaseException | None, trace: TracebackType | None) -> None:
    """An exception nobody caught: its class and places, never its text."""
    fields = {"error": kind.__name__, "where": places(trace)}
    logging.getLogger(ROOT).critical("crashed", extra=fields)
