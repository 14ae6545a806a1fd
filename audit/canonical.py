"""The one text of a value (RFC 8785): the same value gives the same bytes anywhere, which is what a proof needs."""

from typing import Any

import rfc8785

LARGEST_EXACT = 2**53 - 1  # RFC 8785 knows no larger whole number


def write_canonical(value: Any) -> str:
    """`value` as RFC 8785 JSON."""
    try:
        return rfc8785.dumps(value).decode()
    except rfc8785.IntegerDomainError:
        return rfc8785.dumps(_spell_large_numbers(value)).decode()


def _spell_large_numbers(value: Any) -> Any:
    """The value with whole numbers beyond 53 bits as text, as RFC 8785 wants them: it has no other form."""
    if isinstance(value, dict):
        return {name: _spell_large_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_spell_large_numbers(inner) for inner in value]
    return str(value) if isinstance(value, int) and abs(value) > LARGEST_EXACT else value
