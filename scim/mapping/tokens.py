"""The words of an expression: CEL's lexical grammar without bytes, unsigned numbers and text in triple quotes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from scim.mapping import limits
from scim.mapping.errors import ExpressionError, LimitError


class TokenKind(Enum):
    NAME = auto()
    TEXT = auto()  # `value` is the decoded text
    INT = auto()  # `value` is not negative; what is too large for 64 bits is the parser's to refuse
    DOUBLE = auto()
    SIGN = auto()  # operators and brackets
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    at: int
    value: str | int | float | None = None

    def is_sign(self, *signs: str) -> bool:
        return self.kind is TokenKind.SIGN and self.text in signs


# Refused as names, so that every expression stays one of CEL. true, false, null and in are the parser's.
RESERVED: Final = frozenset(
    {
        "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop", "namespace",
        "package", "return", "var", "void", "while",
    }
)  # fmt: skip

_TOKEN: Final = re.compile(
    r"""
    (?:[ \t\r\n\f]+|//[^\n]*)*
    (?:
      (?P<DOUBLE>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+|\.\d+(?:[eE][+-]?\d+)?)
    | (?P<INT>0[xX][0-9a-fA-F]+|\d+)
    | (?P<TEXT>[rR]?"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"|[rR]?'[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*')
    | (?P<NAME>[A-Za-z_][A-Za-z0-9_]*)
    | (?P<SIGN>&&|\|\||==|!=|<=|>=|[-+*/%!<>?:.,()\[\]{}])
    | (?P<END>\Z)
    )
    """,
    re.VERBOSE | re.ASCII,
)
_ESCAPE: Final = re.compile(
    r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|(.))", re.DOTALL | re.ASCII
)
_SHORT_ESCAPES: Final[Mapping[str, str]] = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "?": "?", '"': '"', "'": "'", "`": "`",
}  # fmt: skip
_SURROGATES: Final = range(0xD800, 0xE000)
_LAST_CHARACTER: Final = 0x10FFFF


def scan_tokens(source: str) -> list[Token]:
    """The tokens, the last of kind END. Raises ExpressionError."""
    _check_source(source)
    tokens: list[Token] = []
    at = 0
    while not tokens or tokens[-1].kind is not TokenKind.END:
        match = _TOKEN.match(source, at)
        if match is None:
            raise _unreadable(source, at)
        tokens.append(_read_token(match))
        at = match.end()
        if tokens[-1].kind in (TokenKind.INT, TokenKind.DOUBLE) and source[at : at + 1].isalnum():
            raise ExpressionError("a number ends with a letter or digit that does not belong to it", at)
    return tokens


def _read_token(match: re.Match[str]) -> Token:
    kind = TokenKind[match.lastgroup or ""]
    text, at = match[kind.name], match.start(kind.name)
    value: str | int | float | None = None
    if kind is TokenKind.TEXT:
        value = text[2:-1] if text[0] in "rR" else _decode(text[1:-1], at + 1)
        if "\x00" in value:
            raise ExpressionError("text holds the character U+0000, which no attribute can hold", at)
    elif kind is TokenKind.INT:
        # 400 digits are more than 64 bits hold and less than Python refuses to read.
        value = int(text[:400], 16 if text[:2] in ("0x", "0X") else 10)
    elif kind is TokenKind.DOUBLE:
        value = float(text)
    return Token(kind, text, at, value)


def _decode(text: str, at: int) -> str:
    def character(match: re.Match[str]) -> str:
        *codes, short = match.groups()
        if short is not None:
            if short not in _SHORT_ESCAPES:
                raise ExpressionError(f"there is no escape \\{short}", at + match.start())
            return _SHORT_ESCAPES[short]
        code = int(next(filter(None, codes)), 8 if codes[3] else 16)
        if code in _SURROGATES or code > _LAST_CHARACTER:
            raise ExpressionError("an escape names no character", at + match.start())
        return chr(code)

    return _ESCAPE.sub(character, text)


def _check_source(source: str) -> None:
    if len(source) > limits.SOURCE_CHARACTERS:
        raise LimitError(f"the expression is longer than {limits.SOURCE_CHARACTERS} characters", 0)
    if not source.strip():
        raise ExpressionError("the expression is empty", 0)
    try:
        source.encode()
    except UnicodeEncodeError as error:
        raise ExpressionError("the expression is not Unicode text", error.start) from None


def _unreadable(source: str, at: int) -> ExpressionError:
    rest = source[at:].lstrip(" \t\r\n\f")
    at = len(source) - len(rest)
    if rest[:1] in ("'", '"'):
        return ExpressionError("text has no closing quotation mark on its line", at)
    if rest[:1] in ("&", "|", "="):
        return ExpressionError(f"there is no operator {rest[0]}", at, hint=f"did you mean '{rest[0] * 2}'?")
    return ExpressionError("a character that the language does not know", at)
