"""Functions on lists, of values or of what a multi-valued attribute holds."""

from collections.abc import Callable
from typing import Final

from scim.mapping.errors import ExpressionError
from scim.mapping.functions.definition import LIST, Function, one
from scim.mapping.run import Run
from scim.mapping.values import NUMBERS, Kind, Value, is_same, kind_of
from scim.protocol.folding import fold_text


def _distinct(run: Run, values: list[Value]) -> list[Value]:
    return _without_repeats(run, values, lambda value: value)


def _unique(run: Run, values: list[Value]) -> list[Value]:
    return _without_repeats(run, values, lambda value: fold_text(value) if isinstance(value, str) else value)


def _without_repeats(run: Run, values: list[Value], key: Callable[[Value], Value]) -> list[Value]:
    seen_texts: set[str] = set()
    others: list[Value] = []
    kept: list[Value] = []
    for value in values:
        run.spend_on(value)
        found = key(value)
        if isinstance(found, str):
            is_new = found not in seen_texts
            seen_texts.add(found)
        else:
            is_new = not any(is_same(found, other, run) for other in others)
            others += [found] if is_new else []
        kept += [value] if is_new else []
    return kept


def _sort(run: Run, values: list[Value]) -> list[Value]:
    kinds = {kind_of(value) for value in values}
    if kinds and not (kinds <= NUMBERS or kinds == {Kind.TEXT}):
        raise ExpressionError("sort takes a list of texts or of numbers")
    run.spend(len(values) * max(len(values).bit_length(), 1) // 4)
    return sorted(values)


def _primary(values: list[Value]) -> Value:
    chosen = (value for value in values if isinstance(value, dict) and value.get("primary") is True)
    return next(chosen, values[0] if values else None)


def _of_type(values: list[Value], wanted: str) -> Value:
    folded = fold_text(wanted)
    for value in values:
        found = value.get("type") if isinstance(value, dict) else None
        if isinstance(found, str) and fold_text(found) == folded:
            return value
    return None


LIST_FUNCTIONS: Final = (
    Function("size", (one("value", Kind.TEXT, Kind.LIST, Kind.OBJECT),), Kind.WHOLE, len,
             "how many characters, elements or members", (("user.emails.size()", "2"),), empty=0),
    Function("first", (LIST,), Kind.ANY, lambda values: values[0] if values else None, "the first element",
             (("user.displayName.split(' ').first()", '"Zoë"'),)),
    Function("last", (LIST,), Kind.ANY, lambda values: values[-1] if values else None, "the last element",
             (("user.displayName.split(' ').last()", '"Müller"'),)),
    Function("distinct", (LIST,), Kind.LIST, _distinct, "each element once, the first of equal ones",
             (("['a', 'A', 'a'].distinct()", '["a","A"]'),), uses_run=True),
    Function("unique", (LIST,), Kind.LIST, _unique, "as distinct, where texts are the same whatever their case",
             (("['a', 'A', 'b'].unique()", '["a","b"]'),), uses_run=True),
    Function("sort", (LIST,), Kind.LIST, _sort, "texts or numbers in order",
             (("['b', 'a'].sort()", '["a","b"]'),), uses_run=True),
    Function("primary", (LIST,), Kind.ANY, _primary, "the element marked as primary, else the first",
             (("user.emails.primary().value", '"zoe@home.example"'),)),
    Function("ofType", (LIST, one("type", Kind.TEXT)), Kind.ANY, _of_type, "the first element of that type",
             (("user.emails.ofType('work').value", '"zoe.mueller@example.com"'),)),
)  # fmt: skip
