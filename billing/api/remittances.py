"""Remittances over REST: hand in an 835, look at checks and their answers, assign, post, deposit."""

from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, parsers, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.models import Adjustment, ClaimResponse, LineResponse, ProviderAdjustment, Remittance
from billing.services import check_desk
from billing.services.posting import post_remittance
from billing.services.remittances import import_bytes
from clinic import audit
from clinic.web.rest import IdempotentPost, acting_user


class AdjustmentSerializer(serializers.ModelSerializer[Adjustment]):
    class Meta:
        model = Adjustment
        fields = ["line", "group", "reason_code", "amount", "quantity"]


class LineResponseSerializer(serializers.ModelSerializer[LineResponse]):
    class Meta:
        model = LineResponse
        fields = [
            "id", "position", "code", "modifiers", "charge", "paid", "allowed", "units", "service_date", "remark_codes",
            "outcome", "denied_amount", "charge_item",
        ]  # fmt: skip


class ClaimResponseSerializer(serializers.ModelSerializer[ClaimResponse]):
    """`status_code` is CLP02. An adjustment without `line` stands on the claim as a whole."""

    lines = LineResponseSerializer(many=True)
    adjustments = AdjustmentSerializer(many=True)

    class Meta:
        model = ClaimResponse
        fields = [
            "id", "claim", "patient_control_number", "status", "held_reason", "status_code", "charge", "paid",
            "patient_responsibility", "payer_claim_number", "remark_codes", "lines", "adjustments",
        ]  # fmt: skip


class ProviderAdjustmentSerializer(serializers.ModelSerializer[ProviderAdjustment]):
    class Meta:
        model = ProviderAdjustment
        fields = ["id", "code", "reference", "amount", "treatment", "resolved_at"]


class RemittanceListSerializer(serializers.ModelSerializer[Remittance]):
    class Meta:
        model = Remittance
        fields = [
            "id", "trace_number", "payer", "payer_name", "paid_on", "amount", "method", "status", "held_reason", "posted_at",
            "deposited_on", "created_at",
        ]  # fmt: skip
        read_only_fields = fields


class RemittanceSerializer(RemittanceListSerializer):
    responses = ClaimResponseSerializer(many=True)
    provider_adjustments = ProviderAdjustmentSerializer(many=True)

    class Meta(RemittanceListSerializer.Meta):
        fields = [*RemittanceListSerializer.Meta.fields, "responses", "provider_adjustments"]
        read_only_fields = fields


class FileSerializer(serializers.Serializer[Any]):
    file = serializers.FileField()


class VerdictSerializer(serializers.Serializer[Any]):
    """`verdict`: accepted, refused (`segment`, `reason`) or repeated."""

    verdict = serializers.CharField()
    trace_number = serializers.CharField()
    claims = serializers.IntegerField()
    matched = serializers.IntegerField()
    held = serializers.IntegerField()
    segment = serializers.IntegerField(allow_null=True)
    reason = serializers.CharField()
    remittance = serializers.UUIDField(source="remittance.pk", read_only=True, default=None)


class DepositSerializer(serializers.Serializer[Any]):
    on = serializers.DateField()


class AssignClaimSerializer(serializers.Serializer[Any]):
    response = serializers.PrimaryKeyRelatedField(queryset=ClaimResponse.objects.select_related("remittance"))
    claim = serializers.UUIDField()


class RemittanceFilter(filters.FilterSet):
    is_deposited = filters.BooleanFilter(field_name="deposited_on", lookup_expr="isnull", exclude=True)

    class Meta:
        model = Remittance
        fields = ["status", "payer", "trace_number", "paid_on"]


class RemittanceViewSet(
    IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Remittance]
):
    """One check or EFT. A file is handed in as multipart `file`; each check in it gets its verdict."""

    acts: ClassVar[dict[str, str]] = {
        "list": "remittance.view",
        "retrieve": "remittance.view",
        "create": "remittance.import",
        "assign": "remittance.post",
        "post_now": "remittance.post",
        "deposit": "remittance.post",
    }
    queryset = Remittance.objects.order_by("-created_at", "-id")
    serializer_class = RemittanceSerializer
    filterset_class = RemittanceFilter
    parser_classes = (parsers.JSONParser, parsers.MultiPartParser)
    own_transactions = True

    def get_serializer_class(self) -> type[serializers.ModelSerializer[Remittance]]:
        return RemittanceListSerializer if self.action == "list" else RemittanceSerializer

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        if self.action == "list":
            return rows
        return rows.prefetch_related("responses__lines", "responses__adjustments", "provider_adjustments")

    def get_object(self) -> Remittance:
        remittance: Remittance = super().get_object()
        patients = remittance.responses.exclude(claim=None).values_list("claim__patient", flat=True)
        audit.viewed(self.request, list(patients), "API: remittance")
        return remittance

    @extend_schema(request=FileSerializer, responses={201: VerdictSerializer(many=True)})
    def create(self, request: Request) -> Response:
        asked = FileSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        file = asked.validated_data["file"]
        verdicts = import_bytes(payload=file.read(), name=file.name, by=acting_user(request))
        return Response(VerdictSerializer(verdicts, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=AssignClaimSerializer, responses=RemittanceSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """A held answer belongs to this claim of ours."""
        asked = AssignClaimSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        remittance = self.get_object()
        response = remittance.responses.select_related("remittance").get(pk=said["response"].pk)
        check_desk.assign_claim(response=response, claim_id=said["claim"], by=acting_user(request))
        return self._shown(remittance)

    @extend_schema(request=None, responses=RemittanceSerializer)
    @action(detail=True, methods=["post"], url_path="post")
    def post_now(self, request: Request, pk: str) -> Response:
        """Otherwise the clock posts it."""
        return self._shown(post_remittance(remittance=self.get_object(), by=acting_user(request)))

    @extend_schema(request=DepositSerializer, responses=RemittanceSerializer)
    @action(detail=True, methods=["post"])
    def deposit(self, request: Request, pk: str) -> Response:
        asked = DepositSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = check_desk.record_deposit(
            remittance=self.get_object(), on=asked.validated_data["on"], by=acting_user(request)
        )
        return self._shown(row)

    def _shown(self, remittance: Remittance) -> Response:
        return Response(RemittanceSerializer(self.get_queryset().get(pk=remittance.pk)).data)
