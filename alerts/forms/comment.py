"""A comment on an incident."""

from django import forms


class CommentForm(forms.Form):
    """A person's words, of at most 5,000 signs."""

    text = forms.CharField(label="Comment", max_length=5000, widget=forms.Textarea(attrs={"rows": 2}))
