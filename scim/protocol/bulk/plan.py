"""What a Bulk request is going to do: targets, references and units of operations, before anything is done.

A circle of references is one unit (RFC 7644 section 3.7.1). A circle of memberships alone is refused: a group that is
a member of itself, through others or not, is refused in a single request, too.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from scim.protocol.bulk.references import PREFIX, Translate, translate_patch, translate_resource
from scim.protocol.bulk.request import BulkOperation
from scim.protocol.bulk.schedule import find_circles, plan_units
from scim.protocol.bulk.targets import BulkTarget, read_target
from scim.protocol.errors import ScimError, invalid_value
from scim.protocol.json_input import JsonObject
from scim.protocol.schemas.definitions import ResourceType, SchemaSet


@dataclass(frozen=True)
class BulkStep:
    """An operation with what it leads to, or with why it is refused before it is tried."""

    operation: BulkOperation
    target: BulkTarget | None = None
    refusal: ScimError | None = None


@dataclass(frozen=True)
class BulkUnit:
    """Steps in the order in which they are done; those of a circle together or not at all."""

    steps: Sequence[BulkStep]
    is_circle: bool = False


@dataclass
class _Reading:
    """References by the index of the operation that has them: all of them, and those that make members."""

    creators: Mapping[str, int]
    needs: dict[int, set[int]] = field(default_factory=dict)
    holds: dict[int, set[int]] = field(default_factory=dict)
    newest: dict[str, int] = field(default_factory=dict)

    def follow(self, operation: BulkOperation, bulk_id: str, *, is_membership: bool = False) -> None:
        creator = self.creators.get(bulk_id)
        if creator is None:
            raise invalid_value(
                f"{operation.where} refers to {PREFIX}{bulk_id[:100]}, which the request does not create."
            )
        self.needs.setdefault(operation.index, set()).add(creator)
        if is_membership and operation.creates:
            self.holds.setdefault(operation.index, set()).add(creator)

    def keep_order(self, operation: BulkOperation) -> None:
        """Operations on one resource stay in their order, also when an earlier one has to wait."""
        path = operation.path.removesuffix("/")
        if path in self.newest:
            self.needs.setdefault(operation.index, set()).add(self.newest[path])
        self.newest[path] = operation.index


def plan_bulk(operations: Sequence[BulkOperation], *, schemas: SchemaSet) -> list[BulkUnit]:
    """The units, each after those it needs. Nothing is raised: refusals stand in the steps."""
    creators = {one.bulk_id: one.index for one in operations if one.creates and one.bulk_id}
    reading = _Reading(creators)
    steps = [_read_step(one, schemas, reading) for one in operations]
    for circle in find_circles(range(len(steps)), reading.holds):
        if _is_circle(circle, reading.holds):
            for index in circle:
                steps[index] = BulkStep(steps[index].operation, steps[index].target, _refuse_circle(circle, operations))
    units = plan_units(len(steps), reading.needs)
    return [_unit(unit, steps, reading) for unit in units]


def translate_data(operation: BulkOperation, resource_type: ResourceType, translate: Translate) -> JsonObject:
    """The data of an operation with its references translated."""
    translate_body = translate_patch if operation.method == "PATCH" else translate_resource
    return translate_body(resource_type, operation.data, translate)


def _read_step(operation: BulkOperation, schemas: SchemaSet, reading: _Reading) -> BulkStep:
    target = None
    try:
        target = read_target(operation, schemas=schemas)
        _read_references(operation, target, reading)
    except ScimError as error:
        return BulkStep(operation, target, error)
    return BulkStep(operation, target)


def _read_references(operation: BulkOperation, target: BulkTarget, reading: _Reading) -> None:
    if not operation.creates:
        reading.keep_order(operation)
    if target.bulk_id is not None:
        reading.follow(operation, target.bulk_id)

    def follow(bulk_id: str, is_membership: bool) -> str:  # noqa: FBT001  # the shape of Translate
        reading.follow(operation, bulk_id, is_membership=is_membership)
        return bulk_id

    if operation.method != "DELETE":
        translate_data(operation, target.resource_type, follow)


def _is_circle(indexes: Sequence[int], graph: Mapping[int, set[int]]) -> bool:
    return len(indexes) > 1 or indexes[0] in graph.get(indexes[0], ())


def _refuse_circle(circle: Iterable[int], operations: Sequence[BulkOperation]) -> ScimError:
    named = ", ".join(f"{PREFIX}{operations[index].bulk_id}"[:100] for index in sorted(circle)[:5])
    return invalid_value(f"members: a group would become a member of itself in the circle of {named}.")


def _unit(indexes: Sequence[int], steps: Sequence[BulkStep], reading: _Reading) -> BulkUnit:
    """In a circle members come before the groups that hold them: a group takes in who is there."""
    if not _is_circle(indexes, reading.needs):
        return BulkUnit([steps[indexes[0]]])
    inside = set(indexes)
    holds = {index: reading.holds.get(index, set()) & inside for index in indexes}
    ordered = [index for circle in find_circles(indexes, holds) for index in circle]
    return BulkUnit([steps[index] for index in ordered], is_circle=True)
