"""Who is paged: the escalation policy and the webhooks."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.domain import policies, rehearsals
from alerts.forms import PolicyForm, WebhookForm
from alerts.forms.policy import initial_of
from alerts.forms.webhook import NAME_TAKEN
from alerts.models import EscalationPolicy, WebhookTarget
from srexpert.web import confirmation
from srexpert.web.fragments import render_page
from srexpert.web.guard import OrganizationRequest, requires


def _current() -> EscalationPolicy | None:
    return EscalationPolicy.objects.standard().with_steps().select_related("changed_by").first()


@requires("alerts.policy.view")
@require_safe
def show(request: OrganizationRequest) -> HttpResponse:
    """The steps as they are, and the webhooks; no address is shown."""
    webhooks = list(WebhookTarget.objects.select_related("created_by").order_by("name"))
    context = {"policy": _current(), "webhooks": webhooks, "fragments": ("webhooks-live",)}
    return render_page(request, "alerts/policies/detail.html", context)


@requires("alerts.policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: OrganizationRequest) -> HttpResponse:
    """Changes whom the steps page; running incidents keep what they started with."""
    policy = _current()
    form = PolicyForm(request.POST or None, initial=initial_of(policy))
    if request.method == "POST" and form.is_valid():
        policies.plan(policy=policy, steps=form.plans(), by=request.user)
        messages.success(request, "Policy saved. Incidents that start from now on follow it.")
        return redirect("alerts:policy-detail", request.organization.slug)
    status = 422 if form.errors else 200
    return render(request, "alerts/policies/edit.html", {"policy": policy, "form": form}, status=status)


@requires("alerts.policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def add_webhook(request: OrganizationRequest) -> HttpResponse:
    """Takes an address; then shows the secret that signs what it gets, once."""
    form = WebhookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            webhook, secret = policies.add_webhook(by=request.user, **form.cleaned_data)
        except policies.NameTakenError:
            form.add_error("name", NAME_TAKEN)
        else:
            context = {"webhook": webhook, "secret": secret}
            return render(request, "alerts/policies/webhook_secret.html", context)
    status = 422 if form.errors else 200
    return render(request, "alerts/policies/webhook_add.html", {"form": form}, status=status)


@requires("alerts.policy.manage")
@require_POST
def test_webhook(request: OrganizationRequest, webhook: UUID) -> HttpResponse:
    """Orders a page that says it is a test; what becomes of it shows beside the webhook."""
    target = get_object_or_404(WebhookTarget, pk=webhook)
    rehearsals.order(webhook=target)
    messages.success(request, f"A test page to {target.name} is on its way; its outcome shows beside it.")
    return redirect("alerts:policy-detail", request.organization.slug)


@requires("alerts.policy.manage")
@require_http_methods(["GET", "HEAD", "POST"])
def remove_webhook(request: OrganizationRequest, webhook: UUID) -> HttpResponse:
    """Asks, then forgets the address."""
    target = get_object_or_404(WebhookTarget, pk=webhook)
    if request.method == "POST":
        policies.remove_webhook(webhook=target, by=request.user)
        messages.success(request, f"{target.name} is removed.")
        return redirect("alerts:policy-detail", request.organization.slug)
    return confirmation.ask(
        request,
        title=f"Remove {target.name}",
        action_label="Remove webhook",
        keep_url=reverse("alerts:policy-detail", args=[request.organization.slug]),
        keep_label="Keep webhook",
        goes="its address and its secret; steps that page it go without it.",
        stays="what it was paged for, in the timelines of incidents.",
        undo="This can't be undone: add the address again and give its receiver the new secret.",
    )
