"""Billing over REST. One router; each file registers its own part."""

from rest_framework.routers import SimpleRouter

from billing.api.charges import ChargeViewSet
from billing.api.claims import ClaimViewSet

router = SimpleRouter()
router.register("charges", ChargeViewSet, "charge")
router.register("claims", ClaimViewSet, "claim")
urlpatterns = router.urls
