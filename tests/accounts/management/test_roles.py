"""The page of roles is made from the declarations."""

from pathlib import Path

from django.core.management import call_command

from accounts.management.commands import roles

PAGE = Path(__file__).resolve().parents[3] / "docs" / "roles.md"


def test_the_page_is_current(capsys):
    call_command("roles")
    assert PAGE.read_text(encoding="utf-8") == capsys.readouterr().out, (
        "run: python manage.py roles > docs/roles.md"
    )


def test_document_has_a_row_a_permission():
    assert (
        "| Rename the organization | `accounts.organization.change` | yes | yes |  |  |  |  |"
        in roles.document()
    )
