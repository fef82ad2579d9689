"""Six fictional payers, no two alike, with plans, fees and rules: the ground for demo and tests.

Codes are HCPCS level II, and made-up office visit codes Z0202-Z0205 (new patient) and Z0211-Z0215 (established):
CPT is licensed and stays out.
"""

from decimal import Decimal
from typing import Final

from clearinghouse.simulator.book import Book
from clearinghouse.simulator.world import AllowedFee, Habits, Plan, RuleKind, SimulatedPayer
from clinic.money import to_cents

LAKESHORE: Final = "LKSHR"
PRAIRIE: Final = "PRMUT"
MEDICARE: Final = "FEDPB"
MEDICAID: Final = "MDMCD"
MEDIGAP: Final = "GPMGP"
HARBOR: Final = "HRBMA"

PAYERS: Final = (
    SimulatedPayer(
        payer_id=LAKESHORE, name="Lakeshore Health PPO", tax_id="364000001", filing_indicator="12",
        habits=Habits(
            replacement="frequency_7", reversal="reverse_and_correct", finds_by_name=True, unknown_member="reject",
            payment_days=10, takeback="announced", interest_after_days=30, filing_days=180,
        ),
    ),
    SimulatedPayer(
        payer_id=PRAIRIE, name="Prairie Mutual", tax_id="364000002", filing_indicator="CI",
        habits=Habits(
            replacement="new_claim", reversal="correct_only", finds_by_name=False, unknown_member="deny",
            missing_element="unprocessable", acknowledgment_days=1, payment_days=16, payment_weekdays=(3,),
            method="CHK", takeback="unexplained", splits_denials=True, filing_days=120,
        ),
    ),
    SimulatedPayer(
        payer_id=MEDICARE, name="Federal Part B", tax_id="364000003", filing_indicator="MB", is_medicare=True,
        habits=Habits(
            replacement="reopening", finds_by_name=True, unknown_member="reject", missing_element="unprocessable",
            payment_days=14, takeback="forwarded", filing_days=365, interest_after_days=30,
        ),
    ),
    SimulatedPayer(
        payer_id=MEDICAID, name="Midland Medicaid", tax_id="364000004", filing_indicator="MC", is_medicaid=True,
        habits=Habits(
            replacement="line_by_line", reversal="reverse_and_correct", unknown_member="deny", finds_by_name=True,
            payment_days=18, payment_weekdays=(2,), one_payment_a_line=True, as_secondary="up_to_own_fee",
            filing_days=180, corrected_clock="service", corrected_days=365,
        ),
    ),
    SimulatedPayer(
        payer_id=MEDIGAP, name="Great Plains Medigap", tax_id="364000005", filing_indicator="CI",
        habits=Habits(replacement="new_claim", reversal="correct_only", payment_days=7, filing_days=365),
    ),
    SimulatedPayer(
        payer_id=HARBOR, name="Harbor Advantage HMO", tax_id="364000006", filing_indicator="HM",
        habits=Habits(
            replacement="frequency_7", reversal="correct_only", unknown_member="deny", finds_by_name=True,
            missing_element="reject", payment_days=12, filing_days=90,
        ),
    ),
)  # fmt: skip

PLANS: Final = (
    Plan(
        payer_id=LAKESHORE, plan_id="PPO500", name="PPO 500", insurance_type="12", deductible=Decimal("500.00"),
        out_of_pocket=Decimal("4000.00"), coinsurance=Decimal("0.20"),
        copays={"98": Decimal("25.00"), "UC": Decimal("60.00")},
    ),
    Plan(
        payer_id=LAKESHORE, plan_id="HDHP", name="High Deductible 3000", insurance_type="12",
        deductible=Decimal("3000.00"), out_of_pocket=Decimal("6000.00"), coinsurance=Decimal("0.10"),
    ),
    Plan(
        payer_id=PRAIRIE, plan_id="CLASSIC", name="Classic", insurance_type="CI", deductible=Decimal("250.00"),
        out_of_pocket=Decimal("3000.00"), coinsurance=Decimal("0.10"), copays={"98": Decimal("30.00")},
    ),
    Plan(
        payer_id=MEDICARE, plan_id="PARTB", name="Part B", insurance_type="MB", deductible=Decimal("257.00"),
        coinsurance=Decimal("0.20"),
    ),
    Plan(payer_id=MEDICAID, plan_id="STATE", name="State Plan", insurance_type="MC"),
    Plan(payer_id=MEDIGAP, plan_id="PLANG", name="Plan G", insurance_type="SP"),
    Plan(
        payer_id=HARBOR, plan_id="HMO", name="Advantage HMO", insurance_type="HM",
        out_of_pocket=Decimal("3500.00"), copays={"98": Decimal("15.00"), "5": Decimal("5.00")},
    ),
)  # fmt: skip

