"""`check`: every fault of a file, named with its place; one report for each transaction set.

What a set must keep is asked in three ways: its guide table (`x12.guide`), the typed reader that stands beside it, and rules
of its own, such as the balances of an 835. A fault stops nothing: the next set, and the rest of this one, are judged as well.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from .ack_277ca import read_claim_acknowledgment
from .ack_277ca.guide import GUIDE as CLAIM_ACKNOWLEDGMENT
from .ack_277ca.guide import LEVELS as ACKNOWLEDGMENT_LEVELS
from .ack_999 import read_acknowledgment
from .ack_999.guide import GUIDE as ACKNOWLEDGMENT
from .claim_837p.claim_rules import ClaimRules
from .claim_837p.guide import GUIDE as CLAIM
from .claim_837p.guide import LEVELS as CLAIM_LEVELS
from .claim_status_276_277.guide import INQUIRY as STATUS_INQUIRY
from .claim_status_276_277.guide import LEVELS as STATUS_LEVELS
from .claim_status_276_277.guide import RESPONSE as STATUS_RESPONSE
from .common_rules import TAGS as COMMON_TAGS
from .common_rules import common_findings
from .eligibility_270_271 import read_inquiry_set, read_response_set
from .eligibility_270_271.guide import INQUIRY, RESPONSE
from .eligibility_270_271.guide import LEVELS as ELIGIBILITY_LEVELS
from .envelope import EnvelopeReader, Transaction
from .errors import X12Error
from .findings import Finding, Severity, finding_of
from .guide import Guide, Walk
from .hierarchy_rules import HierarchyRules
from .reader import Source
from .remittance_835.check import Balances
from .remittance_835.guide import GUIDE as REMITTANCE
from .segment import Segment

MOST_FINDINGS: Final = 10_000
"""Kept of one set: a file that is wrong in every line needs no more to say so."""

ENVELOPE: Final = ""
"""`transaction` of the report on what stands outside every ST..SE."""

NEIGHBOURS: Final = {
    "005010X223": "837I", "005010X224": "837D", "004010X096": "837I", "004010X097": "837D", "005010X291": "837P pre-determination",
    "005010X214": "277CA", "005010X212": "277", "005010X364": "277RFAI", "005010X213": "277RFAI",
}  # fmt: skip
"""Sets that share their number with one of ours, by the first ten characters of their guide."""

Tell = Callable[[Finding], None]


@dataclass(slots=True)
class SetReport:
    """One ST..SE. `balanced` is None where nothing has to balance or its sums could not be read.

    `charge` and `paid` are dollars; `claims` counts claims, inquiries or answers. `is_judged`: a table of ours says what
    this set must keep.
    """

    transaction: str
    version: str
    control_number: str
    position: int
    claims: int = 0
    charge: Decimal | None = None
    paid: Decimal | None = None
    balanced: bool | None = None
    is_judged: bool = False
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return not self.findings


Typed = Callable[[Transaction, SetReport, Tell], None]


def check(source: Source) -> Iterator[SetReport]:
    """A report for each transaction set, in the order of the file; for faults of the envelope one with no transaction.

    Never raises on what a file holds.
    """
    reader = EnvelopeReader(source)
    found = False
    while True:
        try:
            transaction = next(reader)
        except StopIteration:
            break
        except X12Error as fault:
            found = True
            severity = Severity.FATAL if reader.is_at_end else Severity.ERROR
            yield SetReport(ENVELOPE, "", "", fault.segment, findings=[finding_of(fault, severity)])
            continue
        found = True
        yield check_set(transaction)
    for each in reader.acknowledgments:
        found = True
        yield SetReport("TA1", "", each.control_number, each.position)
    if not found:
        nothing = Finding(1, "ISA", 0, "nothing", Severity.ERROR, "The file holds no transaction set.")
        yield SetReport(ENVELOPE, "", "", 1, findings=[nothing])


def check_set(transaction: Transaction) -> SetReport:
    """The report on one transaction set. It is read to its SE."""
    name = _name_of(transaction)
    report = SetReport(name, transaction.version, transaction.control_number, transaction.position)
    places: set[tuple[int, int]] = set()

    def tell(finding: Finding) -> None:
        if len(report.findings) < MOST_FINDINGS:
            places.add((finding.segment, finding.element))
            report.findings.append(finding)

    table = _table_of(transaction)
    walk = Walk(table, transaction.header.delimiters, tell) if table else None
    rules: list[Balances | ClaimRules | HierarchyRules] = []
    if name == "835":
        rules = [Balances(tell)]
    elif name == "837P":
        rules = [ClaimRules(tell), HierarchyRules(CLAIM_LEVELS, tell)]
    elif name in ("270", "271"):
        rules = [HierarchyRules(ELIGIBILITY_LEVELS, tell)]
    elif name in ("276", "277"):
        rules = [HierarchyRules(STATUS_LEVELS, tell)]
    elif name == "277CA":
        rules = [HierarchyRules(ACKNOWLEDGMENT_LEVELS, tell)]
    seen_by: dict[str, list[Callable[[Segment], None]]] = {}
    for rule in rules:
        for tag in rule.TAGS:
            seen_by.setdefault(tag, []).append(rule.see)
    last = transaction.header
    report.is_judged = walk is not None

    def watch(segment: Segment) -> None:
        nonlocal last
        last = segment
        if walk is not None:
            walk.step(segment)
        tag = segment.elements[0]
        if tag in COMMON_TAGS:
            for finding in common_findings(segment):
                tell(finding)
        for see in seen_by.get(tag, ()):
            see(segment)

    typed = TYPED.get(name)
    if walk is None:
        tell(_not_judged(transaction, name))
    transaction.watch = watch if walk is not None or typed is not None or rules else None
    transaction.trailer_fault = lambda fault: tell(finding_of(fault, Severity.ERROR))
    if typed is not None:
        _run(lambda: typed(transaction, report, tell), places, tell)
    _run(lambda: _finish(transaction), places, tell)
    if walk is not None:
        walk.end(transaction.trailer or last)
    for rule in rules:
        rule.end()
        if isinstance(rule, Balances):
            report.claims, report.charge, report.paid = rule.claims, rule.charge, rule.paid
            report.balanced = rule.balanced
        elif isinstance(rule, ClaimRules):
            report.claims, report.charge, report.balanced = rule.claims, rule.charge, rule.balanced
    report.findings.sort(key=lambda each: (each.segment, each.element))
    return report


def _run(act: Callable[[], None], places: set[tuple[int, int]], tell: Tell) -> None:
    """What the reader refuses becomes a finding, unless the table has named that place already."""
    try:
        act()
    except X12Error as fault:
        if (fault.segment, fault.element) not in places:
            tell(finding_of(fault, Severity.FATAL))


def _finish(transaction: Transaction) -> None:
    for _ in transaction:
        pass


def _name_of(transaction: Transaction) -> str:
    """835, 837P, 277CA: the number, told apart where several guides share it."""
    code, version = transaction.code, transaction.version
    known = NEIGHBOURS.get(version[:10])
    if known and known.startswith(code[:3]):
        return known
    return "837P" if code == "837" else code


def _table_of(transaction: Transaction) -> Guide | None:
    version = transaction.version[:10]
    return next((table for table in TABLES.get(transaction.code, ()) if table.version[:10] == version), None)


def _not_judged(transaction: Transaction, name: str) -> Finding:
    version = transaction.version or "no version"
    message = f"{name} of {version}: counted and passed over, there is no table to judge it by."
    return Finding(transaction.position, "ST", 1, "not_judged", Severity.WARNING, message)


def _check_999(transaction: Transaction, report: SetReport, tell: Tell) -> None:
    report.claims = len(read_acknowledgment(transaction).sets)


def _check_277ca(transaction: Transaction, report: SetReport, tell: Tell) -> None:
    report.claims = sum(len(each.claims) for each in read_claim_acknowledgment(transaction))


def _check_270(transaction: Transaction, report: SetReport, tell: Tell) -> None:
    report.claims = len(read_inquiry_set(transaction))


def _check_271(transaction: Transaction, report: SetReport, tell: Tell) -> None:
    report.claims = len(read_response_set(transaction))


TABLES: Final[dict[str, tuple[Guide, ...]]] = {
    "270": (INQUIRY,), "271": (RESPONSE,), "276": (STATUS_INQUIRY,), "277": (STATUS_RESPONSE, CLAIM_ACKNOWLEDGMENT), "835": (REMITTANCE,), "837": (CLAIM,), "999": (ACKNOWLEDGMENT,),
}  # fmt: skip
TYPED: Final[dict[str, Typed]] = {
    "999": _check_999, "997": _check_999, "277CA": _check_277ca, "270": _check_270,
    "271": _check_271,
}  # fmt: skip
