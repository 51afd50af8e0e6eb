"""All addresses: each app brings its own; the core adds what is of no app."""

from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.urls import include, path

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("", include("srexpert.site.urls")),
    *(
        path("", include(f"{config.name}.urls"))
        for config in apps.get_app_configs()
        if config.name in settings.OUR_APPS - {"srexpert"} and find_spec(f"{config.name}.urls")
    ),
]
