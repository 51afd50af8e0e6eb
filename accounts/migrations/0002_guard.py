"""Puts the tables of accounts behind row-level security."""

from django.db import migrations

from srexpert.tenancy.operations import GuardTable, TieToOrganization


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("srexpert", "0002_guard")]

    operations = [
        GuardTable("membership", own="user_id"),
        # The organization itself: its own id is the tenant; a member sees it before choosing it.
        GuardTable("organization", column="id", visible_through="accounts_membership", composite_key=False),
        GuardTable("team"),
        GuardTable("teammember", composite_key=False),
        GuardTable("grant", composite_key=False),
        GuardTable("invitation", composite_key=False),
        TieToOrganization("teammember", "team", "membership"),
        TieToOrganization("grant", "membership", "team"),
        TieToOrganization("invitation", "token"),
    ]
