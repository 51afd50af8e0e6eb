"""There is one clock: nothing of the server asks PostgreSQL or the system what time it is."""

import ast
import re

from tests.house import source

SQL = re.compile(
    r"\bnow\(\)|\bcurrent_(?:timestamp|date|time)\b|\blocaltime(?:stamp)?\b|\b(?:clock|statement|transaction)_timestamp\(",
    re.IGNORECASE,
)
CALLS = {
    ("timezone", "now"),
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}
IMPORTS = {
    "django.db.models.functions.Now",
    "django.utils.timezone.now",
    "django.db.models.functions.datetime.Now",
}
ALLOWED = {
    "srexpert/clock.py": "the clock",
    "clusters/agent": "runs in the customer's cluster, on the clock of its node",
    "clusters/simulator": "has a clock of its own, that scenarios turn",
    "clusters/analyzers/diagnosis.py": "judges files without a server; the server gives it the time",
    "srexpert/embedded": "stamps and waits of processes, before there is a server",
}


def _docstrings(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.body:
            first = node.body[0]
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                yield id(first.value)


def _faults(file):
    tree = source.tree(file)
    prose = set(_docstrings(tree))
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in prose
            and SQL.search(node.value)
        ) or (
            isinstance(node, ast.Attribute)
            and isinstance(node.value, ast.Name)
            and (node.value.id, node.attr) in CALLS
        ):
            yield node.lineno


def test_nothing_asks_another_clock():
    faults = [
        f"{file}:{line}"
        for file in source.python_files()
        if not source.within(file, *ALLOWED)
        for line in _faults(file)
    ]
    faults += [
        f"{file}: {name}"
        for file in source.python_files()
        if not source.within(file, *ALLOWED)
        for name in source.imports(file)
        if name in IMPORTS
    ]
    assert faults == []


def test_other_clocks_are_found_in_code_and_statements(tmp_path, monkeypatch):
    file = tmp_path / "late.py"
    file.write_text(
        '"""Says now() in prose."""\nfrom django.utils import timezone\n'
        'LATE = "SELECT 1 WHERE due_at < now()"\nwhen = timezone.now()\n'
    )
    monkeypatch.setattr(source, "ROOT", tmp_path)
    assert list(_faults(file.relative_to(tmp_path))) == [3, 4]
