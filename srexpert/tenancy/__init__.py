"""Tenancy: which organization a piece of work acts for, enforced by PostgreSQL's row-level security.

A request or task acts inside `acting_for(organization)`. With none set, tenant tables read empty and
refuse writes, because their policies compare with a setting that isn't there. Work across tenants runs
in `acting_everywhere(reason=…, by=…)`, as a database role of its own.
"""

from srexpert.tenancy.scope import (
    CrossingTenants,
    acting_everywhere,
    acting_for,
    current_organization,
    entering,
    migrating,
)

__all__ = [
    "CrossingTenants",
    "acting_everywhere",
    "acting_for",
    "current_organization",
    "entering",
    "migrating",
]
