"""Relationships, claim filing indicators, service types, benefit codes and AAA reasons, in our words."""

from enum import Enum

RELATIONSHIPS: dict[str, str] = {
    "18": "self",
    "01": "spouse",
    "19": "child",
    "20": "employee",
    "21": "unknown",
    "39": "organ donor",
    "40": "cadaver donor",
    "53": "life partner",
    "G8": "other",
}

FILING_INDICATORS: dict[str, str] = {
    "11": "other non-federal program",
    "12": "preferred provider organization",
    "13": "point of service",
    "14": "exclusive provider organization",
    "15": "indemnity",
    "16": "Medicare managed care",
    "17": "dental maintenance organization",
    "AM": "automobile medical",
    "BL": "Blue Cross and Blue Shield",
    "CH": "TRICARE",
    "CI": "commercial",
    "DS": "disability",
    "FI": "federal employees",
    "HM": "health maintenance organization",
    "LM": "liability medical",
    "MA": "Medicare part A",
    "MB": "Medicare part B",
    "MC": "Medicaid",
    "OF": "other federal program",
    "TV": "title V",
    "VA": "veterans affairs",
    "WC": "workers' compensation",
    "ZZ": "mutually defined",
}

SERVICE_TYPES: dict[str, str] = {
    "1": "medical care",
    "2": "surgical",
    "4": "diagnostic x-ray",
    "5": "diagnostic laboratory",
    "12": "equipment purchase",
    "30": "plan",
    "33": "chiropractic",
    "35": "dental",
    "42": "home health",
    "45": "hospice",
    "47": "hospital",
    "48": "inpatient",
    "50": "outpatient",
    "62": "MRI or CT",
    "68": "well baby",
    "73": "diagnostic medical",
    "80": "immunization",
    "81": "routine physical",
    "86": "emergency",
    "88": "pharmacy",
    "96": "professional visit",
    "98": "office visit",
    "99": "inpatient visit",
    "A0": "outpatient visit",
    "A3": "home visit",
    "A4": "psychiatric",
    "A6": "psychotherapy",
    "AD": "occupational therapy",
    "AF": "speech therapy",
    "AL": "vision",
    "BY": "sick visit",
    "BZ": "well visit",
    "CQ": "case management",
    "MH": "mental health",
    "PT": "physical therapy",
    "UC": "urgent care",
}

BENEFIT_INFORMATION: dict[str, str] = {
    "1": "active",
    "2": "active, full risk capitation",
    "3": "active, services capitated",
    "4": "active, services capitated to primary care",
    "5": "active, pending investigation",
    "6": "inactive",
    "7": "inactive, pending eligibility update",
    "8": "inactive, pending investigation",
    "A": "coinsurance",
    "B": "copay",
    "C": "deductible",
    "CB": "coverage basis",
    "D": "benefit description",
    "E": "exclusion",
    "F": "limitation",
    "G": "out-of-pocket maximum",
    "H": "unlimited",
    "I": "not covered",
    "J": "cost containment",
    "K": "reserve",
    "L": "primary care provider",
    "M": "pre-existing condition",
    "MC": "managed-care coordinator",
    "N": "restricted to one provider",
    "O": "not medically necessary",
    "P": "disclaimer",
    "Q": "second opinion needed",
    "R": "other or additional payer",
    "S": "earlier year's history",
    "T": "card reported lost",
    "U": "ask another organization",
    "V": "cannot be processed",
    "W": "other source of data",
    "X": "health-care facility",
    "Y": "spend-down",
}

ACTIVE = frozenset({"1", "2", "3", "4", "5"})
INACTIVE = frozenset({"6", "7", "8"})

BENEFIT_LEVELS: dict[str, str] = {
    "CHD": "children only",
    "DEP": "dependants only",
    "ECH": "employee and children",
    "EMP": "employee only",
    "ESP": "employee and spouse",
    "FAM": "family",
    "IND": "individual",
    "SPC": "spouse and children",
    "SPO": "spouse only",
}

