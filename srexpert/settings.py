"""Every setting of a deployment, read from the environment; with none set, the embedded services are used.

`docs/operations.md` lists the variables. Nothing here connects to anything.
"""

import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import dj_email_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from srexpert.embedded.endpoints import endpoints
from srexpert.embedded.state import secret as stored_secret
from srexpert.environment import env, secret

BASE_DIR = Path(__file__).resolve().parent.parent
DEBUG = False
PROCESS = env.str(
    "SREXPERT_PROCESS", "command"
)  # web, worker, scheduler or command; for logs and connection names

# -- Where we are reached -------------------------------------------------------------------------------------
PUBLIC_URL = env.str("SREXPERT_PUBLIC_URL", "http://localhost:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
HTTPS = _public.scheme == "https"


def _is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host or "").is_loopback
    except ValueError:
        return False


if not HTTPS and not _is_loopback(_public.hostname):
    raise ImproperlyConfigured(
        f"SREXPERT_PUBLIC_URL is {PUBLIC_URL}: plain HTTP is served on loopback only; give an https:// address"
    )
ALLOWED_HOSTS = [
    _public.hostname or "localhost",
    *(["localhost", "127.0.0.1", "[::1]"] if not HTTPS else []),
    *env.list("SREXPERT_ALLOWED_HOSTS", []),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

# -- Secrets and keys -----------------------------------------------------------------------------------------
SECRET_KEY = secret("SECRET_KEY") or stored_secret("secret_key", 64)
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", [])
# Newest first, each `id:base64 of 32 bytes`; see srexpert.crypto.keyring.
FIELD_KEYS = [key for key in (secret("FIELD_KEYS") or "").split(",") if key]

# -- Apps, in the order of the layers -------------------------------------------------------------------------
INSTALLED_APPS = [
    "ai" if (BASE_DIR / "ai" / "apps.py").exists() else None,
    "compliance" if (BASE_DIR / "compliance" / "apps.py").exists() else None,
    "alerts",
    "clusters",
    "accounts",
    "privacy",
    "srexpert",
    "allauth",
    "allauth.account",
    "django_htmx",
    "template_partials",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]
INSTALLED_APPS = [app for app in INSTALLED_APPS if app]
OUR_APPS = {"srexpert", "privacy", "accounts", "clusters", "alerts", "compliance", "ai"}
if env.bool("SREXPERT_DEVELOPMENT", False):
    INSTALLED_APPS.append("django_linear_migrations")

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "srexpert.web.middleware.RefuseNulMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "srexpert.web.middleware.AuthenticatedPagesMiddleware",
    "accounts.middleware.TimeZoneMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "srexpert.urls"
WSGI_APPLICATION = "srexpert.wsgi.application"
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
                "srexpert.web.context.shell",
            ],
            "builtins": ["srexpert.templatetags.ui", "django.templatetags.i18n"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
INSTALLED_APPS.append("django.forms")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- Database: `default` is the application (owns nothing), `owner` migrates ----------------------------------
_database_url = secret("DATABASE_URL")
EMBEDDED_DATABASE = not _database_url
_owner_url = secret("DATABASE_OWNER_URL") if _database_url else endpoints().database_owner_url
DATABASES = {
    "default": dj_database_url.parse(
        _database_url or endpoints().database_url, conn_max_age=60, conn_health_checks=True
    )
}
if _owner_url:
    DATABASES["owner"] = dj_database_url.parse(_owner_url)
for _database in DATABASES.values():
    _database.setdefault("OPTIONS", {}).update(
        {
            "application_name": f"srexpert-{PROCESS}",
            "connect_timeout": 5,
            "options": "-c TimeZone=UTC -c search_path=public",
        }
    )
DATABASE_SYSTEM_ROLE = env.str("DATABASE_SYSTEM_ROLE", "srexpert_system")
TENANCY_ORGANIZATION_MODEL = "accounts.Organization"

# -- Broker: a doorbell; the truth is in the database ---------------------------------------------------------
BROKER_URL = secret("BROKER_URL") or endpoints().broker_url
EMBEDDED_BROKER = not secret("BROKER_URL")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = env.str("SREXPERT_QUEUE", "srexpert")
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("SREXPERT_WORKERS", 3)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# The visibility timeout is just above the longest task, so that a killed worker's task returns soon.
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": 360, "socket_connect_timeout": 2, "socket_timeout": 10}
    if BROKER_URL.startswith(("redis", "rediss"))
    else {}
)
OUTBOX_LEASE_SECONDS = env.float("OUTBOX_LEASE_SECONDS", 60)
OUTBOX_SWEEP_SECONDS = env.float("OUTBOX_SWEEP_SECONDS", 2)
OUTBOX_KEEP_DAYS = env.int("OUTBOX_KEEP_DAYS", 7)
OUTBOX_BACKOFF_SECONDS = env.float("OUTBOX_BACKOFF_SECONDS", 5)

