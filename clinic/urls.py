"""Every app's pages and API, included by name when the app has them. Prefixes of paths stand here only.

Pages: `<app>/urls.py` with `app_name` (`collections` for collections_app). API: `<app>/api.py` with `urlpatterns`
(its router at its foot), mounted as namespace `<office>_api` under /api/v1/<office>/.
"""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from clinic import views
from clinic.web import entrance
from clinic.web.rest import Schema

PAGES = {
    "scheduling": "schedule/",
    "checkin": "check-in/",
    "insurance": "insurance/",
    "ledger": "ledger/",
    "clearinghouse": "clearinghouse/",
    "billing": "billing/",
    "collections_app": "collections/",
    "demo": "demo/",
}
API = {
    "clinic": "clinic",
    "scheduling": "scheduling",
    "checkin": "checkin",
    "insurance": "insurance",
    "ledger": "ledger",
    "clearinghouse": "clearinghouse",
    "billing": "billing",
    "collections_app": "collections",
}

clinic_pages = [
    path("", views.home, name="home"),
    path("settings/", views.own_settings, name="own_settings"),
    path("patients/", views.patient_search, name="patient_search"),
    path("patients/find/", views.patient_find, name="patient_find"),
    path("patients/guarantors/", views.guarantor_find, name="guarantor_find"),
    path("patients/new/", views.patient_register, name="patient_register"),
    path("patients/<uuid:patient_id>/", views.patient, name="patient"),
    path("patients/<uuid:patient_id>/edit/", views.patient_edit, name="patient_edit"),
    path("patients/<uuid:patient_id>/merge/", views.patient_merge, name="patient_merge"),
    path("patients/<uuid:patient_id>/changes/", views.patient_changes_page, name="patient_changes"),
    path("patients/<uuid:patient_id>/history/", views.patient_history, name="patient_history"),
    path("outbox/", views.outbox, name="outbox"),
    path("outbox/<uuid:message_id>/", views.outbox_message, name="outbox_message"),
    path("work/", views.work, name="work"),
    path("work/retry/", views.work_retry, name="work_retry"),
    path("audit/", views.audit_log, name="audit"),
    path("api/", views.api_operations, name="api_operations"),
]


def _pages() -> list[URLPattern | URLResolver]:
    return [
        path(at, include(f"{app}.urls")) for app, at in PAGES.items() if find_spec(app) and find_spec(f"{app}.urls")
    ]


def _api() -> list[URLPattern | URLResolver]:
    return [
        path(f"api/v1/{office}/", include((f"{app}.api", f"{office}_api")))
        for app, office in API.items()
        if find_spec(f"{app}.api")
    ]


urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((clinic_pages, "clinic"))),
    path("", include(entrance.urlpatterns)),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    *_pages(),
    path("api/v1/schema/", Schema.as_view(), name="api_schema"),
    *_api(),
]

handler403 = "clinic.views.refused"
handler404 = "clinic.views.not_found"
handler500 = "clinic.views.broken"
