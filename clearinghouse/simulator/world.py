"""What the simulated payers know: themselves and their habits, plans, members, fees, authorizations, rules.

These rows are the causes of every answer. A denial is planted by planting its cause, here (`book.add_...`,
`book.change_member`) or in the clinic's own record; nobody asks for a denial, and nobody throws dice.

| Cause in the world | How to plant it | What the payer says |
|---|---|---|
| wrong member id, name or birth date | the clinic's Coverage differs from `Member` | 277CA A7:33, A7:125 or CARC 31, 140; 271 AAA 72, 73, 71 or the right id |
| cover ended, or not begun | `ends_on`, `starts_on`; `other_cover` names what follows | CARC 27, 26; 271 EB 6 and EB R |
| another payer is primary | `other_cover` with `is_primary` | CARC 22 and NM1*PR; 271 EB R |
| Medicare Advantage instead | `other_cover` with `replaces_this_payer` | CARC 24 |
| an element is missing | RuleKind RENDERING_NPI, REFERRING_NPI, CLIA, NDC; habit `missing_element` | CARC 16 with N290, N286, MA120, M119 (MA130), or 277CA A6 |
| no authorization, another, used up | RuleKind AUTHORIZATION; `add_authorization` or not | CARC 197, 15, 198 |
| not covered | RuleKind NOT_COVERED (PR, CO), NOT_IN_PLAN | CARC 96, 204; 271 EB I |
| records wanted; not necessary; too often | RuleKind DOCUMENTATION, DIAGNOSIS, YEARLY_LIMIT | CARC 252, 50, 119 |
| coding | RuleKind BUNDLED_INTO, BAD_MODIFIER | CARC 97, 4 |
| sent late, sent twice | the day of arrival against `filing_days`; the register | CARC 29, 18 |
| the claim was lost | `claims_to_lose` | nothing, ever |
| end of cover learnt late | `ends_on` with `ended_known_on`; habit `takeback` | 22, CARC 27, PLB WO or FB |
| the payer's system is down | `answers_eligibility=False` | 271 AAA 42 |
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Literal

ZERO = Decimal("0.00")


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How one payer goes about its work. Lags are days after receipt."""

    replacement: Literal["frequency_7", "reopening", "new_claim", "line_by_line"] = "frequency_7"
    reversal: Literal["reverse_and_correct", "correct_only"] = "reverse_and_correct"
    unknown_member: Literal["reject", "deny"] = "reject"  # 277CA A7, or CARC 31 on the 835
    finds_by_name: bool = False  # 270 with a wrong id: a single exact name and birth date is found
    missing_element: Literal["deny", "unprocessable", "reject"] = "deny"  # CO-16, CO-16 with MA130, 277CA A6
    acknowledgment_days: int = 0  # 277CA
    payment_days: int = 14
    payment_weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)  # Monday is 0; one day only is a weekly check
    method: Literal["ACH", "CHK"] = "ACH"
    one_payment_a_line: bool = False  # a claim comes back as one CLP for each line (X12 RFI 137)
    takeback: Literal["announced", "unexplained", "forwarded"] = "announced"
    filing_days: int = 180
    corrected_days: int = 180
    corrected_clock: Literal["service", "remit"] = "remit"
    interest_after_days: int | None = None  # prompt pay: interest from the day after
    interest_rate: Decimal = Decimal("0.10")  # a year
    as_secondary: Literal["patient_share", "up_to_own_fee"] = "patient_share"
    splits_denials: bool = False  # a denied line shows CO-45 beside its denial


