"""The API of collections: mounted under /api/v1/collections/."""

from rest_framework.routers import SimpleRouter

from collections_app.api.viewsets import CaseViewSet, PayViewSet, PlanViewSet, StatementViewSet

router = SimpleRouter()
router.register("statements", StatementViewSet, "statement")
router.register("plans", PlanViewSet, "plan")
router.register("cases", CaseViewSet, "case")
router.register("payments", PayViewSet, "payment")
urlpatterns = router.urls
