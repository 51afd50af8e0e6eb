"""Cleans what people type about clusters."""

from clusters.forms.cluster import ClusterForm

__all__ = ["ClusterForm"]
