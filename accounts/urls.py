"""The addresses of accounts."""

from django.urls import path

from accounts.views import organizations

app_name = "accounts"
urlpatterns = [
    path("organizations/", organizations.show_list, name="organization-list"),
]
