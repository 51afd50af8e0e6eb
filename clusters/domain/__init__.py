"""The verbs of clusters."""
