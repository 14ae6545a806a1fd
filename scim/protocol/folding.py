"""Folding: the one notion of "the same, case aside" for comparing, indexing and uniqueness.

Text is folded by NFKC and case folding (Unicode), so that a full-width or composed spelling is not another name.
Names of attributes and URNs are US-ASCII (RFC 7643 section 2.1): they only lose their case, and a name with any other
character is left as it is, so that it equals no name of a schema.
"""

from unicodedata import normalize


def fold_text(text: str) -> str:
    """The folded form of a value. Folding twice changes nothing."""
    if text.isascii():
        return text.lower()
    # Case folding can undo the normal form.
    return normalize("NFKC", normalize("NFKC", text).casefold())


def fold_name(name: str) -> str:
    """The folded form of an attribute's name, a path or a URN."""
    return name.lower() if name.isascii() else name


def is_same_name(first: str, second: str) -> bool:
    return fold_name(first) == fold_name(second)
