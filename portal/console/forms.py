"""Forms of the console. They read and name fields; what may be stands in the services."""

from datetime import timedelta
from typing import Any, Final

from django import forms

from portal.accounts.forms import INPUT
from tenants.models import ScimClient
from tenants.services.tokens import SCOPES

SELECT: Final = "select w-full"
LIFETIMES: Final = (("30", "30 days"), ("90", "90 days"), ("365", "1 year"), ("730", "2 years"))
LINK_DAYS: Final = (("1", "1 day"), ("3", "3 days"), ("7", "7 days"), ("14", "14 days"))
OVERLAPS: Final = (("0", "At once"), ("1", "1 hour"), ("24", "24 hours"), ("168", "7 days"))
SCOPE_CHOICES: Final = (
    (" ".join(SCOPES), "Read and write: what provisioning needs"),
    ("scim:read", "Read alone"),
)
OUTCOMES: Final = (
    ("", "Any outcome"),
    ("done", "Done"),
    ("refused", "Refused"),
    ("denied", "Denied"),
    ("limited", "Rate limited"),
    ("failed", "Failed"),
)
METHODS: Final = (("", "Any method"), *((name, name) for name in ("GET", "POST", "PUT", "PATCH", "DELETE")))
LONGEST_NAME, LONGEST_NETWORKS, LONGEST_TEXT = 200, 2000, 200


def _choice(label: str, choices: Any, initial: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, initial=initial, widget=forms.Select({"class": SELECT}))


class ClientForm(forms.Form):
    """A new SCIM client: which provider, and how it is called here."""

    kind = _choice("Identity provider", ScimClient.Kind.choices, ScimClient.Kind.OKTA)
    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="As in: Okta production.",
        widget=forms.TextInput({"class": INPUT, "autocomplete": "off"}),
    )


class TokenForm(forms.Form):
    """A new token."""

    scopes = _choice("What it may do", SCOPE_CHOICES, SCOPE_CHOICES[0][0])
    days = _choice("How long it is good for", LIFETIMES, "365")
    networks = forms.CharField(
        label="Where it may come from",
        required=False,
        max_length=LONGEST_NETWORKS,
        help_text="Networks in CIDR form, one a line, as in 192.0.2.0/24. Empty: from anywhere.",
        widget=forms.Textarea({"class": "textarea w-full font-mono", "rows": 2, "spellcheck": "false"}),
    )

    def read(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        return {
            "scopes": given["scopes"].split(),
            "lifetime": timedelta(days=int(given["days"])),
            "networks": given["networks"].split(),
        }


class ShareForm(forms.Form):
    """A link by which somebody without an account does the set-up."""

    days = _choice("How long the link is good", LINK_DAYS, "7")
    email = forms.CharField(
        label="Send it to",
        required=False,
        max_length=254,
        help_text="An e-mail address. Empty: the link is shown to you, once.",
        widget=forms.TextInput({"class": INPUT, "type": "email", "autocomplete": "off"}),
    )


class RotateForm(forms.Form):
    """How long the old token works on."""

    overlap = _choice("The old token ends", OVERLAPS, "24")


class OptionsForm(forms.Form):
    """What a SCIM client is granted."""

    strict = forms.BooleanField(required=False)
    groups_enabled = forms.BooleanField(required=False)


class RequestsForm(forms.Form):
    """What is looked for in the request log; every field may be empty, and a value that is none finds nothing."""

    client = forms.UUIDField(required=False)
    method = forms.ChoiceField(choices=METHODS, required=False)
    outcome = forms.ChoiceField(choices=OUTCOMES, required=False)
    status = forms.IntegerField(required=False, min_value=100, max_value=599)
    text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    request = forms.CharField(required=False, max_length=LONGEST_TEXT)
    warned = forms.BooleanField(required=False)


class ClientsForm(forms.Form):
    """What the list of SCIM clients is asked for, read from its address; what is none shows all, oldest first."""

    SORTS: Final = (("", "Oldest first"), ("name", "Name"), ("used", "Longest unused first"))

    text = forms.CharField(required=False, max_length=200)
    sort = forms.ChoiceField(choices=SORTS, required=False)

    def read(self) -> dict[str, str]:
        """What the query takes."""
        return {"text": self.cleaned_data["text"], "sort": self.cleaned_data["sort"]}
