"""Why alerting writes to people: the names of the processing activities."""

ON_CALL = "alerts.on_call"
