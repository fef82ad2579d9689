"""The CARC playbook: what a denial is about, whose work it is, what comes next and by when.

Our own default (domain.md 5.5), most specific first: (CARC, RARC), then CARC, then the group. Pure data and one
question. A practice edits it by payer later; the worker's own rules stand in services/corrections.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from billing.models import Denial
from clinic.models import Payer, Role

Step = Denial.Step


@dataclass(frozen=True, slots=True)
class Play:
    """`days` until the next step should be done; `patient_billable` never by itself moves a dollar."""

    category: str
    step: str
    role: str = Role.BILLER
    days: int = 5
    patient_billable: bool = False
    clock: str = "correct"  # which of the payer's deadlines runs: correct or appeal


REGISTRATION = "Eligibility"
COORDINATION = "Coordination of benefits"
MISSING = "Missing information"
AUTHORIZATION = "Prior authorization"
NOT_COVERED = "Not covered"
RECORDS = "Records requested"
NECESSITY = "Medical necessity"
TIMELY = "Timely filing"
CODING = "Coding"
DUPLICATE = "Duplicate"
PROVIDER = "Provider enrollment"
UNKNOWN = "Unclear"

_fix = Play(MISSING, Step.CORRECT)
_appeal = Play(NECESSITY, Step.APPEAL, days=10, clock="appeal")
_coder = Play(CODING, Step.CODER)

BY_CARC: dict[str, Play] = {
    "4": _coder, "5": _coder, "6": _coder, "11": replace(_coder, category=NECESSITY), "59": _coder, "97": _coder,
    "181": _coder, "182": _coder, "146": _coder, "236": _coder, "234": _coder, "B15": _coder,
    "16": _fix, "125": _fix, "129": replace(_fix, category=COORDINATION), "148": _fix,
    "31": Play(REGISTRATION, Step.CORRECT), "140": Play(REGISTRATION, Step.CORRECT),
    "26": Play(REGISTRATION, Step.OTHER_PAYER), "27": Play(REGISTRATION, Step.OTHER_PAYER),
    "22": Play(COORDINATION, Step.OTHER_PAYER), "24": Play(COORDINATION, Step.OTHER_PAYER),
    "109": Play(COORDINATION, Step.OTHER_PAYER), "23": Play(COORDINATION, Step.FIND_OUT),
    "18": Play(DUPLICATE, Step.FIND_OUT, days=3),
    "15": Play(AUTHORIZATION, Step.CORRECT), "197": Play(AUTHORIZATION, Step.AUTHORIZATION, clock="appeal"),
    "198": Play(AUTHORIZATION, Step.AUTHORIZATION, clock="appeal"), "288": Play(AUTHORIZATION, Step.CORRECT),
    "243": Play(AUTHORIZATION, Step.AUTHORIZATION, clock="appeal"),
    "96": Play(NOT_COVERED, Step.FIND_OUT), "49": Play(NOT_COVERED, Step.FIND_OUT),
    "204": Play(NOT_COVERED, Step.FIND_OUT), "119": Play(NOT_COVERED, Step.OTHER_PAYER, patient_billable=True),
    "242": Play(NOT_COVERED, Step.FIND_OUT), "256": Play(NOT_COVERED, Step.FIND_OUT),
    "226": Play(RECORDS, Step.SEND_RECORDS, days=3), "227": Play(RECORDS, Step.ASK_PATIENT, days=3),
    "250": Play(RECORDS, Step.SEND_RECORDS, days=3), "251": Play(RECORDS, Step.SEND_RECORDS, days=3),
    "252": Play(RECORDS, Step.SEND_RECORDS, days=3),
    "50": _appeal, "151": _appeal, "150": _appeal, "167": replace(_appeal, step=Step.CODER), "55": _appeal,
    "29": Play(TIMELY, Step.APPEAL, days=3, clock="appeal"),
    "B7": Play(PROVIDER, Step.FIND_OUT, role=Role.BILLING_MANAGER),
    "183": Play(PROVIDER, Step.CORRECT), "185": Play(PROVIDER, Step.FIND_OUT, role=Role.BILLING_MANAGER),
    "133": Play(UNKNOWN, Step.FIND_OUT, days=15), "192": Play(UNKNOWN, Step.FIND_OUT), "A1": Play(UNKNOWN, Step.FIND_OUT),
}  # fmt: skip

BY_REMARK: dict[tuple[str, str], Play] = {
    ("16", "M127"): Play(RECORDS, Step.SEND_RECORDS, days=3),
    ("16", "N382"): Play(REGISTRATION, Step.CORRECT),
    ("16", "MA04"): Play(COORDINATION, Step.OTHER_PAYER),
    ("16", "M76"): _coder,
}

DEFAULT = Play(UNKNOWN, Step.FIND_OUT)


def play_for(*, group: str, reason_code: str, remark_codes: Sequence[str]) -> Play:
    """The play for a denial. CO is never the patient's, whatever the reason."""
    for remark in remark_codes:
        if (reason_code, remark) in BY_REMARK:
            return BY_REMARK[(reason_code, remark)]
    play = BY_CARC.get(reason_code, DEFAULT)
    if group == "PR" and reason_code in ("96", "49", "204"):
        return replace(play, step=Step.PATIENT, patient_billable=True)
    return replace(play, patient_billable=False) if group != "PR" else play


def deadline(play: Play, payer: Payer, *, denied_on: date, service_date: date) -> date:
    """The last day on which the payer must have our answer: appeal, or corrected claim by that payer's clock."""
    if play.clock == "appeal":
        return denied_on + timedelta(days=payer.appeal_days)
    start = denied_on if payer.corrected_clock == Payer.CorrectedClock.REMIT else service_date
    return start + timedelta(days=payer.corrected_days)


def is_unprocessable(remark_codes: Sequence[str]) -> bool:
    """RARC MA130: never adjudicated, so no appeal and no replacement: a new claim (1)."""
    return "MA130" in remark_codes
