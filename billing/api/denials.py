"""Denials over REST: list, look, assign, note, appeal, correct and send again. The same services as the pages."""

from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.api.claims import ClaimSerializer, ReasonSerializer
from billing.models import Correction, Denial, WriteOffRequest
from billing.services import appeals
from billing.services import denials as service
from billing.services.resubmission import bill_other_payer, correct_claim
from billing.services.write_offs import request_write_off
from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Claim, Coverage, Provider, User
from clinic.web.rest import IdempotentPost, acting_user


class CorrectionSerializer(serializers.ModelSerializer[Correction]):
    class Meta:
        model = Correction
        fields = ["id", "created_at", "outcome", "rule", "sentence", "evidence", "diff", "by_worker", "by", "corrected"]


class DenialSerializer(serializers.ModelSerializer[Denial]):
    """`amount` is at stake; `deadline_on` is the payer's, `due_on` our own."""

    corrections = CorrectionSerializer(many=True, read_only=True)

    class Meta:
        model = Denial
        fields = [
            "id", "version", "claim", "charge", "payer", "status", "group", "reason_code", "remark_codes", "category",
            "amount", "next_step", "owner_role", "assigned_to", "due_on", "deadline_on", "denied_on", "closed_at", "note",
            "corrections",
        ]  # fmt: skip
        read_only_fields = fields


class WriteOffRequestSerializer(serializers.ModelSerializer[WriteOffRequest]):
    class Meta:
        model = WriteOffRequest
        fields = ["id", "denial", "amount", "why", "status", "requested_by"]


class AssignSerializer(serializers.Serializer[Any]):
    to = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))


class StepSerializer(serializers.Serializer[Any]):
    version = serializers.IntegerField()
    step = serializers.ChoiceField(choices=Denial.Step.choices)
    due_on = serializers.DateField()
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class NoteSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300)


class OtherPayerSerializer(ReasonSerializer):
    coverage = serializers.PrimaryKeyRelatedField(queryset=Coverage.objects.all())


class ChangesSerializer(serializers.Serializer[Any]):
    """Only what is named changes."""

    place_of_service = serializers.CharField(max_length=2, required=False)
    rendering_provider = serializers.PrimaryKeyRelatedField(
        queryset=Provider.objects.filter(is_active=True), required=False
    )
    referring_provider = serializers.PrimaryKeyRelatedField(
        queryset=Provider.objects.filter(is_active=True), required=False, allow_null=True
    )
    prior_authorization_number = serializers.CharField(max_length=50, required=False, allow_blank=True)
    clia_number = serializers.CharField(max_length=10, required=False, allow_blank=True)
    diagnosis_codes = serializers.ListField(child=serializers.CharField(max_length=8), max_length=12, required=False)


class CorrectSerializer(ReasonSerializer):
    """`version` is the claim's that was read."""

    version = serializers.IntegerField()
    changes = ChangesSerializer(required=False)


class DenialFilter(filters.FilterSet):
    class Meta:
        model = Denial
        fields = ["status", "payer", "category", "assigned_to", "claim", "reason_code", "deadline_on"]


class RecordsSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300)
    until = serializers.DateField()


