"""Nothing grows past what one reads at a sitting."""

from tests.house import source

# Tables of examples that are functions, so that they can be built from parts.
TABLES = ("tests/privacy/redaction/corpus.py",)
FILE, FUNCTION, VIEW, TEMPLATE = 400, 60, 40, 150


def test_files_are_at_most_400_lines():
    """Generated migrations aside: nobody reads them from top to bottom."""
    long = {
        str(file): lines
        for file in source.python_files(tests=True)
        if "migrations" not in file.parts and (lines := len(source.text(file).splitlines())) > FILE
    }
    assert long == {}


def test_functions_are_at_most_60_lines_and_views_40():
    long = {}
    for file in source.python_files(tests=True):
        if source.within(file, *TABLES):
            continue
        most = VIEW if "views" in file.parts and "tests" not in file.parts else FUNCTION
        for function in source.functions(file):
            lines = (function.end_lineno or function.lineno) - function.lineno + 1
            if lines > most:
                long[f"{file}:{function.name}"] = lines
    assert long == {}


def test_templates_are_under_150_lines():
    long = {
        str(file): lines
        for file in source.template_files()
        if (lines := len((source.ROOT / "templates" / file).read_text(encoding="utf-8").splitlines()))
        >= TEMPLATE
    }
    assert long == {}
