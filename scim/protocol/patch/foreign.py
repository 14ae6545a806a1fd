"""Operations on what no schema of the tenant knows: members of unknown extensions, kept as they came (T12).

Nothing is known of their types, so an object merges, an array that is added to another one extends it, and anything
else replaces.
"""

from typing import Final

from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.documents import prune_foreign
from scim.protocol.errors import ScimError, ScimType, invalid_value
from scim.protocol.folding import is_same_name
from scim.protocol.intake import is_urn
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.patch.draft import Draft
from scim.protocol.patch.parts import difference, union
from scim.protocol.patch.request import Op

# Looking for a name is this much cheaper than comparing a value.
_NAMES_PER_COMPARISON: Final = 16
_UNASSIGNED: Final[tuple[Json, ...]] = (None, "", [], {})


def change_foreign(draft: Draft, text: str, op: Op, value: Json) -> None:
    """Apply an operation to an unknown extension, or to an attribute of one. Raises ScimError 400 as Draft does."""
    urn, attribute = _split(draft.document, text, value)
    if op is Op.REMOVE and value is not None:
        draft.reading.warn(WarningCode.REMOVE_VALUE, text)
    held = draft.open_foreign(urn)
    if attribute:
        _change_member(draft, held, attribute, op, value)
    elif value is None:
        held.clear()
    elif isinstance(value, dict):
        for name, item in value.items():
            _change_member(draft, held, name, op, None if op is Op.REMOVE else item)
    else:
        raise invalid_value(f"{urn} has to be an object.")


def _change_member(draft: Draft, held: JsonObject, name: str, op: Op, value: Json) -> None:
    if name not in held:
        draft.count_comparisons(len(held) // _NAMES_PER_COMPARISON)
        name = next((known for known in held if is_same_name(known, name)), name)
    current = held.get(name)
    draft.count_comparisons(len(current) if isinstance(current, list | dict) else 0)
    changed = _change(current, op, prune_foreign(value, name), value)
    if changed in _UNASSIGNED:
        held.pop(name, None)
    else:
        held[name] = changed


def _change(current: Json, op: Op, value: Json, raw: Json) -> Json:
    """`value` is `raw` without what is unassigned in it."""
    if op is Op.REMOVE:
        return difference(current, raw) if isinstance(raw, list) and isinstance(current, list) else None
    if isinstance(current, dict) and isinstance(raw, dict):
        return {name: item for name, item in {**current, **raw, **value}.items() if name not in raw or name in value}
    if op is Op.ADD and isinstance(current, list):
        added = value if isinstance(value, list) else [value]
        return union(current, [item for item in added if item not in _UNASSIGNED])
    return value


def _split(document: JsonObject, text: str, value: Json) -> tuple[str, str]:
    """The URN of the extension and the name of the attribute, empty when the extension itself is meant.

    Where the document has neither, an object belongs to the extension itself, as it does in a whole resource. Raises
    ScimError 400 invalidPath when what would be the URN is none.
    """
    head, _, tail = text.rpartition(":")
    held = [known for known in document if ":" in known]
    for urn, attribute in ((text, ""), (head, tail)):
        known = next((known for known in held if is_same_name(known, urn)), None)
        if known:
            return known, attribute
    if value is None or isinstance(value, dict):
        return text, ""
    if not is_urn(head):
        raise ScimError(f"{head[:100]} is not the URN of an extension.", scim_type=ScimType.INVALID_PATH)
    return head, tail
