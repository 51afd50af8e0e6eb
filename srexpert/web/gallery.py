"""What the gallery shows: every component with little, much and no data, told as one story (INC-214, INC-213)."""

from datetime import timedelta
from typing import Any

from django import forms

from srexpert import clock
from srexpert.web import glyphs
from srexpert.web.differences import compare

LONG_NAME = ("a-name-of-253-characters-that-kubernetes-allows-" * 6)[:253]
RIGHT_TO_LEFT = "خدمة-الدفع"

_BEFORE = """\
spec:
  template:
    spec:
      containers:
      - name: log-shipper
        image: registry.northwind.example/platform/log-shipper:3.2.0
        resources:
          limits:
            memory: 256Mi
        ports:
        - containerPort: 8080
        readinessProbe:
          httpGet:
            path: /healthz
            port: 8080
"""
_AFTER = _BEFORE.replace("3.2.0", "3.3.0").replace("256Mi", "2Gi")


class ExampleForm(forms.Form):
    """One field of each sort, with something wrong in it."""

    name = forms.CharField(label="Name", help_text="As your colleagues call it.")
    selector = forms.CharField(label="Label selector")
    severity = forms.ChoiceField(label="Severity", choices=[("high", "High"), ("low", "Low")])
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    notify = forms.MultipleChoiceField(
        label="Notify by", required=False, widget=forms.CheckboxSelectMultiple,
        choices=[("email", "E-mail"), ("webhook", "Webhook")],
    )  # fmt: skip
    agreed = forms.BooleanField(label="I have read what the agent sends", required=False)

    def clean_selector(self) -> str:
        """Always wrong, so that the gallery has an error to show."""
        raise forms.ValidationError("Unexpected end after 'env!'. Write 'env!=dev' or '!env'.")


def examples() -> dict[str, Any]:
    """The context of `srexpert/gallery.html`; asks neither the database nor the request."""
    now = clock.now()
    return {
        "severities": glyphs.SEVERITIES,
        "states": glyphs.STATES,
        "verdicts": glyphs.VERDICTS,
        "counts": {"critical": 1, "high": 2, "medium": 9, "low": 0},
        "now": now,
        "recent": now - timedelta(seconds=8),
        "quarter": now - timedelta(minutes=3, seconds=22),
        "stale_since": now - timedelta(minutes=26),
        "old": now - timedelta(days=41),
        "soon": now + timedelta(minutes=2, seconds=50),
        "steady": [4, 6, 5, 7, 6, 5, 8, 6, 7, 6],
        "climbing": [50, 52, 53, 55, 60, 64, 70, 76, 80, 86],
        "holed": [4, 6, 3, None, None, 5, 4, 2, 5, 4],
        "long_name": LONG_NAME,
        "names": ["Ana Ribeiro", "Rui Costa", "Marta Nunes", "Inês Lopes", "Tiago Sousa", LONG_NAME],
        "form": ExampleForm({"name": "", "selector": "app=shop,env!", "severity": "high"}),
        "empty_form": ExampleForm(),
        "lines": compare(_BEFORE, _AFTER, context=1),
        "yaml": _AFTER,
        **_lists(),
        **_story(now),
    }


def _lists() -> dict[str, Any]:
    return {
        "rows": [
            {"kind": "Deployment", "name": "storefront", "where": "shop", "state": "warning", "ready": 6, "wanted": 8},
            {"kind": "StatefulSet", "name": "ledger", "where": "payments", "state": "failing", "ready": 2, "wanted": 3},
            {"kind": "DaemonSet", "name": LONG_NAME, "where": LONG_NAME, "state": "healthy", "ready": 2, "wanted": 2},
            {"kind": "CronJob", "name": RIGHT_TO_LEFT, "where": "shop", "state": "unknown", "ready": 0, "wanted": 1},
        ],
        "crumbs": [("prod-eu-west", "#"), ("shop", "#"), ("Deployments", "")],
        "tabs": [
            {"label": "Overview", "url": "#", "active": True, "count": None},
            {"label": "Pods", "url": "#", "active": False, "count": 8},
            {"label": "Metrics", "url": "#", "active": False, "count": None},
            {"label": "Revisions", "url": "#", "active": False, "count": 58},
            {"label": "YAML", "url": "#", "active": False, "count": None},
        ],
        "filters": [
            {"label": "Namespace", "value": "shop", "active": True, "remove_url": "?", "options": []},
            {"label": "State", "value": "failing, warning", "active": True, "remove_url": "?", "options": []},
            {
                "label": "Kind", "value": "", "active": False, "remove_url": "",
                "options": [
                    {"label": "Any", "url": "?", "active": True},
                    {"label": "Deployment", "url": "?kind=Deployment", "active": False},
                ],
            },
        ],
        "facts": [("Strategy", "RollingUpdate, surge 25%"), ("Owned by", "Argo CD application shop", "#"), ("Image", LONG_NAME)],
    }  # fmt: skip


def _story(now: Any) -> dict[str, Any]:
    node = now - timedelta(minutes=3, seconds=22)
    rollout, pressure, pods = (
        node - timedelta(seconds=133),
        node - timedelta(seconds=37),
        node + timedelta(seconds=40),
    )
    return {
        "links": [
            {"at": rollout, "gap": None, "state": "change", "title": "log-shipper 3.3.0", "text": "memory limit 256Mi → 2Gi", "url": "#"},
            {"at": pressure, "gap": 96, "state": "warning", "title": "MemoryPressure", "text": "n3: 15.4 GiB of 15.6 GiB used"},
            {"at": node, "gap": 37, "state": "failing", "title": "Node n3 NotReady", "text": "kubelet stopped posting status"},
            {"at": pods, "gap": 40, "state": "failing", "title": "14 pods fail", "text": "13 workloads in shop, payments, platform"},
        ],
        "entries": [
            {"at": now + timedelta(seconds=170), "icon": "hourglass", "text": "Next: page Rui Costa, if nobody acknowledges", "source": "Plan", "ahead": True},
            {"at": pods + timedelta(seconds=53), "icon": "message", "title": "Marta Nunes", "text": "Payments still takes orders: 13 of 17 pods up.", "source": "Comment"},
            {"at": pods, "state": "failing", "title": "14 pods", "text": "not ready: shop 7, payments 4, platform 3", "source": "Signals", "url": "#"},
            {"at": pressure, "state": "warning", "title": "Node n3", "text": "MemoryPressure", "source": "Signal"},
            {"at": rollout, "icon": "refresh", "title": "log-shipper", "text": "3.2.0 → 3.3.0 rolled onto n3", "by": "by argocd", "source": "Change"},
        ],
        "stages": [
            {"icon": "inbox", "name": "Received", "value": "31 signals", "text": "in 79 s from the agent and Alertmanager"},
            {"icon": "arrow-merge", "name": "Correlated", "value": "30 of 31", "text": "share node n3; one goes to INC-213"},
            {"icon": "filter", "name": "Inhibited", "value": "14 pod alerts", "text": "by NodeNotReady on n3"},
            {"icon": "bell-ringing", "name": "Paged", "value": "Ana Ribeiro", "text": "on call in Platform primary"},
        ],
        "steps": [
            {"title": "Acknowledge", "text": "Stops the escalation. You are primary until Thu 18:00."},
            {"title": "Roll log-shipper back to 3.2.0", "text": "4 pods replaced; protects n5. Argo CD will revert this.", "url": "#", "label": "Preview rollback"},
            {"title": "Look at the node", "command": "kubectl describe node n3"},
        ],
    }  # fmt: skip
