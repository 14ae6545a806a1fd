"""PATCH as a pure function: a canonical document and operations give a canonical document (RFC 7644 section 3.5.2).

Tolerances beside those of requests, targets and forms: T04 and T05 (`remove` with a value), T36 (null), T43 to T46,
T49 and T50.
"""

from collections.abc import Sequence

from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimError, ScimType
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.patch.draft import Draft, Patched
from scim.protocol.patch.foreign import change_foreign
from scim.protocol.patch.incoming import read_listed, unwrap_listed
from scim.protocol.patch.members import change_rows
from scim.protocol.patch.request import Op, Operation
from scim.protocol.patch.selection import change_selection
from scim.protocol.patch.steps import Step, plan_steps
from scim.protocol.patch.targets import Container, Foreign, Target
from scim.protocol.paths import AttributePath
from scim.protocol.schemas.common_attributes import SCHEMAS_ATTRIBUTE
from scim.protocol.schemas.definitions import ResourceType
from scim.protocol.values import read_value


def apply_patch(
    resource_type: ResourceType,
    document: JsonObject,
    operations: Sequence[Operation],
    *,
    reading: Reading,
    resource_id: str | None = None,
) -> Patched:
    """Apply the operations in their order, all or none; the given document stays as it is.

    `resource_id` is the id addressed. Raises ScimError 400 invalidPath, invalidFilter, noTarget, mutability,
    invalidValue, invalidSyntax or tooMany, and 413 for an operation with more than 10,000 values.
    """
    draft = Draft(resource_type, document, reading)
    for step in plan_steps(operations, resource_type=resource_type, resource_id=resource_id, reading=reading):
        _apply_step(draft, step)
    return draft.finish()


def _apply_step(draft: Draft, step: Step) -> None:
    match step.target:
        case Foreign(text):
            change_foreign(draft, text, step.op, step.value)
        case Container(urn):
            draft.remove_extension(urn)
        case Target() as target:
            _check_target(draft, target, step.op, step.value)
            _change_attribute(draft, target, step.op, step.value)


def _check_target(draft: Draft, target: Target, op: Op, raw: Json) -> None:
    if target.path.attribute.is_read_only or target.path.leaf.is_read_only:
        raise ScimError(f"{target.path} is read-only.", scim_type=ScimType.MUTABILITY)
    if op is Op.REMOVE and raw is not None and not (target.is_whole and target.path.attribute.multi_valued):
        draft.reading.warn(WarningCode.REMOVE_VALUE, target.path.text)


def _change_attribute(draft: Draft, target: Target, op: Op, raw: Json) -> None:
    path, attribute = target.path, target.path.attribute
    if path.text == SCHEMAS_ATTRIBUTE:
        _check_schemas(draft, op, raw)
    elif attribute.as_rows:
        change_rows(draft, target, op, raw)
    elif attribute.is_secret:
        _change_secret(draft, path, op, raw)
    elif not target.is_whole or (attribute.is_complex and not attribute.multi_valued):
        change_selection(draft, target, op, raw)
    elif attribute.multi_valued:
        _change_values(draft, path, op, raw)
    else:
        value = None if op is Op.REMOVE else read_value(attribute, raw, where=path.text, reading=draft.reading)
        draft.put(path, value, op=op)


def _change_values(draft: Draft, path: AttributePath, op: Op, raw: Json) -> None:
    """A multi-valued attribute as a whole."""
    if op is Op.ADD:
        elements = draft.open_elements(path)
        elements.add([] if raw is None else read_listed(path, raw, reading=draft.reading))
        draft.put(path, elements.as_json(), op=op)
    elif op is Op.REPLACE:
        if raw is None:
            draft.reading.warn(WarningCode.NULL_REPLACE, path.text)
        values = [] if raw is None else read_listed(path, raw, reading=draft.reading)
        draft.put(path, values or None, op=op)
    elif raw is None:
        draft.put(path, None, op=op)
    else:
        draft.reading.warn(WarningCode.REMOVE_VALUE, path.text)
        elements = draft.open_elements(path)
        elements.remove_listed(read_listed(path, unwrap_listed(path.attribute, raw), reading=draft.reading))
        draft.put(path, elements.as_json(), op=op)


def _change_secret(draft: Draft, path: AttributePath, op: Op, raw: Json) -> None:
    """Tolerance T19: what is write-only never enters the document."""
    if path.sub_attribute:
        raise ScimError(f"{path.whole} can be written as a whole alone.", scim_type=ScimType.MUTABILITY)
    value = None if op is Op.REMOVE else read_value(path.attribute, raw, where=path.text, reading=draft.reading)
    draft.secrets[path.text] = value


def _check_schemas(draft: Draft, op: Op, raw: Json) -> None:
    """What a resource's `schemas` are follows from its attributes: they are accepted and decide nothing."""
    if op is Op.REMOVE and raw is None:
        raise ScimError(f"{SCHEMAS_ATTRIBUTE} can't be removed.", scim_type=ScimType.MUTABILITY)
    if op is Op.REMOVE:
        draft.reading.warn(WarningCode.REMOVE_VALUE, SCHEMAS_ATTRIBUTE)
