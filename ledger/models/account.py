"""The names of the accounts. What each one means and needs stands in ledger/accounts.py."""

from django.db import models


class Account(models.TextChoices):
    # Money in the house and on its way
    CASH = "CASH", "Cash drawer"
    BANK = "BANK", "Bank"
    CARD = "CARD", "Card clearing"
    REMIT = "REMIT", "Remittance clearing"
    # Who owes us
    INS = "INS", "Insurance receivable"
    PAT = "PAT", "Patient receivable"
    PLAN = "PLAN", "Payment plan receivable"
    AGCY = "AGCY", "Receivable at the agency"
    # Whom we owe
    CRED = "CRED", "Patient credit"
    PAYU = "PAYU", "Unapplied payer money"
    RECOUP = "RECOUP", "Payer recoupment"
    REFP = "REFP", "Refunds payable"
    ESCH = "ESCH", "Unclaimed property"
    # What we earn
    REV = "REV", "Charges"
    FEE = "FEE", "Fee income"
    INT = "INT", "Interest from payers"
    REVCAP = "REVCAP", "Capitation"
    BREC = "BREC", "Bad-debt recovery"
    # What a charge loses on its way
    CTR = "CTR", "Contractual adjustment"
    SEQ = "SEQ", "Sequestration"
    SPD = "SPD", "Self-pay discount"
    DWO = "DWO", "Denial write-off"
    SB = "SB", "Small balance write-off"
    CHAR = "CHAR", "Charity"
    BAD = "BAD", "Bad debt"
    # What it costs
    AFEE = "AFEE", "Agency fee"
    BFEE = "BFEE", "Bank and card fees"
    PLBX = "PLBX", "Other payer withholding"
    OVERSHORT = "OVERSHORT", "Cash over and short"


class WriteOff(models.TextChoices):
    """Why an amount is given up. Only the first two leave the denominator of net collection."""

    CONTRACTUAL = "contractual", "Contract with the payer"
    SELF_PAY = "self_pay", "Self-pay discount"
    TIMELY = "timely", "Filed too late"
    NO_AUTHORIZATION = "no_authorization", "No authorization"
    DENIED = "denied", "Denied for good"
    SMALL = "small", "Small balance"
    HARDSHIP = "hardship", "Hardship"
    BAD_DEBT = "bad_debt", "Bad debt"
