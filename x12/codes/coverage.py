"""Cover and benefits: relationships, filing indicators, and the codes of the 270 and 271."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from .rejects import FOLLOW_UP_ACTIONS, REJECT_REASONS, RejectClass, RejectReason, reject_class, reject_words
from .service_types import SERVICE_TYPES

__all__ = [
    "ACTIVE",
    "ANSWER_INCLUDED_FOR_PLAN",
    "BENEFIT_INFORMATION",
    "BENEFIT_LEVELS",
    "BENEFIT_PERIODS",
    "FILING_INDICATORS",
    "FOLLOW_UP_ACTIONS",
    "INACTIVE",
    "INSURANCE_TYPES",
    "QUANTITY_QUALIFIERS",
    "REJECT_REASONS",
    "RELATIONSHIPS",
    "SERVICE_TYPES",
    "BenefitInformation",
    "BenefitMeaning",
    "RejectClass",
    "RejectReason",
    "reject_class",
    "reject_words",
]

RELATIONSHIPS: Final = {
    "01": "Spouse",
    "18": "Self",
    "19": "Child",
    "20": "Employee",
    "21": "Unknown",
    "34": "Other adult",
    "39": "Organ donor",
    "40": "Cadaver donor",
    "53": "Life partner",
    "G8": "Other relationship",
}
"""Patient's relationship to the subscriber: SBR02, PAT01, INS02."""

FILING_INDICATORS: Final = {
    "11": "Other non-federal program",
    "12": "Preferred provider organization (PPO)",
    "13": "Point of service (POS)",
    "14": "Exclusive provider organization (EPO)",
    "15": "Indemnity insurance",
    "16": "Medicare Advantage HMO",
    "17": "Dental maintenance organization",
    "AM": "Automobile medical",
    "BL": "Blue Cross Blue Shield",
    "CH": "TRICARE",
    "CI": "Commercial insurance",
    "DS": "Disability",
    "FI": "Federal employees program",
    "HM": "Health maintenance organization (HMO)",
    "LM": "Liability medical",
    "MA": "Medicare Part A",
    "MB": "Medicare Part B",
    "MC": "Medicaid",
    "OF": "Other federal program",
    "TV": "Title V",
    "VA": "Veterans Affairs",
    "WC": "Workers' compensation",
    "ZZ": "Not known",
}
"""SBR09 and CLP06."""

ANSWER_INCLUDED_FOR_PLAN: Final = ("1", "33", "35", "47", "86", "88", "98", "AL", "MH", "UC")
"""A payer asked about service type 30 answers these too (CORE operating rules)."""


