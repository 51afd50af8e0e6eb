from privacy import bench
from privacy.redaction import redact
from srexpert.benches import Options


def test_measure_gives_a_figure_a_text_with_its_reference():
    figures = bench.BENCHES["redact"](Options(size=20_000))
    names = ["redaction", "redaction, a secret a paragraph", "redaction, hostile"]
    assert [figure.figure for figure in figures] == names
    for figure in figures:
        assert (figure.unit, figure.reference) == ("MB/s", "60 passes of re")
        assert figure.value > 0
        assert figure.reference_value > 0


def test_corpus_is_the_same_in_every_run_and_holds_its_secrets():
    text = bench.corpus(50_000, every=2)
    assert text == bench.corpus(50_000, every=2)
    types = {span.type for span in redact(text).spans}
    assert types == {"email", "ip-address", "password", "url-credentials", "authorization"}
    assert redact(bench.corpus(50_000, every=0)).spans == ()
