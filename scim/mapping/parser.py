"""Reads an expression: CEL's grammar by precedence climbing, with bounds on length, depth and nodes.

Depth is the height of the tree, so that whatever walks it later is bounded too: a chain of a hundred additions is as
deep as a hundred brackets.
"""

from collections.abc import Mapping
from typing import Final

from scim.mapping import limits
from scim.mapping.errors import ExpressionError, LimitError
from scim.mapping.nodes import (
    Binary,
    Call,
    Conditional,
    Index,
    ListOf,
    Literal,
    Macro,
    MapOf,
    Member,
    Name,
    Node,
    Unary,
)
from scim.mapping.tokens import RESERVED, Token, TokenKind, scan_tokens

MACROS: Final = frozenset({"filter", "map", "exists", "all"})
_LITERALS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "null": None}
# How tightly an operator binds; all of them group from the left.
_PRECEDENCE: Final[Mapping[str, int]] = {
    "||": 1, "&&": 2,
    "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "in": 3,
    "+": 4, "-": 4, "*": 5, "/": 5, "%": 5,
}  # fmt: skip


def parse(source: str) -> Node:
    """The tree of an expression. Raises ExpressionError."""
    parser = _Parser(scan_tokens(source))
    node = parser.read_conditional()
    if parser.next.kind is not TokenKind.END:
        raise ExpressionError(f"'{parser.next.text[:40]}' is not expected here", parser.next.at)
    return node


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._brackets = 0
        self._nodes = 0
        self._heights: dict[int, int] = {}  # by the id of a node, all of which `_kept` keeps alive
        self._kept: list[Node] = []

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def _advance(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept(self, *signs: str) -> bool:
        if self.next.is_sign(*signs):
            self._at += 1
            return True
        return False

    def _expect(self, sign: str) -> None:
        if not self._accept(sign):
            found = "the end" if self.next.kind is TokenKind.END else f"'{self.next.text[:40]}'"
            raise ExpressionError(f"'{sign}' is expected, and {found} was found", self.next.at)

    def _keep(self, node: Node, *parts: Node) -> Node:
        """Every node passes here once: its height is one more than that of its highest part."""
        self._nodes += 1
        height = 1 + max((self._heights[id(part)] for part in parts), default=0)
        if self._nodes > limits.NODES:
            raise LimitError(f"the expression has more than {limits.NODES} parts", node.at)
        if height > limits.DEPTH:
            raise LimitError(f"the expression nests deeper than {limits.DEPTH} levels", node.at)
        self._heights[id(node)] = height
        self._kept.append(node)
        return node

    def read_conditional(self) -> Node:
        self._brackets += 1
        if self._brackets > limits.DEPTH:
            raise LimitError(f"the expression nests deeper than {limits.DEPTH} levels", self.next.at)
        condition = self._read_binary(1)
        at = self.next.at
        if self._accept("?"):
            yes = self._read_binary(1)
            self._expect(":")
            no = self.read_conditional()
            condition = self._keep(Conditional(at, condition, yes, no), condition, yes, no)
        self._brackets -= 1
        return condition

    def _read_binary(self, loosest: int) -> Node:
        left = self._read_unary()
        while (precedence := self._precedence()) >= loosest:
            token = self._advance()
            right = self._read_binary(precedence + 1)
            left = self._keep(Binary(token.at, token.text, left, right), left, right)
        return left

    def _precedence(self) -> int:
        is_operator = self.next.kind is TokenKind.SIGN or self.next.text == "in"
        return _PRECEDENCE.get(self.next.text, 0) if is_operator and self.next.kind is not TokenKind.TEXT else 0

    def _read_unary(self) -> Node:
        signs: list[Token] = []
        while self.next.is_sign("!", "-"):
            signs.append(self._advance())
            if signs[-1].text != signs[0].text:
                raise ExpressionError("'!' and '-' can't be mixed", signs[-1].at)
        if len(signs) > limits.DEPTH:
            raise LimitError(f"the expression nests deeper than {limits.DEPTH} levels", signs[0].at)
        # As in CEL the sign of a number belongs to it: so the lowest number can be written.
        is_number = self.next.kind in (TokenKind.INT, TokenKind.DOUBLE)
        negative = bool(signs) and signs[0].text == "-" and is_number
        node = self._read_postfix(self._read_number(signs.pop().at, -1) if negative else self._read_primary())
        for sign in reversed(signs):
            node = self._keep(Unary(sign.at, sign.text, node), node)
        return node

    def _read_postfix(self, node: Node) -> Node:
        while True:
            token = self.next
            if self._accept("."):
                node = self._read_member(node)
            elif self._accept("["):
                key = self.read_conditional()
                self._expect("]")
                node = self._keep(Index(token.at, node, key), node, key)
            else:
                return node

    def _read_member(self, target: Node) -> Node:
        token = self._read_name()
        if not self.next.is_sign("("):
            return self._keep(Member(token.at, target, token.text), target)
        if token.text in MACROS:
            return self._read_macro(token, target)
        arguments = (target, *self._read_arguments())
        return self._keep(Call(token.at, token.text, arguments, has_receiver=True), *arguments)

    def _read_macro(self, token: Token, target: Node) -> Node:
        self._expect("(")
        variable = self._read_name()
        self._expect(",")
        body = self.read_conditional()
        self._expect(")")
        return self._keep(Macro(token.at, token.text, target, variable.text, body), target, body)

    def _read_arguments(self) -> tuple[Node, ...]:
        self._expect("(")
        return self._read_several(")")

    def _read_several(self, end: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._accept(end):
            if found:
                self._expect(",")
            found.append(self.read_conditional())
        return tuple(found)

    def _read_name(self) -> Token:
        token = self.next
        if token.kind is not TokenKind.NAME:
            raise ExpressionError("a name is expected", token.at)
        if token.text in RESERVED or token.text in _LITERALS or token.text == "in":
            raise ExpressionError(f"'{token.text}' is a word of the language and no name", token.at)
        return self._advance()

    def _read_primary(self) -> Node:
        token = self.next
        if token.kind in (TokenKind.INT, TokenKind.DOUBLE):
            return self._read_number(token.at, 1)
        if token.kind is TokenKind.TEXT:
            self._advance()
            return self._keep(Literal(token.at, token.value))
        if token.kind is TokenKind.NAME and token.text in _LITERALS:
            self._advance()
            return self._keep(Literal(token.at, _LITERALS[token.text]))
        if token.kind is TokenKind.NAME:
            return self._read_named()
        return self._read_bracketed()

    def _read_number(self, at: int, sign: int) -> Node:
        token = self._advance()
        value = sign * token.value if isinstance(token.value, int | float) else 0
        is_whole = token.kind is TokenKind.INT
        if is_whole and not limits.INT_MIN <= value <= limits.INT_MAX:
            raise ExpressionError("the whole number does not fit into 64 bits", at)
        if value in (float("inf"), float("-inf")):
            raise ExpressionError("the number is too large", at)
        return self._keep(Literal(at, value))

    def _read_named(self) -> Node:
        token = self._read_name()
        if not self.next.is_sign("("):
            return self._keep(Name(token.at, token.text))
        arguments = self._read_arguments()
        return self._keep(Call(token.at, token.text, arguments, has_receiver=False), *arguments)

    def _read_bracketed(self) -> Node:
        token = self.next
        if self._accept("("):
            node = self.read_conditional()
            self._expect(")")
            return node
        if self._accept("["):
            elements = self._read_several("]")
            return self._keep(ListOf(token.at, elements), *elements)
        if self._accept("{"):
            return self._read_map(token)
        found = "the expression ends" if token.kind is TokenKind.END else f"'{token.text[:40]}' was found"
        raise ExpressionError(f"a value is expected, and {found}", token.at)

    def _read_map(self, token: Token) -> Node:
        members: dict[str, Node] = {}
        while not self._accept("}"):
            if members:
                self._expect(",")
            key = self._advance() if self.next.kind is TokenKind.TEXT else None
            if key is None or not isinstance(key.value, str):
                raise ExpressionError("the name of a member is expected, as text in quotes", self.next.at)
            if key.value in members:
                raise ExpressionError("a member is named twice", key.at)
            self._expect(":")
            members[key.value] = self.read_conditional()
        return self._keep(MapOf(token.at, tuple(members.items())), *members.values())
