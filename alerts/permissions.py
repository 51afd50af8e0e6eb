"""What one may do with incidents, and with who is paged."""

from srexpert.permissions import ADMINISTRATORS, OPERATORS, READERS, Permission

PERMISSIONS = [
    Permission("alerts.incident.view", "See incidents, their causes and timelines", READERS),
    Permission("alerts.incident.acknowledge", "Acknowledge, resolve and reopen incidents", OPERATORS),
    Permission("alerts.incident.comment", "Comment on incidents", OPERATORS),
    Permission("alerts.policy.view", "See who is paged, and when", READERS),
    Permission("alerts.policy.manage", "Change escalation policies and webhooks", ADMINISTRATORS),
]
