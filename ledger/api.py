"""Balances, activity and payments over REST. Money is a string with two places."""

from decimal import Decimal
from typing import Any, ClassVar

from django.shortcuts import get_object_or_404
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from clinic import audit
from clinic.errors import ClinicError
from clinic.models import Guarantor, Patient, Visit
from clinic.web.rest import IdempotentPost, MoneyField, acting_user
from ledger.models import Payment
from ledger.queries.activity import account_activity
from ledger.queries.balances import owed_by_insurance, patient_balance
from ledger.services.payments import receive_payment, void_payment


class BalanceSerializer(serializers.Serializer[Any]):
    due = MoneyField()
    on_plan = MoneyField()
    at_agency = MoneyField()
    written_off = MoneyField()
    credit = MoneyField()
    at_insurance = MoneyField()


class ActivitySerializer(serializers.Serializer[Any]):
    what = serializers.CharField()
    on = serializers.DateField()
    posted_at = serializers.DateTimeField()
    codes = serializers.ListField(child=serializers.CharField())
    patient = MoneyField()
    insurance = MoneyField()
    credit = MoneyField()
    owed_after = MoneyField()
    receipt = serializers.CharField()


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    class Meta:
        model = Payment
        fields = [
            "id", "number", "guarantor", "patient", "visit", "kind", "method", "amount", "reference", "status",
            "received_on", "received_at",
        ]  # fmt: skip
        read_only_fields = fields


class TakeSerializer(serializers.Serializer[Any]):
    """`amount` is a string with at most two places."""

    guarantor = serializers.PrimaryKeyRelatedField(queryset=Guarantor.objects.all())
    amount = MoneyField(min_value=Decimal("0.01"))
    kind = serializers.ChoiceField(choices=Payment.Kind.choices)
    method = serializers.ChoiceField(choices=Payment.Method.choices)
    visit = serializers.PrimaryKeyRelatedField(
        queryset=Visit.objects.select_related("location", "patient"), required=False, allow_null=True
    )
    patient = serializers.PrimaryKeyRelatedField(queryset=Patient.objects.all(), required=False, allow_null=True)
    reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class VoidSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=200)


class AccountViewSet(viewsets.GenericViewSet[Guarantor]):
    """What a guarantor's account owes, and its history."""

    acts: ClassVar[dict[str, str]] = {"retrieve": "ledger.balance", "activity": "ledger.view"}
    queryset = Guarantor.objects.all()
    serializer_class = BalanceSerializer

    def _account(self, why: str) -> Guarantor:
        guarantor = get_object_or_404(Guarantor, pk=self.kwargs["pk"])
        audit.viewed(self.request, list(guarantor.patients.values_list("pk", flat=True)), f"API: {why}")
        return guarantor

    @extend_schema(responses=BalanceSerializer)
    def retrieve(self, request: Request, pk: str) -> Response:
        guarantor = self._account("balance")
        balance = patient_balance(guarantor=guarantor)
        figures = {**vars(balance), "at_insurance": owed_by_insurance(guarantor=guarantor)}
        return Response(BalanceSerializer(figures).data)

    @extend_schema(responses=ActivitySerializer(many=True))
    @action(detail=True, methods=["get"], pagination_class=None, filter_backends=[])
    def activity(self, request: Request, pk: str) -> Response:
        """The newest event first."""
        rows = account_activity(self._account("account activity"))
        return Response(ActivitySerializer(rows, many=True).data)


class PaymentFilter(filters.FilterSet):
    class Meta:
        model = Payment
        fields = ["guarantor", "patient", "visit", "status", "method", "received_on"]


class PaymentViewSet(
    IdempotentPost, mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Payment]
):
    """Take and void payments. A card on file is charged at the desk or through the payment link, not here."""

    acts: ClassVar[dict[str, str]] = {
        "list": "ledger.view",
        "retrieve": "ledger.receipt",
        "create": "payment.take",
        "void": "payment.void",
    }
    queryset = Payment.objects.order_by("-received_at", "-id")
    serializer_class = PaymentSerializer
    filterset_class = PaymentFilter

    def paginate_queryset(self, queryset: Any) -> Any:
        rows = super().paginate_queryset(queryset)
        audit.viewed(self.request, [p.patient_id for p in rows or [] if p.patient_id], "API: payments")
        return rows

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        payment = self.get_object()
        audit.viewed(request, [payment.patient_id] if payment.patient_id else [], "API: payment")
        return Response(self.get_serializer(payment).data)

    @extend_schema(request=TakeSerializer, responses={201: PaymentSerializer})
    def create(self, request: Request) -> Response:
        asked = TakeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        payment = receive_payment(key=_key(request), by=acting_user(request), **asked.validated_data)
        return Response(
            self.get_serializer(payment).data, status=201, headers={"Location": f"{request.path}{payment.pk}/"}
        )

    @extend_schema(request=VoidSerializer, responses=PaymentSerializer)
    @action(detail=True, methods=["post"])
    def void(self, request: Request, pk: str) -> Response:
        asked = VoidSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        by = acting_user(request)
        if by is None:
            raise ClinicError("A payment is voided by a person who is signed in.")
        payment = void_payment(payment=self.get_object(), reason=asked.validated_data["reason"], by=by)
        return Response(self.get_serializer(payment).data)


def _key(request: Request) -> str:
    """The caller's Idempotency-Key, kept apart from those of other callers."""
    return f"api:{request.user.pk}:{request.once_key}"  # type: ignore[attr-defined]


router = SimpleRouter()
router.register("accounts", AccountViewSet, basename="account")
router.register("payments", PaymentViewSet, basename="payment")
urlpatterns = router.urls
