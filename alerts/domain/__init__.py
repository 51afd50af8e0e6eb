"""The verbs of alerting."""
