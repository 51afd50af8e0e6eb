"""The clusters app."""

from django.apps import AppConfig


class ClustersConfig(AppConfig):
    """Clusters, their inventory and their health."""

    name = "clusters"
    verbose_name = "Clusters"
