"""The ways to reach a recipient: one folder each, found by itself."""

from alerts.channels.base import Channel, Page, channel, load

__all__ = ["Channel", "Page", "channel", "load"]
