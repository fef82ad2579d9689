"""Remittance advice remark codes (RARC): our words, and the one claim element a code points to, if it is one."""

from dataclasses import dataclass

UNPROCESSABLE = "MA130"
CROSSOVER = frozenset({"MA18", "MA07", "N89"})
QMB = frozenset({"N781", "N782", "N783"})


@dataclass(frozen=True, slots=True)
class Remark:
    """`element` names a field of the claim when the remark points to exactly one: rendering_npi, clia_number …"""

    words: str
    element: str = ""


REMARKS: dict[str, Remark] = {
    "M15": Remark("separately billed services were combined"),
    "M16": Remark("see the payer's bulletin"),
    "M20": Remark("procedure code missing or invalid", "procedure_code"),
    "M27": Remark("the patient is not liable"),
    "M44": Remark("condition code missing or invalid"),
    "M45": Remark("occurrence code missing or invalid"),
    "M47": Remark("payer's claim number missing or invalid", "original_reference"),
    "M49": Remark("value code missing or invalid"),
    "M50": Remark("revenue code missing or invalid"),
    "M51": Remark("procedure code missing or invalid", "procedure_code"),
    "M52": Remark("from date missing or invalid", "service_date"),
    "M53": Remark("units missing or invalid", "units"),
    "M54": Remark("total charge missing or invalid"),
    "M56": Remark("payer id missing or invalid", "payer_id"),
    "M59": Remark("to date missing or invalid", "service_date"),
    "M60": Remark("certificate of necessity missing"),
    "M62": Remark("treatment authorization code missing or invalid", "prior_authorization_number"),
    "M64": Remark("other diagnosis missing or invalid"),
    "M76": Remark("diagnosis missing or invalid", "diagnosis"),
    "M77": Remark("place of service missing or invalid", "place_of_service"),
    "M79": Remark("charge missing or invalid"),
    "M80": Remark("not covered with another service that day"),
    "M86": Remark("paid for a similar service before"),
    "M97": Remark("not paid separately in this place"),
    "M119": Remark("drug code (NDC) missing or invalid", "ndc"),
    "M123": Remark("drug name, strength or dose missing"),
    "M124": Remark("ownership of the equipment unknown"),
    "M127": Remark("medical record missing"),
    "M130": Remark("invoice missing"),
    "MA01": Remark("you may appeal"),
    "MA04": Remark("earlier payer's remittance missing or unreadable"),
    "MA07": Remark("also sent on to the supplemental insurer"),
    "MA13": Remark("patient may not be billed"),
    "MA15": Remark("claim was split"),
    "MA18": Remark("also sent on to the supplemental insurer"),
    "MA27": Remark("entitlement number or name wrong", "member_id"),
    "MA36": Remark("patient name missing or invalid", "patient_name"),
    "MA39": Remark("sex missing or invalid", "sex"),
    "MA44": Remark("no appeal rights"),
    "MA61": Remark("social security or member number missing", "member_id"),
    "MA63": Remark("principal diagnosis missing or invalid", "diagnosis"),
    "MA83": Remark("whether another payer is first is not said"),
    "MA92": Remark("other insurance plan information missing"),
    "MA112": Remark("group practice information missing"),
    "MA114": Remark("place of service address missing"),
    "MA120": Remark("CLIA number missing or invalid", "clia_number"),
    "MA121": Remark("x-ray date missing"),
    "MA122": Remark("initial treatment date missing"),
    "MA125": Remark("not billed to the patient under law"),
    "MA130": Remark("claim unprocessable: send a new one, no appeal"),
    "N19": Remark("incidental to the primary procedure"),
    "N20": Remark("not payable with another service that day"),
    "N26": Remark("itemised bill missing"),
    "N29": Remark("documentation missing"),
    "N30": Remark("patient not eligible for this service"),
    "N32": Remark("must be billed by the rendering provider"),
    "N56": Remark("code does not describe the service on that date", "procedure_code"),
    "N64": Remark("dates span more than allowed"),
    "N65": Remark("procedure code or rate not on file"),
    "N89": Remark("paid by the supplemental insurer, sent on"),
    "N95": Remark("this provider type may not bill this"),
    "N115": Remark("decided under a local coverage rule"),
    "N122": Remark("add-on code without its base code"),
    "N130": Remark("see the plan's benefit documents"),
    "N174": Remark("not covered, patient pays"),
    "N179": Remark("information asked from the member"),
    "N180": Remark("does not meet the criteria"),
    "N182": Remark("must be sent by another provider"),
    "N198": Remark("rendering provider must be affiliated"),
    "N202": Remark("additional documentation will be requested"),
    "N210": Remark("you may appeal"),
    "N211": Remark("no appeal"),
    "N216": Remark("not offered by this plan"),
    "N252": Remark("attending provider's name missing"),
    "N253": Remark("attending provider's NPI missing"),
    "N255": Remark("billing provider's taxonomy missing", "billing_taxonomy"),
    "N256": Remark("billing provider's name missing", "billing_name"),
    "N257": Remark("billing provider's NPI missing", "billing_npi"),
    "N264": Remark("ordering provider's name missing"),
    "N265": Remark("ordering provider's NPI missing"),
    "N276": Remark("other provider's NPI missing"),
    "N285": Remark("referring provider's name missing", "referring_npi"),
    "N286": Remark("referring provider's NPI missing", "referring_npi"),
    "N288": Remark("rendering provider's taxonomy missing", "rendering_taxonomy"),
    "N289": Remark("rendering provider's name missing", "rendering_npi"),
    "N290": Remark("rendering provider's NPI missing", "rendering_npi"),
    "N291": Remark("rendering provider's second id missing"),
    "N293": Remark("service facility's NPI missing"),
    "N294": Remark("service facility's address missing"),
    "N297": Remark("supervising provider's NPI missing"),
    "N327": Remark("other insured's birth date missing"),
    "N329": Remark("patient's birth date missing or invalid", "birth_date"),
    "N362": Remark("more units than allowed"),
    "N364": Remark("the claim was sent on"),
    "N381": Remark("see your contract"),
    "N382": Remark("patient identifier missing or invalid", "member_id"),
    "N386": Remark("decided under a national coverage rule"),
    "N418": Remark("wrong payer"),
    "N425": Remark("excluded by law"),
    "N428": Remark("not covered in this place"),
    "N432": Remark("adjusted after a recovery audit"),
    "N448": Remark("not in the fee schedule"),
    "N479": Remark("earlier payer's explanation of benefits missing"),
    "N517": Remark("new claim needed"),
    "N519": Remark("invalid combination of codes"),
    "N522": Remark("duplicate of a claim in process"),
    "N527": Remark("no record of the original claim"),
    "N570": Remark("credentials missing"),
    "N575": Remark("rendering and referring names do not match"),
    "N640": Remark("above the number of units"),
    "N657": Remark("use the appropriate code", "procedure_code"),
    "N700": Remark("paid under a bundled rate"),
    "N702": Remark("decided by earlier claims"),
    "N706": Remark("documentation missing"),
    "N781": Remark("no deductible may be collected (QMB)"),
    "N782": Remark("no coinsurance may be collected (QMB)"),
    "N783": Remark("no copay may be collected (QMB)"),
    "N807": Remark("performance payment adjustment"),
    "N823": Remark("modifier missing or invalid", "modifier"),
}


def words(code: str) -> str:
    """Our words for a remark; the bare code when it is not in the table."""
    found = REMARKS.get(code)
    return found.words if found else f"remark {code}"


def element_of(code: str) -> str:
    """The one claim element that a remark points to, or empty."""
    found = REMARKS.get(code)
    return found.element if found else ""
