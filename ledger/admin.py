"""The journal, open items and payments in the back office: to look at, never to change."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from clinic.web.admin_site import OfficeAdmin
from ledger.models import Deposit, Drawer, JournalEntry, OpenItem, Payment, Posting, Refund


class PostingInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Posting
    fields = ("account", "debit", "credit", "charge", "coverage", "guarantor", "payer", "reference")
    readonly_fields = fields
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return True

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Posting]":
        return super().get_queryset(request).select_related("charge", "coverage__payer", "guarantor", "payer")


@admin.register(JournalEntry)
class JournalEntryAdmin(OfficeAdmin):
    view_act = "ledger.view"
    list_display = ("id", "kind", "effective_on", "posted_at", "by", "memo")
    list_filter = ("kind", "effective_on")
    search_fields = ("key", "memo")
    list_select_related = ("by",)
    inlines = (PostingInline,)


@admin.register(OpenItem)
class OpenItemAdmin(OfficeAdmin):
    view_act = "ledger.view"
    patient_path = "patient_id"
    list_display = ("account", "balance", "charge", "payer", "guarantor", "reference", "responsible_since")
    list_filter = ("account",)
    search_fields = ("reference",)
    list_select_related = ("charge", "payer", "guarantor")


@admin.register(Payment)
class PaymentAdmin(OfficeAdmin):
    view_act = "ledger.view"
    patient_path = "patient_id"
    list_display = ("number", "received_on", "guarantor", "kind", "method", "amount", "status", "taken_by")
    list_filter = ("status", "method", "kind", "received_on")
    search_fields = ("number", "reference")
    list_select_related = ("guarantor", "taken_by")


@admin.register(Refund)
class RefundAdmin(OfficeAdmin):
    view_act = "ledger.view"
    patient_path = "payment__patient_id"
    list_display = ("payment", "amount", "reason", "status", "requested_by", "approved_by")
    list_filter = ("status",)
    list_select_related = ("payment", "requested_by", "approved_by")


@admin.register(Drawer)
class DrawerAdmin(OfficeAdmin):
    view_act = "day.close"
    list_display = ("number", "location", "business_date", "keeper", "status", "expected_amount", "counted_amount")
    list_filter = ("status", "location")
    list_select_related = ("location", "keeper")


@admin.register(Deposit)
class DepositAdmin(OfficeAdmin):
    view_act = "day.close"
    list_display = ("number", "location", "made_on", "amount", "reference", "made_by")
    list_filter = ("location",)
    list_select_related = ("location", "made_by")