class DenialViewSet(IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Denial]):
    """A denied line as work. `correct` and `other-payer` answer with the claim that was made."""

    acts: ClassVar[dict[str, str]] = {
        "list": "denial.view",
        "retrieve": "denial.view",
        "assign": "denial.work",
        "step": "denial.work",
        "appeal": "denial.work",
        "appeal_lost": "denial.work",
        "records": "denial.work",
        "bill_patient": "denial.work",
        "close": "denial.work",
        "write_off": "write_off.request",
        "correct": "claim.correct",
        "other_payer": "claim.correct",
    }
    queryset = (
        Denial.objects.select_related("claim__patient").prefetch_related("corrections").order_by("deadline_on", "id")
    )
    serializer_class = DenialSerializer
    filterset_class = DenialFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [row.claim.patient_id for row in rows or []], "API: denials")
        return rows

    def get_object(self) -> Denial:
        denial: Denial = super().get_object()
        audit.viewed(self.request, [denial.claim.patient_id], "API: denial")
        return denial

    @extend_schema(request=AssignSerializer, responses=DenialSerializer)
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        denial = self.get_object()
        return self._shown(service.assign(denial=denial, by=acting_user(request), **self._said(AssignSerializer)))

    @extend_schema(request=StepSerializer, responses=DenialSerializer)
    @action(detail=True, methods=["post"])
    def step(self, request: Request, pk: str) -> Response:
        """A stale `version` is a 409."""
        denial = self.get_object()
        return self._shown(service.note_step(denial=denial, by=acting_user(request), **self._said(StepSerializer)))

    @extend_schema(request=NoteSerializer, responses=DenialSerializer)
    @action(detail=True, methods=["post"])
    def appeal(self, request: Request, pk: str) -> Response:
        denial = self.get_object()
        return self._shown(appeals.appeal(denial=denial, by=acting_user(request), **self._said(NoteSerializer)))

    @extend_schema(request=ReasonSerializer, responses=DenialSerializer)
    @action(detail=True, methods=["post"], url_path="appeal-lost")
    def appeal_lost(self, request: Request, pk: str) -> Response:
        """The payer upheld it: open again, the hold of the account released."""
        why = self._said(ReasonSerializer)["reason"]
        return self._shown(appeals.appeal_lost(denial=self.get_object(), by=acting_user(request), why=why))

    @extend_schema(request=RecordsSerializer, responses=DenialSerializer)
    @action(detail=True, methods=["post"])
    def records(self, request: Request, pk: str) -> Response:
        """What the payer asked for was sent: it waits until that day."""
        denial = self.get_object()
        return self._shown(
            appeals.records_sent(denial=denial, by=acting_user(request), **self._said(RecordsSerializer))
        )

    @extend_schema(request=ReasonSerializer, responses=DenialSerializer)
    @action(detail=True, methods=["post"], url_path="bill-patient")
    def bill_patient(self, request: Request, pk: str) -> Response:
        why = self._said(ReasonSerializer)["reason"]
        return self._shown(service.bill_patient(denial=self.get_object(), by=acting_user(request), why=why))

    @extend_schema(request=ReasonSerializer, responses=DenialSerializer)
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        why = self._said(ReasonSerializer)["reason"]
        return self._shown(service.close(denial=self.get_object(), by=acting_user(request), why=why))

    @extend_schema(request=ReasonSerializer, responses={201: WriteOffRequestSerializer})
    @action(detail=True, methods=["post"], url_path="write-off")
    def write_off(self, request: Request, pk: str) -> Response:
        """Asks; a second person decides on the page. Only a person may ask."""
        why = self._said(ReasonSerializer)["reason"]
        person = acting_user(request)
        if person is None:
            raise ClinicError("A write-off is asked for by a person, so that another one can approve it.")
        made = request_write_off(denial=self.get_object(), why=why, by=person)
        return Response(WriteOffRequestSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=CorrectSerializer, responses={201: ClaimSerializer})
    @action(detail=True, methods=["post"])
    def correct(self, request: Request, pk: str) -> Response:
        """The whole claim again with these changes, as the payer wants it: replacement (7) or new claim (1)."""
        said = self._said(CorrectSerializer)
        made = correct_claim(
            claim=self.get_object().claim, changes=dict(said.get("changes") or {}), reason=said["reason"],
            version=said["version"], by=acting_user(request),
        )  # fmt: skip
        return self._claim(made)

    @extend_schema(request=OtherPayerSerializer, responses={201: ClaimSerializer})
    @action(detail=True, methods=["post"], url_path="other-payer")
    def other_payer(self, request: Request, pk: str) -> Response:
        said = self._said(OtherPayerSerializer)
        return self._claim(bill_other_payer(claim=self.get_object().claim, by=acting_user(request), **said))

    def _said(self, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        asked = shape(data=self.request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def _shown(self, denial: Denial) -> Response:
        return Response(DenialSerializer(self.get_queryset().get(pk=denial.pk)).data)

    def _claim(self, made: Claim) -> Response:
        row = Claim.objects.prefetch_related("lines").get(pk=made.pk)
        return Response(ClaimSerializer(row).data, status=status.HTTP_201_CREATED)