class BenefitMeaning(StrEnum):
    """What an EB line says about the question "is this person covered?"."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    UNKNOWN = "unknown"  # not the same as inactive
    COST_SHARE = "cost share"
    LIMIT = "limit"
    NOT_COVERED = "not covered"
    OTHER_PAYER = "other payer"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BenefitInformation:
    """EB01."""

    code: str
    words: str
    meaning: BenefitMeaning


BENEFIT_INFORMATION: Final = {
    each.code: each
    for each in (
        BenefitInformation("1", "Active", BenefitMeaning.ACTIVE),
        BenefitInformation("2", "Active, full risk capitation", BenefitMeaning.ACTIVE),
        BenefitInformation("3", "Active, services capitated", BenefitMeaning.ACTIVE),
        BenefitInformation("4", "Active, capitated to the primary care provider", BenefitMeaning.ACTIVE),
        BenefitInformation("5", "Active, under investigation", BenefitMeaning.ACTIVE),
        BenefitInformation("6", "Not active", BenefitMeaning.INACTIVE),
        BenefitInformation("7", "Not active, eligibility update pending", BenefitMeaning.INACTIVE),
        BenefitInformation("8", "Not active, under investigation", BenefitMeaning.INACTIVE),
        BenefitInformation("A", "Coinsurance", BenefitMeaning.COST_SHARE),
        BenefitInformation("B", "Copay", BenefitMeaning.COST_SHARE),
        BenefitInformation("C", "Deductible", BenefitMeaning.COST_SHARE),
        BenefitInformation("CB", "Basis of cover", BenefitMeaning.OTHER),
        BenefitInformation("D", "Description of the benefit", BenefitMeaning.OTHER),
        BenefitInformation("E", "Exclusions", BenefitMeaning.NOT_COVERED),
        BenefitInformation("F", "Limitations", BenefitMeaning.LIMIT),
        BenefitInformation("G", "Out-of-pocket maximum", BenefitMeaning.COST_SHARE),
        BenefitInformation("H", "Unlimited", BenefitMeaning.LIMIT),
        BenefitInformation("I", "Not covered", BenefitMeaning.NOT_COVERED),
        BenefitInformation("J", "Cost containment", BenefitMeaning.COST_SHARE),
        BenefitInformation("K", "Reserve", BenefitMeaning.LIMIT),
        BenefitInformation("L", "Primary care provider", BenefitMeaning.OTHER),
        BenefitInformation("M", "Waiting period for an earlier condition", BenefitMeaning.LIMIT),
        BenefitInformation("MC", "Managed-care coordinator", BenefitMeaning.OTHER),
        BenefitInformation("N", "Only with the provider named", BenefitMeaning.LIMIT),
        BenefitInformation("O", "Not deemed a medical necessity", BenefitMeaning.NOT_COVERED),
        BenefitInformation("P", "Disclaimer", BenefitMeaning.OTHER),
        BenefitInformation("Q", "Second opinion needed", BenefitMeaning.LIMIT),
        BenefitInformation("R", "Other or additional payer", BenefitMeaning.OTHER_PAYER),
        BenefitInformation("S", "Earlier years' history", BenefitMeaning.OTHER),
        BenefitInformation("T", "Card reported lost or stolen", BenefitMeaning.OTHER),
        BenefitInformation("U", "Ask the party named", BenefitMeaning.UNKNOWN),
        BenefitInformation("V", "Could not be determined", BenefitMeaning.UNKNOWN),
        BenefitInformation("W", "Other source of the data", BenefitMeaning.OTHER),
        BenefitInformation("X", "Health care facility", BenefitMeaning.OTHER),
        BenefitInformation("Y", "Spend-down", BenefitMeaning.COST_SHARE),
    )
}

ACTIVE: Final = frozenset(code for code, each in BENEFIT_INFORMATION.items() if each.meaning is BenefitMeaning.ACTIVE)
INACTIVE: Final = frozenset(
    code for code, each in BENEFIT_INFORMATION.items() if each.meaning is BenefitMeaning.INACTIVE
)
"""V and U are in neither: not determined is not inactive."""

BENEFIT_LEVELS: Final = {
    "CHD": "children only",
    "DEP": "dependents only",
    "ECH": "employee and children",
    "EMP": "employee only",
    "ESP": "employee and spouse",
    "FAM": "family",
    "IND": "individual",
    "SPC": "spouse and children",
    "SPO": "spouse only",
}
"""EB02."""

INSURANCE_TYPES: Final = {
    "12": "Medicare secondary: working aged",
    "13": "Medicare secondary: kidney disease",
    "14": "Medicare secondary: no-fault",
    "15": "Medicare secondary: workers' compensation",
    "16": "Medicare secondary: federal health service",
    "41": "Medicare secondary: black lung",
    "42": "Medicare secondary: Veterans Affairs",
    "43": "Medicare secondary: disabled",
    "47": "Medicare secondary: liability",
    "AP": "Auto insurance policy",
    "C1": "Commercial",
    "CO": "COBRA",
    "CP": "Medicare conditionally primary",
    "D": "Disability",
    "DB": "Disability benefits",
    "EP": "Exclusive provider organization (EPO)",
    "FF": "Family or friends",
    "GP": "Group policy",
    "HM": "Health maintenance organization (HMO)",
    "HN": "Medicare Advantage HMO",
    "HS": "Special low-income Medicare beneficiary",
    "IN": "Indemnity",
    "IP": "Individual policy",
    "LC": "Long-term care",
    "LD": "Long-term policy",
    "LI": "Life insurance",
    "LT": "Litigation",
    "MA": "Medicare Part A",
    "MB": "Medicare Part B",
    "MC": "Medicaid",
    "MH": "Medigap Part A",
    "MI": "Medigap Part B",
    "MP": "Medicare primary",
    "OT": "Other",
    "PE": "Property insurance, personal",
    "PL": "Personal",
    "PP": "Personal payment",
    "PR": "Preferred provider organization (PPO)",
    "PS": "Point of service (POS)",
    "QM": "Qualified Medicare Beneficiary",
    "RP": "Property insurance, real",
    "SP": "Supplemental policy",
    "TF": "Tax equity act (TEFRA)",
    "WC": "Workers' compensation",
    "WU": "Wrap-up policy",
}
"""EB04."""

BENEFIT_PERIODS: Final = {
    "6": "hour",
    "7": "day",
    "13": "24 hours",
    "21": "years",
    "22": "service year",
    "23": "calendar year",
    "24": "year to date",
    "25": "contract",
    "26": "episode",
    "27": "visit",
    "28": "outlier",
    "29": "remaining",
    "30": "exceeded",
    "31": "not exceeded",
    "32": "lifetime",
    "33": "lifetime remaining",
    "34": "month",
    "35": "week",
    "36": "admission",
}
"""EB06. 29 and 33 are what is left, the others what is set for the whole period."""

QUANTITY_QUALIFIERS: Final = {
    "8H": "minimum",
    "99": "quantity used",
    "CA": "covered",
    "CE": "covered, actual",
    "D3": "days' supply or copays",
    "DB": "deductible blood units",
    "DY": "days",
    "HS": "hours",
    "LA": "lifetime reserve, actual",
    "LE": "lifetime reserve, estimated",
    "M2": "maximum",
    "MN": "months",
    "P6": "services or procedures",
    "QA": "approved",
    "S7": "age, high",
    "S8": "age, low",
    "VS": "visits",
    "YY": "years",
}
"""EB09."""
