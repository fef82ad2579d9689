"""What stands in the rail and in the palette, for whom. Upper apps are named by URL name only; a missing one is skipped."""

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from clinic.web.permissions import acts_of, known


@dataclass(frozen=True)
class Entry:
    """`key` is the letter after `g`. `also` are path beginnings that belong to this entry, beside its own page."""

    label: str
    icon: str
    url_names: tuple[str, ...]
    act: str
    key: str = ""
    also: tuple[str, ...] = ()
    in_rail: bool = True


ENTRIES = (
    Entry("Schedule", "calendar", ("scheduling:day",), "appointment.view", "s", ("/schedule/",)),
    Entry("Flow", "flow", ("checkin:board",), "board.view", "f", ("/check-in/",)),
    Entry("Patients", "people", ("clinic:patient_search",), "patient.search", "p", ("/patients/",)),
    Entry("Insurance", "shield", ("insurance:worklist",), "authorization.view", "i", ("/insurance/",)),
    Entry("Billing", "claim", ("billing:worklists", "billing:worklist"), "claim.edit", "b", ("/billing/",)),
    Entry("Collect", "dollar", ("collections:worklists", "collections:worklist"), "case.view", "c", ("/collections/",)),
    Entry("Reports", "chart", ("billing:reports",), "report.view", "r"),
    Entry("Work", "clock", ("clinic:work",), "work.view", "w", ("/work/",)),
    Entry("Admin", "gear", ("admin:index",), "admin.open", "a", ("/admin/",)),
    Entry("Register a patient", "new", ("clinic:patient_register",), "patient.edit", in_rail=False),
    Entry("Denials", "alert", ("billing:denials",), "denial.view", in_rail=False),
    Entry("Remittances", "dollar", ("billing:remittances",), "remittance.view", in_rail=False),
    Entry("A/R aging", "chart", ("collections:aging",), "aging.view", in_rail=False),
    Entry("Money that has not cleared", "dollar", ("ledger:clearing",), "ledger.view", in_rail=False),
    Entry("Refunds", "dollar", ("ledger:refunds",), "refund.request", in_rail=False),
    Entry("Hours and closures", "calendar", ("scheduling:hours",), "schedule.edit", in_rail=False),
    Entry("Files to and from payers", "form", ("clearinghouse:files",), "work.view", in_rail=False),
    Entry("Day close", "lock", ("ledger:day_close",), "day.close", in_rail=False),
    Entry("Outbox: messages to patients", "mail", ("clinic:outbox",), "outbox.view", in_rail=False),
    Entry("API", "form", ("clinic:api_operations",), "api.client", in_rail=False),
    Entry("Audit", "eye", ("clinic:audit",), "audit.view", in_rail=False),
)


@dataclass(frozen=True)
class Link:
    label: str
    icon: str
    url: str
    key: str
    in_rail: bool
    is_current: bool


def links_for(who: object, path: str) -> list[Link]:
    """The entries this person may open, in their order. The longest path that fits is the current one."""
    allowed = acts_of(who)
    found = [(entry, url) for entry in ENTRIES if known(entry.act) in allowed and (url := first_url(entry.url_names))]
    fits = {
        entry: max((len(start) for start in (url, *entry.also) if start != "/" and path.startswith(start)), default=0)
        for entry, url in found
        if entry.in_rail
    }
    best = max(fits.values(), default=0)
    current = next((e for e, most in fits.items() if best and most == best), None)
    return [Link(e.label, e.icon, url, e.key, e.in_rail, e is current) for e, url in found]


def first_url(names: tuple[str, ...]) -> str:
    for name in names:
        try:
            return reverse(name)
        except NoReverseMatch:
            continue
    return ""
