"""Collections' addresses. Ids only; the payment page's address is a signed id."""

from django.urls import path

from collections_app.views import accounts, aging, cases, holds, plans, public, worklists

app_name = "collections"

urlpatterns = [
    path("", worklists.worklists, name="worklists"),
    path("lists/<slug:name>/", worklists.worklists, name="worklist"),
    path("aging/", aging.aging, name="aging"),
    path("aging/payers/<uuid:payer_id>/", aging.payer, name="aging_payer"),
    path("accounts/<uuid:guarantor_id>/", accounts.account, name="account"),
    path("accounts/<uuid:guarantor_id>/statement/", accounts.issue, name="statement_issue"),
    path("accounts/<uuid:guarantor_id>/card/", accounts.card_add, name="card_add"),
    path("accounts/<uuid:guarantor_id>/plan/", plans.plan_open, name="plan_open"),
    path("accounts/<uuid:guarantor_id>/hold/", holds.hold, name="hold"),
    path("holds/<uuid:hold_id>/release/", holds.release, name="hold_release"),
    path("statements/<uuid:statement_id>/", accounts.statement, name="statement"),
    path("statements/<uuid:statement_id>/print/", accounts.statement_print, name="statement_print"),
    path("plans/<uuid:plan_id>/", plans.plan, name="plan"),
    path("plans/<uuid:plan_id>/card/", plans.plan_card, name="plan_card"),
    path("plans/<uuid:plan_id>/cancel/", plans.plan_cancel, name="plan_cancel"),
    path("installments/<uuid:installment_id>/take/", plans.installment_take, name="installment_take"),
    path("cases/<uuid:case_id>/", cases.case, name="case"),
    path("cases/<uuid:case_id>/call/", cases.case_call, name="case_call"),
    path("cases/<uuid:case_id>/refer/", cases.case_refer, name="case_refer"),
    path("cases/<uuid:case_id>/approve/", cases.case_approve, name="case_approve"),
    path("cases/<uuid:case_id>/refuse/", cases.case_refuse, name="case_refuse"),
    path("cases/<uuid:case_id>/recall/", cases.case_recall, name="case_recall"),
    path("cases/<uuid:case_id>/agency-payment/", cases.case_agency_payment, name="case_agency_payment"),
    path("cases/<uuid:case_id>/write-off/", cases.case_write_off, name="case_write_off"),
    path("cases/<uuid:case_id>/write-off/approve/", cases.case_write_off_approve, name="case_write_off_approve"),
    path("lockbox/", worklists.lockbox_upload, name="lockbox_upload"),
    path("lockbox/<uuid:item_id>/match/", worklists.lockbox_match, name="lockbox_match"),
    path("lockbox/<uuid:item_id>/dismiss/", worklists.lockbox_dismiss, name="lockbox_dismiss"),
    path("patients/<uuid:patient_id>/panel/", worklists.patient_panel, name="patient_panel"),
    path("patients/<uuid:patient_id>/check-in/", worklists.check_in_panel, name="check_in_panel"),
    path("home/", worklists.home_panel, name="home_panel"),
    path("dashboard/", worklists.dashboard_panel, name="dashboard_panel"),
    path("pay/<str:token>/", public.pay, name="pay"),
]