# code: (what an average payer allows, service type, does the patient share the cost)
FEES: Final = {
    "Z0202": ("78.00", "98", True), "Z0203": ("118.00", "98", True), "Z0204": ("172.00", "98", True),
    "Z0205": ("228.00", "98", True), "Z0211": ("26.00", "98", True), "Z0212": ("58.00", "98", True),
    "Z0213": ("94.00", "98", True), "Z0214": ("134.00", "98", True), "Z0215": ("186.00", "98", True),
    "G0101": ("42.00", "BZ", False), "G0402": ("172.00", "BZ", False), "G0438": ("176.00", "BZ", False),
    "G0439": ("134.00", "BZ", False), "G0444": ("19.00", "BZ", False), "G0403": ("18.00", "73", True),
    "G0008": ("21.00", "80", False), "G2211": ("16.00", "1", True), "G0328": ("18.05", "5", False),
    "G0103": ("19.30", "5", False), "J1100": ("0.90", "1", True), "J1885": ("1.10", "1", True),
    "J3420": ("2.40", "1", True), "J0696": ("1.60", "1", True), "Q0091": ("44.00", "BZ", False),
    "A4550": ("12.00", "12", True), "G0447": ("27.00", "98", False), "G0506": ("62.00", "98", True),
    "G0179": ("41.00", "42", True), "G0283": ("13.50", "PT", True), "G0127": ("22.00", "2", True),
    "G0168": ("58.00", "2", True),
}  # fmt: skip
SHARE_OF_AVERAGE: Final = {
    LAKESHORE: Decimal("1.15"), PRAIRIE: Decimal("1.08"), MEDICARE: Decimal("0.92"), MEDICAID: Decimal("0.64"),
    MEDIGAP: Decimal("0.92"), HARBOR: Decimal("0.98"),
}  # fmt: skip

SKIN_OR_NAIL: Final = "B351,L60,E11,I73,L03,S"
RULES: Final = (
    # What must stand on the claim
    *[(payer, RuleKind.RENDERING_NPI, "*", "") for payer in (LAKESHORE, PRAIRIE, MEDICARE, MEDICAID, HARBOR)],
    *[(payer, RuleKind.REFERRING_NPI, "G0179", "") for payer in (PRAIRIE, MEDICARE)],
    (PRAIRIE, RuleKind.REFERRING_NPI, "G0283", ""),
    *[
        (payer, RuleKind.CLIA, code, "")
        for payer in (LAKESHORE, PRAIRIE, MEDICARE, HARBOR)
        for code in ("G0328", "G0103")
    ],
    *[
        (payer, RuleKind.NDC, code, "")
        for payer in (PRAIRIE, MEDICAID, HARBOR)
        for code in ("J1100", "J1885", "J3420", "J0696")
    ],
    # What must be asked for beforehand
    *[(payer, RuleKind.AUTHORIZATION, code, "") for payer in (LAKESHORE, HARBOR) for code in ("G0283", "G0168")],
    (PRAIRIE, RuleKind.AUTHORIZATION, "G0506", ""),
    (MEDICAID, RuleKind.AUTHORIZATION, "G0283", ""),
    # What is not paid
    *[(payer, RuleKind.NOT_COVERED, "A4550", "CO") for payer in (LAKESHORE, PRAIRIE, MEDICARE, MEDICAID, HARBOR)],
    (LAKESHORE, RuleKind.NOT_COVERED, "G0447", "PR"),
    (HARBOR, RuleKind.NOT_IN_PLAN, "G0402", "HMO"),
    *[(payer, RuleKind.BUNDLED_INTO, "G2211", "G0438") for payer in (LAKESHORE, PRAIRIE, HARBOR)],
    (PRAIRIE, RuleKind.BUNDLED_INTO, "G0444", "G0438"),
    (MEDICARE, RuleKind.BUNDLED_INTO, "G0444", "G0402"),
    (PRAIRIE, RuleKind.BAD_MODIFIER, "Q0091", "25"),
    # What must be shown
    *[(payer, RuleKind.DOCUMENTATION, "G0168", "") for payer in (PRAIRIE, MEDICAID)],
    *[(payer, RuleKind.DIAGNOSIS, "G0127", SKIN_OR_NAIL) for payer in (LAKESHORE, PRAIRIE, MEDICARE, HARBOR)],
    *[(payer, RuleKind.DIAGNOSIS, "J3420", "D51,E53,D52,E11,K90") for payer in (LAKESHORE, PRAIRIE, MEDICARE)],
    *[(payer, RuleKind.YEARLY_LIMIT, "G0439", "1") for payer in (LAKESHORE, PRAIRIE, MEDICARE, HARBOR)],
    (MEDICARE, RuleKind.YEARLY_LIMIT, "G0444", "1"),
)


def plant_payers(book: Book) -> None:
    """All of them into the book. Safe to repeat: the same key replaces its row."""
    with book.change():
        for payer in PAYERS:
            book.add_payer(payer)
        for plan in PLANS:
            book.add_plan(plan)
        for payer in PAYERS:
            book.add_fees(_fees(payer.payer_id))
        for payer_id, kind, code, value in RULES:
            book.add_rule(payer_id, kind, code, value)


def _fees(payer_id: str) -> list[AllowedFee]:
    return [
        AllowedFee(
            payer_id=payer_id, code=code, allowed=to_cents(Decimal(average) * SHARE_OF_AVERAGE[payer_id]),
            service_type=service_type, cost_share=shares,
        )
        for code, (average, service_type, shares) in FEES.items()
    ]  # fmt: skip
