"""Patients and what an appointment needs to know: providers, locations, payers."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from clinic import audit
from clinic.models import Guarantor, Location, Patient, Payer, Provider
from clinic.queries import find_patients
from clinic.services.patients import register_patient, update_patient
from clinic.web.rest import IdempotentPost, acting_user
from x12.codes.coverage import RELATIONSHIPS


class NewGuarantorSerializer(serializers.ModelSerializer[Guarantor]):
    class Meta:
        model = Guarantor
        fields = [
            "first_name", "middle_name", "last_name", "birth_date", "phone", "email", "line1", "line2", "city", "state", "zip_code",
        ]  # fmt: skip


class PatientSerializer(serializers.ModelSerializer[Patient]):
    """Who answers for the bill is the patient, or `guarantor` (one on file), or `new_guarantor`; of the last two
    `guarantor_relationship` says what the patient is to them (19 is child). A patient under 18 needs one of them.
    """

    birth_date = serializers.DateField()
    guarantor = serializers.PrimaryKeyRelatedField(queryset=Guarantor.objects.all(), required=False)
    new_guarantor = NewGuarantorSerializer(write_only=True, required=False)
    guarantor_relationship = serializers.ChoiceField(choices=list(RELATIONSHIPS.items()), required=False)

    class Meta:
        model = Patient
        fields = [
            "id", "mrn", "version", "first_name", "middle_name", "last_name", "birth_date", "sex", "phone", "email",
            "line1", "line2", "city", "state", "zip_code", "text_consent", "email_consent", "emergency_contact",
            "is_self_pay", "guarantor", "guarantor_relationship", "new_guarantor", "merged_into",
        ]  # fmt: skip
        read_only_fields = ["id", "mrn", "merged_into"]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "guarantor" in attrs and "new_guarantor" in attrs:
            raise serializers.ValidationError({"new_guarantor": ["Name a guarantor on file or a new one, not both."]})
        return attrs


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
        fields, named = _with_guarantor(asked.validated_data)
        patient = register_patient(fields=fields, **named, by=acting_user(request))
        return Response(
            self.get_serializer(patient).data, status=201, headers={"Location": f"{request.path}{patient.pk}/"}
        )

    @extend_schema(request=PatientChangeSerializer, responses=PatientSerializer)
    def partial_update(self, request: Request, pk: str) -> Response:
        patient = self.get_object()
        asked = PatientChangeSerializer(patient, data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        fields, named = _with_guarantor(asked.validated_data)
        if "version" not in fields:
            raise serializers.ValidationError({"version": ["Send the version that your change was made from."]})
        version = int(fields.pop("version"))
        changed = update_patient(patient=patient, fields=fields, version=version, by=acting_user(request), **named)
        return Response(self.get_serializer(changed).data)


def _with_guarantor(said: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The patient's own fields, and the guarantor that was named, if one was."""
    named: dict[str, Any] = {name: said[name] for name in ("guarantor", "new_guarantor") if name in said}
    return {name: value for name, value in said.items() if name not in named}, named


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
