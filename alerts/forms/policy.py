"""The two steps of an escalation policy: whom they page, and how long the second one waits."""

from typing import Any

from django import forms

from accounts.models import Membership, Team
from alerts.domain.policies import StepPlan
from alerts.models import EscalationPolicy, WebhookTarget

_MAX_MINUTES = 24 * 60


class _Members(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """People by name, with their role."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.user.get_full_name()} ({obj.get_role_display().lower()})"


def _choices(field: Any, label: str) -> Any:
    return field(queryset=None, label=label, required=False, widget=forms.CheckboxSelectMultiple)


class PolicyForm(forms.Form):
    """Whom the first step pages at once, and whom the second one after some minutes."""

    first_members = _choices(_Members, "People")
    first_teams = _choices(forms.ModelMultipleChoiceField, "Teams")
    first_webhooks = _choices(forms.ModelMultipleChoiceField, "Webhooks")
    second_minutes = forms.IntegerField(
        label="Minutes after the first step", min_value=1, max_value=_MAX_MINUTES, initial=5
    )
    second_members = _choices(_Members, "People")
    second_teams = _choices(forms.ModelMultipleChoiceField, "Teams")
    second_webhooks = _choices(forms.ModelMultipleChoiceField, "Webhooks")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = Membership.objects.with_people()
        teams, webhooks = Team.objects.order_by("name"), WebhookTarget.objects.order_by("name")
        for step in ("first", "second"):
            self._choose_from(f"{step}_members", members)
            self._choose_from(f"{step}_teams", teams)
            self._choose_from(f"{step}_webhooks", webhooks)

    def _choose_from(self, name: str, rows: Any) -> None:
        field: Any = self.fields[name]
        field.queryset = rows

    def clean(self) -> dict[str, Any]:
        """Without somebody in the first step nobody would be paged."""
        given: dict[str, Any] = super().clean() or {}
        if not any(given.get(f"first_{kind}") for kind in ("members", "teams", "webhooks")):
            self.add_error("first_members", "The first step needs somebody to page.")
        return given

    def plans(self) -> list[StepPlan]:
        """The steps as they should be; the second only if it pages somebody."""
        given = self.cleaned_data
        steps = [
            StepPlan(
                delay_seconds=60 * given["second_minutes"] if step == "second" else 0,
                members=list(given[f"{step}_members"]),
                teams=list(given[f"{step}_teams"]),
                webhooks=list(given[f"{step}_webhooks"]),
            )
            for step in ("first", "second")
        ]
        return [step for step in steps if [*step.members, *step.teams, *step.webhooks]]


def initial_of(policy: EscalationPolicy | None) -> dict[str, Any]:
    """What the form shows of a policy as it is."""
    initial: dict[str, Any] = {}
    steps = list(policy.steps.all())[:2] if policy else []
    for name, step in zip(("first", "second"), steps, strict=False):
        targets = list(step.targets.all())
        initial[f"{name}_members"] = [t.membership_id for t in targets if t.membership_id]
        initial[f"{name}_teams"] = [t.team_id for t in targets if t.team_id]
        initial[f"{name}_webhooks"] = [t.webhook_id for t in targets if t.webhook_id]
        if name == "second":
            initial["second_minutes"] = max(1, step.delay_seconds // 60)
    return initial