CACHE_URL = secret("CACHE_URL") or (BROKER_URL if BROKER_URL.startswith("redis") else None)
CACHES = {
    "default": (
        {"BACKEND": "srexpert.cache.PatientRedisCache", "LOCATION": CACHE_URL, "KEY_PREFIX": "srexpert"}
        if CACHE_URL
        else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    )
}

# -- Mail: rows in the outbox first; this is what the sender talks to -----------------------------------------
_email = dj_email_url.parse(secret("EMAIL_URL") or endpoints().email_url)
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST, EMAIL_PORT = _email["EMAIL_HOST"], _email["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_USER"], _email["EMAIL_HOST_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = _email["EMAIL_USE_TLS"], _email["EMAIL_USE_SSL"]
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("SREXPERT_FROM_EMAIL", f"SRExpert <noreply@{_public.hostname}>")

# -- For the operator -----------------------------------------------------------------------------------------
METRICS_TOKEN = secret("METRICS_TOKEN")

# -- The one way out ------------------------------------------------------------------------------------------
# `host:port` pairs that may be called over plain HTTP or at private addresses: tests, in-cluster endpoints.
OUTBOUND_ALLOW: list[str] = env.list("OUTBOUND_ALLOW", [])

# -- People ---------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up
ACCOUNT_CHANGE_EMAIL = True  # one address a person; the old one stays until the new one is confirmed
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or address is told to the address
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {
    "login": "accounts.forms.entrance.LoginForm",
    "signup": "accounts.forms.entrance.SignupForm",
    "add_email": "accounts.forms.entrance.AddEmailForm",
    "reset_password": "accounts.forms.entrance.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.entrance.ResetPasswordKeyForm",
    "change_password": "accounts.forms.entrance.ChangePasswordForm",
    "reauthenticate": "accounts.forms.entrance.ReauthenticateForm",
}
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",  # the key is an address from one network: see the adapter
    "signup": "20/m/ip",
    "reset_password": "20/m/ip,5/m/key",
}

# -- Sessions, cookies, headers -------------------------------------------------------------------------------
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
BEHIND_PROXY = env.bool("SREXPERT_BEHIND_PROXY", False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    ALLAUTH_TRUSTED_PROXY_COUNT = env.int("SREXPERT_PROXIES", 1)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "base-uri": [NONE],
        "connect-src": [SELF],
        "font-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF],
        "manifest-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# -- Language, time, static files -----------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("SREXPERT_STATIC_ROOT", str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = env.bool("SREXPERT_STATIC_FROM_SOURCE", False)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# -- Logs: no secret and no address in them -------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"redact": {"()": "srexpert.logs.RedactingFilter"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "filters": ["redact"], "formatter": "line"},
    },
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.server": {"handlers": ["console"], "propagate": False},
        "httpx": {"level": "WARNING"},  # logs whole addresses at INFO
        "httpcore": {"level": "WARNING"},
    },
}
