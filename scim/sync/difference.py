"""What differs between two documents, for people and for a PATCH. Pure."""

from collections.abc import Mapping
from typing import Any, Final

Document = Mapping[str, Any]
UNTOUCHED: Final = frozenset({"schemas", "id", "meta", "members", "groups"})


def compare_documents(*, before: Document, after: Document) -> list[dict[str, Any]]:
    """Mappings of path, before and after, by top-level attributes; extensions by their own."""
    changes: list[dict[str, Any]] = []
    for name in sorted((before.keys() | after.keys()) - UNTOUCHED):
        old, new = before.get(name), after.get(name)
        if isinstance(old or new, Mapping) and name.startswith("urn:"):
            inner = compare_documents(before=old or {}, after=new or {})
            changes.extend(change | {"path": f"{name}:{change['path']}"} for change in inner)
        elif old != new:
            changes.append({"path": name, "before": old, "after": new})
    return changes


def make_operations(*, before: Document, after: Document) -> list[dict[str, Any]]:
    """PATCH operations that make `before` be like `after` in everything that `after` speaks of or spoke of."""
    operations = []
    for change in compare_documents(before=before, after=after):
        if change["after"] is None:
            operations.append({"op": "remove", "path": change["path"]})
        else:
            operations.append({"op": "replace", "path": change["path"], "value": change["after"]})
    return operations
