"""Kubernetes clusters: agent, ingest, inventory, health."""
