"""Statements, plans, cases and payments over REST. Every POST needs an Idempotency-Key."""

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from clinic import audit
from clinic.models import Patient
from clinic.web.rest import IdempotentPost, acting_user
from collections_app.api.serializers import (
    AgencySerializer,
    CallSerializer,
    CaseSerializer,
    ForGuarantorSerializer,
    OpenPlanSerializer,
    PaymentSerializer,
    PaySerializer,
    PlanSerializer,
    ReasonSerializer,
    StatementSerializer,
    TakeSerializer,
)
from collections_app.models import CollectionCase, PaymentPlan, Statement
from collections_app.services.cases import note_call
from collections_app.services.installments import take_installment
from collections_app.services.payment_plans import cancel_plan, open_plan
from collections_app.services.referrals import recall_case, request_referral
from collections_app.services.statements import issue_statement
from ledger.models import Payment
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
