"""Free slots and appointments over REST: what a website or a call centre books with."""

from typing import Any, ClassVar

from django.urls import path
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from clinic import audit, clock
from clinic.models import Location, Patient, Provider
from clinic.web.permissions import can
from clinic.web.rest import IdempotentPost, acting_user
from scheduling.forms import our_providers
from scheduling.models import Appointment, AppointmentType
from scheduling.queries import next_free_slots
from scheduling.services.booking import book_appointment, cancel_appointment, move_appointment

MOST_SLOTS = 50


class AppointmentSerializer(serializers.ModelSerializer[Appointment]):
    class Meta:
        model = Appointment
        fields = [
            "id", "version", "patient", "provider", "location", "appointment_type", "start", "end", "status", "reason",
            "confirmed_at", "cancelled_at", "cancelled_by",
        ]  # fmt: skip
        read_only_fields = fields


class BookSerializer(serializers.Serializer[Any]):
    patient = serializers.PrimaryKeyRelatedField(queryset=Patient.objects.all())
    provider = serializers.PrimaryKeyRelatedField(queryset=Provider.objects.select_related("location"))
    appointment_type = serializers.PrimaryKeyRelatedField(queryset=AppointmentType.objects.filter(is_active=True))
    start = serializers.DateTimeField()
    location = serializers.PrimaryKeyRelatedField(queryset=Location.objects.filter(is_active=True), required=False)
    reason = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    overbook_reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class MoveSerializer(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    version = serializers.IntegerField(min_value=1)
    provider = serializers.PrimaryKeyRelatedField(queryset=Provider.objects.select_related("location"), required=False)
    reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)
    overbook_reason = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class CancelSerializer(serializers.Serializer[Any]):
    by_whom = serializers.ChoiceField(choices=Appointment.CancelledBy.choices)
    reason = serializers.CharField(max_length=200)


class SlotsAskedSerializer(serializers.Serializer[Any]):
    appointment_type = serializers.PrimaryKeyRelatedField(queryset=AppointmentType.objects.filter(is_active=True))
    provider = serializers.PrimaryKeyRelatedField(queryset=Provider.objects.all(), required=False)
    location = serializers.PrimaryKeyRelatedField(queryset=Location.objects.all(), required=False)
    after = serializers.DateTimeField(required=False)
    count = serializers.IntegerField(min_value=1, max_value=MOST_SLOTS, required=False, default=10)


class SlotSerializer(serializers.Serializer[Any]):
    provider = serializers.UUIDField()
    provider_name = serializers.CharField()
    location = serializers.UUIDField()
    start = serializers.DateTimeField()
    end = serializers.DateTimeField()


class SlotsView(APIView):
    """The next free slots, soonest first, over one provider or all of them."""

    acts: ClassVar[dict[str, str]] = {"get": "appointment.view"}

    @extend_schema(
        parameters=[
            OpenApiParameter("appointment_type", OpenApiTypes.UUID, required=True),
            OpenApiParameter("provider", OpenApiTypes.UUID),
            OpenApiParameter("location", OpenApiTypes.UUID),
            OpenApiParameter("after", OpenApiTypes.DATETIME),
            OpenApiParameter("count", OpenApiTypes.INT),
        ],
        responses=SlotSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        asked = SlotsAskedSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        said = asked.validated_data
        slots = next_free_slots(
            appointment_type=said["appointment_type"],
            providers=[said["provider"]] if "provider" in said else list(our_providers()),
            after=said.get("after") or clock.now(),
            count=said["count"],
            location=said.get("location"),
        )
        return Response([slot.as_detail() for slot in slots])


class AppointmentFilter(filters.FilterSet):
    starts_after = filters.IsoDateTimeFilter(field_name="start", lookup_expr="gte")
    starts_before = filters.IsoDateTimeFilter(field_name="start", lookup_expr="lt")

    class Meta:
        model = Appointment
        fields = ["patient", "provider", "location", "status"]


class AppointmentViewSet(
    IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Appointment]
):
    """Book, move and cancel. A taken slot is a 409 whose detail names the next free slots."""

    acts: ClassVar[dict[str, str]] = {
        "list": "appointment.view",
        "retrieve": "appointment.view",
        "create": "appointment.book",
        "move": "appointment.move",
        "cancel": "appointment.cancel",
    }
    queryset = Appointment.objects.for_display()
    serializer_class = AppointmentSerializer
    filterset_class = AppointmentFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [a.patient_id for a in rows or []], "API: appointments")
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        audit.viewed(request, [row.patient_id], "API: appointment")
        return Response(self.get_serializer(row).data)

    @extend_schema(request=BookSerializer, responses={201: AppointmentSerializer})
    def create(self, request: Request) -> Response:
        asked = BookSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        _ask_right_to_overbook(request, asked.validated_data)
        row = book_appointment(**asked.validated_data, by=acting_user(request))
        return Response(AppointmentSerializer(row).data, status=201)

    @extend_schema(request=MoveSerializer, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str | None = None) -> Response:
        asked = MoveSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        _ask_right_to_overbook(request, asked.validated_data)
        row = move_appointment(appointment=self.get_object(), **asked.validated_data, by=acting_user(request))
        return Response(AppointmentSerializer(row).data)

    @extend_schema(request=CancelSerializer, responses=AppointmentSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str | None = None) -> Response:
        asked = CancelSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        row = cancel_appointment(appointment=self.get_object(), **asked.validated_data, by=acting_user(request))
        return Response(AppointmentSerializer(row).data)


class AppointmentTypeSerializer(serializers.ModelSerializer[AppointmentType]):
    class Meta:
        model = AppointmentType
        fields = ["id", "name", "minutes"]


class AppointmentTypeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[AppointmentType]):
    """The kinds of visit that may be booked."""

    acts: ClassVar[dict[str, str]] = {"list": "appointment.view"}
    queryset = AppointmentType.objects.filter(is_active=True)
    serializer_class = AppointmentTypeSerializer


def _ask_right_to_overbook(request: Request, said: dict[str, Any]) -> None:
    if said["overbook_reason"] and not can(request.user, "appointment.overbook"):
        raise PermissionDenied("Your role or your token's scopes do not include appointment.overbook.")


router = SimpleRouter()
router.register("appointments", AppointmentViewSet, basename="appointment")
router.register("appointment-types", AppointmentTypeViewSet, basename="appointment-type")
urlpatterns = [path("slots/", SlotsView.as_view(), name="slots"), *router.urls]
