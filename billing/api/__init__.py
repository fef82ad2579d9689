"""Billing over REST. One router; each file registers its own part."""

from rest_framework.routers import SimpleRouter

from billing.api.charges import ChargeViewSet
from billing.api.claims import ClaimViewSet
from billing.api.denials import DenialViewSet
from billing.api.remittances import RemittanceViewSet

router = SimpleRouter()
router.register("charges", ChargeViewSet, "charge")
router.register("claims", ClaimViewSet, "claim")
router.register("denials", DenialViewSet, "denial")
router.register("remittances", RemittanceViewSet, "remittance")
urlpatterns = router.urls
