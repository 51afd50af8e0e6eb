"""What one may do with clusters."""

from srexpert.permissions import ADMINISTRATORS, READERS, Permission

PERMISSIONS = [
    Permission("clusters.cluster.view", "See clusters, their objects and findings", READERS),
    Permission("clusters.cluster.connect", "Connect clusters and issue agent tokens", ADMINISTRATORS),
]
