import base64
import json
import subprocess
import sys
import urllib.parse

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from privacy.redaction import Category, is_clean, looks_like_credential, redact
from privacy.redaction.spans import PLACEHOLDER
from tests.privacy.redaction import corpus

SHAPED, ASSIGNED, PERSONAL = corpus.shaped(), corpus.assigned(), corpus.personal()
EVERY = [*SHAPED, *ASSIGNED, *PERSONAL, *corpus.spoken()]


def name(case: corpus.Case) -> str:
    return f"{case.type}: {case.twin[:24]}"


def reencoded(text: str) -> dict[str, str]:
    quoted = json.dumps(text)
    twice = json.dumps(quoted)
    return {
        "plain": text,
        "base64": base64.b64encode(text.encode()).decode(),
        "base64, url-safe": base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
        "base64 twice": base64.b64encode(base64.b64encode(text.encode())).decode(),
        "base64, wrapped": base64.encodebytes(text.encode()).decode(),
        "hexadecimal": text.encode().hex(),
        "hexadecimal, upper": text.encode().hex().upper(),
        "percent": urllib.parse.quote(text, safe=""),
        "json": quoted,
        "json twice": twice,
        "json three times": json.dumps(twice),
    }


@pytest.mark.parametrize("case", EVERY, ids=name)
def test_redact_finds_the_secret_with_its_type(case):
    for text in (case.secret, f"before {case.secret}", f"{case.secret}\nafter", f"x: 1\n{case.secret}\ny: 2"):
        redaction = redact(text)
        assert [span.type for span in redaction.spans] == [case.type], redaction.text


@pytest.mark.parametrize("case", EVERY, ids=name)
def test_redact_leaves_the_twin(case):
    for text in (case.twin, f"before\n{case.twin}", f"{case.twin}\nafter"):
        assert redact(text).text == text


@pytest.mark.parametrize("text", corpus.innocent())
def test_redact_leaves_what_clusters_are_made_of(text):
    assert redact(text).text == text
    assert is_clean(text)


@pytest.mark.parametrize("case", SHAPED, ids=name)
def test_redact_finds_the_secret_in_every_writing(case):
    for writing, text in reencoded(case.secret).items():
        for around in (text, f"see {text} there", f'"{text}"' if '"' not in text else text):
            redaction = redact(around)
            assert [span.type for span in redaction.spans] == [case.type], (writing, redaction.text)


@pytest.mark.parametrize("case", ASSIGNED, ids=name)
def test_redact_finds_the_assignment_in_every_writing(case):
    for writing, text in reencoded(case.secret).items():
        assert case.type in [span.type for span in redact(text).spans], (writing, text, redact(text).text)


@pytest.mark.parametrize("case", EVERY, ids=name)
def test_redact_leaves_the_twin_in_every_writing(case):
    for writing, text in reencoded(case.twin).items():
        assert redact(text).text == text, writing


@pytest.mark.parametrize("case", EVERY, ids=name)
def test_redact_twice_changes_nothing_more(case):
    for text in (
        case.secret,
        case.twin,
        f"a {case.secret} b {case.secret}",
        *reencoded(case.secret).values(),
    ):
        once = redact(text).text
        assert redact(once).text == once


def test_redact_generalizes_to_other_draws():
    missed = [
        case.secret
        for seed in range(20, 40)
        for case in (*corpus.shaped(seed), *corpus.assigned(seed))
        if case.type not in [span.type for span in redact(case.secret).spans]
    ]
    assert missed == []


def test_redact_leaves_other_draws_of_the_innocent():
    changed = [
        (text, redact(text).text)
        for seed in range(40, 60)
        for text in corpus.innocent(seed)
        if redact(text).text != text
    ]
    assert changed == []


def test_redact_finds_an_upper_cased_token():
    for case in SHAPED[:16]:
        assert redact(f"TOKEN IS {case.secret.upper()} HERE").spans, case


def test_redact_of_one_category_leaves_the_other():
    text = "bob@example.com password: hunter2"
    assert redact(text, categories=[Category.SECRET]).text == "bob@example.com password: [redacted:password]"
    assert redact(text, categories=[Category.PERSONAL]).text == "[redacted:email] password: hunter2"


