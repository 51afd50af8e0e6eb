"""Templates: all of them used, all of their words marked for translation."""

import re
from pathlib import Path

import allauth

from tests.house import source

# Found by name by Django, allauth or Django's forms.
BY_CONVENTION = {
    "400.html",
    "403.html",
    "403_csrf.html",
    "404.html",
    "429.html",
    "500.html",
    "django/forms/div.html",
    "django/forms/field.html",
}
FOLDER = source.ROOT / "templates"
_LIBRARY = Path(allauth.__file__).parent / "templates"

_COMMENTS = re.compile(
    r"\{% block actions_place %\}.*?\{% endblock %\}|\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->|<(?:script|style|code|kbd)\b.*?</(?:script|style|code|kbd)>",
    re.DOTALL,
)
_MARKED = re.compile(r"\{%\s*blocktranslate\b.*?\{%\s*endblocktranslate\s*%\}", re.DOTALL)
_TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
_ELEMENTS = re.compile(r"""<(?:[^>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)
_SPOKEN = re.compile(r'\b(?:aria-label|alt|placeholder|title)="([^"]*)"')
_LITERAL_TITLE = re.compile(r'\{%\s*(?:card|menu)\s+"([^"]*[A-Za-z]{2}[^"]*)"')
_WORD = re.compile(r"[A-Za-z]{2,}")
# Names, and what one types or reads the same in every language.
NAMES = {"SRExpert", "Kubernetes", "UID", "YAML", "JSON", "Helm", "Ctrl", "Enter", "nbsp", "middot", "times", "rarr", "larr", "ndash", "mdash", "amp", "quot", "lt", "gt", "MTTA", "MTTR", "ID", "URL", "UTC", "doctype", "html"}  # fmt: skip
NOT_FOR_PEOPLE = {
    "srexpert/gallery.html": "examples for staff who build pages",
    "srexpert/_gallery_rows.html": "the same",
}


def _read(file):
    return (FOLDER / file).read_text(encoding="utf-8")


def test_every_template_is_used():
    """By its name in code or in another template; a mail also by its name without the ending."""
    sources = {str(file): source.text(file) for file in source.python_files()}
    sources |= {f"templates/{file}": _read(file) for file in source.template_files()}
    unused = []
    for file in source.template_files():
        name = file.as_posix()
        if name in BY_CONVENTION or (_LIBRARY / name).exists():
            continue
        names = {f'"{name}', f"'{name}"} | ({f'"{name.rpartition(".")[0]}"'} if "/mail/" in name else set())
        others = (text for where, text in sources.items() if where != f"templates/{name}")
        if not any(any(wanted in text for wanted in names) for text in others):
            unused.append(name)
    assert unused == []


def test_every_page_of_allauth_that_can_be_reached_is_ours():
    """What isn't served (social log-in, codes, phones, passkeys) is left to the library, unreachable."""
    elsewhere = re.compile(r"code|phone|passkey|^base_|^email\.html$|snippets")
    wanted = {
        file.relative_to(_LIBRARY).as_posix()
        for file in (_LIBRARY / "account").rglob("*")
        if file.is_file()
        and not any(elsewhere.search(part) for part in file.relative_to(_LIBRARY / "account").parts)
    }
    unreachable = {"account/email/email_confirmation_signup_message.txt"}
    ours = {file.as_posix() for file in source.template_files()}
    assert wanted - ours - unreachable == set()


def _unmarked(text):
    text = _MARKED.sub("", _COMMENTS.sub("", text))
    titles = _LITERAL_TITLE.findall(text)
    shown = _ELEMENTS.sub(" ", _TAGS.sub("", text))
    spoken = [_TAGS.sub("", value) for value in _SPOKEN.findall(text)]
    for piece in (shown, *spoken, *titles):
        yield from (word for word in _WORD.findall(piece) if word not in NAMES)


def test_words_are_marked_for_translation():
    unmarked = {
        file.as_posix(): words
        for file in source.template_files()
        if file.as_posix() not in NOT_FOR_PEOPLE and (words := sorted(set(_unmarked(_read(file)))))
    }
    assert unmarked == {}


def test_unmarked_words_are_found_wherever_a_person_reads_them():
    text = '<p title="Seen">Hello {{ name }}{# not #}</p>{% card "Also this" %}<a href="#a > b">{% translate "No" %}</a>'
    assert sorted(_unmarked(text)) == ["Also", "Hello", "Seen", "this"]
