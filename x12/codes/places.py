"""Place of service codes, as CMS publishes them."""

from typing import Final

_OFFICE_RATE: Final = {
    "01": "Pharmacy",
    "03": "School",
    "04": "Homeless shelter",
    "09": "Prison or correctional facility",
    "10": "Telehealth, patient at home",
    "11": "Office",
    "12": "Home",
    "13": "Assisted living",
    "14": "Group home",
    "15": "Mobile unit",
    "16": "Temporary lodging",
    "17": "Walk-in retail clinic",
    "18": "Place of employment",
    "20": "Urgent care",
    "25": "Birthing center",
    "27": "Outreach site, street",
    "32": "Nursing facility",
    "33": "Custodial care",
    "49": "Independent clinic",
    "50": "Federally qualified health center",
    "54": "Intermediate care facility",
    "55": "Residential substance abuse treatment",
    "57": "Non-residential substance abuse treatment",
    "58": "Opioid treatment program",
    "60": "Mass immunization center",
    "62": "Outpatient rehabilitation facility",
    "65": "Kidney disease treatment facility",
    "66": "Program of all-inclusive care for the elderly",
    "71": "Public health clinic",
    "72": "Rural health clinic",
    "81": "Independent laboratory",
    "99": "Other",
}

_FACILITY_RATE: Final = {
    "02": "Telehealth, patient not at home",
    "05": "Indian Health Service, free-standing",
    "06": "Indian Health Service, provider-based",
    "07": "Tribal facility, free-standing",
    "08": "Tribal facility, provider-based",
    "19": "Outpatient hospital, off campus",
    "21": "Inpatient hospital",
    "22": "Outpatient hospital, on campus",
    "23": "Emergency room",
    "24": "Ambulatory surgical center",
    "26": "Military treatment facility",
    "31": "Skilled nursing facility",
    "34": "Hospice",
    "41": "Ambulance, land",
    "42": "Ambulance, air or water",
    "51": "Inpatient psychiatric facility",
    "52": "Psychiatric facility, partial hospitalization",
    "53": "Community mental health center",
    "56": "Psychiatric residential treatment",
    "61": "Inpatient rehabilitation facility",
}

PLACES: Final = dict(sorted({**_OFFICE_RATE, **_FACILITY_RATE}.items()))
"""Code to words."""

FACILITY_PLACES: Final = frozenset(_FACILITY_RATE)
"""Medicare pays the lower facility rate in these."""

TELEHEALTH_PLACES: Final = frozenset({"02", "10"})


def place_words(code: str) -> str:
    """Our words for the place; the bare code when it is not in the table."""
    return PLACES.get(code, f"Place {code}")
