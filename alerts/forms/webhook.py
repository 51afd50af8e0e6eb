"""A webhook's name and address; the address is written and never shown again."""

from django import forms

from alerts.models import WebhookTarget
from srexpert.outbound import Forbidden
from srexpert.outbound.addresses import check

NAME_TAKEN = "Another webhook has this name."


class WebhookForm(forms.Form):
    """A name of its own and an address that we may call."""

    name = forms.CharField(label="Name", max_length=80)
    address = forms.CharField(
        label="Address",
        max_length=2000,
        help_text="An https address. It is stored encrypted and not shown again.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if WebhookTarget.objects.filter(name=name).exists():
            raise forms.ValidationError(NAME_TAKEN)
        return name

    def clean_address(self) -> str:
        address: str = self.cleaned_data["address"]
        try:
            check(address)
        except Forbidden as error:
            # The reason would tell about our network.
            raise forms.ValidationError(
                "This address can't be called. Give a public https address."
            ) from error
        return address
