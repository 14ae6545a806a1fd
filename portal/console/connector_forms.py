"""Forms about connectors. They read and name fields; what may be stands in the services."""

from typing import Any, Final

from django import forms

from portal.accounts.forms import INPUT
from portal.console.forms import SELECT
from scim.sync.services.connectors import LEAVING, SYSTEMS, Settings

LONGEST_NAME, LONGEST_ADDRESS, LONGEST_SECRET = 100, 2000, 4000


class ConnectorForm(forms.Form):
    """A connector to a SCIM service; on the page of one that exists an empty token leaves it as it is."""

    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="As in: Slack.",
        widget=forms.TextInput({"class": INPUT, "autocomplete": "off"}),
    )
    preset = forms.ChoiceField(
        label="System",
        choices=list(SYSTEMS.items()),
        help_text="What is known of it: how many members a request may name, how it pages.",
        widget=forms.Select({"class": SELECT}),
    )
    url = forms.CharField(
        label="Base address",
        max_length=LONGEST_ADDRESS,
        help_text="As in: https://scim.example.com/v2",
        widget=forms.URLInput({"class": f"{INPUT} font-mono", "autocomplete": "off", "spellcheck": "false"}),
    )
    secret = forms.CharField(
        label="Bearer token",
        required=False,
        max_length=LONGEST_SECRET,
        help_text="Kept encrypted, and shown to nobody again.",
        widget=forms.PasswordInput({"class": f"{INPUT} font-mono", "autocomplete": "off"}),
    )
    leaving = forms.ChoiceField(
        label="People who leave",
        choices=[
            ("deactivate", f"{LEAVING['deactivate']}: their accounts stay there, switched off"),
            ("delete", f"{LEAVING['delete']} them there"),
        ],
        help_text="Who was there before the connector came is never deleted.",
        widget=forms.Select({"class": SELECT}),
    )
    looks_first = forms.BooleanField(
        label="Look for people who are there already before creating them",
        required=False,
        initial=True,
        widget=forms.CheckboxInput({"class": "checkbox checkbox-sm"}),
    )

    def read(self) -> dict[str, Any]:
        """Name, settings and secret as the services take them."""
        told = self.cleaned_data
        names: Final = ("url", "preset", "leaving", "looks_first")
        settings = Settings(**{name: told[name] for name in names})
        return {"name": told["name"].strip(), "settings": settings, "secret": told["secret"].strip()}