def test_redact_takes_the_value_and_leaves_the_rest():
    assert redact("- name: DB_PASSWORD\n  value: hunter2\n- name: X\n  value: y").text == (
        "- name: DB_PASSWORD\n  value: [redacted:password]\n- name: X\n  value: y"
    )
    assert (
        redact("postgres://app:pw@db:5432/orders").text
        == "postgres://[redacted:url-credentials]@db:5432/orders"
    )
    assert redact("dial tcp 10.1.2.3:80: refused").text == "dial tcp [redacted:ip-address]:80: refused"
    assert redact("user=bob password=x1,y2; host=db").text == "user=bob password=[redacted:password]; host=db"


def test_redact_counts_in_characters():
    redaction = redact("é€😀 ana@exemplo.pt 😀 password=ção fim")
    assert [(span.type, span.start, span.end) for span in redaction.spans] == [
        ("email", 4, 18),
        ("password", 30, 33),
    ]
    assert redaction.text == "é€😀 [redacted:email] 😀 password=[redacted:password] fim"


def test_redact_finds_secrets_across_the_pieces_of_a_long_text():
    secret = SHAPED[5].secret
    for offset in range(4096 - 50, 4096 + 10):
        assert [(span.start, span.type) for span in redact(" " * offset + secret + " x" * 3000).spans] == [
            (offset, SHAPED[5].type)
        ]


def test_redact_takes_long_values_whole():
    for length in (4, 200, 4096, 20000):
        value = corpus.Draw(length)(corpus.ALNUM, length)
        assert (
            redact(f'{{"password": "{value}", "a": 1}}').text == '{"password": "[redacted:password]", "a": 1}'
        )
        assert value[-4:] not in redact(f"PASSWORD={value}\nA=1").text


def test_redact_leaves_programs_that_handle_secrets():
    for text in (
        "password = credentials.get('x')", "token: Optional[str] = None", "access_token=self.token", "_request_auth=_request_auth,",
        "def connect(password: str, token: bytes) -> None:", "api_key = os.environ['API_KEY']",
    ):  # fmt: skip
        assert redact(text).text == text


TEXT = st.one_of(
    st.text(),
    st.text(alphabet="passwordtoken=:\"'\\ \n-_.@/0123456789%{}[]$<>,;&|"),
    st.lists(
        st.one_of(
            st.sampled_from(
                [case.secret for case in EVERY] + [case.twin for case in EVERY] + corpus.innocent()
            ),
            st.text(alphabet=" \n\"'\\:=,;@%&/.-[]{}<>$|aA1é\ud800", max_size=6),
            st.sampled_from(
                ["password", "token: ", "name: ", "value: ", "[redacted:jwt]", "://", "Bearer ", "--secret "]
            ),
        ),
        max_size=8,
    ).map("".join),
)


@settings(max_examples=400, deadline=None)
@given(TEXT)
@example("password=[redacted:password]x")
def test_redact_gives_valid_spans_and_is_idempotent(text):
    redaction = redact(text)
    position, parts = 0, []
    for span in redaction.spans:
        assert position <= span.start < span.end <= len(text)
        assert PLACEHOLDER.fullmatch(span.placeholder)
        parts += [text[position : span.start], span.placeholder]
        position = span.end
    assert "".join(parts) + text[position:] == redaction.text
    assert is_clean(text) == (not redaction.spans)
    assert redact(redaction.text).text == redaction.text


@pytest.mark.parametrize("case", SHAPED, ids=name)
def test_looks_like_credential_of_a_shape(case):
    assert looks_like_credential(case.secret)


def test_looks_like_credential_of_what_has_no_known_shape():
    draw = corpus.Draw(7)
    assert looks_like_credential(draw(corpus.ALNUM, 32))
    assert looks_like_credential(draw(corpus.HEX, 40))
    for text in (
        "",
        "debug",
        "checkout-7d9f8b6c5d-x2x9k",
        "db.shop.svc:5432",
        "true",
        "30s",
        "/etc/app/config.yaml",
        "http://shop.svc/api",
        "a,b,c",
    ):
        assert not looks_like_credential(text)


def test_the_package_needs_no_django():
    code = (
        "import sys; sys.modules['django'] = None; sys.modules['celery'] = None\n"
        "from privacy.redaction import redact\n"
        "assert redact('password=x1').text == 'password=[redacted:password]'\n"
        "assert not [name for name in sys.modules if name.startswith(('srexpert', 'accounts', 'privacy.models', 'privacy.domain'))]"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
