"""Troubles by name: each module registers one that breaks the base world over time and heals on command."""

import importlib
import pkgutil

from clusters.simulator.scenarios.registry import SCENARIOS, Scenario

for _module in pkgutil.iter_modules(__path__):
    importlib.import_module(f"{__name__}.{_module.name}")

__all__ = ["SCENARIOS", "Scenario"]
