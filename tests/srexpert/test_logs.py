import io
import logging
import sys

import pytest

from srexpert.logs import LONGEST, RedactingFilter, RedactingFormatter

SECRET = "hunter2-" + "x9" * 6


class Broken:
    def __str__(self):
        raise RuntimeError(f"password={SECRET}")

    __repr__ = __str__


def fail(error):
    raise error


def fail_because(cause):
    raise RuntimeError("mail to ana@exemplo.pt failed") from cause


@pytest.fixture
def log():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(RedactingFilter())
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("a logger of its own")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.stream = stream
    yield logger
    logger.removeHandler(handler)


def test_filter_redacts_the_message_and_its_arguments(log):
    log.info("connecting with password=%s from %s", SECRET, "203.0.113.9")
    log.info("user %(email)s", {"email": "ana@exemplo.pt"})
    assert log.stream.getvalue() == (
        "INFO connecting with password=[redacted:password] from [redacted:ip-address]\nINFO user [redacted:email]\n"
    )


def test_filter_redacts_exceptions_and_their_causes(log):
    try:
        fail_because(ValueError(f"postgres://app:{SECRET}@db/orders"))
    except RuntimeError:
        log.exception("could not connect")
    text = log.stream.getvalue()
    assert SECRET not in text
    assert "ana@exemplo.pt" not in text
    assert "RuntimeError: mail to [redacted:email] failed" in text
    assert "test_logs.py" in text


def test_filter_redacts_the_stack(log):
    log.warning("here", stack_info=True)
    assert "Stack (most recent call last)" in log.stream.getvalue()


def test_filter_withholds_rows_that_postgresql_repeats(log):
    log.error(
        'duplicate key value violates unique constraint "u"\nDETAIL:  Key (name)=(Ana Silva) already exists.'
    )
    log.error("null value; Failing row contains (1, Ana Silva, null).")
    assert "Ana" not in log.stream.getvalue()


def test_filter_emits_no_bodies(log):
    log.error("bad request %s", b'{"name":"Ana"}', extra={"request": "POST name=Ana", "body": "Ana"})
    log.error("long %s", "Ana " + "word " * LONGEST)
    text = log.stream.getvalue()
    assert text.startswith("ERROR bad request [14 bytes]\n")
    assert len(text) < LONGEST + 500


def test_filter_drops_what_is_attached_to_the_record():
    record = logging.LogRecord("n", logging.ERROR, "p", 1, "m", (), None)
    record.request = "POST"
    assert RedactingFilter().filter(record)
    assert not hasattr(record, "request")


def test_filter_never_raises_and_never_prints_what_it_could_not_format(log, capsys):
    log.info("%s", Broken())
    log.info("%d", SECRET)
    log.info(*("%s %s", SECRET))
    log.info(Broken())
    try:
        fail(SilentError())
    except SilentError:
        log.exception("x")
    assert SECRET not in log.stream.getvalue()
    assert log.stream.getvalue().count("withheld") == 4
    assert SECRET not in capsys.readouterr().err


class SilentError(Exception):
    def __str__(self):
        raise RuntimeError(SECRET)


def test_filter_says_so_when_redaction_fails(log, monkeypatch):
    def exhausted(text):
        raise MemoryError(text)

    monkeypatch.setattr("srexpert.logs.redact", exhausted)
    log.info("password=%s", SECRET)
    assert log.stream.getvalue() == "INFO [withheld: redaction failed with MemoryError]\n"


def test_formatter_redacts_the_final_text():
    formatter = RedactingFormatter("%(name)s %(message)s")
    try:
        fail(ValueError("token=abc123def456"))
    except ValueError:
        record = logging.LogRecord(
            "bob@example.com", logging.ERROR, "p", 1, "password: %s", (SECRET,), sys.exc_info()
        )
    text = formatter.format(record)
    assert text.startswith("[redacted:email] password: [redacted:password]\nTraceback")
    assert "abc123def456" not in text
