"""What leaves the server goes through `srexpert.outbound` or the mail outbox; who else may hold a client, and why."""

import ast

from tests.house import source

CLIENTS = (
    "httpx", "requests", "urllib3", "aiohttp", "http.client", "urllib.request", "smtplib", "imaplib", "ftplib", "telnetlib",
    "kubernetes", "websockets", "paramiko", "boto3", "django.core.mail",
)  # fmt: skip
ALLOWED = {
    "srexpert/outbound": "the one guarded HTTP client",
    "srexpert/mail.py": "the one way to an SMTP server; called by the outbox",
    "clusters/agent": "a program of its own, in the customer's cluster",
    "clusters/bench": "measures the ingest over real HTTP at an address of this machine",
    "srexpert/embedded": "asks the supervised processes on loopback whether they live",
    "srexpert/vendoring.py": "a developer's command, which fetches browser libraries by checksum",
}


def _clients(file):
    return sorted(
        {
            name
            for name in source.imports(file)
            if any(f"{name}.".startswith(f"{client}.") for client in CLIENTS)
        }
    )


def test_no_client_outside_the_ways_out():
    strays = {
        str(file): found
        for file in source.python_files()
        if not source.within(file, *ALLOWED) and (found := _clients(file))
    }
    assert strays == {}


def test_every_allowance_is_in_use():
    """`srexpert/embedded` may, but needn't: it knows its processes by their sockets."""
    unused = {
        place
        for place in ALLOWED
        if not any(source.within(file, place) and _clients(file) for file in source.python_files())
    }
    assert unused <= {"srexpert/embedded", "srexpert/vendoring.py"}


def test_domain_never_sees_a_request():
    strays = {
        str(file): name
        for file in source.python_files()
        if "domain" in file.parts
        for name in source.imports(file)
        if name.startswith("django.http.HttpRe") or name == "django.http.JsonResponse"
    }
    assert strays == {}


def test_nothing_in_domain_names_a_celery_task():
    """A task is rung for by the outbox; a `.delay()` in domain would be lost with the broker."""
    strays = [
        f"{file}:{node.lineno}"
        for file in source.python_files()
        if "domain" in file.parts
        for node in ast.walk(source.tree(file))
        if isinstance(node, ast.Attribute) and node.attr in {"delay", "apply_async", "send_task"}
    ]
    assert strays == []
