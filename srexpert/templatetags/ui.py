"""The words of the interface in templates: icons, states, people, times, meters; docs/interface.md shows each in use."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from srexpert import clock
from srexpert.web import glyphs, icons, moments, people, pictures

register = template.Library()

_KNOWN_ICONS = frozenset(icons.OUTLINE)
_SILENT = mark_safe('aria-hidden="true"')


def _icon(name: str, extra: str, spoken: SafeString) -> SafeString:
    if name not in _KNOWN_ICONS:
        msg = f"no icon {name!r} in the sprite: add it to srexpert/web/icons.py and run `make vendor`"
        raise template.TemplateSyntaxError(msg)
    classes = f"icon {extra}" if extra else "icon"
    return format_html(
        '<svg class="{}" {}><use href="{}#{}"/></svg>', classes, spoken, static("icons.svg"), name
    )


# Only what stands in templates and code is cached, never a label: a safe and an unsafe text with the same letters are
# one key, and one would be answered with the other's.
@lru_cache(maxsize=512)
def _silent_icon(name: str, extra: str) -> SafeString:
    return _icon(name, extra, _SILENT)


@register.simple_tag
def icon(name: str, extra: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; give a label only where no word stands beside it."""
    return (
        _icon(name, extra, format_html('role="img" aria-label="{}"', label))
        if label
        else _silent_icon(name, extra)
    )


@register.simple_tag
def kind_icon(kind: str) -> SafeString:
    """The icon of a Kubernetes kind (`Deployment`), the same everywhere."""
    return _silent_icon(icons.OF_KIND.get(str(kind), icons.ANY_KIND), "")


def _worded(family: str, name: object, *, word: str, pill: bool, quiet: bool) -> SafeString:
    key = glyphs.canonical(name)
    text = word or (glyphs.WORDS[key] if key != "unknown" or not name else glyphs.WORDS.get(str(name), ""))
    classes = f"{'pill' if pill else family} of-{key}{' is-quiet' if quiet else ''}"
    return format_html(
        '<span class="{}">{}<span class="word">{}</span></span>',
        classes,
        glyphs.shape(key),
        text or str(name),
    )


@register.simple_tag
def severity(name: str, word: str = "", *, pill: bool = False, quiet: bool = False) -> SafeString:
    """How much it matters: critical, high, medium, low. `quiet` for what isn't failing now (no red)."""
    return _worded("severity", name, word=str(word), pill=pill, quiet=quiet)


@register.simple_tag
def state(name: str, word: str = "", *, pill: bool = False) -> SafeString:
    """How it is: healthy, warning, failing, failing-in-hand, unknown, stale, not-assessed."""
    return _worded("state", name, word=str(word), pill=pill, quiet=False)


@register.simple_tag
def verdict(name: str, word: str = "", *, pill: bool = False) -> SafeString:
    """How it was judged: passed, failed, waived, not-assessed; supported, refuted, not-checkable for hypotheses."""
    return _worded("verdict", name, word=str(word), pill=pill, quiet=False)


@register.simple_tag
def glyph(name: str) -> SafeString:
    """The shape alone, for a place whose word stands beside it already."""
    return glyphs.shape(glyphs.canonical(name))


@register.simple_tag
def severity_counts(counts: Mapping[str, int]) -> SafeString:
    """Four figures, critical to low, out of a mapping; a zero is grey."""
    parts = []
    for name in glyphs.SEVERITIES:
        count = counts.get(name) or 0
        spoken = f"{count} {glyphs.WORDS[name]}"
        parts.append(
            format_html(
                '<span class="severity of-{}{}" title="{}">{}<span class="word">{}</span></span>',
                name, "" if count else " is-none", spoken, glyphs.shape(name), count,
            )
        )  # fmt: skip
    return format_html('<span class="severity-counts">{}</span>', mark_safe("".join(parts)))  # noqa: S308 -- escaped above


@register.simple_tag
def avatar(name: str, *, large: bool = False) -> SafeString:
    """A person's initials on their colour."""
    return format_html(
        '<span class="avatar avatar-{}{}" aria-hidden="true">{}</span>',
        people.colour(str(name)), " avatar-large" if large else "", people.initials(str(name)),
    )  # fmt: skip


