"""Statements, plans, cases and payments over REST. Every POST needs an Idempotency-Key."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from clinic import audit
from clinic.models import ChargeItem, Guarantor, Patient
from clinic.web.rest import IdempotentPost, acting_user
from collections_app.models import CollectionCase, Installment, PaymentPlan, PlanLine, Statement, StatementLine
from collections_app.services.cases import note_call
from collections_app.services.installments import take_installment
from collections_app.services.payment_plans import cancel_plan, open_plan
from collections_app.services.referrals import recall_case, request_referral
from collections_app.services.statements import issue_statement
from ledger.forms import AT_THE_DESK
from ledger.models import CardToken, Payment
from ledger.services.cards import charge_card
from ledger.services.payments import receive_payment


class Audited(IdempotentPost, viewsets.GenericViewSet[Any]):
    """Rows of accounts: each answer is noted in the audit for the patients of their guarantors."""

    subject: ClassVar[str] = ""

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        self.note([row.guarantor_id for row in rows or []])
        return rows

    def get_object(self) -> Any:
        row = super().get_object()
        self.note([row.guarantor_id])
        return row

    def note(self, guarantor_ids: list[Any]) -> None:
        patients = Patient.objects.filter(guarantor__in=guarantor_ids).values_list("pk", flat=True)
        audit.viewed(self.request, patients, f"API: {self.subject}")

    def read(self, kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
        asked = kind(data=request.data)
        asked.is_valid(raise_exception=True)
        return dict(asked.validated_data)

    def answer(self, row: Any, request: Request, *, created: bool = False) -> Response:
        row = self.get_queryset().get(pk=row.pk)
        self.note([row.guarantor_id])
        headers = {"Location": f"{request.path}{row.pk}/"} if created else {}
        return Response(self.get_serializer(row).data, status=201 if created else 200, headers=headers)


class StatementLineSerializer(serializers.ModelSerializer[StatementLine]):
    class Meta:
        model = StatementLine
        fields = [
            "charge",
            "visit",
            "service_date",
            "code",
            "charged",
            "insurance_paid",
            "adjusted",
            "patient_paid",
            "balance",
        ]
        read_only_fields = fields


class StatementSerializer(serializers.ModelSerializer[Statement]):
    lines = StatementLineSerializer(many=True, read_only=True)

    class Meta:
        model = Statement
        fields = [
            "id",
            "number",
            "guarantor",
            "notice",
            "channel",
            "issued_on",
            "pay_by",
            "balance",
            "on_plan",
            "lines",
        ]
        read_only_fields = fields


class ForGuarantorSerializer(serializers.Serializer[Any]):
    guarantor = serializers.PrimaryKeyRelatedField(queryset=Guarantor.objects.all())


class StatementViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Audited):
    acts: ClassVar[dict[str, str]] = {
        "list": "statement.view",
        "retrieve": "statement.view",
        "create": "statement.issue",
    }
    subject = "statements"
    queryset = Statement.objects.prefetch_related("lines")
    serializer_class = StatementSerializer
    filterset_fields = ("guarantor", "issued_on", "notice")

    @extend_schema(request=ForGuarantorSerializer, responses={201: StatementSerializer})
    def create(self, request: Request) -> Response:
        """Send a statement now. 422 with the reason when the account may not be billed."""
        said = self.read(ForGuarantorSerializer, request)
        return self.answer(issue_statement(by=acting_user(request), **said), request, created=True)


class InstallmentSerializer(serializers.ModelSerializer[Installment]):
    class Meta:
        model = Installment
        fields = ["id", "position", "due_on", "amount", "paid", "status", "tries", "next_try_on"]
        read_only_fields = fields


class PlanLineSerializer(serializers.ModelSerializer[PlanLine]):
    class Meta:
        model = PlanLine
        fields = ["charge", "amount"]
        read_only_fields = fields


class PlanSerializer(serializers.ModelSerializer[PaymentPlan]):
    installments = InstallmentSerializer(many=True, read_only=True)
    lines = PlanLineSerializer(many=True, read_only=True)

    class Meta:
        model = PaymentPlan
        fields = [
            "id", "number", "guarantor", "status", "principal", "day_of_month", "starts_on", "card_token",
            "disclosure_given", "opened_on", "ended_on", "lines", "installments",
        ]  # fmt: skip
        read_only_fields = fields


class ShareSerializer(serializers.Serializer[Any]):
    charge = serializers.PrimaryKeyRelatedField(queryset=ChargeItem.objects.all())
    amount = serializers.DecimalField(max_digits=12, decimal_places=2)


class OpenPlanSerializer(ForGuarantorSerializer):
    parts = serializers.IntegerField()
    lines = ShareSerializer(many=True, required=False)
    day_of_month = serializers.IntegerField(required=False)
    starts_on = serializers.DateField(required=False)
    card_token = serializers.PrimaryKeyRelatedField(queryset=CardToken.objects.all(), required=False)
    disclosure_given = serializers.BooleanField(required=False, default=False)


class ReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class TakeSerializer(serializers.Serializer[Any]):
    installment = serializers.PrimaryKeyRelatedField(queryset=Installment.objects.all())
    amount = serializers.DecimalField(max_digits=12, decimal_places=2, required=False)
    method = serializers.ChoiceField(choices=[(m.value, m.label) for m in AT_THE_DESK])
    reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    class Meta:
        model = Payment
        fields = ["id", "number", "guarantor", "kind", "method", "amount", "status", "received_on", "reference"]
        read_only_fields = fields


class PlanViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Audited):
    acts: ClassVar[dict[str, str]] = {
        "list": "plan.view",
        "retrieve": "plan.view",
        "create": "plan.open",
        "cancel": "plan.cancel",
        "take": "payment.take",
    }
    subject = "payment plans"
    queryset = PaymentPlan.objects.prefetch_related("lines", "installments")
    serializer_class = PlanSerializer
    filterset_fields = ("guarantor", "status")

    @extend_schema(request=OpenPlanSerializer, responses={201: PlanSerializer})
    def create(self, request: Request) -> Response:
        """Without `lines` all that is due goes on the plan; its parts add up to it, the odd cents last."""
        said = self.read(OpenPlanSerializer, request)
        if "lines" in said:
            said["lines"] = [(share["charge"], share["amount"]) for share in said["lines"]]
        return self.answer(open_plan(by=acting_user(request), **said), request, created=True)

    @extend_schema(request=ReasonSerializer, responses=PlanSerializer)
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        said = self.read(ReasonSerializer, request)
        return self.answer(cancel_plan(plan=self.get_object(), by=_person(request), **said), request)

    @extend_schema(request=TakeSerializer, responses={201: PaymentSerializer})
    @action(detail=True, methods=["post"])
    def take(self, request: Request, pk: str) -> Response:
        """Money for an installment, taken at the desk."""
        plan = self.get_object()
        said = self.read(TakeSerializer, request)
        if said["installment"].plan_id != plan.pk:
            raise serializers.ValidationError({"installment": ["This installment belongs to another plan."]})
        payment = take_installment(key=_key(request), by=acting_user(request), **said)
        return Response(PaymentSerializer(payment).data, status=201)


class CaseSerializer(serializers.ModelSerializer[CollectionCase]):
    class Meta:
        model = CollectionCase
        fields = [
            "id", "number", "guarantor", "status", "opened_on", "stage_on", "call_note", "answer_by", "agency",
            "placed_on", "placed_amount", "closed_on",
        ]  # fmt: skip
        read_only_fields = fields


class CallSerializer(serializers.Serializer[Any]):
    note = serializers.CharField(max_length=300)


class AgencySerializer(serializers.Serializer[Any]):
    agency = serializers.CharField(max_length=80)


class CaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, Audited):
    """Approval and write-off belong to persons on their page, never to an API client."""

    acts: ClassVar[dict[str, str]] = {
        "list": "case.view",
        "retrieve": "case.view",
        "call": "case.work",
        "refer": "case.refer",
        "recall": "case.refer",
    }
    subject = "collection cases"
    queryset = CollectionCase.objects.all()
    serializer_class = CaseSerializer
    filterset_fields = ("guarantor", "status")

    @extend_schema(request=CallSerializer, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def call(self, request: Request, pk: str) -> Response:
        said = self.read(CallSerializer, request)
        return self.answer(note_call(case=self.get_object(), by=_person(request), **said), request)

    @extend_schema(request=AgencySerializer, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def refer(self, request: Request, pk: str) -> Response:
        """Ask for the referral; a second person approves it on the case's page."""
        said = self.read(AgencySerializer, request)
        return self.answer(request_referral(case=self.get_object(), by=_person(request), **said), request)

    @extend_schema(request=ReasonSerializer, responses=CaseSerializer)
    @action(detail=True, methods=["post"])
    def recall(self, request: Request, pk: str) -> Response:
        said = self.read(ReasonSerializer, request)
        return self.answer(recall_case(case=self.get_object(), by=_person(request), **said), request)


