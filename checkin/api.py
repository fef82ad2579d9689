"""Arrivals and check-ins over REST: what a kiosk of another maker, or a call centre, may do at the desk."""

from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from checkin.models import Form
from checkin.services.arrival import arrive, check_in, undo_arrival
from checkin.services.copay import TAKEN_HERE, VISIT, Tender
from checkin.services.departure import check_out
from checkin.services.intake import Confirmed
from clinic import audit
from clinic.models import Visit
from clinic.web.rest import IdempotentPost, MoneyField, acting_user
from ledger.models import Payment
from scheduling.models import Appointment


class VisitSerializer(serializers.ModelSerializer[Visit]):
    class Meta:
        model = Visit
        fields = [
            "id", "number", "patient", "provider", "location", "appointment_id", "service_date", "status", "is_self_pay",
            "arrived_at", "checked_in_at", "checked_out_at",
        ]  # fmt: skip
        read_only_fields = fields


class ArrivalSerializer(serializers.Serializer[Any]):
    appointment = serializers.PrimaryKeyRelatedField(queryset=Appointment.objects.for_display())


class TenderSerializer(serializers.Serializer[Any]):
    amount = MoneyField()
    method = serializers.ChoiceField(choices=[(m.value, m.label) for m in TAKEN_HERE])
    reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class CheckInSerializer(serializers.Serializer[Any]):
    photo_id_seen = serializers.BooleanField(default=False)
    address_confirmed = serializers.BooleanField(default=False)
    phone_confirmed = serializers.BooleanField(default=False)
    emergency_contact_confirmed = serializers.BooleanField(default=False)
    coverage_confirmed = serializers.BooleanField(default=False)
    signed_forms = serializers.MultipleChoiceField(choices=Form.choices, default=set)
    signed_name = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    agrees_self_pay = serializers.BooleanField(default=False)
    override_reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    tender = TenderSerializer(required=False)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class ReceiptSerializer(serializers.ModelSerializer[Payment]):
    class Meta:
        model = Payment
        fields = ["id", "number", "kind", "method", "amount"]


class CheckedInSerializer(serializers.Serializer[Any]):
    visit = VisitSerializer()
    payments = ReceiptSerializer(many=True)


class VisitFilter(filters.FilterSet):
    class Meta:
        model = Visit
        fields = ["location", "service_date", "status", "patient"]


class ArrivalViewSet(IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Visit]):
    """A visit opens with the arrival; check-in, its undo and check-out follow the same services as the pages."""

    acts: ClassVar[dict[str, str]] = {
        "list": "visit.view",
        "retrieve": "visit.view",
        "create": "visit.arrive",
        "check_in": "visit.check_in",
        "undo": "visit.undo",
        "check_out": "visit.check_out",
    }
    queryset = Visit.objects.select_related("patient__guarantor", "guarantor", "provider", "location")
    serializer_class = VisitSerializer
    filterset_class = VisitFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [v.patient_id for v in rows or []], "API: visits")
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        audit.viewed(request, [row.patient_id], "API: visit")
        return Response(self.get_serializer(row).data)

    @extend_schema(request=ArrivalSerializer, responses={201: VisitSerializer})
    def create(self, request: Request) -> Response:
        asked = ArrivalSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        visit = arrive(appointment=asked.validated_data["appointment"], by=acting_user(request))
        return Response(VisitSerializer(visit).data, status=201)

    @extend_schema(request=CheckInSerializer, responses=CheckedInSerializer)
    @action(detail=True, methods=["post"], url_path="check-in")
    def check_in(self, request: Request, pk: str | None = None) -> Response:
        asked = CheckInSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        said = dict(asked.validated_data)
        money = said.pop("tender", None)
        done = check_in(
            visit=self.get_object(),
            confirmed=Confirmed(**{**said, "signed_forms": tuple(sorted(said["signed_forms"]))}),
            tender=Tender(**money, toward=VISIT) if money else None,
            key=f"{request.user.pk}:{request.once_key}",  # type: ignore[attr-defined]
            by=acting_user(request),
        )
        return Response(CheckedInSerializer({"visit": done.visit, "payments": done.payments}).data)

    @extend_schema(request=ReasonSerializer, responses=VisitSerializer)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, pk: str | None = None) -> Response:
        asked = ReasonSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        visit = undo_arrival(visit=self.get_object(), reason=asked.validated_data["reason"], by=acting_user(request))
        return Response(VisitSerializer(visit).data)

    @extend_schema(request=None, responses=VisitSerializer)
    @action(detail=True, methods=["post"], url_path="check-out")
    def check_out(self, request: Request, pk: str | None = None) -> Response:
        visit = check_out(visit=self.get_object(), by=acting_user(request))
        return Response(VisitSerializer(visit).data)


router = SimpleRouter()
router.register("arrivals", ArrivalViewSet, basename="arrival")
urlpatterns = router.urls
