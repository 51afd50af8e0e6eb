"""The core's own addresses."""

from django.urls import path

from srexpert.site import metrics, views

app_name = "site"
urlpatterns = [
    path("", views.home, name="home"),
    path("_gallery/", views.show_gallery, name="gallery"),
    path("healthz", views.alive, name="alive"),
    path("readyz", views.ready, name="ready"),
    path("metrics", metrics.show, name="metrics"),
]
