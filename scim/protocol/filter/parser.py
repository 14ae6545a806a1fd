"""Parsing of filters by the grammar of RFC 7644 section 3.4.2.2, figure 1, within bounds.

`not` binds closer than `and`, `and` closer than `or`. Tolerance T28: a value path may be followed by a sub-attribute
and a comparison, `emails[type eq "work"].value eq "x"`; it reads as `emails[type eq "work" and value eq "x"]`.
"""

from collections.abc import Callable

from scim.protocol import bounds
from scim.protocol.dialects.base import Reading
from scim.protocol.filter import binding
from scim.protocol.filter.nodes import And, Comparison, Node, Not, Operator, Or, Present, ValuePath
from scim.protocol.filter.tokens import InvalidFilterError, Token, TokenKind, scan_tokens
from scim.protocol.paths import AttributePath, Namespace

_COSTLY = frozenset({Operator.CO, Operator.EW})


def parse_filter(text: str, *, namespace: Namespace, reading: Reading) -> Node:
    """The filter as a tree. Raises InvalidFilterError (ScimError 400 invalidFilter) with the position."""
    parser = FilterParser(scan_tokens(text), namespace, reading)
    node = parser.read_or()
    parser.take(TokenKind.END, "and, or, or the end is expected")
    return node


class FilterParser:
    """Recursive descent over tokens. `at` is the index of the next one."""

    def __init__(self, tokens: list[Token], namespace: Namespace, reading: Reading) -> None:
        self.tokens = tokens
        self.namespace = namespace
        self.reading = reading
        self.at = 0
        self._depth = 0
        self._terms = 0
        self._costly_terms = 0
        self._parent: AttributePath | None = None  # whose brackets we are within

    @property
    def next(self) -> Token:
        return self.tokens[self.at]

    def advance(self) -> Token:
        token = self.tokens[self.at]
        self.at += 1
        return token

    def take(self, kind: TokenKind, complaint: str) -> Token:
        if self.next.kind is not kind:
            raise InvalidFilterError(complaint, self.next.position)
        return self.advance() if kind is not TokenKind.END else self.next

    def read_or(self) -> Node:
        operands = self._read_chain("or", self.read_and)
        return operands[0] if len(operands) == 1 else Or(operands)

    def read_and(self) -> Node:
        operands = self._read_chain("and", self.read_term)
        return operands[0] if len(operands) == 1 else And(operands)

    def _read_chain(self, word: str, read: Callable[[], Node]) -> tuple[Node, ...]:
        operands = [read()]
        while self.next.is_word(word):
            self.advance()
            operands.append(read())
        return tuple(operands)

    def read_term(self) -> Node:
        if self.next.kind is TokenKind.OPEN:
            return self._read_group()
        if self.next.is_word("not") and self.tokens[self.at + 1].kind is TokenKind.OPEN:
            self.advance()
            return Not(self._read_group())
        return self._read_expression()

    def _read_group(self) -> Node:
        self._descend(self.advance())
        node = self.read_or()
        self.take(TokenKind.CLOSE, "A closing parenthesis is expected")
        self._depth -= 1
        return node

    def _read_expression(self) -> Node:
        name = self.take(TokenKind.WORD, "An attribute is expected")
        if self.next.kind is TokenKind.OPEN_BRACKET and self._parent is None:
            return self.read_value_path(binding.bind_path(self.namespace, name, reading=self.reading), name)
        return self._read_comparison(self._bind(name), name)

    def _bind(self, name: Token) -> AttributePath:
        if self._parent:
            return binding.bind_part(self._parent, name)
        return binding.bind_path(self.namespace, name, reading=self.reading)

    def read_value_path(self, path: AttributePath, name: Token) -> ValuePath:
        """From the opening bracket on, with the sub-attribute and comparison that may follow the closing one."""
        if path.sub_attribute or not (path.attribute.is_complex or path.attribute.multi_valued):
            raise InvalidFilterError(f"{path} has no values to choose from", name.position)
        self._descend(self.advance())
        self._parent = path
        condition = self.read_or()
        self.take(TokenKind.CLOSE_BRACKET, "A closing bracket is expected")
        if self.next.kind is TokenKind.WORD and self.next.text.startswith("."):
            condition = _both(condition, self._read_trailing())
        self._parent = None
        self._depth -= 1
        return ValuePath(path, condition)

    def _read_trailing(self) -> Node:
        dotted = self.advance()
        name = Token(TokenKind.WORD, dotted.text[1:], dotted.position + 1)
        return self._read_comparison(self._bind(name), name)

    def _read_comparison(self, path: AttributePath, name: Token) -> Node:
        self._count_term(name)
        operator_token = self.advance()
        if operator_token.is_word("pr"):
            return Present(path)
        if operator_token.kind is TokenKind.END:
            raise InvalidFilterError("An operator is expected", operator_token.position)
        path = binding.bind_comparable(path, name)
        operator = binding.bind_operator(path.leaf, operator_token)
        self._count_costly(operator, operator_token)
        value = binding.bind_value(path.leaf, operator, self.next, reading=self.reading)
        self.advance()
        return Comparison(path, operator, value)

    def _descend(self, token: Token) -> None:
        self._depth += 1
        if self._depth > bounds.FILTER_DEPTH:
            raise InvalidFilterError(f"The filter nests deeper than {bounds.FILTER_DEPTH} levels", token.position)

    def _count_term(self, token: Token) -> None:
        self._terms += 1
        if self._terms > bounds.FILTER_TERMS:
            raise InvalidFilterError(f"The filter has more than {bounds.FILTER_TERMS} terms", token.position)

    def _count_costly(self, operator: Operator, token: Token) -> None:
        self._costly_terms += operator in _COSTLY
        if self._costly_terms > bounds.FILTER_SUBSTRING_TERMS:
            reason = f"The filter has more than {bounds.FILTER_SUBSTRING_TERMS} terms with co or ew"
            raise InvalidFilterError(reason, token.position)


def _both(condition: Node, further: Node) -> And:
    """The conjunction, without a group of its own where the condition is one already."""
    if isinstance(condition, And):
        return And((*condition.operands, further))
    return And((condition, further))
