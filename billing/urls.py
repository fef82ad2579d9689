"""Billing's addresses. One list; ids only."""

from django.urls import path

from billing.views import charges, claims, worklists

app_name = "billing"

urlpatterns = [
    path("", worklists.worklist, name="worklists"),
    path("work/<slug:name>/", worklists.worklist, name="worklist"),
    path("home/", worklists.home_panel, name="home_panel"),
    path("dashboard/", worklists.dashboard_panel, name="dashboard_panel"),
    path("patients/<uuid:patient_id>/panel/", claims.patient_panel, name="patient_panel"),
    path("visits/<uuid:visit_id>/charges/", charges.charges, name="charges"),
    path("visits/<uuid:visit_id>/charges/enter/", charges.enter, name="enter_charges"),
    path("visits/<uuid:visit_id>/charges/close/", charges.close, name="close_charges"),
    path("visits/<uuid:visit_id>/charges/reopen/", charges.reopen, name="reopen_charges"),
    path("visits/<uuid:visit_id>/claim/", charges.make_claim, name="make_claim"),
    path("charges/<uuid:charge_id>/", charges.charge, name="charge"),
    path("charges/<uuid:charge_id>/void/", charges.void, name="void_charge"),
    path("claims/<uuid:claim_id>/", claims.claim, name="claim"),
    path("claims/<uuid:claim_id>/edit/", claims.edit, name="edit_claim"),
    path("claims/<uuid:claim_id>/check/", claims.check, name="check_claim"),
    path("claims/<uuid:claim_id>/send/", claims.send, name="send_claim"),
    path("claims/<uuid:claim_id>/hold/", claims.hold, name="hold_claim"),
    path("claims/<uuid:claim_id>/release/", claims.release, name="release_claim"),
    path("claims/<uuid:claim_id>/void/", claims.void, name="void_claim"),
    path("claims/<uuid:claim_id>/resend/", claims.resend, name="resend_claim"),
    path("claims/<uuid:claim_id>/send-again/", claims.again, name="send_again"),
    path("claims/<uuid:claim_id>/next-payer/", claims.next_payer, name="next_payer"),
    path("claims/<uuid:claim_id>/forwarded/", claims.forwarded, name="bill_forwarded"),
    path("sendings/<uuid:sending_id>/", claims.sending, name="sending"),
]
