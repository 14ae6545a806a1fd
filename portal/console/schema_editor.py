"""A schema while it is being built: what was typed, what the buttons do to it, and where a refusal belongs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import QueryDict

from portal.console.schema_forms import FIELDS, MOST_ROWS, PREFIX, AttributeForm, AttributeRows, SchemaForm, make_rows
from scim.protocol.attributes import AttributeType, Schema
from scim.protocol.schemas.definitions import SchemaDefinitionError, SchemaSet
from scim.protocol.schemas.representation import schema_definition

EMPTY_ROW: Final[Mapping[str, Any]] = {}
OWN: Final = ("id", "name", "description")
Row = Mapping[str, Any]


@dataclass
class Editor:
    """The form of the schema and that of its attributes."""

    form: SchemaForm
    rows: Any

    def is_valid(self) -> bool:
        """Whether every field can be read; both are asked, so that all that is wrong is shown at once."""
        return all([self.form.is_valid(), self.rows.is_valid()])

    def make_definition(self) -> dict[str, Any]:
        """The Schema resource of RFC 7643 section 7."""
        attributes: list[dict[str, Any]] = []
        for row in self.rows:
            if row.cleaned_data["part"] and attributes:
                attributes[-1].setdefault("subAttributes", []).append(row.read())
            else:
                attributes.append(row.read())
        return {**{name: self.form.cleaned_data[name] for name in OWN}, "attributes": attributes}

    def place(self, error: SchemaDefinitionError) -> None:
        """Put a refusal beside the field that it is about, or above the form."""
        if error.position:
            row = self.rows[self._find_row(error.position)]
            row.add_error(FIELDS.get(error.member), str(error))
        else:
            self.form.add_error(error.member if error.member in OWN else None, str(error))

    def _find_row(self, position: tuple[int, ...]) -> int:
        heads = [number for number, row in enumerate(self.rows) if number == 0 or not row.cleaned_data["part"]]
        return heads[position[0]] + (position[1] + 1 if len(position) > 1 else 0)


def open_editor(known: SchemaSet, schema: Schema | None = None) -> Editor:
    """With what is defined, or with one empty attribute."""
    if schema is None:
        return Editor(_make_form(known, initial={"use-User": "may"}), _make_rows([EMPTY_ROW]))
    definition = schema_definition(schema)
    uses = {
        f"use-{one.name}": "must" if extension.required else "may"
        for one in known.resource_types
        for extension in one.extensions
        if extension.schema.id == schema.id
    }
    form = _make_form(known, schema.id, initial={**definition, **uses})
    return Editor(form, _make_rows(make_rows(definition["attributes"])))


def read_editor(data: QueryDict, known: SchemaSet, schema: Schema | None = None) -> Editor:
    """With what was sent, to be checked."""
    urn = schema.id if schema else ""
    rows = AttributeRows(_count_rows(data), prefix=PREFIX, form_kwargs={"empty_permitted": False})
    return Editor(_make_form(known, urn, data, initial={"id": urn}), rows)


def change_editor(data: QueryDict, known: SchemaSet, act: str, schema: Schema | None = None) -> Editor:
    """With what was sent, as one of the buttons of the rows leaves it; nothing is checked yet."""
    urn = schema.id if schema else ""
    form = _make_form(known, urn, initial={**data.dict(), **({"id": urn} if urn else {})})
    return Editor(form, _make_rows(_act(_list_rows(data), act)))


def _make_form(known: SchemaSet, urn: str = "", data: QueryDict | None = None, **kwargs: Any) -> SchemaForm:
    return SchemaForm(data, known=known, urn=urn, use_required_attribute=False, **kwargs)


def _make_rows(rows: Sequence[Row]) -> Any:
    return AttributeRows(initial=rows, prefix=PREFIX, form_kwargs={"empty_permitted": False})


def _count_rows(data: QueryDict) -> QueryDict:
    """The same with a count of rows that is one: whoever sends another has no page of ours."""
    counted = data.copy()
    counted[f"{PREFIX}-TOTAL_FORMS"] = counted[f"{PREFIX}-INITIAL_FORMS"] = str(_read_total(data))
    return counted


def _read_total(data: QueryDict) -> int:
    text = data.get(f"{PREFIX}-TOTAL_FORMS", "")
    return min(int(text), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < len("10000") else 0


def _list_rows(data: QueryDict) -> list[Row]:
    fields = AttributeForm.base_fields
    return [{name: data.get(f"{PREFIX}-{number}-{name}", "") for name in fields} for number in range(_read_total(data))]


def _act(rows: list[Row], act: str) -> list[Row]:
    """Rows go in blocks: an attribute with its parts."""
    name, _, text = act.partition("-")
    blocks: list[list[Row]] = []
    at = (0, 0)
    for number, row in enumerate(rows):
        if row.get("part") and blocks:
            blocks[-1].append(row)
        else:
            blocks.append([row])
        if text == str(number):
            at = (len(blocks) - 1, len(blocks[-1]) - 1)
    if name == "add":
        blocks.append([EMPTY_ROW])
    elif text and blocks:
        _act_on(blocks, name, *at)
    return [row for block in blocks for row in block]


def _act_on(blocks: list[list[Row]], name: str, block: int, row: int) -> None:
    chosen = blocks[block]
    if name == "part":
        chosen[0] = {**chosen[0], "type": AttributeType.COMPLEX.value}
        chosen.append({"part": "on"})
    elif name == "remove" and row:
        del chosen[row]
    elif name == "remove":
        del blocks[block]
    elif name == "up" and row > 1:
        chosen[row - 1], chosen[row] = chosen[row], chosen[row - 1]
    elif name == "up" and not row and block:
        blocks[block - 1], blocks[block] = chosen, blocks[block - 1]
