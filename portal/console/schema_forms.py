"""The forms that a schema or a resource type is built with, attribute by attribute.

What is being built travels in the form itself: a button adds, moves or removes a row and shows the form again, so it
works without a script. A row that is a `part` belongs to the nearest row above it that is none.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django import forms

from portal.accounts.forms import INPUT
from scim.protocol.attributes import AttributeType, Mutability, Returned, Uniqueness
from scim.protocol.schemas.definitions import SchemaSet
from scim.protocol.schemas.reading import LONGEST_NAME, LONGEST_TEXT

SELECT: Final = "select w-full"
MOST_ROWS: Final = 500
PREFIX: Final = "attributes"
LONGEST_URN, LONGEST_LIST = 500, 20_000
USES: Final = (("", "Does not carry it"), ("may", "May carry it"), ("must", "Has to carry it"))
NOT_IN_A_PART: Final = (AttributeType.COMPLEX.value,)
# Which field shows what the service says of a characteristic.
FIELDS: Final[Mapping[str, str]] = {
    "name": "name",
    "type": "type",
    "description": "description",
    "uniqueness": "uniqueness",
    "returned": "returned",
    "mutability": "mutability",
    "canonicalValues": "canonical_values",
    "referenceTypes": "reference_types",
}
TYPE_LABELS: Final = {AttributeType.COMPLEX: "complex (has parts)", AttributeType.DATE_TIME: "dateTime"}
MUTABILITIES: Final = {
    Mutability.READ_WRITE: "readWrite: may change",
    Mutability.IMMUTABLE: "immutable: set once",
    Mutability.READ_ONLY: "readOnly: ignored when sent",
    Mutability.WRITE_ONLY: "writeOnly: never shown",
}
RETURNED: Final = {
    Returned.DEFAULT: "default: unless left out",
    Returned.ALWAYS: "always",
    Returned.REQUEST: "request: when asked for",
    Returned.NEVER: "never",
}
UNIQUENESS: Final = {
    Uniqueness.NONE: "none: may repeat",
    Uniqueness.SERVER: "server: once in your organization",
    Uniqueness.GLOBAL: "global: once everywhere",
}


def _text(label: str, longest: int, help_text: str = "", *, required: bool = True, mono: bool = False) -> Any:
    style = f"{INPUT} font-mono" if mono else INPUT
    widget = forms.TextInput({"class": style, "autocomplete": "off", "spellcheck": "false"})
    return forms.CharField(label=label, max_length=longest, help_text=help_text, required=required, widget=widget)


def _lines(label: str, help_text: str) -> forms.CharField:
    widget = forms.Textarea({"class": "textarea w-full font-mono", "rows": 2, "spellcheck": "false"})
    return forms.CharField(label=label, help_text=help_text, required=False, max_length=LONGEST_LIST, widget=widget)


def _choice(label: str, choices: Iterable[tuple[str, str]], initial: str = "") -> forms.ChoiceField:
    widget = forms.Select({"class": SELECT})
    return forms.ChoiceField(label=label, choices=list(choices), initial=initial, required=False, widget=widget)


def _switch(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False, widget=forms.CheckboxInput({"class": "checkbox mt-0.5"}))


class AttributeForm(forms.Form):
    """One attribute, or a part of the complex one above it."""

    name = _text("Name", LONGEST_NAME, mono=True)
    type = _choice("Type", ((one.value, TYPE_LABELS.get(one, one.value)) for one in AttributeType), "string")
    multi_valued = _switch("Several values")
    required = _switch("Required")
    case_exact = _switch("Case matters")
    indexed = _switch("Search index")
    description = _text("Description", LONGEST_TEXT, required=False)
    canonical_values = _lines("Canonical values", "One a line: suggestions, others are taken too.")
    reference_types = _lines("What it refers to", "One a line, as in User, external or uri. For references alone.")
    mutability = _choice("Mutability", ((one.value, told) for one, told in MUTABILITIES.items()), "readWrite")
    returned = _choice("Returned", ((one.value, told) for one, told in RETURNED.items()), "default")
    uniqueness = _choice("Uniqueness", ((one.value, told) for one, told in UNIQUENESS.items()), "none")
    part = forms.BooleanField(required=False, widget=forms.HiddenInput())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self["part"].value():
            field: Any = self.fields["type"]
            field.choices = [one for one in field.choices if one[0] not in NOT_IN_A_PART]

    @property
    def is_complex(self) -> bool:
        """Whether parts may be added to it."""
        return bool(self["type"].value() == AttributeType.COMPLEX.value)

    @property
    def has_detail_errors(self) -> bool:
        """Whether an error stands where the page folds fields away."""
        return any(name not in {"name", "type"} for name in self.errors)

    def read(self) -> dict[str, Any]:
        """The attribute as RFC 7643 section 7 writes it."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "type": given["type"] or "string",
            "description": given["description"],
            "multiValued": given["multi_valued"],
            "required": given["required"],
            "caseExact": given["case_exact"],
            "indexed": given["indexed"],
            "mutability": given["mutability"] or "readWrite",
            "returned": given["returned"] or "default",
            "uniqueness": given["uniqueness"] or "none",
            "canonicalValues": _split(given["canonical_values"]),
            "referenceTypes": _split(given["reference_types"]),
        }


