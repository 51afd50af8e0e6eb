"""Makers of rows, app by app; those of tenants run inside `acting_for`."""
