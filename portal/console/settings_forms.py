"""Forms of the tenant's settings: they read fields and say what each choice means, the services decide."""

from typing import Any, Final

from django import forms

from portal.accounts.forms import INPUT
from tenants.models.memberships import IDLE_MINUTES, SESSION_HOURS
from tenants.models.tenant import LIFECYCLE_BOUNDS
from tenants.realms import CONSOLE, PORTAL
from tenants.services.accounts.sign_in_policy import SignInRules

SIDES: Final = {"operators": CONSOLE.name, "customers": PORTAL.name}


def _switch(label: str, help_text: str) -> forms.BooleanField:
    widget = forms.CheckboxInput({"class": "checkbox mt-0.5"})
    return forms.BooleanField(label=label, help_text=help_text, required=False, widget=widget)


def _number(label: str, bounds: tuple[int, int]) -> forms.IntegerField:
    least, most = bounds
    widget = forms.NumberInput({"class": INPUT, "min": least, "max": most, "inputmode": "numeric"})
    help_text = f"{least} to {most}; empty for {most}."
    return forms.IntegerField(label=label, required=False, help_text=help_text, widget=widget)


def _bounded(label: str, name: str) -> forms.IntegerField:
    least, most = LIFECYCLE_BOUNDS[name]
    widget = forms.NumberInput({"class": INPUT, "min": least, "max": most, "inputmode": "numeric"})
    return forms.IntegerField(label=label, help_text=f"{least} to {most:,}.", widget=widget)


class DirectoryForm(forms.Form):
    """Where the RFC leaves room: the names of the fields are those of the options."""

    unique_group_names = _switch(
        "Names of groups are unique",
        "A second group of the same displayName is refused with 409 uniqueness.",
    )
    strict_members = _switch(
        "Unknown members are refused",
        "Otherwise a member who is not there yet is kept waiting, and joins the group on arrival.",
    )
    keep_members = _switch(
        "A PUT without members keeps them",
        "Otherwise a group that is replaced without members has none afterwards, as the RFC says.",
    )
    revive_deleted = _switch(
        "A person who comes back gets the old id",
        "Otherwise whoever was deleted and is created again is somebody new, with a new id.",
    )


class LifecycleForm(forms.Form):
    """What becomes of people who leave. The names of the fields are those of the service."""

    trash_days = _bounded("Days for which a deleted person can be restored", "trash_days")
    breaker_on = _switch(
        "Hold people back when many leave at once",
        "They read as gone for the identity provider. Connectors are told once an operator has looked.",
    )
    breaker_count = _bounded("More than so many people", "breaker_count")
    breaker_percent = _bounded("and more than this percentage of the active ones", "breaker_percent")
    breaker_minutes = _bounded("within so many minutes", "breaker_minutes")


class SignInForm(forms.Form):
    """How operators and customers sign in. An empty number is as long as this deployment lets everybody."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for side in SIDES:
            self.fields[f"{side}_need_factor"] = _switch("Everybody needs a second factor", "")
            self.fields[f"{side}_idle_minutes"] = _number("Minutes without a request that end a session", IDLE_MINUTES)
            self.fields[f"{side}_session_hours"] = _number("Hours after which a session ends", SESSION_HOURS)

    def read(self) -> dict[str, SignInRules]:
        """What the service takes: rules by the realm's name."""
        names = ("need_factor", "idle_minutes", "session_hours")
        given = self.cleaned_data
        return {realm: SignInRules(*(given[f"{side}_{name}"] for name in names)) for side, realm in SIDES.items()}

    @property
    def sides(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each side, with a heading."""
        return [(side.capitalize(), [field for field in self if field.name.startswith(side)]) for side in SIDES]


def describe_rules(rules: dict[str, SignInRules]) -> dict[str, Any]:
    """The initial values of a SignInForm."""
    names = ("need_factor", "idle_minutes", "session_hours")
    return {f"{side}_{name}": getattr(rules[realm], name) for side, realm in SIDES.items() for name in names}