class PaySerializer(ForGuarantorSerializer):
    """Either `card_token` (charged through the processor) or `method` with its reference."""

    amount = serializers.DecimalField(max_digits=12, decimal_places=2)
    method = serializers.ChoiceField(choices=[(m.value, m.label) for m in AT_THE_DESK], required=False)
    reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    card_token = serializers.PrimaryKeyRelatedField(queryset=CardToken.objects.all(), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("method" in attrs) == ("card_token" in attrs):
            raise serializers.ValidationError("Send either a method or a card_token.")
        return attrs


class PayViewSet(Audited):
    """A payment on the account's balance: the oldest debt first."""

    acts: ClassVar[dict[str, str]] = {"create": "payment.take"}
    subject = "payment"
    own_transactions = True
    queryset = Payment.objects.all()
    serializer_class = PaymentSerializer

    @extend_schema(request=PaySerializer, responses={201: PaymentSerializer})
    def create(self, request: Request) -> Response:
        said = self.read(PaySerializer, request)
        common = {
            "guarantor": said["guarantor"],
            "amount": said["amount"],
            "kind": Payment.Kind.BALANCE,
            "key": _key(request),
            "by": acting_user(request),
        }
        if "card_token" in said:
            payment = charge_card(token=said["card_token"], **common)
        else:
            payment = receive_payment(method=said["method"], reference=said["reference"], **common)
        self.note([payment.guarantor_id])
        return Response(PaymentSerializer(payment).data, status=201)


def _key(request: Request) -> str:
    """The client's key, apart from every other client's."""
    return f"api:{request.user.pk}:{getattr(request, 'once_key', '')}"[:150]


def _person(request: Request) -> Any:
    """These acts name who did them: a person who signed in, never a bare client."""
    person = acting_user(request)
    if person is None:
        raise serializers.ValidationError("This is done by a person who has signed in, not by an API client.")
    return person


router = SimpleRouter()
router.register("statements", StatementViewSet, "statement")
router.register("plans", PlanViewSet, "plan")
router.register("cases", CaseViewSet, "case")
router.register("payments", PayViewSet, "payment")
urlpatterns = router.urls
