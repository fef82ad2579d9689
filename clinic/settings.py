"""One settings file, read from the environment. `.env.example` lists every variable.

Three modes: demo (nothing set: everything embedded, demo sign-ins), production (refuses what is not safe,
see clinic.checks) and test (what pytest sets).
"""

import os
import sys
from pathlib import Path
from typing import Any

import dj_database_url
from cryptography.fernet import Fernet
from csp.constants import NONE, SELF

from clinic import env
from clinic.embedded import CannotStart, valkey
from clinic.embedded.postgres import PORT, SUPERUSER
from clinic.embedded.state import STATE, kept_secret

BASE_DIR = Path(__file__).resolve().parent.parent
STATE_DIR = STATE
MODES = ("demo", "production", "test")

try:
    # pytest announces itself in the environment, so no test run can touch the demo by forgetting a variable.
    MODE = env.choice("TANDEM_MODE", "test" if "PYTEST_VERSION" in os.environ else "demo", MODES)
    PRODUCTION = MODE == "production"
    TESTING = MODE == "test"
    DEBUG = env.flag("TANDEM_DEBUG", False)
    DEMO_SIGN_INS = env.flag("TANDEM_DEMO_SIGN_INS", not PRODUCTION)

    # Secrets. Demo and tests keep their own in the state folder; production brings its own (clinic.checks).
    if PRODUCTION:
        SECRET_KEY = env.text("TANDEM_SECRET_KEY", "not-set")
        FIELD_KEYS = env.words("TANDEM_FIELD_KEYS")
        FIELD_HMAC_KEY = env.text("TANDEM_FIELD_HMAC_KEY")
    else:
        SECRET_KEY = env.text("TANDEM_SECRET_KEY") or kept_secret("secret_key")
        FIELD_KEYS = env.words("TANDEM_FIELD_KEYS") or [
            kept_secret("field_key", lambda: Fernet.generate_key().decode())
        ]
        FIELD_HMAC_KEY = env.text("TANDEM_FIELD_HMAC_KEY") or kept_secret("field_hmac_key")

    ALLOWED_HOSTS = env.words("TANDEM_HOSTS", () if PRODUCTION else ("localhost", "127.0.0.1", "[::1]", "testserver"))
    BEHIND_PROXY = env.flag("TANDEM_BEHIND_PROXY", PRODUCTION)
    PRACTICE_TIME_ZONE = env.text("TANDEM_PRACTICE_TIME_ZONE", "America/Chicago")

    # The database: the embedded cluster unless a URL names another. Tests have their own, beside a running demo.
    DATABASE_URL = env.text("TANDEM_TEST_DATABASE_URL" if TESTING else "DATABASE_URL")
    CLUSTER = (
        "" if DATABASE_URL else env.choice("TANDEM_CLUSTER", "pgtest" if TESTING else "pg", ("pg", "pgtest", "pgproof"))
    )
    if DATABASE_URL:
        try:
            _database: dict[str, Any] = dict(
                dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
            )
        except (ValueError, KeyError):
            raise env.BadSetting(
                "DATABASE_URL cannot be read; it looks like postgresql://user:password@host:5432/name."
            ) from None
        if "postgresql" not in str(_database.get("ENGINE")):
            raise env.BadSetting(
                "DATABASE_URL must name a PostgreSQL database: postgresql://user:password@host:5432/name."
            )
    else:
        _database = {
            "NAME": "clinic",
            "USER": SUPERUSER,
            "PORT": PORT,
            "CLUSTER": CLUSTER,
            "CONN_MAX_AGE": 0 if TESTING else 60,
            "CONN_HEALTH_CHECKS": True,
        }
    _database["ENGINE"] = "clinic.embedded.backend"
    _database["NAME"] = env.text("TANDEM_DATABASE_NAME", str(_database["NAME"]))
    _database.setdefault("OPTIONS", {}).setdefault("connect_timeout", 5)
    DATABASES = {"default": _database}

    # The broker carries wakes only; the rows are the queue.
    CELERY_BROKER_URL = env.text("TANDEM_TEST_BROKER_URL" if TESTING else "CELERY_BROKER_URL")
    EMBEDDED_BROKER = "" if CELERY_BROKER_URL else (f"valkeytest-{os.getpid()}" if TESTING else "valkey")
    if EMBEDDED_BROKER:
        CELERY_BROKER_URL = valkey.url(EMBEDDED_BROKER)
except (env.BadSetting, CannotStart) as error:
    sys.exit(f"Tandem cannot start: {error}")

INSTALLED_APPS = [
    "clinic",
    "scheduling",
    "ledger",
    "clearinghouse",
    "insurance",
    "checkin",
    "billing",
    "collections_app",
    "demo",
    "clinic.web.admin_config.OfficeAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.forms",
    "pgtrigger",
    "pghistory",
    "allauth",
    "allauth.account",
    "axes",
    "rest_framework",
    "drf_spectacular",
    "django_filters",
    "django_htmx",
    "csp",
]
if PRODUCTION:
    INSTALLED_APPS.remove("demo")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "clinic.web.middleware.WhoActs",
    "clinic.web.middleware.SessionLimits",
    "clinic.web.middleware.DefaultDeny",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "clinic.web.context.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