@dataclass(frozen=True, kw_only=True)
class SimulatedPayer:
    payer_id: str
    name: str
    tax_id: str
    filing_indicator: str = "CI"
    street: str = "1 Main Street"
    city: str = "Springfield"
    state: str = "IL"
    zip_code: str = "627010001"
    telephone: str = "8005550100"
    is_medicare: bool = False
    is_medicaid: bool = False
    answers_eligibility: bool = True  # False: AAA 42, cannot answer now
    unlisted_allowed: Decimal = Decimal("0.70")  # of the charge, for codes without a fee
    habits: Habits = field(default_factory=Habits)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`copays` by service type (98 office visit ...); `coinsurance` is the patient's part, 0.20 for 20 %."""

    payer_id: str
    plan_id: str
    name: str
    insurance_type: str = ""  # EB04: 12, HM, MB, MC ...
    deductible: Decimal = ZERO  # a calendar year
    out_of_pocket: Decimal | None = None  # a calendar year
    coinsurance: Decimal = ZERO
    copays: dict[str, Decimal] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class OtherCover:
    """A policy elsewhere of which this payer knows."""

    payer_name: str
    payer_id: str
    member_id: str = ""
    is_primary: bool = True
    replaces_this_payer: bool = False  # a Medicare Advantage plan: CARC 24 instead of 22
    starts_on: date | None = None
    ends_on: date | None = None

    def holds_on(self, day: date) -> bool:
        return (self.starts_on is None or self.starts_on <= day) and (self.ends_on is None or day <= self.ends_on)


@dataclass(frozen=True, kw_only=True)
class Member:
    """A covered person. Dependants share the subscriber's `member_id`; names and birth dates tell them apart.

    `ended_known_on`: the day on which the payer learns that cover had ended; until then it pays, then takes back.
    `claims_to_lose`: so many claims of this person vanish after the file was acknowledged: no 277CA, no answer.
    `forwards_to`: Medicare's crossover: the supplement payer to which adjudicated claims go on by themselves.
    """

    payer_id: str
    member_id: str
    last_name: str
    first_name: str
    birth_date: date
    sex: str = "U"
    plan_id: str
    group_number: str = ""
    relationship: str = "18"
    starts_on: date
    ends_on: date | None = None
    ended_known_on: date | None = None
    other_cover: OtherCover | None = None
    is_qmb: bool = False
    forwards_to: str = ""
    forwards_member_id: str = ""
    claims_to_lose: int = 0
    id: int = 0

    def covered_on(self, day: date, *, known_on: date | None = None) -> bool:
        """Covered on `day`, as far as the payer knows on `known_on` (None: with hindsight)."""
        if day < self.starts_on:
            return False
        is_known = self.ended_known_on is None or known_on is None or self.ended_known_on <= known_on
        return not (self.ends_on is not None and is_known and day > self.ends_on)


@dataclass(frozen=True, kw_only=True)
class AllowedFee:
    """What a payer allows for one unit. `cost_share` False: preventive, paid in full."""

    payer_id: str
    code: str
    allowed: Decimal
    service_type: str = "1"
    cost_share: bool = True


@dataclass(frozen=True, kw_only=True)
class AuthorizationOnFile:
    """An authorization as the payer granted it."""

    payer_id: str
    number: str
    member_id: str
    code: str
    starts_on: date
    ends_on: date
    units: int


class RuleKind(StrEnum):
    """What a payer asks of a code. `value` is explained beside each."""

    RENDERING_NPI = "rendering_npi"  # code * : on every claim
    REFERRING_NPI = "referring_npi"
    CLIA = "clia"
    NDC = "ndc"
    AUTHORIZATION = "authorization"
    NOT_COVERED = "not_covered"  # value PR (patient may be billed) or CO
    NOT_IN_PLAN = "not_in_plan"  # CARC 204; value is the plan id
    DOCUMENTATION = "documentation"
    DIAGNOSIS = "diagnosis"  # value: diagnosis prefixes that support the code, comma-separated
    BUNDLED_INTO = "bundled_into"  # value: the code that includes this one on the same day
    BAD_MODIFIER = "bad_modifier"  # value: the modifier that the payer does not take
    YEARLY_LIMIT = "yearly_limit"  # value: units a calendar year


@dataclass(frozen=True, kw_only=True)
class CodeRule:
    payer_id: str
    kind: RuleKind
    code: str
    value: str = ""