BENEFIT_PERIODS: dict[str, str] = {
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


class RejectClass(Enum):
    """What to do about an AAA."""

    RETRY = "ask again later"
    OUR_SETUP = "our enrolment with the payer"
    PATIENT_DATA = "the patient's data"
    DATES = "the dates asked about"
    OTHER = "something else"


REJECT_REASONS: dict[str, tuple[str, RejectClass]] = {
    "04": ("more parts than the payer takes", RejectClass.OUR_SETUP),
    "15": ("required data missing", RejectClass.OUR_SETUP),
    "33": ("input errors", RejectClass.OUR_SETUP),
    "35": ("outside the payer's network of data", RejectClass.OTHER),
    "41": ("we may not ask this payer", RejectClass.OUR_SETUP),
    "42": ("payer cannot answer now", RejectClass.RETRY),
    "43": ("our provider id is invalid there", RejectClass.OUR_SETUP),
    "44": ("our provider name is invalid there", RejectClass.OUR_SETUP),
    "45": ("provider specialty invalid", RejectClass.OUR_SETUP),
    "46": ("provider telephone invalid", RejectClass.OUR_SETUP),
    "47": ("provider state invalid", RejectClass.OUR_SETUP),
    "48": ("referring provider id invalid", RejectClass.OUR_SETUP),
    "49": ("provider is not the primary care physician", RejectClass.OTHER),
    "50": ("provider may not ask", RejectClass.OUR_SETUP),
    "51": ("provider not on file", RejectClass.OUR_SETUP),
    "52": ("service dates outside the provider's plan", RejectClass.DATES),
    "53": ("inquired benefit inconsistent with provider", RejectClass.OTHER),
    "54": ("inappropriate product code", RejectClass.OTHER),
    "56": ("inappropriate date", RejectClass.DATES),
    "57": ("date of service invalid", RejectClass.DATES),
    "58": ("birth date invalid or missing", RejectClass.PATIENT_DATA),
    "60": ("birth date after the date of service", RejectClass.DATES),
    "61": ("date of death before the date of service", RejectClass.DATES),
    "62": ("date not within the allowed period", RejectClass.DATES),
    "63": ("date of service in the future", RejectClass.DATES),
    "64": ("patient id invalid or missing", RejectClass.PATIENT_DATA),
    "65": ("patient name invalid or missing", RejectClass.PATIENT_DATA),
    "66": ("patient sex invalid or missing", RejectClass.PATIENT_DATA),
    "67": ("patient not found", RejectClass.PATIENT_DATA),
    "68": ("duplicate patient id", RejectClass.PATIENT_DATA),
    "69": ("does not fit the patient's age", RejectClass.PATIENT_DATA),
    "70": ("does not fit the patient's sex", RejectClass.PATIENT_DATA),
    "71": ("birth date does not match", RejectClass.PATIENT_DATA),
    "72": ("subscriber id invalid or missing", RejectClass.PATIENT_DATA),
    "73": ("subscriber name invalid or missing", RejectClass.PATIENT_DATA),
    "74": ("subscriber sex invalid or missing", RejectClass.PATIENT_DATA),
    "75": ("subscriber not found", RejectClass.PATIENT_DATA),
    "76": ("duplicate subscriber id", RejectClass.PATIENT_DATA),
    "77": ("subscriber found, patient not", RejectClass.PATIENT_DATA),
    "78": ("not in the group or plan named", RejectClass.PATIENT_DATA),
    "79": ("participant id invalid", RejectClass.OUR_SETUP),
    "80": ("no response from the payer", RejectClass.RETRY),
    "97": ("provider address invalid", RejectClass.OUR_SETUP),
    "98": ("experimental service", RejectClass.OTHER),
    "AA": ("authorization number not found", RejectClass.OTHER),
    "T4": ("payer name or id missing", RejectClass.OUR_SETUP),
}


def reject_words(code: str) -> str:
    found = REJECT_REASONS.get(code)
    return found[0] if found else f"reason {code}"


def reject_class(code: str) -> RejectClass:
    found = REJECT_REASONS.get(code)
    return found[1] if found else RejectClass.OTHER
