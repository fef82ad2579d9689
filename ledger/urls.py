"""The ledger's addresses. Ids only."""

from django.urls import path

from ledger.views import accounts, clearing, day_close, payments, refunds

app_name = "ledger"

urlpatterns = [
    path("accounts/<uuid:guarantor_id>/", accounts.account, name="account"),
    path("accounts/<uuid:guarantor_id>/use-credit/", accounts.use_credit, name="use_credit"),
    path("accounts/<uuid:guarantor_id>/pay/", payments.pay, name="pay"),
    path("accounts/<uuid:guarantor_id>/pay/card/", payments.pay_card, name="pay_card"),
    path("patients/<uuid:patient_id>/panel/", accounts.patient_panel, name="patient_panel"),
    path("receipts/<uuid:payment_id>/", payments.receipt, name="receipt"),
    path("receipts/<uuid:payment_id>/void/", payments.void, name="void"),
    path("receipts/<uuid:payment_id>/refund/", refunds.refund_request, name="refund_request"),
    path("receipts/<uuid:payment_id>/returned/", payments.check_returned, name="check_returned"),
    path("clearing/", clearing.clearing, name="clearing"),
    path("clearing/<int:item_id>/arrived/", clearing.deposit_arrived, name="deposit_arrived"),
    path("clearing/<int:item_id>/taken/", clearing.recoupment_accepted, name="recoupment_accepted"),
    path("clearing/<int:item_id>/due/", clearing.payer_refund_due, name="payer_refund_due"),
    path("clearing/<int:item_id>/sent/", clearing.payer_refund_sent, name="payer_refund_sent"),
    path("clearing/payout/", clearing.card_payout, name="card_payout"),
    path("dashboard/panel/", clearing.dashboard_panel, name="dashboard_panel"),
    path("refunds/", refunds.refunds, name="refunds"),
    path("refunds/<uuid:refund_id>/approve/", refunds.refund_approve, name="refund_approve"),
    path("refunds/<uuid:refund_id>/refuse/", refunds.refund_refuse, name="refund_refuse"),
    path("refunds/<uuid:refund_id>/send/", refunds.refund_send, name="refund_send"),
    path("day-close/", day_close.day_close, name="day_close"),
    path("day-close/<uuid:location_id>/open/", day_close.drawer_open, name="drawer_open"),
    path("day-close/<uuid:location_id>/deposit/", day_close.deposit, name="deposit"),
    path("drawers/<uuid:drawer_id>/count/", day_close.drawer_count, name="drawer_count"),
    path("drawers/<uuid:drawer_id>/again/", day_close.drawer_again, name="drawer_again"),
    path("drawers/<uuid:drawer_id>/close/", day_close.drawer_close, name="drawer_close"),
]