AttributeRows: Any = forms.formset_factory(AttributeForm, extra=0, max_num=MOST_ROWS, absolute_max=MOST_ROWS)


class SchemaForm(forms.Form):
    """What a schema is called. Which types it extends has a field for each."""

    id = _text("URN", LONGEST_URN, "Identity providers send the attributes under this name.", mono=True)
    name = _text("Name", LONGEST_NAME, "As in: Badge.")
    description = _text("Description", LONGEST_TEXT, required=False)

    def __init__(self, *args: Any, known: SchemaSet, urn: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["id"].disabled = bool(urn)
        self.uses = {f"use-{one.name}": one.name for one in known.resource_types if one.schema.id != urn}
        for field, name in self.uses.items():
            self.fields[field] = _choice(name, USES)

    @property
    def use_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.uses]

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("id", "name", "description")]

    def read_uses(self) -> dict[str, bool]:
        """The types that it extends, and whether each has to carry it."""
        given = self.cleaned_data
        return {name: given[field] == "must" for field, name in self.uses.items() if given[field]}


class TypeForm(forms.Form):
    """A resource type of the tenant's own, by one of its schemas."""

    name = _text("Name", LONGEST_NAME, "As in: Device.", mono=True)
    endpoint = _text("Endpoint", LONGEST_NAME + 1, "As in: /Devices.", mono=True)
    schema = _choice("Schema", ())
    description = _text("Description", LONGEST_TEXT, required=False)

    def __init__(self, *args: Any, known: SchemaSet, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["schema"]
        field.choices, field.required = [(one.id, f"{one.name} ({one.id})") for one in known.defined], True
        self.extensions = {f"use-{one.id}": one.id for one in known.defined}
        for name, urn in self.extensions.items():
            self.fields[name] = _choice(urn, USES)

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("name", "endpoint", "schema", "description")]

    @property
    def use_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.extensions]

    def read(self) -> dict[str, Any]:
        """The ResourceType resource of RFC 7643 section 6."""
        given = self.cleaned_data
        extensions = [
            {"schema": urn, "required": given[name] == "must"} for name, urn in self.extensions.items() if given[name]
        ]
        named = {name: given[name] for name in ("name", "endpoint", "schema", "description")}
        return {**named, "schemaExtensions": extensions}


def make_rows(attributes: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rows of a definition's attributes, for a form to begin with."""
    rows = []
    for attribute in attributes:
        rows.append(_make_row(attribute))
        rows += [{**_make_row(part), "part": "on"} for part in attribute.get("subAttributes", ())]
    return rows


def _make_row(attribute: Mapping[str, Any]) -> dict[str, Any]:
    named = {
        "multi_valued": "multiValued",
        "case_exact": "caseExact",
        **{name: name for name in ("name", "type", "description", "required", "indexed", "mutability", "returned")},
    }
    row = {field: attribute[member] for field, member in named.items() if member in attribute}
    row["uniqueness"] = attribute.get("uniqueness", "none")
    row["canonical_values"] = "\n".join(attribute.get("canonicalValues", ()))
    row["reference_types"] = "\n".join(attribute.get("referenceTypes", ()))
    return row


def _split(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
