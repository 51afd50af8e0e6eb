"""A comparison loses no line of either text, and marks only what changed."""

from hypothesis import given
from hypothesis import strategies as st

from srexpert.web.differences import Line, compare

LINES = st.lists(st.text(alphabet="ab: .1", max_size=8), max_size=12).map("\n".join)


def text(line: Line) -> str:
    return "".join(piece for piece, _ in line.pieces)


def test_compare_marks_the_changed_word_only():
    assert compare("image: shop/checkout:1.42.0", "image: shop/checkout:1.42.1") == [
        Line("out", 1, None, [("image: shop/checkout:", False), ("1.42.0", True)]),
        Line("in", None, 1, [("image: shop/checkout:", False), ("1.42.1", True)]),
    ]


def test_compare_does_not_mark_words_of_lines_that_share_little():
    lines = compare("replicas: 3", "paused")
    assert [line.pieces for line in lines] == [[("replicas: 3", False)], [("paused", False)]]


def test_compare_folds_what_did_not_change():
    before = "\n".join(f"line {number}" for number in range(20))
    lines = compare(before, before.replace("line 10", "line ten"), context=1)
    assert [line.kind for line in lines] == ["skip", "same", "out", "in", "same", "skip"]
    assert text(lines[0]) == "9 unchanged lines"
    assert text(lines[-1]) == "8 unchanged lines"
    assert (lines[1].old, lines[1].new) == (10, 10)


def test_compare_of_the_same_text_is_empty():
    assert compare("a\nb", "a\nb") == []


@given(LINES, LINES)
def test_compare_keeps_every_line_of_both_texts(before, after):
    lines = compare(before, after, context=1000)
    if lines:
        assert [text(line) for line in lines if line.kind in {"same", "out"}] == before.splitlines()
        assert [text(line) for line in lines if line.kind in {"same", "in"}] == after.splitlines()
    else:
        assert before.splitlines() == after.splitlines()


@given(LINES, LINES)
def test_compare_counts_what_it_folds(before, after):
    lines = compare(before, after, context=0)
    folded = sum(int(text(line).split()[0]) for line in lines if line.kind == "skip")
    shown = sum(line.kind in {"same", "out"} for line in lines)
    assert not lines or folded + shown == len(before.splitlines())
