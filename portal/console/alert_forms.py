"""Forms of alerts: one of all rules, one of a new webhook. What may be is the services' affair."""

from collections.abc import Iterator, Sequence
from typing import Any

from django import forms

from portal.accounts.forms import INPUT
from scim.queries.alerts import KINDS, Kind, RuleRow

LONGEST_URL = 2000


class AlertRulesForm(forms.Form):
    """Three fields a kind: whether, above which threshold, and whether by e-mail too."""

    def __init__(self, *args: Any, rules: Sequence[RuleRow], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rules = {rule.kind: rule for rule in rules}
        for kind in KINDS.values():
            rule = self.rules[kind.key]
            self.fields[f"{kind.key}_enabled"] = _check("On", kind, initial=rule.enabled)
            self.fields[f"{kind.key}_email"] = _check("By e-mail", kind, initial=rule.by_email)
            if kind.unit:
                self.fields[f"{kind.key}_threshold"] = forms.IntegerField(
                    label=f"Threshold of {kind.name.lower()}, {kind.unit}",
                    initial=rule.threshold,
                    widget=forms.NumberInput({"class": "input w-28", "min": 1}),
                )

    def rows(self) -> Iterator[dict[str, Any]]:
        """What the template shows of each kind."""
        for kind in KINDS.values():
            has_threshold = f"{kind.key}_threshold" in self.fields
            yield {
                "kind": kind,
                "enabled": self[f"{kind.key}_enabled"],
                "email": self[f"{kind.key}_email"],
                "threshold": self[f"{kind.key}_threshold"] if has_threshold else None,
            }

    def read(self) -> list[RuleRow]:
        """What the service takes."""
        given = self.cleaned_data
        return [
            RuleRow(key, given[f"{key}_enabled"], given[f"{key}_email"], given.get(f"{key}_threshold", kind.threshold))
            for key, kind in KINDS.items()
        ]


class WebhookForm(forms.Form):
    """Where alerts are sent."""

    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        help_text="As in https://hooks.example.com/labsninja. Every message is signed as Standard Webhooks say.",
        widget=forms.TextInput({"class": INPUT, "inputmode": "url", "autocomplete": "off", "spellcheck": "false"}),
    )


def _check(label: str, kind: Kind, *, initial: bool) -> forms.BooleanField:
    widget = forms.CheckboxInput({"class": "checkbox"})
    return forms.BooleanField(label=f"{label}: {kind.name}", initial=initial, required=False, widget=widget)