@register.simple_tag
def person(name: str) -> SafeString:
    """A person: initials and name."""
    return format_html(
        '<span class="person">{}<span class="person-name">{}</span></span>', avatar(name), name
    )


@register.simple_tag
def ago(moment: datetime | None, *, long: bool = False, never: str = "") -> SafeString | str:
    """How long ago (`3 min`), the absolute time in the title; kept fresh by the page's script."""
    if moment is None:
        return never or _("never")
    return format_html(
        '<time datetime="{}" title="{}" class="figures nowrap" data-ago="{}">{}</time>',
        moment.isoformat(), moments.absolute(moment), "long" if long else "short",
        moments.duration(clock.now() - moment, long=long),
    )  # fmt: skip


@register.simple_tag
def until(moment: datetime | None) -> SafeString | str:
    """How long still (`2 min 50 s`); counts down on the page."""
    if moment is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" class="figures nowrap" data-until>{}</time>',
        moment.isoformat(), moments.absolute(moment), moments.duration(moment - clock.now(), long=True),
    )  # fmt: skip


@register.simple_tag
def moment(when: datetime | None) -> SafeString | str:
    """A point in time, as short as its distance allows (`10:21:08` today), the whole in the title."""
    if when is None:
        return ""
    return format_html(
        '<time datetime="{}" title="{}" class="figures nowrap">{}</time>',
        when.isoformat(), moments.absolute(when), moments.nearby(when, clock.now()),
    )  # fmt: skip


@register.filter
def duration(length: timedelta | float | None) -> str:
    """A length of time, `3 min`; of a timedelta or of seconds."""
    return "" if length is None else moments.duration(length)


@register.filter
def duration_long(length: timedelta | float | None) -> str:
    """A length of time in two units, `3 min 22 s`."""
    return "" if length is None else moments.duration(length, long=True)


@register.filter
def gap(seconds: float | None) -> str:
    """The time between two events: in seconds up to two minutes, since a cause is judged by them."""
    if seconds is None:
        return ""
    return f"{int(seconds)} s" if seconds <= 120 else moments.duration(seconds, long=True)


@register.filter
def is_stale(seen: datetime | None, interval: float = 30) -> bool:
    """Whether data seen then are older than two intervals (seconds): figures then turn grey."""
    return seen is None or clock.now() - seen > timedelta(seconds=2 * float(interval))


@register.simple_tag
def data_age(seen: datetime | None, interval: float = 30) -> SafeString:
    """The age of data; past two intervals (seconds) in violet with a clock."""
    if not is_stale(seen, interval):
        return format_html('<span class="data-age">{}</span>', ago(seen))
    return format_html(
        '<span class="data-age is-old">{}{}</span>', icon("clock-pause"), ago(seen, never=_("no data yet"))
    )


@register.simple_tag
def meter(
    value: float | None, maximum: float = 100, *, warn_at: float = 0.85, stale: bool = False, figure: str = ""
) -> SafeString:
    """A bar and its percentage; amber from `warn_at` on, without colour when stale, a dash when not known."""
    if value is None or not maximum:
        return format_html(
            '<span class="meter ink-3">{}<span class="meter-figure">–</span></span>',
            pictures.meter(0),
        )
    share = float(value) / float(maximum)
    tone = "stale" if stale else "warning" if share >= warn_at else "plain"
    return format_html(
        '<span class="meter{}">{}<span class="meter-figure">{}</span></span>',
        " is-stale" if stale else "", pictures.meter(share, tone=tone), figure or f"{share:.0%}",
    )  # fmt: skip


@register.simple_tag
def sparkline(values: Sequence[float | None], figure: str = "", *, tone: str = "plain") -> SafeString:
    """A trend, oldest first, and the figure it ends in; tones: plain, accent, warning, act, stale."""
    return format_html(
        '<span class="sparkline{}">{}<span class="meter-figure">{}</span></span>',
        " is-stale" if tone == "stale" else "", pictures.sparkline(values, tone=tone), figure,
    )  # fmt: skip


@register.simple_tag
def copy(text: object, label: str = "") -> SafeString:
    """A button that copies a text; it appears only where scripts run."""
    spoken = label or _("Copy")
    return format_html(
        '<button type="button" class="copy needs-script" data-copy="{}" aria-label="{}" title="{}">{}</button>',
        text, spoken, spoken, icon("copy"),
    )  # fmt: skip


