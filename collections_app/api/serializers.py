"""Shapes of the API of collections: what is asked and what is answered. Services decide."""

from typing import Any

from rest_framework import serializers

from clinic.models import ChargeItem, Guarantor
from clinic.web.rest import MoneyField
from collections_app.models import CollectionCase, Installment, PaymentPlan, PlanLine, Statement, StatementLine
from ledger.forms import AT_THE_DESK
from ledger.models import CardToken, Payment


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
    amount = MoneyField()


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
    amount = MoneyField(required=False)
    method = serializers.ChoiceField(choices=[(m.value, m.label) for m in AT_THE_DESK])
    reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)


class PaymentSerializer(serializers.ModelSerializer[Payment]):
    class Meta:
        model = Payment
        fields = ["id", "number", "guarantor", "kind", "method", "amount", "status", "received_on", "reference"]
        read_only_fields = fields


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


class PaySerializer(ForGuarantorSerializer):
    """Either `card_token` (charged through the processor) or `method` with its reference."""

    amount = MoneyField()
    method = serializers.ChoiceField(choices=[(m.value, m.label) for m in AT_THE_DESK], required=False)
    reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    card_token = serializers.PrimaryKeyRelatedField(queryset=CardToken.objects.all(), required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("method" in attrs) == ("card_token" in attrs):
            raise serializers.ValidationError("Send either a method or a card_token.")
        return attrs
