"""Patients and what an appointment needs to know: providers, locations, payers."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from clinic import audit
from clinic.models import Location, Patient, Payer, Provider
from clinic.queries import find_patients
from clinic.services.patients import register_patient, update_patient
from clinic.web.rest import IdempotentPost, acting_user


class PatientSerializer(serializers.ModelSerializer[Patient]):
    birth_date = serializers.DateField()

    class Meta:
        model = Patient
        fields = [
            "id", "mrn", "version", "first_name", "middle_name", "last_name", "birth_date", "sex", "phone", "email",
            "line1", "line2", "city", "state", "zip_code", "text_consent", "email_consent", "emergency_contact",
            "is_self_pay", "guarantor", "merged_into",
        ]  # fmt: skip
        read_only_fields = ["id", "mrn", "guarantor", "merged_into"]


class PatientChangeSerializer(PatientSerializer):
    """A change names the `version` it was made from."""

    version = serializers.IntegerField(min_value=1, required=True)


class SearchSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=80)


class PatientViewSet(
    IdempotentPost,
    mixins.ListModelMixin,
    mixins.RetrieveModelMixin,
    viewsets.GenericViewSet[Patient],
):
    """Each answer is noted in the audit for every patient in it. Searches are posted: no name stands in an address."""

    acts: ClassVar[dict[str, str]] = {
        "list": "patient.view",
        "retrieve": "patient.view",
        "search": "patient.search",
        "create": "patient.edit",
        "partial_update": "patient.edit",
    }
    repeatable_posts = frozenset({"search"})
    queryset = Patient.objects.all()
    serializer_class = PatientSerializer

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [p.pk for p in rows or []], "API: list of patients")
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        patient = self.get_object()
        audit.viewed(request, [patient.pk], "API: patient")
        return Response(self.get_serializer(patient).data)

    @extend_schema(request=SearchSerializer, responses=PatientSerializer(many=True))
    @action(detail=False, methods=["post"], pagination_class=None)
    def search(self, request: Request) -> Response:
        """At most 25 patients by name, birth date, phone or MRN."""
        wanted = SearchSerializer(data=request.data)
        wanted.is_valid(raise_exception=True)
        found = list(find_patients(wanted.validated_data["q"]))
        audit.viewed(request, [p.pk for p in found], "API: patient search")
        return Response(self.get_serializer(found, many=True).data)

    @extend_schema(request=PatientSerializer, responses={201: PatientSerializer})
    def create(self, request: Request) -> Response:
        asked = self.get_serializer(data=request.data)
        asked.is_valid(raise_exception=True)
        patient = register_patient(fields=asked.validated_data, by=acting_user(request))
        return Response(
            self.get_serializer(patient).data, status=201, headers={"Location": f"{request.path}{patient.pk}/"}
        )

    @extend_schema(request=PatientChangeSerializer, responses=PatientSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        patient = self.get_object()
        asked = PatientChangeSerializer(patient, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        fields = dict(asked.validated_data)
        if "version" not in fields:
            raise serializers.ValidationError({"version": ["Send the version that your change was made from."]})
        version = int(fields.pop("version"))
        changed = update_patient(patient=patient, fields=fields, version=version, by=acting_user(request))
        return Response(self.get_serializer(changed).data)


class LocationSerializer(serializers.ModelSerializer[Location]):
    class Meta:
        model = Location
        fields = ["id", "name", "timezone", "line1", "line2", "city", "state", "zip_code", "phone"]


class ProviderSerializer(serializers.ModelSerializer[Provider]):
    class Meta:
        model = Provider
        fields = ["id", "npi", "first_name", "last_name", "credential", "taxonomy", "location"]


class PayerSerializer(serializers.ModelSerializer[Payer]):
    class Meta:
        model = Payer
        fields = ["id", "name", "payer_id", "filing_days", "appeal_days"]


class Reference(viewsets.ReadOnlyModelViewSet[Any]):
    acts: ClassVar[dict[str, str]] = {"list": "reference.view", "retrieve": "reference.view"}


class LocationViewSet(Reference):
    queryset = Location.objects.filter(is_active=True)
    serializer_class = LocationSerializer


class ProviderViewSet(Reference):
    queryset = Provider.objects.filter(is_active=True, is_ours=True).order_by("-id")
    serializer_class = ProviderSerializer


class PayerViewSet(Reference):
    queryset = Payer.objects.filter(is_active=True).order_by("-id")
    serializer_class = PayerSerializer


router = SimpleRouter()
router.register("patients", PatientViewSet)
router.register("locations", LocationViewSet)
router.register("providers", ProviderViewSet)
router.register("payers", PayerViewSet)
urlpatterns = router.urls
