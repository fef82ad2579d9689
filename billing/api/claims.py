"""Claims over REST: list, look, make, hold, send, correct and send again. The same services as the pages."""

from collections.abc import Callable
from typing import Any, ClassVar

from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from billing.services import claims as service
from billing.services.resend import resend_rejected
from billing.services.scrub import scrub
from billing.services.secondary import create_secondary
from billing.services.submission import submit_one
from clinic import audit
from clinic.models import Claim, ClaimLine, Visit
from clinic.web.rest import IdempotentPost, acting_user


class ClaimLineSerializer(serializers.ModelSerializer[ClaimLine]):
    class Meta:
        model = ClaimLine
        fields = [
            "position", "control_number", "charge", "service_date", "code", "modifiers", "units", "amount", "pointers", "ndc",
        ]  # fmt: skip


class ClaimListSerializer(serializers.ModelSerializer[Claim]):
    class Meta:
        model = Claim
        fields = [
            "id", "number", "control_number", "sequence", "frequency", "status", "order", "visit", "patient", "payer",
            "coverage", "total", "file_by", "first_billed_on", "submitted_at", "accepted_at", "answered_at",
            "payer_claim_number", "hold_reason",
        ]  # fmt: skip
        read_only_fields = fields


class ClaimSerializer(ClaimListSerializer):
    """With its lines and what the edits found. `findings`: code, severity (stop, warn), sentence, line (0: the claim)."""

    lines = ClaimLineSerializer(many=True)

    class Meta(ClaimListSerializer.Meta):
        fields = [
            *ClaimListSerializer.Meta.fields, "version", "diagnosis_codes", "place_of_service", "rendering_provider",
            "referring_provider", "prior_authorization_number", "clia_number", "replaces", "after", "findings", "lines",
        ]  # fmt: skip
        read_only_fields = fields


class MakeSerializer(serializers.Serializer[Any]):
    visit = serializers.PrimaryKeyRelatedField(queryset=Visit.objects.all())


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class ResendSerializer(ReasonSerializer):
    unchanged = serializers.BooleanField(required=False, default=False)


class ClaimFilter(filters.FilterSet):
    class Meta:
        model = Claim
        fields = ["status", "payer", "patient", "visit", "control_number", "order"]


class ClaimViewSet(IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Claim]):
    """A claim to one payer for one visit."""

    acts: ClassVar[dict[str, str]] = {
        "list": "claim.view",
        "retrieve": "claim.view",
        "create": "claim.edit",
        "check": "claim.edit",
        "submit": "claim.submit",
        "hold": "claim.hold",
        "release": "claim.hold",
        "void": "claim.void",
        "resend": "claim.correct",
        "next_payer": "claim.submit",
    }
    queryset = Claim.objects.prefetch_related("lines").order_by("-created_at", "-id")
    serializer_class = ClaimSerializer
    filterset_class = ClaimFilter

    def get_serializer_class(self) -> type[serializers.ModelSerializer[Claim]]:
        return ClaimListSerializer if self.action == "list" else ClaimSerializer

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [c.patient_id for c in rows or []], "API: claims")
        return rows

    def get_object(self) -> Claim:
        claim: Claim = super().get_object()
        audit.viewed(self.request, [claim.patient_id], "API: claim")
        return claim

    @extend_schema(request=MakeSerializer, responses={201: ClaimSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Make the claims of a visit's unclaimed charges, scrubbed at once."""
        asked = MakeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        visit = asked.validated_data["visit"]
        made = service.create_claims(visit=visit, by=acting_user(request))
        audit.viewed(request, [visit.patient_id], "API: claims made")
        rows = self.get_queryset().filter(pk__in=[claim.pk for claim in made])
        return Response(ClaimSerializer(rows, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ClaimSerializer)
    @action(detail=True, methods=["post"])
    def check(self, request: Request, pk: str) -> Response:
        """Run the edits over the record as it stands now."""
        return self._done(request, lambda claim, by: scrub(claim=claim, by=by))

    @extend_schema(request=None, responses=ClaimSerializer)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Send a ready claim now; otherwise the clock does."""
        return self._done(request, lambda claim, by: submit_one(claim=claim, by=by))

    @extend_schema(request=ReasonSerializer, responses=ClaimSerializer)
    @action(detail=True, methods=["post"])
    def hold(self, request: Request, pk: str) -> Response:
        reason = self._said(request, ReasonSerializer)["reason"]
        return self._done(request, lambda claim, by: service.hold_claim(claim=claim, reason=reason, by=by))

    @extend_schema(request=None, responses=ClaimSerializer)
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        return self._done(request, lambda claim, by: service.release_claim(claim=claim, by=by))

    @extend_schema(request=ReasonSerializer, responses=ClaimSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        reason = self._said(request, ReasonSerializer)["reason"]
        return self._done(request, lambda claim, by: service.void_claim(claim=claim, reason=reason, by=by))

    @extend_schema(request=ResendSerializer, responses=ClaimSerializer)
    @action(detail=True, methods=["post"])
    def resend(self, request: Request, pk: str) -> Response:
        """A rejected claim again as an original (1); refused while nothing has changed."""
        said = self._said(request, ResendSerializer)
        return self._done(request, lambda claim, by: resend_rejected(claim=claim, by=by, **said))

    @extend_schema(request=None, responses={201: ClaimSerializer})
    @action(detail=True, methods=["post"], url_path="next-payer")
    def next_payer(self, request: Request, pk: str) -> Response:
        """The claim to the next payer, with this one's answer along."""
        made = create_secondary(primary=self.get_object(), by=acting_user(request))
        row = self.get_queryset().get(pk=made.pk)
        return Response(ClaimSerializer(row).data, status=status.HTTP_201_CREATED)

    def _said(self, request: Request, shape: type[serializers.Serializer[Any]]) -> dict[str, Any]:
        asked = shape(data=request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def _done(self, request: Request, act: Callable[[Claim, Any], Any]) -> Response:
        claim = self.get_object()
        act(claim, acting_user(request))
        return Response(ClaimSerializer(self.get_queryset().get(pk=claim.pk)).data)
