"""Sorting of query results (RFC 7644 section 3.4.2.3).

An attribute that doesn't exist is 400 invalidPath, an order that doesn't exist 400 invalidValue. A complex attribute
without a sub-attribute stands for its `value` where it has one, as in a filter (tolerance T27).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from scim.protocol.dialects.base import Reading
from scim.protocol.dialects.tolerances import WarningCode
from scim.protocol.errors import ScimError, ScimType, invalid_value
from scim.protocol.filter.evaluate import as_element
from scim.protocol.json_input import Json, JsonObject
from scim.protocol.paths import AttributePath, Namespace, Spelling
from scim.protocol.scalars import ComparisonKey, comparison_key

_ORDERS: Final = {"ascending": False, "descending": True}


@dataclass(frozen=True)
class Sort:
    """The attribute to sort by, and whether the greatest comes first."""

    path: AttributePath
    descending: bool = False


def read_sort(sort_by: Json, sort_order: Json, *, namespace: Namespace, reading: Reading) -> Sort | None:
    """Both parameters as they came; None when there is nothing to sort by, whatever the order."""
    descending = _read_order(sort_order)
    if sort_by is None or sort_by == "":
        return None
    found = namespace.resolve(sort_by) if isinstance(sort_by, str) else None
    if found is None or not isinstance(found.target, AttributePath) or found.target.leaf.is_secret:
        raise _invalid_path(f"There is no attribute to sort by named {str(sort_by)[:100]}.")
    if found.spelling is Spelling.LEGACY_DOT:
        reading.warn(WarningCode.LEGACY_DOT, str(sort_by))
    return Sort(_simple(found.target), descending)


def sort_documents(documents: Iterable[JsonObject], sort: Sort | None) -> list[JsonObject]:
    """Documents in order, those without a value last, or first when descending; equal ones by their id."""
    by_id = sorted(documents, key=lambda document: str(document["id"]))
    if sort is None:
        return by_id
    return sorted(by_id, key=lambda document: sort_key(sort.path, document), reverse=sort.descending)


def sort_key(path: AttributePath, document: JsonObject) -> tuple[bool, ComparisonKey | None]:
    """What the document is sorted by: whether it has no value, then the value by which its type compares."""
    holder = document.get(path.schema, {}) if path.schema else document
    value = _preferred(holder.get(path.attribute.name))
    if path.sub_attribute is not None and value is not None:
        value = _preferred(as_element(value).get(path.sub_attribute.name))
    key = None if value is None else comparison_key(path.leaf, value)
    return key is None, key


def _preferred(value: Json) -> Any:
    """Of several values the primary one, or else the first."""
    if not isinstance(value, list):
        return value
    primary = (element for element in value if isinstance(element, dict) and element.get("primary") is True)
    return next(primary, value[0] if value else None)


def _read_order(raw: Json) -> bool:
    if raw is None or raw == "":
        return False
    order = _ORDERS.get(raw.lower()) if isinstance(raw, str) else None
    if order is None:
        raise invalid_value("sortOrder has to be ascending or descending.")
    return order


def _simple(path: AttributePath) -> AttributePath:
    if not path.leaf.is_complex:
        return path
    value = path.attribute.sub_attribute("value")
    if value is None:
        raise _invalid_path(f"{path} is complex: sort by one of its sub-attributes.")
    return AttributePath(path.schema, path.attribute, value)


def _invalid_path(detail: str) -> ScimError:
    return ScimError(detail, scim_type=ScimType.INVALID_PATH)