# Who signs in, and how
AUTH_USER_MODEL = "clinic.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
if TESTING:
    PASSWORD_HASHERS.insert(0, "django.contrib.auth.hashers.MD5PasswordHasher")
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login": "60/m/ip", "login_failed": None}  # wrong passwords are counted by axes, in the database
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_CALLABLE = "clinic.web.entrance.locked_out"
AXES_ENABLED = not TESTING or env.flag("TANDEM_TEST_LOCKOUT", True)

# Sessions: idle and absolute limits are enforced by clinic.web.middleware from these two.
SESSION_ENGINE = "clinic.web.sessions"
SESSION_COOKIE_AGE = (
    24 * 60 * 60
)  # outlives the limits of clinic.web.middleware, so that a form of yesterday is not lost
SESSION_IDLE_SECONDS = 15 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "clinic.views.stale_form"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # not in a cookie
CSRF_TRUSTED_ORIGINS = env.words("TANDEM_ORIGINS")

SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63_072_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

# Pages and files
STATIC_URL = "static/"
STATIC_ROOT = env.folder("TANDEM_STATIC_ROOT", STATE / "static")
STATICFILES_DIRS = [BASE_DIR / "static"] if (BASE_DIR / "static").is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = TESTING
WHITENOISE_AUTOREFRESH = TESTING
MEDIA_ROOT = env.folder("TANDEM_DOCUMENTS_DIR", STATE / ("documents-test" if TESTING else "documents"))

# The simulated payers' own book (clearinghouse/simulator): outside the database, so no rollback reaches it.
SIMULATOR_BOOK = env.folder(
    "TANDEM_SIMULATOR_BOOK", STATE / (f"simulator-test-{os.getpid()}.sqlite3" if TESTING else "simulator.sqlite3")
)

# Language and time: UTC inside, each location's own zone at the edge (clinic.clock)
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# The address patients reach us at, without a slash at its end: it stands before the links in messages.
if TESTING:
    _site = ""
elif PRODUCTION:
    _site = f"https://{ALLOWED_HOSTS[0]}" if ALLOWED_HOSTS else ""
else:
    _site = f"http://localhost:{env.text('PORT', '8000')}"
SITE_URL = env.text("TANDEM_SITE_URL", _site).rstrip("/")

# Who charges cards (ledger/cards/interface.py). Production refuses the simulator: it would give receipts for nothing.
CARD_PROCESSOR = env.text("TANDEM_CARD_PROCESSOR", "ledger.cards.simulator.Simulator")

# Where the bank's connection drops lockbox files (collections_app/services/lockbox.py says what they look like).
LOCKBOX_DIR = env.folder("TANDEM_LOCKBOX_DIR", STATE / ("lockbox-test" if TESTING else "lockbox"))

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

# The API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "clinic.web.rest_defaults.TokenAuthentication",
        "clinic.web.rest_defaults.BrowserAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["clinic.web.rest_defaults.Acts"],
    "DEFAULT_PAGINATION_CLASS": "clinic.web.rest_defaults.Pages",
    "EXCEPTION_HANDLER": "clinic.web.rest.answer_error",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "clinic.web.rest_schema.WithKey",
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Tandem",
    "DESCRIPTION": "The clinic's front and back office.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Fields of one name with different choices, named so that the schema stays the same when another is added.
    "ENUM_NAME_OVERRIDES": {
        "AppointmentStatus": "scheduling.models.Appointment.Status",
        "CancelledBy": "scheduling.models.Appointment.CancelledBy",
        "ClaimStatus": "clinic.models.Claim.Status",
        "CollectionCaseStatus": "collections_app.models.CollectionCase.Status",
        "DeliveryStatus": "clearinghouse.models.Delivery.Status",
        "DenialStatus": "billing.models.Denial.Status",
        "InstallmentStatus": "collections_app.models.Installment.Status",
        "PaymentPlanStatus": "collections_app.models.PaymentPlan.Status",
        "PaymentStatus": "ledger.models.Payment.Status",
        "PaymentMethod": "ledger.models.Payment.Method",
        "PriorAuthorizationStatus": "insurance.models.PriorAuthorization.Status",
        "RefundStatus": "ledger.models.Refund.Status",
        "RemittanceStatus": "billing.models.Remittance.Status",
        "VisitStatus": "clinic.models.Visit.Status",
    },
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "POSTPROCESSING_HOOKS": [],  # choices stand where they are used; shared names for them would collide
    "SERVE_PERMISSIONS": ["clinic.web.rest_defaults.Acts"],
}

# Mail leaves through clinic.messages alone; the demo keeps it in the Outbox page.
EMAIL_BACKEND = (
    "django.core.mail.backends.locmem.EmailBackend" if not PRODUCTION else "django.core.mail.backends.smtp.EmailBackend"
)
MESSAGE_TRANSPORT = env.text("TANDEM_MESSAGE_TRANSPORT", "clinic.messages.keep_only")
EMAIL_HOST = env.text("TANDEM_EMAIL_HOST", "localhost")
DEFAULT_FROM_EMAIL = env.text("TANDEM_EMAIL_FROM", "clinic@localhost")

# The machine's log: ids only, never a name, birth date or member number.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("TANDEM_LOG_LEVEL", "WARNING").upper()},
    "loggers": {"axes": {"level": "ERROR"}},
}
SILENCED_SYSTEM_CHECKS: list[str] = []
