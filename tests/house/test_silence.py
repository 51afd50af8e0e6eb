"""Who silences a tool says why, on the same line."""

import io
import re
import tokenize

from tests.house import source

SILENT = re.compile(r"#\s*(?:noqa|type:\s*ignore|nosec|pragma: no cover)")
NOQA = re.compile(r"#\s*noqa: [A-Z]+\d+(?:, ?[A-Z]+\d+)* -- \S.{4,}")
IGNORE = re.compile(r"#\s*type: ignore\[[a-z, -]+\]\s+#\s*\S.{4,}")


def _silences(file):
    for token in tokenize.generate_tokens(io.StringIO(source.text(file)).readline):
        if token.type == tokenize.COMMENT and SILENT.match(token.string):
            yield token.start[0], token.string


def test_every_silence_names_its_rule_and_its_reason():
    """In tests a `type: ignore` needs none: they aren't type-checked, and are read by name."""
    bare = [
        f"{file}:{line} {comment}"
        for file in source.python_files(tests=True)
        for line, comment in _silences(file)
        if not (NOQA.match(comment) or IGNORE.match(comment))
        and not ("tests" in file.parts and comment.startswith("# type: ignore["))
    ]
    assert bare == []
