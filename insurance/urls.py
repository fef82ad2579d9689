"""Insurance's pages."""

from django.urls import path

from insurance import views

app_name = "insurance"

urlpatterns = [
    path("", views.worklist, name="worklist"),
    path("home/", views.home_panel, name="home_panel"),
    path("patients/<uuid:patient_id>/", views.patient_panel, name="patient_panel"),
    path("patients/<uuid:patient_id>/authorizations/", views.authorizations_panel, name="authorizations_panel"),
    path("patients/<uuid:patient_id>/check-in/", views.check_in_panel, name="check_in_panel"),
    path("appointments/<uuid:appointment_id>/", views.appointment_panel, name="appointment_panel"),
    path("patients/<uuid:patient_id>/coverages/new/", views.coverage_add, name="coverage_add"),
    path("coverages/<uuid:coverage_id>/", views.coverage_edit, name="coverage_edit"),
    path("coverages/<uuid:coverage_id>/end/", views.coverage_end, name="coverage_end"),
    path("coverages/<uuid:coverage_id>/first/", views.coverage_first, name="coverage_first"),
    path("coverages/<uuid:coverage_id>/verify/", views.verify_now, name="verify_now"),
    path("eligibility/<uuid:check_id>/", views.eligibility, name="eligibility"),
    path("patients/<uuid:patient_id>/authorizations/new/", views.authorization_add, name="authorization_add"),
    path("authorizations/<uuid:authorization_id>/answer/", views.authorization_answer, name="authorization_answer"),
    path("authorizations/<uuid:authorization_id>/refused/", views.authorization_refused, name="authorization_refused"),
    path("authorizations/<uuid:authorization_id>/cancel/", views.authorization_cancel, name="authorization_cancel"),
]
