"""Health analyzers: Kubernetes objects in, findings out. Pure, without Django."""

from clusters.analyzers.base import Cause, Evidence, Finding, Severity, Status
from clusters.analyzers.causes import root_of, roots
from clusters.analyzers.diagnosis import diagnose
from clusters.analyzers.main import main

__all__ = ["Cause", "Evidence", "Finding", "Severity", "Status", "diagnose", "main", "root_of", "roots"]
