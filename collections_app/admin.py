"""Statements, plans, cases and the lockbox in the back office: to look at; the services change them."""

from django.contrib import admin

from clinic.web.admin_site import OfficeAdmin
from collections_app.models import AgingSnapshot, CollectionCase, Installment, LockboxItem, PaymentPlan, Statement


@admin.register(Statement)
class StatementAdmin(OfficeAdmin):
    view_act = "statement.view"
    list_display = ("number", "issued_on", "guarantor", "notice", "channel", "balance", "pay_by")
    list_filter = ("notice", "channel", "issued_on")
    search_fields = ("number", "guarantor__number")
    list_select_related = ("guarantor",)


@admin.register(PaymentPlan)
class PaymentPlanAdmin(OfficeAdmin):
    view_act = "plan.view"
    list_display = ("number", "opened_on", "guarantor", "status", "principal", "day_of_month", "ended_on")
    list_filter = ("status",)
    search_fields = ("number", "guarantor__number")
    list_select_related = ("guarantor",)


@admin.register(Installment)
class InstallmentAdmin(OfficeAdmin):
    view_act = "plan.view"
    list_display = ("plan", "position", "due_on", "amount", "paid", "status", "tries", "next_try_on")
    list_filter = ("status", "due_on")
    search_fields = ("plan__number",)
    list_select_related = ("plan",)


@admin.register(CollectionCase)
class CollectionCaseAdmin(OfficeAdmin):
    view_act = "case.view"
    list_display = ("number", "guarantor", "status", "opened_on", "stage_on", "agency", "placed_amount")
    list_filter = ("status",)
    search_fields = ("number", "guarantor__number")
    list_select_related = ("guarantor",)


@admin.register(LockboxItem)
class LockboxItemAdmin(OfficeAdmin):
    view_act = "case.view"
    list_display = ("file", "line", "statement_number", "check_number", "amount", "status", "problem")
    list_filter = ("status",)
    search_fields = ("statement_number", "check_number")
    list_select_related = ("file",)


@admin.register(AgingSnapshot)
class AgingSnapshotAdmin(OfficeAdmin):
    view_act = "aging.view"
    list_display = ("as_of", "side", "anchor", "payer", "bucket", "amount")
    list_filter = ("side", "anchor", "bucket", "as_of")
    list_select_related = ("payer",)
