"""Which attributes resources are looked up by in columns of their row, folded as the schema compares them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from scim.protocol.attributes import Attribute, AttributeType, Uniqueness
from scim.protocol.paths import AttributePath


@dataclass(frozen=True)
class Column:
    """A look-up column. It holds the attribute only when that is of the type, and compared, as the column is."""

    name: str
    type: AttributeType
    exact: bool
    has_index: bool = True
    is_unique: bool = False

    def holds(self, attribute: Attribute) -> bool:
        if attribute.multi_valued or (attribute.type, attribute.compares_exactly) != (self.type, self.exact):
            return False
        # What is not indexed may be longer than an index holds; what need not be unique may occur twice.
        is_bounded = attribute.indexed or not self.has_index
        return is_bounded and (not self.is_unique or attribute.uniqueness is not Uniqueness.NONE)


LOOKUPS: Final[Mapping[str, Column]] = {
    "userName": Column("user_name", AttributeType.STRING, exact=False, is_unique=True),
    "externalId": Column("external_id", AttributeType.STRING, exact=True),
    "displayName": Column("display_name", AttributeType.STRING, exact=False),
    "active": Column("active", AttributeType.BOOLEAN, exact=False, has_index=False),
}


def find_lookup(path: AttributePath) -> Column | None:
    """The column of a core attribute, None when it has none."""
    column = LOOKUPS.get(path.text) if path.schema is None else None
    return column if column and column.holds(path.leaf) else None
