"""The one-use link by which a statement is paid without signing in.

The address holds a signed id and nothing else; the row says whether it still counts. The card is charged between
two transactions with the link as key, so a double click or a crash charges once.
"""

from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from clinic import clock
from clinic.errors import ClinicError
from clinic.money import ZERO, dollars
from collections_app.models import PayLink, Statement
from collections_app.queries.billable import open_amounts
from ledger.accounts import Account
from ledger.models import CardToken, Payment
from ledger.services.cards import charge_card, keep_card

SALT = "collections.pay"
LIVES = timedelta(days=60)
NOT_VALID = "This payment link is not valid. Use the link of your latest statement, or call the clinic."


def make_link(*, statement: Statement) -> PayLink:
    return PayLink.objects.create(statement=statement, expires_at=clock.now() + LIVES)


def path_of(link: PayLink) -> str:
    return reverse("collections:pay", args=[signing.Signer(salt=SALT).sign(link.pk.hex)])


def address_of(link: PayLink) -> str:
    """What goes into the message. The site's address is the practice's setting (TANDEM_SITE_URL)."""
    return f"{getattr(settings, 'SITE_URL', '').rstrip('/')}{path_of(link)}"


def read_link(token: str) -> PayLink:
    """The row behind a signed address. ClinicError when the signature is not ours or the row is gone."""
    try:
        link_id = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise ClinicError(NOT_VALID) from None
    link = PayLink.objects.select_related("statement__guarantor", "payment").filter(pk=link_id).first()
    if link is None:
        raise ClinicError(NOT_VALID)
    return link


def amount_due(link: PayLink) -> Decimal:
    """What is still due of the statement's lines today, never more than the statement asked for."""
    charges = [line.charge for line in link.statement.lines.select_related("charge")]
    return min(link.statement.balance, sum(open_amounts(charges, Account.PAT).values(), ZERO))


def why_not(link: PayLink) -> str:
    """Why this link takes no money now; empty when it does."""
    if link.used_at is not None:
        return f"This link was used on {clock.local(link.used_at):%m/%d/%Y}. Thank you for your payment."
    if tries_of(link).filter(status=Payment.Status.CHARGING).exists():
        return "A payment by this link is being carried out. Wait a few minutes, then look again."
    if tries_of(link).filter(status=Payment.Status.POSTED).exists():
        return "This link was used. Thank you for your payment."
    if link.expires_at <= clock.now():
        return "This link has expired. Use the link of your latest statement, or call the clinic."
    if amount_due(link) <= ZERO:
        return "Nothing is due on this statement any more."
    return ""


def pay_by_link(*, link: PayLink, number: str = "", expires_on: date | None = None, token: CardToken | None = None,
                asked: Decimal | None = None) -> Payment:  # fmt: skip
    """Charge a card for what the statement asks, once. Call it outside any transaction.

    `asked` is the amount the payer saw; when it has changed since, nothing is charged. `token`: a card on file;
    else the number goes to the processor and only its token stays.
    """
    link.refresh_from_db()
    key = _key(link)
    begun = tries_of(link).exclude(status=Payment.Status.DECLINED).select_related("card_token").first()
    if link.payment is not None:
        return link.payment
    if begun is not None and begun.card_token is not None:
        key, amount, token = begun.key, begun.amount, begun.card_token
    else:
        refusal = why_not(link)
        if refusal:
            raise ClinicError(refusal)
        amount = amount_due(link)
        if asked is not None and asked != amount:
            raise ClinicError(f"The amount has changed to {dollars(amount)}. Look at it and pay again.")
        if token is None:
            if expires_on is None:
                raise ClinicError("Enter the card's expiry.", field="expires")
            token = keep_card(guarantor=link.statement.guarantor, number=number, expires_on=expires_on, by=None)
    payment = charge_card(
        guarantor=link.statement.guarantor,
        token=token,
        amount=amount,
        kind=Payment.Kind.BALANCE,
        method=Payment.Method.LINK,
        key=key,
        by=None,
        charges=[line.charge for line in link.statement.lines.select_related("charge")],
    )
    return _used(link, payment)


@transaction.atomic
def _used(link: PayLink, payment: Payment) -> Payment:
    row = PayLink.objects.select_for_update().get(pk=link.pk)
    if row.used_at is None:
        PayLink.objects.filter(pk=row.pk).update(used_at=clock.now(), payment=payment, updated_at=clock.now())
    link.refresh_from_db()
    return payment


def tries_of(link: PayLink) -> "QuerySet[Payment]":
    return Payment.objects.filter(key__startswith=f"pay-link:{link.pk}:")


def _key(link: PayLink) -> str:
    """One key per try: after a decline another card may be tried, two clicks of one try are one charge."""
    return f"pay-link:{link.pk}:{tries_of(link).filter(status=Payment.Status.DECLINED).count() + 1}"
