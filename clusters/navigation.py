"""Where clusters show in the navigation."""

from django.utils.translation import gettext_lazy as _

from srexpert.discovery import NavigationItem

NAVIGATION = [
    NavigationItem("", _("Fleet"), "clusters:fleet", "layout-dashboard", "clusters.cluster.view", order=1),
    NavigationItem(
        _("Clusters"),
        _("Clusters"),
        "clusters:cluster-list",
        "topology-star-3",
        "clusters.cluster.view",
        order=10,
    ),
]
