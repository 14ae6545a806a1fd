"""What is known about a value before there is one: its kind, and the attributes or elements the schema gives it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from scim.mapping.errors import ExpressionError, suggest
from scim.mapping.values import Kind
from scim.protocol.attributes import Attribute, AttributeType
from scim.protocol.folding import fold_name
from scim.protocol.schemas.definitions import ResourceType, derived_once


@dataclass(frozen=True)
class Shape:
    """`members` are by folded name, None where any name may be read; `element` is that of a list."""

    kind: Kind = Kind.ANY
    members: Mapping[str, "MemberShape"] | None = field(default=None, repr=False)
    element: "Shape | None" = None
    path: str = ""  # of the attribute it belongs to

    @property
    def elements(self) -> "Shape":
        return self.element or ANYTHING


@dataclass(frozen=True)
class MemberShape:
    """A readable name: `keys` lead from the object to the value. `refusal` says why it can't be read."""

    name: str
    keys: tuple[str, ...]
    shape: Shape
    refusal: str = ""


ANYTHING: Final = Shape()
_KINDS: Final[Mapping[AttributeType, Kind]] = MappingProxyType(
    {
        AttributeType.BOOLEAN: Kind.TRUTH,
        AttributeType.INTEGER: Kind.WHOLE,
        # A decimal such as 3 is a whole number in JSON.
        AttributeType.DECIMAL: Kind.ANY,
        AttributeType.COMPLEX: Kind.OBJECT,
    }
)


def find_member(shape: Shape, name: str, at: int) -> MemberShape:
    """What a name means there, whatever its case. Raises ExpressionError with what was probably meant."""
    if shape.kind in (Kind.ANY, Kind.EMPTY) or (shape.kind is Kind.OBJECT and shape.members is None):
        return MemberShape(name, (name,), ANYTHING)
    if shape.kind is not Kind.OBJECT or shape.members is None:
        hint = "use .filter(e, ...) or [0] first" if shape.kind is Kind.LIST else ""
        raise ExpressionError(f"cannot read '{name[:40]}' of {shape.kind}", at, hint=hint)
    member = shape.members.get(fold_name(name))
    if member is None:
        known = [found.name for found in shape.members.values() if not found.refusal]
        whose = f"{shape.path} has" if shape.path else "there is"
        raise ExpressionError(f"{whose} no attribute '{name[:100]}'", at, hint=suggest(name, known))
    if member.refusal:
        raise ExpressionError(member.refusal, at)
    return member


@derived_once
def shape_of_resource(resource_type: ResourceType) -> Shape:
    """The resource: core attributes, extensions by their URN, and their attributes by name where one has it alone."""
    members: dict[str, MemberShape] = {}
    for path in resource_type.attributes:
        if path.schema is None:
            members[fold_name(path.text)] = _member(path.attribute, path.text)
    for extension in resource_type.extensions:
        urn = extension.schema.id
        inner = _members(extension.schema.attributes, prefix=f"{urn}:")
        members[fold_name(urn)] = MemberShape(urn, (urn,), Shape(Kind.OBJECT, inner, path=urn))
    for path in resource_type.attributes:
        found = resource_type.namespace.resolve(path.attribute.name)
        if path.schema is not None and found is not None and found.target == path:
            member = _member(path.attribute, path.text)
            keys = (path.schema, path.attribute.name)
            members.setdefault(fold_name(member.name), MemberShape(member.name, keys, member.shape, member.refusal))
    return Shape(Kind.OBJECT, members)


def variable_of(resource_type: ResourceType) -> str:
    """What expressions call the resource: `user` for a User."""
    return resource_type.name[:1].lower() + resource_type.name[1:]


def _members(attributes: Iterable[Attribute], *, prefix: str) -> Mapping[str, MemberShape]:
    return {fold_name(attribute.name): _member(attribute, prefix + attribute.name) for attribute in attributes}


def _member(attribute: Attribute, path: str) -> MemberShape:
    refusal = ""
    if attribute.is_secret:
        refusal = f"{path} is never kept, so no mapping can read it"
    elif attribute.as_rows:
        refusal = f"{path} is carried on member by member, so no mapping reads it"
    inner = _members(attribute.sub_attributes, prefix=f"{path}.") if attribute.is_complex else None
    one = Shape(_KINDS.get(attribute.type, Kind.TEXT), inner, path=path)
    shape = Shape(Kind.LIST, element=one, path=path) if attribute.multi_valued else one
    return MemberShape(attribute.name, (attribute.name,), shape, refusal)
