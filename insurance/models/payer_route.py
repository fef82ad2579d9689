"""PayerRoute: by which partner a payer is reached, and what it is called there."""

from django.db import models

from clinic.models import Payer, Record


class PayerRoute(Record):
    """A payer id belongs to a clearinghouse, not to the payer: one row per payer and partner."""

    payer = models.ForeignKey(Payer, on_delete=models.PROTECT, related_name="routes")
    partner = models.ForeignKey("clearinghouse.TradingPartner", on_delete=models.PROTECT, related_name="payer_routes")
    payer_id_there = models.CharField("payer id at this partner", max_length=20)
    does_eligibility = models.BooleanField("answers eligibility inquiries", default=True)
    does_claims = models.BooleanField("takes claims", default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["payer", "partner"], name="payer_route_once")]

    def __str__(self) -> str:
        return f"{self.payer} by {self.partner}"
