"""Signals, alerts, incidents and the people who are paged."""
