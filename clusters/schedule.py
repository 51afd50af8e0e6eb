"""What clusters do by the clock."""

from datetime import timedelta

from srexpert.discovery import Scheduled

SCHEDULE = [Scheduled("clusters.watch_contact", timedelta(seconds=30))]
