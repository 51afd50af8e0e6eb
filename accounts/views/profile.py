"""A person's own page: name, time zone, theme; the way to password and address."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.domain import people
from accounts.forms import ProfileForm, ThemeForm
from srexpert.web.guard import personal


@personal
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest) -> HttpResponse:
    """Name, time zone, theme."""
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        people.change_profile(person=form.instance, **form.cleaned_data)
        messages.success(request, _("Your profile was saved."))
        return redirect("accounts:profile")
    return render(request, "accounts/profile/edit.html", {"form": form})


@personal
@require_POST
def choose_theme(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the device; then back to where the person was."""
    form = ThemeForm(request.POST)
    if form.is_valid():
        people.change_theme(person=request.user, theme=form.cleaned_data["theme"])  # type: ignore[arg-type]  # not anonymous
    back = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        return redirect("accounts:profile")
    return redirect(back)
