"""The tags render the whole of what they promise, and escape what they are given."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django import forms
from django.template import TemplateSyntaxError, engines
from django.test import RequestFactory

from srexpert.templatetags import ui
from srexpert.web import icons

NOW = datetime(2026, 11, 24, 10, 24, 30, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    return (
        engines["django"]
        .from_string(source)
        .render(context, RequestFactory().get("/list/?state=failing&a=<b>"))
    )


@pytest.fixture(autouse=True)
def _half_past_ten():
    with time_machine.travel(NOW, tick=False):
        yield


def test_icon_points_into_the_sprite():
    assert '<use href="/static/icons' in render('{% icon "bell" %}')
    assert "#bell" in render('{% icon "bell" %}')


def test_icon_without_label_is_silent_and_with_label_speaks():
    assert 'aria-hidden="true"' in render('{% icon "bell" %}')
    assert 'role="img" aria-label="Alerts &lt;3"' in render(
        '{% icon "bell" label=label %}', label="Alerts <3"
    )


def test_a_label_is_escaped_even_after_the_same_letters_were_safe():
    render('{% icon "bell" label="<i>" %}')  # a literal of the template, which Django takes for safe
    assert 'aria-label="&lt;i&gt;"' in render('{% icon "bell" label=label %}', label="<i>")


def test_icon_that_is_not_in_the_sprite_is_refused_with_a_hint():
    with pytest.raises(TemplateSyntaxError, match="make vendor"):
        render('{% icon "no-such-icon" %}')


def test_every_kind_has_an_icon_of_the_sprite():
    assert {*icons.OF_KIND.values(), icons.ANY_KIND} - set(icons.OUTLINE) == set()
    assert "#box" in render('{% kind_icon "SomethingNew" %}')


@pytest.mark.parametrize(
    ("source", "classes", "word"),
    [
        ('{% severity "critical" %}', "severity of-critical", "Critical"),
        ('{% severity "high" pill=True %}', "pill of-high", "High"),
        ('{% severity "critical" quiet=True %}', "severity of-critical is-quiet", "Critical"),
        ('{% state "not_assessed" %}', "state of-not-assessed", "Not assessed"),
        ('{% state "failing-in-hand" %}', "state of-failing-in-hand", "Failing, in hand"),
        ('{% state "failing" "Broken" %}', "state of-failing", "Broken"),
        ('{% verdict "waived" %}', "verdict of-waived", "Waived"),
    ],
)
def test_a_state_is_a_shape_and_a_word_and_a_colour(source, classes, word):
    html = render(source)
    assert f'<span class="{classes}"><svg class="glyph"' in html
    assert html.endswith(f'<span class="word">{word}</span></span>')


def test_an_unknown_state_is_shown_as_unknown_under_its_own_name():
    html = render("{% state name %}", name="half-<b>")
    assert 'class="state of-unknown"' in html
    assert "half-&lt;b&gt;" in html


def test_severity_counts_greys_what_is_not_there():
    html = render("{% severity_counts counts %}", counts={"critical": 2, "low": 0})
    assert 'class="severity of-critical" title="2 Critical"' in html
    assert html.count("is-none") == 3


@pytest.mark.parametrize(
    ("back", "short", "long"),
    [
        (timedelta(seconds=8), "8 s", "8 s"),
        (timedelta(seconds=202), "3 min", "3 min 22 s"),
        (timedelta(hours=2, minutes=5), "2 h", "2 h 5 min"),
        (timedelta(days=41, hours=3), "41 d", "41 d 3 h"),
        (timedelta(seconds=-5), "0 s", "0 s"),
    ],
)
def test_ago_tells_the_age_and_keeps_the_instant(back, short, long):
    then = NOW - back
    assert f">{short}</time>" in render("{% ago then %}", then=then)
    html = render("{% ago then long=True %}", then=then)
    assert f'data-ago="long">{long}</time>' in html
    assert f'datetime="{then.isoformat()}"' in html


def test_ago_of_nothing_says_never():
    assert render("{% ago None %}") == "never"


def test_until_counts_down():
    assert ">2 min 50 s</time>" in render("{% until then %}", then=NOW + timedelta(seconds=170))


def test_moment_is_as_short_as_its_distance_allows():
    assert ">10:21:08</time>" in render("{% moment then %}", then=NOW.replace(minute=21, second=8))
    assert 'title="Tue 24 Nov 2026, 10:21:08 UTC"' in render(
        "{% moment then %}", then=NOW.replace(minute=21, second=8)
    )
    assert ">10 Nov, 15:42</time>" in render(
        "{% moment then %}", then=datetime(2026, 11, 10, 15, 42, tzinfo=UTC)
    )
    assert ">18 Mar 2025</time>" in render("{% moment then %}", then=datetime(2025, 3, 18, tzinfo=UTC))


def test_data_age_turns_after_two_intervals():
    fresh = render("{% data_age seen 30 %}", seen=NOW - timedelta(seconds=60))
    old = render("{% data_age seen 30 %}", seen=NOW - timedelta(seconds=61))
    assert 'class="data-age"' in fresh
    assert 'class="data-age is-old"' in old
    assert "no data yet" in render("{% data_age None %}")
    assert ui.is_stale(None) is True


def test_meter_warns_goes_grey_and_admits_ignorance():
    assert "fill-ink-3" in render("{% meter 61 100 %}")
    assert "61%" in render("{% meter 61 100 %}")
    assert "fill-warn" in render("{% meter 86 %}")
    assert 'class="meter is-stale"' in render("{% meter 86 stale=True %}")
    assert "–" in render("{% meter None %}")
    assert "–" in render("{% meter 3 0 %}")


def test_copy_and_command_escape_their_text():
    html = render("{% command text %}", text='kubectl get "<pods>"')
    assert 'data-copy="kubectl get &quot;&lt;pods&gt;&quot;"' in html
    assert "<pods>" not in html


def test_card_escapes_its_title_and_keeps_its_content():
    html = render('{% card title 0 note="n" flush=True %}<table></table>{% endcard %}', title="<i>")
    assert '<h2 class="card-title">&lt;i&gt;</h2> <span class="card-count">0</span>' in html
    assert '<section class="card card-flush">' in html
    assert html.endswith("<table></table></section>")


def test_card_content_is_escaped_where_the_template_would():
    assert "&lt;b&gt;" in render("{% card %}{{ name }}{% endcard %}", name="<b>")


def test_banner_shows_the_shape_of_its_tone_and_its_one_link():
    html = render('{% banner "act" action="/i/" action_label="Open INC-214" %}<b>x</b>{% endbanner %}')
    assert 'class="banner banner-act"><svg class="glyph"' in html
    assert '<a class="btn" href="/i/">Open INC-214</a>' in html


def test_menu_opens_without_script():
    html = render('{% menu label %}<a class="menu-entry" href="/">A</a>{% endmenu %}', label="More <x>")
    assert html.startswith(
        '<details class="menu menu-end" data-menu><summary class="btn btn-square"><span class="visually-hidden">More &lt;x&gt;</span>'
    )


def test_live_polls_its_own_address():
    html = render('{% live "rows" every=2000 %}x{% endlive %}')
    assert 'id="rows" data-live hx-get="/list/?state=failing&amp;a=%3Cb%3E" hx-trigger="every 2000ms"' in html


class _Form(forms.Form):
    email = forms.EmailField(help_text="Your work address.")
    note = forms.CharField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, required=False)
    agreed = forms.BooleanField()


def test_a_field_ties_label_help_and_error_to_its_control():
    html = render("{% field form.email %}", form=_Form({"email": "nobody"}))
    assert '<label for="id_email">' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_email_helptext id_email_error"' in html
    assert 'id="id_email_error"' in html
    assert 'id="id_email_helptext"' in html
    assert 'value="nobody"' in html


def test_only_optional_fields_say_what_they_are():
    assert "optional" in render("{% field form.note %}", form=_Form())
    assert "optional" not in render("{% field form.email %}", form=_Form())


def test_error_summary_takes_the_focus_and_links_to_the_fields():
    html = render("{% error_summary form %}", form=_Form({"email": "nobody"}))
    assert 'tabindex="-1" autofocus' in html
    assert 'href="#id_email"' in html
    assert 'href="#id_agreed"' in html
    assert render("{% error_summary form %}", form=_Form()) == ""


def test_a_form_renders_with_summary_fields_and_hidden_fields():
    html = render("{{ form }}", form=_Form({"email": "nobody"}))
    assert html.count('class="error-summary"') == 1
    assert html.count('name="email"') == 1
    assert html.count('name="secret"') == 1


def test_gap_counts_seconds_up_to_two_minutes():
    assert ui.gap(96) == "96 s"
    assert ui.gap(133) == "2 min 13 s"
    assert ui.gap(None) == ""
