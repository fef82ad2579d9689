"""Claim adjustment reason codes (CARC) in our own words, each with the step a biller takes first."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class NextStep(StrEnum):
    """The default; a practice edits its playbook by payer and remark."""

    FIX = "correct and send again"
    APPEAL = "appeal"
    NEXT_PAYER = "bill or await another payer"
    PATIENT = "ask the patient"
    WRITE_OFF = "write off"
    SEND_RECORDS = "send what was asked for"
    CHECK = "find out first"
    NONE = "nothing"


@dataclass(frozen=True, slots=True)
class AdjustmentReason:
    """One CARC."""

    code: str
    words: str
    next_step: NextStep


# One line per code: "code words". The heading is the first step.
_TABLE: Final = {
    NextStep.NEXT_PAYER: """
        1 Deductible
        2 Coinsurance
        3 Copay
        19 Work injury: workers' compensation owes
        20 Injury: a liability insurer owes
        21 Injury: the no-fault auto insurer owes
        22 Another payer may have to pay first
        24 A managed-care or capitated plan covers it
        26 Service before the cover began
        27 Service after the cover ended
        66 Blood deductible
        100 Paid to the patient or the insured
        109 Not this payer's or contractor's claim
        119 Benefit used up for this period
        128 Newborn is part of the mother's claim
        136 Rules of the payer before were not followed
        142 Monthly Medicaid share of the patient
        149 Lifetime maximum of this benefit reached
        166 Sent after this payer's duty ended
        178 Spend-down not met yet
        200 Cover had lapsed
        204 Not a benefit of this plan
        209 Not collectable from the patient (QMB); a later payer may pay
        215 A third party's settlement covers it
        241 Low-income copay
        254 Dental plan: send it to the medical plan
        270 Medical plan: send it to the dental plan
        275 Cost share of the payer before is not covered here
        280 Medical plan: send it to the pharmacy plan
        297 Medical plan: send it to the vision plan
        303 Cost share of a QMB is not covered here
        304 Medical plan: send it to the hearing plan
        B9 Patient is in hospice
        B11 Passed on to the payer that owes it
    """,
    NextStep.FIX: """
        4 Modifier missing or wrong for this procedure
        5 Place of service does not fit the procedure
        6 Patient's age does not fit
        7 Patient's sex does not fit the procedure
        8 Specialty does not fit the procedure
        9 Diagnosis does not fit the age
        10 Diagnosis does not fit the sex
        11 Diagnosis does not support the procedure
        12 Diagnosis does not fit the kind of provider
        13 Date of death is before the service
        14 Birth date is after the service
        15 Authorization number missing or not for this service
        16 Something missing or wrong; a remark says what
        31 Patient not found as insured
        107 The claim it belongs to is not named
        110 Billed before the service took place
        125 Billing error on the claim
        129 What the payer before decided looks wrong
        135 Interim bill cannot be handled
        140 Member id and name do not belong together
        146 Diagnosis code not valid on that day
        148 Information of another provider missing
        167 This diagnosis is not covered
        175 Prescription incomplete
        176 Prescription out of date
        181 Procedure code not valid on that day
        182 Modifier not valid on that day
        183 Referring provider may not refer for this
        184 Ordering provider may not order this
        185 Rendering provider may not perform this
        189 A more exact code exists
        199 Revenue code and procedure do not fit
        206 NPI missing
        207 NPI malformed
        208 NPI not known to the payer
        236 Pair of codes not allowed on one day (NCCI)
        239 Split: part of the dates is not covered
        250 Wrong document was sent
        251 Document sent is incomplete
        261 Does not fit the patient's history
        267 Split: one claim per month
        268 Split: one claim per year
        282 Procedure does not fit the kind of bill
        283 Attending provider may not do this
        284 Authorization is for another service
        288 Referral missing
        296 Authorization is for another provider
        A8 Cannot be grouped
        B7 Provider was not eligible on that day
        B15 Needs another service that was not billed
        B16 Rules for a new patient not met
        B18 Procedure and modifier were not valid that day
        B23 Laboratory not certified for this test (CLIA)
    """,
    NextStep.APPEAL: """
        29 Sent after the filing limit
        39 Authorization had been refused
        40 Not an emergency by the payer's rules
        50 Not medically necessary by the payer's rules
        54 Assistant or second surgeon not covered
        55 Experimental by the payer's rules
        56 Not proven effective by the payer's rules
        58 Place was not suited to the service
        60 Outpatient service close to an inpatient stay
        95 Rules of the plan not followed
        114 Not approved by the FDA
        150 Level of service not supported
        151 So many or so often not supported
        152 Length of service not supported
        153 Dose not supported
        154 Days' supply not supported
        165 Referral missing or used up
        186 Level of care changed by the payer
        193 First decision stands after review
        197 No authorization or notice beforehand
        198 More than was authorized
        210 Authorization asked for too late
        216 Findings of a review organization
        242 Not by the network or the primary care provider
        243 Not authorized by the network or primary care provider
        249 Readmission
        256 Not payable under the managed-care contract
        272 Coverage rules not met
        273 Coverage rules exceeded
        274 Not payable under the care coordination agreement
        279 Not by the preferred network
        285 Appeal did not follow the rules
        286 Appeal came too late
        287 Referral used up
        302 Authorization had expired
        B5 Coverage rules not met or exceeded
        B8 Another service was available
        B12 Not documented in the record
        B14 One visit a day only
    """,
    NextStep.SEND_RECORDS: """
        112 Service not documented as given to the patient
        163 Document named on the claim did not arrive
        164 Document arrived too late
        226 Information asked of us is late or incomplete
        252 A document is needed to decide
    """,
    NextStep.PATIENT: """
        32 Dependent not covered
        33 Insured has no cover for dependents
        34 Insured has no cover for newborns
        35 Lifetime maximum reached
        49 Routine or screening service, not covered
        51 Condition from before the cover began
        85 Interest of the patient
        160 Activity excluded by the plan
        177 Patient does not meet the plan's conditions
        179 Waiting period not over
        180 Residency condition not met
        187 Paid from a spending account
        202 Comfort item, not covered
        227 Information asked of the patient did not come
        238 Dates partly outside the cover
        247 Deductible of the professional part
        248 Coinsurance of the professional part
    """,
    NextStep.WRITE_OFF: """
        42 Above the fee schedule (older files)
        44 Discount for prompt payment
        45 Above the contracted fee
        53 Provider is family or household
        59 Reduced: several or concurrent procedures
        90 Ingredient cost
        91 Dispensing fee
        94 Paid above the charge
        97 Part of another service already paid
        102 Major medical adjustment
        103 Discount offered by the provider
        104 Withheld under the contract
        111 Not covered unless assignment is accepted
        115 Procedure did not take place
        131 Negotiated discount
        132 Demonstration project
        137 State surcharge or tax
        139 Insured works for the provider
        144 Incentive
        161 Bonus of the provider
        194 Anesthesia by the surgeon or assistant
        203 Service stopped or reduced
        222 Above the contracted number of units
        223 Set by law; no other code fits
        231 Two procedures exclude each other
        232 Transfer between institutions
        233 Hospital-acquired condition
        234 Not paid separately
        235 Sales tax
        237 Penalty set by law
        245 Withhold for performance
        246 Reported only, never paid
        253 Federal sequestration, 2 percent
        278 Performance program
        A2 Contractual adjustment (older files)
        B4 Penalty for late filing
        B10 Component was paid before
        P12 Workers' compensation fee schedule
    """,
    NextStep.CHECK: """
        18 Exact duplicate of another claim or line
        61 Second surgical opinion missing
        69 Day outlier
        70 Cost outlier
        74 Indirect medical education
        75 Direct medical education
        76 Disproportionate share
        78 Days or room not covered
        89 Professional part removed
        96 Not covered; a remark says why
        105 Tax withheld
        106 Chosen payment option not in force
        108 Rent or purchase rules not met
        116 Notice to the patient did not meet the rules
        117 Transport to the nearest facility only
        118 Kidney disease network fee
        121 Made whole by another agreement
        122 Psychiatric reduction
        130 Fee for sending claims
        133 Still under review
        134 Technical part removed
        138 Appeal rules or limits not kept
        143 Part of the payment deferred
        147 Contracted rate ended or not on file
        155 Patient refused the service
        157 Act of war
        158 Service outside the United States
        159 Act of terrorism
        169 Paid as a cheaper alternative
        170 Not payable to this kind of provider
        171 Not payable to this kind of provider in this kind of place
        172 Not payable to this specialty
        173 Not ordered by a physician
        174 Not ordered before delivery
        188 Device or drug not for this use
        190 Part of a nursing facility stay
        192 Not stated in a standard code
        195 Refunded to the wrong payer
        201 Patient pays from a settlement set aside
        205 Pharmacy processing fee
        211 Drug number not covered
        212 Administrative surcharge not covered
        213 Forbidden self-referral
        219 Beyond the extent of the injury
        224 Identity theft suspected
        225 Interest or penalty of the payer
        228 Another party did not send what the payer before asked
        229 Part not considered by Medicare
        240 Diagnosis and birth weight do not fit
        257 Grace period: the payer has not decided
        258 Patient in custody
        259 Extra dental or vision payment
        260 Medicaid enhanced fee
        269 Anesthesia not covered for this
        271 Reductions of the payer before, for information
        276 The payer before denied it
        277 Grace period of an exchange plan
        281 Deductible waived by contract
        291 Paid to another party
        293 Paid to the employer
        294 Paid to an attorney
        299 Billing provider may not be paid for this
        A0 Refund to the patient
        A1 Denied; a remark says why
        A5 Capital payment of Medicare
        A6 Stay in a hospital had to come first
        B1 Visit not covered
        B13 Paid before
        B20 Performed by another provider
        B22 Adjusted because of the diagnosis
        P1 State rule on injuries
        P2 Not a work injury
        P3 Workers' compensation settled
        P4 Workers' compensation claim not accepted
        P5 Workers' compensation: by reasonable charges
        P6 Depends on the auto policy
        P7 Auto fee schedule
        P8 Injury claim under investigation
        P9 No treatment of the accepted injury
        P10 Injury claim outside the rules
        P14 Part of another injury payment
        P22 Medical payments cover used up
    """,
    NextStep.NONE: """
        23 What earlier payers paid and adjusted
        101 Estimate only, before the service
    """,
}


def _reasons() -> dict[str, AdjustmentReason]:
    found = {}
    for step, lines in _TABLE.items():
        for line in lines.split("\n"):
            code, _, words = line.strip().partition(" ")
            if code:
                found[code] = AdjustmentReason(code, words, step)
    return found


REASONS: Final = _reasons()
