"""Coverage, eligibility and prior authorizations over REST: for websites, kiosks and partner systems."""

from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from clinic import audit, clock
from clinic.models import Coverage, Patient, Payer, Provider
from clinic.web.rest import IdempotentPost, acting_user
from insurance.models import Benefit, EligibilityCheck, PriorAuthorization
from insurance.queries import with_units_left
from insurance.services import coverage as coverages
from insurance.services import eligibility, prior_auth
from x12.codes.coverage import RELATIONSHIPS


class CoverageSerializer(serializers.ModelSerializer[Coverage]):
    """The member id itself is never given out: its last four characters tell one card from another."""

    class Meta:
        model = Coverage
        fields = [
            "id", "version", "patient", "payer", "order", "member_id_last4", "group_number", "plan_name",
            "relationship", "starts_on", "ends_on", "is_active",
        ]  # fmt: skip
        read_only_fields = fields


class AddCoverageSerializer(serializers.Serializer[Any]):
    patient = serializers.PrimaryKeyRelatedField(queryset=Patient.objects.all())
    payer = serializers.PrimaryKeyRelatedField(queryset=Payer.objects.all())
    member_id = serializers.CharField(max_length=40)
    order = serializers.IntegerField(min_value=1, max_value=4, default=1)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(required=False, allow_null=True, default=None)
    group_number = serializers.CharField(max_length=30, required=False, default="", allow_blank=True)
    relationship = serializers.ChoiceField(choices=list(RELATIONSHIPS), default="18")
    subscriber_first_name = serializers.CharField(max_length=35, required=False, default="", allow_blank=True)
    subscriber_last_name = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    subscriber_birth_date = serializers.DateField(required=False, allow_null=True, default=None)


class EndCoverageSerializer(serializers.Serializer[Any]):
    ends_on = serializers.DateField()
    reason = serializers.CharField(max_length=120)


class BenefitSerializer(serializers.ModelSerializer[Benefit]):
    class Meta:
        model = Benefit
        fields = [
            "position", "segment_number", "information", "level", "service_types", "period", "amount", "percent",
            "needs_authorization", "in_network", "message",
        ]  # fmt: skip
        read_only_fields = fields


class EligibilitySerializer(serializers.ModelSerializer[EligibilityCheck]):
    benefits = BenefitSerializer(many=True, read_only=True)

    class Meta:
        model = EligibilityCheck
        fields = [
            "id", "coverage", "on", "service_type", "answer", "reason_code", "reason", "plan_name", "cover_from",
            "cover_to", "other_payer_name", "other_payer_is_primary", "answered_at", "benefits",
        ]  # fmt: skip
        read_only_fields = fields


class AskSerializer(serializers.Serializer[Any]):
    coverage = serializers.PrimaryKeyRelatedField(queryset=Coverage.objects.all())
    on = serializers.DateField(required=False)


class AuthorizationSerializer(serializers.ModelSerializer[PriorAuthorization]):
    units_left = serializers.IntegerField(source="left", read_only=True)

    class Meta:
        model = PriorAuthorization
        fields = [
            "id", "version", "coverage", "patient", "number", "status", "codes", "units", "units_left", "starts_on",
            "ends_on", "requested_on", "answer_due_on",
        ]  # fmt: skip
        read_only_fields = fields


class RecordAuthorizationSerializer(serializers.Serializer[Any]):
    coverage = serializers.PrimaryKeyRelatedField(queryset=Coverage.objects.select_related("patient"))
    number = serializers.CharField(max_length=50)
    codes = serializers.ListField(child=serializers.CharField(max_length=5), min_length=1, max_length=20)
    units = serializers.IntegerField(min_value=1, max_value=9999)
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()
    provider = serializers.PrimaryKeyRelatedField(queryset=Provider.objects.all(), required=False)
    note = serializers.CharField(max_length=300, required=False, default="", allow_blank=True)


class CoverageViewSet(
    IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Coverage]
):
    """A patient's policies; adding one asks the payer in the background."""

    acts: ClassVar[dict[str, str]] = {
        "list": "coverage.view", "retrieve": "coverage.view", "create": "coverage.edit", "end": "coverage.edit",
    }  # fmt: skip
    queryset = Coverage.objects.select_related("patient", "payer").order_by("-created_at", "-id")
    serializer_class = CoverageSerializer
    filterset_fields = ["patient", "payer", "is_active"]

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [c.patient_id for c in rows or []], "API: coverages")
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        audit.viewed(request, [row.patient_id], "API: coverage")
        return Response(self.get_serializer(row).data)

    @extend_schema(request=AddCoverageSerializer, responses={201: CoverageSerializer})
    def create(self, request: Request) -> Response:
        asked = AddCoverageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = coverages.add_coverage(**asked.validated_data, by=acting_user(request))
        return Response(CoverageSerializer(row).data, status=201)

    @extend_schema(request=EndCoverageSerializer, responses=CoverageSerializer)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, pk: str | None = None) -> Response:
        asked = EndCoverageSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = coverages.end_coverage(coverage=self.get_object(), by=acting_user(request), **asked.validated_data)
        return Response(CoverageSerializer(row).data)


class EligibilityViewSet(
    IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[EligibilityCheck]
):
    """Ask in the background (202), then look again: active, inactive, or could not be determined."""

    acts: ClassVar[dict[str, str]] = {
        "list": "coverage.view", "retrieve": "coverage.view", "create": "eligibility.verify",
    }  # fmt: skip
    queryset = EligibilityCheck.objects.prefetch_related("benefits").order_by("-created_at", "-id")
    serializer_class = EligibilitySerializer
    filterset_fields = ["patient", "coverage", "answer"]

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [c.patient_id for c in rows or []], "API: eligibility")
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        audit.viewed(request, [row.patient_id], "API: eligibility")
        return Response(self.get_serializer(row).data)

    @extend_schema(request=AskSerializer, responses={202: EligibilitySerializer})
    def create(self, request: Request) -> Response:
        asked = AskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        check = eligibility.ask_in_background(
            coverage=asked.validated_data["coverage"], on=asked.validated_data.get("on") or clock.today(),
            by=acting_user(request),
        )  # fmt: skip
        return Response(EligibilitySerializer(check).data, status=202)


class AuthorizationViewSet(
    IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[PriorAuthorization]
):
    """Approvals with their units left."""

    acts: ClassVar[dict[str, str]] = {
        "list": "authorization.view", "retrieve": "authorization.view", "create": "authorization.edit",
    }  # fmt: skip
    queryset = with_units_left(PriorAuthorization.objects.all()).order_by("-created_at", "-id")
    serializer_class = AuthorizationSerializer
    filterset_fields = ["patient", "coverage", "status"]

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [a.patient_id for a in rows or []], "API: authorizations")
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        audit.viewed(request, [row.patient_id], "API: authorization")
        return Response(self.get_serializer(row).data)

    @extend_schema(request=RecordAuthorizationSerializer, responses={201: AuthorizationSerializer})
    def create(self, request: Request) -> Response:
        asked = RecordAuthorizationSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = prior_auth.record_authorization(**asked.validated_data, by=acting_user(request))
        return Response(AuthorizationSerializer(get_object_or_404(self.get_queryset(), pk=row.pk)).data, status=201)


router = SimpleRouter()
router.register("coverages", CoverageViewSet, "coverage")
router.register("eligibility", EligibilityViewSet, "eligibility")
router.register("authorizations", AuthorizationViewSet, "authorization")
urlpatterns = router.urls
