"""The project's own source files, for the walkers that read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("srexpert", "privacy", "accounts", "clusters", "alerts", "compliance", "ai")


@cache
def python_files(*, tests: bool = False) -> tuple[Path, ...]:
    """Our Python files relative to the root, migrations among them; with or without the tests'."""
    tops = [*APPS, *(["tests"] if tests else [])]
    found = [file for top in tops for file in (ROOT / top).rglob("*.py")]
    return tuple(sorted(file.relative_to(ROOT) for file in [*found, ROOT / "manage.py"]))


@cache
def template_files() -> tuple[Path, ...]:
    """Our templates relative to their folder."""
    folder = ROOT / "templates"
    return tuple(sorted(file.relative_to(folder) for file in folder.rglob("*") if file.is_file()))


@cache
def text(file: Path) -> str:
    """The text of a file that is named relative to the root."""
    return (ROOT / file).read_text(encoding="utf-8")


@cache
def tree(file: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text(file), filename=str(file))


def functions(file: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """All functions and methods of a file."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imports(file: Path) -> Iterator[str]:
    """The whole names that a file imports, wherever in it."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def within(file: Path, *places: str) -> bool:
    """Whether a file is one of the places, or lies in one."""
    name = file.as_posix()
    return any(name == place or name.startswith(f"{place.rstrip('/')}/") for place in places)
