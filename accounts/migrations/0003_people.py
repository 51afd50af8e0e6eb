"""Administrators reach everything; an invitation ends in one way."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_guard"),
        ("srexpert", "0002_guard"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.CheckConstraint(
                condition=models.Q(("accepted_at", None), ("revoked_at", None), _connector="OR"),
                name="accounts_invitation_not_both_accepted_and_revoked",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("whole_organization", True),
                    models.Q(("role__in", ["admin", "owner"]), _negated=True),
                    _connector="OR",
                ),
                name="accounts_membership_administrators_reach_everything",
            ),
        ),
    ]
