import re
from dataclasses import replace

import pytest

from privacy.redaction.rules import HINT_WIDTH
from privacy.redaction.scanner import CHUNK, Hyperscan, Re2Set, Scanner, search
from privacy.redaction.text import Redactor, redactor
from tests.privacy.redaction import corpus

UNITS = (
    "a", "eyJ", "eyJaaaaaaaa.", "password=", "password: ", "password=$", "token: ", "token: x\n", "-----BEGIN PRIVATE KEY-----", "-----BEGIN ",
    "@", "a@", "a@b.co ", "1.", "1.1.1.1 ", "::", "1::2 ", "a://", "http://a:b@c ", "%41", "\\", "\\n", '\\"', '\\"password\\":', 'password="',
    "Z2hw", "41", "ghp_", "AKIA", "4", "4111 ", "$2b$", "/hooks/", "bearer ", "cookie: a=", "name: password\nvalue: \n", "--password ", "password: |\n x\n",
    "é", "\\u0041", "a:b@tcp(", "password=[", "MIIEIBAAK", "hooks.slack.com/services/", "${", "{{", "value: name: password ", '"-u a', "[redacted:x]",
)  # fmt: skip


class Counting:
    """Counts the bytes that an expression is asked to look at, and the finds that it gave."""

    def __init__(self, expression):
        self.expression, self.asked, self.matches = expression, 0, 0

    def finditer(self, text, position=0, stop=None):
        asked = position
        for match in self.expression.finditer(text, position, stop):
            self.matches += 1
            self.asked += match.span()[1] - asked
            asked = match.span()[1]
            yield match
        self.asked += stop - asked


@pytest.mark.parametrize("unit", UNITS)
def test_each_rule_looks_at_each_byte_a_bounded_number_of_times(unit):
    size = 120_000
    data = (unit * (size // len(unit) + 1)).encode()[:size]
    for rule in redactor().scanner.rules:
        counting = Counting(rule.expression)
        counted = replace(rule, expression=counting)
        list(search(counted, data, 0, len(data)))
        assert counting.asked <= 2 * size
        assert counting.matches <= size


def test_a_piece_reports_each_rule_once_however_often_its_hint_stands_there():
    scanner = redactor().scanner
    data = b"password=" * 100_000
    assert len(list(scanner._hints(data))) <= len(scanner.rules) * (len(data) // CHUNK + 1)


def test_both_prefilters_find_the_same():
    fast, portable = redactor(), Redactor(Re2Set)
    texts = [
        one
        for case in (*corpus.shaped(), *corpus.assigned(), *corpus.personal())
        for one in (case.secret, case.twin)
    ]
    texts.append("\n".join(texts * 20))
    assert isinstance(fast.scanner._prefilter, Hyperscan)
    for text in (*texts, *corpus.innocent()):
        assert portable.find(text.encode()) == fast.find(text.encode())


def test_hints_are_narrow_enough_for_the_overlap_of_the_pieces():
    rules = redactor().scanner.rules
    for case in (*corpus.shaped(), *corpus.personal()):
        data = case.secret.encode()
        found = redactor().find(data)
        for shift in (CHUNK - 1, CHUNK - 7, CHUNK - HINT_WIDTH, CHUNK - len(data) // 2):
            moved = redactor().find(b" " * shift + data)
            assert [(hit.start - shift, hit.type) for hit in moved] == [
                (hit.start, hit.type) for hit in found
            ]
    assert len(rules) > 60


def test_every_hint_compiles_in_re_too():
    for rule in redactor().scanner.rules:
        re.compile(rule.hint)


def test_hinted_agrees_with_the_hits():
    scanner = Scanner(redactor().scanner.rules)
    assert not scanner.hinted(b"checkout is ready")
    assert scanner.hinted(b"x" * 3 * CHUNK + b" password: y")