@register.simple_tag
def command(text: str, label: str = "") -> SafeString:
    """One line for a terminal, with its copy button."""
    return format_html(
        '<div class="command"><code tabindex="0">{}</code>{}</div>',
        text,
        copy(text, label or _("Copy command")),
    )


@register.simple_tag
def field(bound: BoundField, **options: Any) -> SafeString:
    """One field of a form: label, control, help, error at the field. Options: label, help, mono."""
    return render_to_string("_components/field.html", {"field": bound, **options})


@register.simple_tag
def error_summary(form: BaseForm) -> SafeString | str:
    """What is wrong with a form, above it, taking the focus; nothing when nothing is."""
    if not form.errors:
        return ""
    return render_to_string("_components/error_summary.html", {"form": form})


def _identified(identifier: str) -> SafeString:
    return format_html(' id="{}"', identifier) if identifier else SafeString()


@register.simple_block_tag
def card(
    content: str, title: str = "", count: object = None, *, note: str = "", link: str = "", link_label: str = "",
    flush: bool = False, identifier: str = "", extra: str = "",
) -> SafeString:  # fmt: skip
    """A surface with a title. `flush`: its content (a table) reaches the edges; `note` and `link` stand at its right."""
    head = SafeString()
    if title:
        counted = format_html(' <span class="card-count">{}</span>', count) if count not in {None, ""} else ""
        side = format_html('<a href="{}">{}</a>', link, link_label) if link else ""
        side = format_html('<div class="card-note">{}{}</div>', note, side) if note or side else ""
        head = format_html(
            '<header class="card-header"><h2 class="card-title">{}</h2>{}{}</header>', title, counted, side
        )
    body = content if flush else format_html('<div class="card-body">{}</div>', content)
    return format_html(
        '<section class="card{}{}"{}>{}{}</section>',
        " card-flush" if flush else "", f" {extra}" if extra else "", _identified(identifier), head, body,
    )  # fmt: skip


_BANNER_GLYPHS = {"act": "failing", "warning": "warning", "unknown": "unknown", "ok": "healthy"}


@register.simple_block_tag
def banner(content: str, tone: str = "plain", action: str = "", action_label: str = "") -> SafeString:
    """A sentence above the rest: act (red, a person is needed), warning, unknown, ok, plain; perhaps one link."""
    sign = glyphs.shape(_BANNER_GLYPHS[tone]) if tone in _BANNER_GLYPHS else icon("info-circle")
    link = format_html('<a class="btn" href="{}">{}</a>', action, action_label) if action else ""
    return format_html(
        '<div class="banner banner-{}">{}<div>{}</div>{}</div>', tone, sign, content, link
    )  # fmt: skip


@register.simple_block_tag
def menu(
    content: str,
    label: str,
    *,
    show: str = "",
    symbol: str = "dots",
    css: str = "btn btn-square",
    end: bool = True,
) -> SafeString:
    """A button that opens a list of entries (class `menu-entry`); a <details>, so it works without script."""
    # The visible words are part of the name that is spoken: a label that hid them could not be asked for by voice.
    spoken = format_html('<span class="visually-hidden">{}</span>', label)
    return format_html(
        '<details class="menu{}" data-menu><summary class="{}">{}{}{}</summary><div class="menu-list">{}</div></details>',
        " menu-end" if end else "", css, spoken, show, icon(symbol), content,
    )  # fmt: skip


@register.simple_block_tag(takes_context=True)
def live(
    context: Context, content: str, name: str, *, every: int = 1500, url: str = "", kind: str = "div"
) -> SafeString:
    """A region that asks its own page again every `every` ms; the view answers with the fragment `name`, or 204.

    Polling waits while the page is hidden, a menu in it is open, or somebody types in it.
    """
    request = context.get("request")
    source = url or (request.get_full_path() if request else "")
    return format_html(
        '<{} id="{}" data-live hx-get="{}" hx-trigger="every {}ms" hx-target="this" hx-swap="innerHTML">{}</{}>',
        kind, name, source, every, content, kind,
    )  # fmt: skip
