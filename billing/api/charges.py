"""Charges of a visit over REST: capture, change, void. The services decide, as for the pages."""

from decimal import Decimal
from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.services.charges import ChargeLine, capture_charges, change_charge, void_charge
from clinic import audit
from clinic.models import ChargeItem, Provider, Visit
from clinic.web.rest import IdempotentPost, MoneyField, acting_user


class ChargeSerializer(serializers.ModelSerializer[ChargeItem]):
    class Meta:
        model = ChargeItem
        fields = [
            "id", "version", "visit", "patient", "service_date", "code", "modifiers", "units", "amount", "pointers", "ndc",
            "prior_authorization_number", "rendering_provider", "voided_at", "void_reason",
        ]  # fmt: skip
        read_only_fields = fields


class LineSerializer(serializers.Serializer[Any]):
    """`amount` may be left out: units times the fee of that day."""

    code = serializers.CharField(max_length=5)
    modifiers = serializers.ListField(child=serializers.CharField(max_length=2), max_length=4, required=False)
    units = serializers.IntegerField(min_value=1, max_value=999, required=False)
    pointers = serializers.ListField(child=serializers.IntegerField(min_value=1, max_value=12), required=False)
    amount = MoneyField(max_digits=9, min_value=Decimal("0.00"), required=False, allow_null=True)
    ndc = serializers.CharField(max_length=13, required=False, allow_blank=True)
    prior_authorization_number = serializers.CharField(max_length=50, required=False, allow_blank=True)
    rendering_provider = serializers.PrimaryKeyRelatedField(
        queryset=Provider.objects.filter(is_active=True), required=False, allow_null=True
    )


class CaptureSerializer(serializers.Serializer[Any]):
    """`diagnoses` is the visit's whole list in order; left out, it stays as it is."""

    visit = serializers.PrimaryKeyRelatedField(queryset=Visit.objects.all())
    diagnoses = serializers.ListField(child=serializers.CharField(max_length=8), max_length=12, required=False)
    bill_patient = serializers.BooleanField(required=False, default=False)
    lines = LineSerializer(many=True, allow_empty=True)


class ChangeSerializer(LineSerializer):
    """Only what is named changes; `version` is the one that was read."""

    code = serializers.CharField(max_length=5, required=False)
    version = serializers.IntegerField()


class ChargeReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class ChargeFilter(filters.FilterSet):
    class Meta:
        model = ChargeItem
        fields = ["visit", "patient", "code", "service_date"]


class ChargeViewSet(
    IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[ChargeItem]
):
    """What was done at a visit. A capture is whole or not at all."""

    acts: ClassVar[dict[str, str]] = {
        "list": "charge.view",
        "retrieve": "charge.view",
        "create": "charge.edit",
        "partial_update": "charge.edit",
        "void": "charge.edit",
    }
    queryset = ChargeItem.objects.filter(kind=ChargeItem.Kind.SERVICE).order_by("-created_at", "-id")
    serializer_class = ChargeSerializer
    filterset_class = ChargeFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [c.patient_id for c in rows or []], "API: charges")
        return rows

    def get_object(self) -> ChargeItem:
        charge: ChargeItem = super().get_object()
        audit.viewed(self.request, [charge.patient_id], "API: charge")
        return charge

    @extend_schema(request=CaptureSerializer, responses={201: ChargeSerializer(many=True)})
    def create(self, request: Request) -> Response:
        asked = CaptureSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        charges = capture_charges(
            visit=said["visit"], diagnoses=said.get("diagnoses"), bill_patient=said["bill_patient"],
            lines=[ChargeLine(**line) for line in said["lines"]], by=acting_user(request),
        )  # fmt: skip
        audit.viewed(request, [said["visit"].patient_id], "API: charges captured")
        return Response(ChargeSerializer(charges, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ChangeSerializer, responses=ChargeSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        """A stale `version` is a 409."""
        charge = self.get_object()
        asked = ChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changes = dict(asked.validated_data)
        version = changes.pop("version")
        changed = change_charge(charge=charge, changes=changes, version=version, by=acting_user(request))
        return Response(ChargeSerializer(changed).data)

    @extend_schema(request=ChargeReasonSerializer, responses=ChargeSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        asked = ChargeReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        charge = void_charge(charge=self.get_object(), reason=asked.validated_data["reason"], by=acting_user(request))
        return Response(ChargeSerializer(charge).data)
