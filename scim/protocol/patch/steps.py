"""Operations as steps: each changes one thing.

An operation without a path, or with the URN of a schema as its path, has a step for each member of its value; there,
read-only attributes are ignored as they are in a whole resource (tolerances T07, T18). Tolerances T08 (keys that are
paths), T09 (keys with a URN), T10 (`manager` without its URN), T12 (unknown attributes), T15 and T16.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scim.protocol import urns
from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimError, ScimType, invalid_syntax, invalid_value
from scim.protocol.folding import fold_name
from scim.protocol.json_input import Json
from scim.protocol.patch.request import Op, Operation
from scim.protocol.patch.targets import AnyTarget, Container, Foreign, Target, resolve_target
from scim.protocol.paths import Spelling
from scim.protocol.schemas.common_attributes import SCHEMAS_ATTRIBUTE
from scim.protocol.schemas.definitions import ResourceType

MANAGER: Final = f"{urns.ENTERPRISE_USER}:manager"


@dataclass(frozen=True)
class Step:
    """A Container is only ever removed: values of several attributes have become steps of their own."""

    op: Op
    target: AnyTarget
    value: Json


def plan_steps(
    operations: Sequence[Operation], *, resource_type: ResourceType, resource_id: str | None, reading: Reading
) -> list[Step]:
    """The steps in their order.

    Raises ScimError 400 invalidPath when nothing in the request is known (what is unknown beside something known is
    left out with a warning), mutability when a value names another id than the resource's, and as resolve_target.
    """
    planner = _Planner(resource_type, resource_id, reading)
    steps = [step for operation in operations for step in planner.plan(operation)]
    if planner.unknown is not None and not planner.knows_any:
        raise ScimError(f"There is no attribute {planner.unknown[:100]}.", scim_type=ScimType.INVALID_PATH)
    return steps


@dataclass
class _Planner:
    resource_type: ResourceType
    resource_id: str | None
    reading: Reading
    knows_any: bool = False
    unknown: str | None = None  # the first unknown name

    def plan(self, operation: Operation) -> Iterator[Step]:
        if operation.path is None:
            yield from self._plan_members(operation.op, operation.value, prefix="")
            return
        target = self._resolve(operation.path)
        if target is None:
            self._note_unknown(operation.path)
            return
        self.knows_any = True
        if isinstance(target, Container):
            yield from self._plan_container(operation.op, target, operation.value)
            return
        if isinstance(target, Target) and target.spelling is Spelling.BARE_EXTENSION and target.path.whole == MANAGER:
            self.reading.warn(WarningCode.MANAGER_FORM, MANAGER)
        yield Step(operation.op, target, operation.value)

    def _plan_container(self, op: Op, container: Container, value: Json) -> Iterator[Step]:
        is_core = container.urn == self.resource_type.schema.id
        if is_core and (op is Op.REMOVE or value is None):
            raise ScimError("The core schema can't be removed.", scim_type=ScimType.MUTABILITY)
        if op is Op.REMOVE and value is not None:
            self.reading.warn(WarningCode.REMOVE_VALUE, container.urn)
            value = dict.fromkeys(value) if isinstance(value, dict) else value
        elif value is None or op is Op.REMOVE:
            yield Step(Op.REMOVE, container, None)
            return
        yield from self._plan_members(op, value, prefix=f"{container.urn}:")

    def _plan_members(self, op: Op, members: Json, *, prefix: str) -> Iterator[Step]:
        if not isinstance(members, dict):
            raise invalid_value(f"The value of {prefix[:-1] or 'an operation without a path'} has to be an object.")
        self.knows_any = self.knows_any or not members
        seen: set[str] = set()
        for name, value in members.items():
            target = self._resolve(prefix + name)
            if target is None or _is_misplaced(target, prefix):
                self._note_unknown(prefix + name)
                continue
            self.knows_any = True
            _check_once(target, seen)
            yield from self._plan_member(op, target, prefix + name, value)

    def _plan_member(self, op: Op, target: AnyTarget, name: str, value: Json) -> Iterator[Step]:
        if isinstance(target, Container):
            yield from self._plan_container(op, target, value)
        elif isinstance(target, Foreign):
            yield Step(op, target, value)
        elif target.path.attribute.is_read_only or target.path.leaf.is_read_only:
            self._check_read_only(target, value)
        elif target.path.text != SCHEMAS_ATTRIBUTE:
            if not target.is_whole:
                self.reading.warn(WarningCode.DOTTED_KEY, name)
            yield Step(op, target, value)

    def _check_read_only(self, target: Target, value: Json) -> None:
        if target.path.text == "id" and value and value != self.resource_id:
            raise ScimError("The id of a resource can't be changed.", scim_type=ScimType.MUTABILITY)
        if target.path.text == "groups" and value:
            self.reading.warn(WarningCode.GROUPS_IGNORED, "groups")

    def _resolve(self, text: str) -> AnyTarget | None:
        return resolve_target(text, resource_type=self.resource_type, reading=self.reading)

    def _note_unknown(self, name: str) -> None:
        self.unknown = self.unknown or name
        self.reading.warn(WarningCode.UNKNOWN_ATTR, name, scim_type=ScimType.INVALID_PATH)


def _is_misplaced(target: AnyTarget, prefix: str) -> bool:
    """Whether a member means nothing where it stands: without its URN, or with another one within an extension."""
    if isinstance(target, Target):
        return target.spelling is Spelling.BARE_EXTENSION
    return bool(prefix)


def _check_once(target: AnyTarget, seen: set[str]) -> None:
    text = fold_name(target.text) if isinstance(target, Foreign) else str(target)
    if text in seen:
        raise invalid_syntax(f"{text} is named twice.")
    seen.add(text)
