"""What holds of every filter: any text is read or refused, and what is read can be written and read again."""

from contextlib import suppress
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from scim.protocol.attributes import AttributeType
from scim.protocol.filter.binding import OPERATORS
from scim.protocol.filter.evaluate import matches
from scim.protocol.filter.nodes import And, Comparison, Node, Not, Operator, Or, Present, ValuePath
from scim.protocol.filter.tokens import InvalidFilterError
from scim.protocol.paths import AttributePath
from tests.protocol.shapes import BADGED_USER, parse

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=8)
VALUES: dict[AttributeType, st.SearchStrategy[Any]] = {
    AttributeType.STRING: TEXTS,
    AttributeType.REFERENCE: TEXTS,
    AttributeType.BINARY: TEXTS,
    AttributeType.BOOLEAN: st.booleans(),
    AttributeType.INTEGER: st.integers(-(2**63), 2**63 - 1),
    AttributeType.DECIMAL: st.floats(-1e15, 1e15) | st.integers(-99, 99),
    AttributeType.DATE_TIME: st.datetimes().map(lambda moment: moment.isoformat() + "Z"),
}
PATHS = {path.text: path for path in BADGED_USER.paths if not path.leaf.is_secret}
SIMPLE = [text for text, path in PATHS.items() if not path.leaf.is_complex]
COMPLEX = [text for text, path in PATHS.items() if path.leaf.is_complex]
WORDS = st.sampled_from(
    [
        *("userName", "emails", "type", "value", ".value", "eq", "co", "gt", "pr", "and", "or", "not", "null", "true"),
        *("(", ")", "[", "]", '"x"', '"', "x", "1", " ", "  "),
    ],
)


def terms_on(path: AttributePath) -> st.SearchStrategy[Node]:
    value = VALUES[path.leaf.type]
    equality = st.builds(Comparison, st.just(path), st.sampled_from([Operator.EQ, Operator.NE]), st.none() | value)
    others = st.builds(Comparison, st.just(path), st.sampled_from(sorted(OPERATORS[path.leaf.type])), value)
    return st.just(Present(path)) | equality | others


def combine(terms: st.SearchStrategy[Node], leaves: int) -> st.SearchStrategy[Node]:
    """Conjunctions, disjunctions and negations of the terms."""
    return st.recursive(
        terms,
        lambda inner: (
            inner.map(Not)
            | st.lists(inner, min_size=2, max_size=3).map(tuple).map(And)
            | st.lists(inner, min_size=2, max_size=3).map(tuple).map(Or)
        ),
        max_leaves=leaves,
    )


def value_paths(path: AttributePath) -> st.SearchStrategy[Node]:
    parts = {part.name: AttributePath(None, part) for part in path.attribute.sub_attributes}
    terms = {name: terms_on(part) for name, part in parts.items()}
    within = st.sampled_from(sorted(parts)).flatmap(terms.__getitem__)
    return st.builds(ValuePath, st.just(path), combine(within, 2))


TERMS = {text: terms_on(PATHS[text]) for text in SIMPLE}
VALUE_PATHS = {text: value_paths(PATHS[text]) for text in COMPLEX}
NODES = combine(
    st.sampled_from(SIMPLE).flatmap(TERMS.__getitem__) | st.sampled_from(COMPLEX).flatmap(VALUE_PATHS.__getitem__), 5
)


@given(NODES)
def test_a_filter_that_is_written_and_read_again_is_the_same(node: Node) -> None:
    with suppress(InvalidFilterError):  # too many substrings
        assert parse(str(node)) == node


@given(
    NODES, st.dictionaries(st.sampled_from(["title", "emails", "active", "name"]), st.none() | TEXTS | st.booleans())
)
def test_a_negation_finds_exactly_the_others(node: Node, document: dict[str, Any]) -> None:
    assert matches(Not(node), document) is not matches(node, document)


@given(st.text(max_size=40) | st.lists(WORDS, max_size=12).map(" ".join) | st.lists(WORDS, max_size=9).map("".join))
def test_any_text_is_read_or_refused_with_a_position_within_it(text: str) -> None:
    try:
        node = parse(text)
    except InvalidFilterError as error:
        assert 0 <= error.position <= len(text)  # noqa: PT017 - a refusal is one of two fair outcomes
    else:
        assert parse(str(node)) == node
