"""Takes secrets and personal data out of text: pure, linear in time, the same everywhere in the product."""

from privacy.redaction.main import main
from privacy.redaction.spans import Category, Redaction, Span
from privacy.redaction.text import is_clean, looks_like_credential, redact

__all__ = ["Category", "Redaction", "Span", "is_clean", "looks_like_credential", "main", "redact"]
