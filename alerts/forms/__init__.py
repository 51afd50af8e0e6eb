"""Forms of alerting."""

from alerts.forms.comment import CommentForm
from alerts.forms.policy import PolicyForm
from alerts.forms.webhook import WebhookForm

__all__ = ["CommentForm", "PolicyForm", "WebhookForm"]
