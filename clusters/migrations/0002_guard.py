"""Puts the tables of clusters behind row-level security."""

from django.db import migrations

from srexpert.tenancy.operations import GuardTable, TieToOrganization


class Migration(migrations.Migration):
    dependencies = [("clusters", "0001_initial"), ("accounts", "0002_guard"), ("srexpert", "0002_guard")]

    operations = [
        GuardTable("cluster"),
        GuardTable("agenttoken", composite_key=False),
        GuardTable("agentsession"),
        GuardTable("kindstatus", composite_key=False),
        GuardTable("manifestpart", composite_key=False),
        GuardTable("kubernetesobject", composite_key=False),
        GuardTable("objectchange", composite_key=False),
        GuardTable("stalescope", composite_key=False),
        GuardTable("finding", composite_key=False),
        TieToOrganization("agenttoken", "cluster", "token"),
        TieToOrganization("agentsession", "cluster"),
        TieToOrganization("kindstatus", "cluster"),
        TieToOrganization("manifestpart", "session"),
        TieToOrganization("kubernetesobject", "cluster"),
        TieToOrganization("objectchange", "cluster"),
        TieToOrganization("stalescope", "cluster"),
        TieToOrganization("finding", "cluster"),
    ]
