"""Where alerting shows in the navigation."""

from srexpert.discovery import NavigationItem

NAVIGATION = [
    NavigationItem("Alerts", "Incidents", "alerts:incident-list", "urgent", "alerts.incident.view", order=30),
    NavigationItem(
        "Alerts", "Escalation", "alerts:policy-detail", "bell-ringing", "alerts.policy.view", order=31
    ),
]
