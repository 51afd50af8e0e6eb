"""Puts the tables of alerts behind row-level security."""

from django.db import migrations

from srexpert.tenancy.operations import GuardTable, TieToOrganization


class Migration(migrations.Migration):
    dependencies = [("alerts", "0001_initial"), ("accounts", "0002_guard"), ("srexpert", "0002_guard")]

    operations = [
        GuardTable("incidentcounter", composite_key=False),
        GuardTable("signal", composite_key=False),
        GuardTable("incident"),
        GuardTable("alert"),
        GuardTable("webhooktarget"),
        GuardTable("escalationpolicy"),
        GuardTable("escalationstep"),
        GuardTable("escalationtarget", composite_key=False),
        GuardTable("notification", composite_key=False),
        GuardTable("decision", composite_key=False),
        GuardTable("timelineentry", composite_key=False),
        TieToOrganization("incident", "merged_into"),
        TieToOrganization("alert", "incident"),
        TieToOrganization("escalationstep", "policy"),
        TieToOrganization("escalationtarget", "step", "membership", "team", "webhook"),
        TieToOrganization("notification", "incident", "webhook"),
        TieToOrganization("decision", "alert", "incident"),
        TieToOrganization("timelineentry", "alert", "incident"),
    ]
