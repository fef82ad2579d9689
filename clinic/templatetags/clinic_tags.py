"""How things look to people: money, the clinic's own time, a status as edge, glyph and word.

Instants are stored in UTC; `local_*` shows them on the wall clock of a location (or of the practice).
"""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django import template
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.forms import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from clinic import clock, money
from clinic.web.once import FIELD, new_token
from clinic.web.permissions import can

register = template.Library()

NOTHING = "–"

# status word -> (look, glyph); the looks are classes of app.css
LOOKS: dict[str, tuple[str, str]] = {
    "booked": ("status expected", "st-expected"),
    "confirmed": ("status confirmed", "st-confirmed"),
    "arrived": ("status arrived", "st-arrived"),
    "checked_in": ("status arrived", "st-arrived"),
    "in_room": ("status roomed", "st-roomed"),
    "with_provider": ("status provider", "st-provider"),
    "ready_for_checkout": ("status checkout", "st-checkout"),
    "checked_out": ("status done", "st-done"),
    "fulfilled": ("status done", "st-done"),
    "no_show": ("status noshow", "st-noshow"),
    "left": ("status noshow", "st-noshow"),
}
GOOD = frozenset(
    [
        "accepted",
        "active",
        "approved",
        "cleared",
        "collected",
        "completed",
        "delivered",
        "deposited",
        "finished",
        "good",
        "matched",
        "paid",
        "posted",
        "received",
        "recovered",
        "released",
        "sent",
        "settled",
        "verified",
        "won",
    ]
)
WARN = frozenset(
    [
        "defaulted",
        "due",
        "edits_failed",
        "expiring",
        "held",
        "hold",
        "in_review",
        "missed",
        "needs_correction",
        "on_hold",
        "overdue",
        "parked",
        "partially_paid",
        "pended",
        "pending",
        "queued",
        "rejected",
        "requested",
        "review",
        "sending",
        "syntax_rejected",
        "unconfirmed",
        "unknown",
        "unmatched",
        "waiting",
    ]
)
BAD = frozenset(["bad", "denied", "error", "expired", "failed", "inactive", "lost", "refused", "returned"])
GLYPHS = {"good": "check", "warn": "clock", "bad": "alert", "info": "info"}


@register.filter(name="money")
def money_filter(amount: Decimal | None) -> str:
    """`$1,204.50`; an en dash for nothing at all."""
    return NOTHING if amount in (None, "") else money.dollars(amount)


@register.filter
def whole_dollars(amount: Decimal | None) -> str:
    """For reports: `$1,205`."""
    return NOTHING if amount in (None, "") else money.whole_dollars(amount)


@register.filter
def local_time(instant: datetime | None, place: Any = None) -> str:
    """`10:24 AM` on the wall of that place."""
    return f"{clock.local(instant, place or None):%-I:%M %p}" if instant else NOTHING


@register.filter
def local_date(instant: datetime | date | None, place: Any = None) -> str:
    """`11/23/2026`; also for a plain date, which has no zone."""
    if not instant:
        return NOTHING
    day = clock.local(instant, place or None) if isinstance(instant, datetime) else instant
    return f"{day:%m/%d/%Y}"


@register.filter
def local_datetime(instant: datetime | None, place: Any = None) -> str:
    """`11/23/2026, 10:24 AM`."""
    return f"{clock.local(instant, place or None):%m/%d/%Y, %-I:%M %p}" if instant else NOTHING


@register.filter
def phone(number: str) -> str:
    """`(312) 555-0147`, as typed when it has no ten digits."""
    digits = "".join(c for c in number or "" if c.isdigit())
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if len(digits) == 10 else number or NOTHING


@register.filter(name="zip")
def zip_code(code: str) -> str:
    """`60613-0001` of nine digits, everything else as typed."""
    return f"{code[:5]}-{code[5:]}" if len(code or "") == 9 and code.isdigit() else code


@register.filter
def age(birth_date: date | None) -> str:
    """`47 years`; months under two years of age."""
    if not birth_date:
        return NOTHING
    today = clock.today()
    months = (today.year - birth_date.year) * 12 + today.month - birth_date.month - (today.day < birth_date.day)
    return f"{months} months" if months < 24 else f"{months // 12} years"


@register.filter
def may(user: object, act: str) -> bool:
    """`{% if user|may:"claim.edit" %}`: whether to offer it. The view asks again."""
    return can(user, act)


@register.filter
def status_badge(row: Any) -> SafeString:
    """A row's status: `{{ claim|status_badge }}`. Colour never stands without its word."""
    return badge(str(row.status), str(row.get_status_display()))


@register.simple_tag
def badge(word: str, label: str = "", tone: str = "") -> SafeString:
    """A word with its colour; `tone` good, warn, bad or info overrules the table."""
    label = label or word.replace("_", " ").capitalize()
    if not tone and word in LOOKS:
        look, glyph = LOOKS[word]
        return format_html('<span class="{}">{}{}</span>', look, icon(glyph), label)
    tone = tone or ("good" if word in GOOD else "warn" if word in WARN else "bad" if word in BAD else "")
    return format_html('<span class="tag {}">{}{}</span>', tone, icon(GLYPHS[tone]) if tone else "", label)


@register.simple_tag
def icon(name: str, label: str = "", look: str = "") -> SafeString:
    """A picture of our sprite; without `label` it is decoration and hidden from screen readers."""
    return _drawn(_sprite(), name, label, look)


@lru_cache(maxsize=1)
def _sprite() -> str:
    """The address of the pictures: the same for the life of a process, and asked hundreds of times a page."""
    return static("img/icons.svg")


@receiver(setting_changed)
def _forget_sprite(*, setting: str, **_kwargs: Any) -> None:
    if setting in ("STATIC_URL", "STORAGES"):
        _sprite.cache_clear()


@lru_cache(maxsize=1024)
def _drawn(sprite: str, name: str, label: str, look: str) -> SafeString:
    said = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="i {}" {}><use href="{}#{}"></use></svg>', look, said, sprite, name)


@register.simple_tag
def once_token() -> SafeString:
    """The hidden field of a money or booking form (clinic.web.once)."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_token())


@register.inclusion_tag("components/field.html")
def field(
    bound: BoundField, hint: str = "", label: str = "", wide: bool = False, needed: bool = False
) -> dict[str, Any]:
    """One input with its label, hint and complaint, tied together for screen readers. `needed`: asked for together
    with another choice, so that it is not called optional.
    """
    described = [f"{bound.id_for_label}_error"] if bound.errors else []
    hint = hint or str(bound.help_text)
    if hint:
        described.append(f"{bound.id_for_label}_hint")
    attrs: dict[str, Any] = {"aria-describedby": " ".join(described)} if described else {}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    kind = getattr(bound.field.widget, "input_type", "")
    if kind not in ("checkbox", "radio", "file"):
        attrs["class"] = f"in {bound.field.widget.attrs.get('class', '')}".strip()
    return {
        "bound": bound, "control": bound.as_widget(attrs=attrs), "hint": hint, "wide": wide, "needed": needed,
        "label": label or bound.label, "is_check": kind == "checkbox", "id": bound.id_for_label,
    }  # fmt: skip


@register.simple_tag(takes_context=True)
def query(context: dict[str, Any], **changes: Any) -> str:
    """This page's query string with some parameters changed (None takes one away): for tabs, sorting and pages."""
    params = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            params.pop(name, None)
        else:
            params[name] = value
    return f"?{params.urlencode()}"
