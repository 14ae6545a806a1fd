"""The words of a filter (RFC 7644 section 3.4.2.2) with where they stand, so that an error can point at them."""

import re
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

import orjson

from scim.protocol import bounds
from scim.protocol.errors import ScimError, ScimType


class InvalidFilterError(ScimError):
    """400 invalidFilter. `position` counts characters from 0; the detail counts them from 1, as people do."""

    def __init__(self, reason: str, position: int) -> None:
        super().__init__(f"{reason} (character {position + 1} of the filter).", scim_type=ScimType.INVALID_FILTER)
        self.position = position


class TokenKind(Enum):
    WORD = auto()  # names, operators, numbers, literals, and values that lack their quotes
    STRING = auto()  # `text` is the decoded value
    OPEN = auto()
    CLOSE = auto()
    OPEN_BRACKET = auto()
    CLOSE_BRACKET = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Token:
    kind: TokenKind
    text: str
    position: int

    def is_word(self, *words: str) -> bool:
        return self.kind is TokenKind.WORD and self.text.lower() in words


_TOKEN: Final = re.compile(r'[ \t]*(?:([()\[\]])|("[^"\\]*(?:\\.[^"\\]*)*")|([^ \t()\[\]"]+))')
_PUNCTUATION: Final = {
    "(": TokenKind.OPEN,
    ")": TokenKind.CLOSE,
    "[": TokenKind.OPEN_BRACKET,
    "]": TokenKind.CLOSE_BRACKET,
}


def scan_tokens(text: str) -> list[Token]:
    """The tokens, the last of kind END. Raises InvalidFilterError."""
    _check_text(text)
    tokens: list[Token] = []
    position = 0
    while match := _TOKEN.match(text, position):
        tokens.append(_read_token(match))
        position = match.end()
    if text[position:].strip(" \t"):
        raise InvalidFilterError("A quoted value has no end", position)
    tokens.append(Token(TokenKind.END, "", len(text)))
    return tokens


def _read_token(match: re.Match[str]) -> Token:
    position = match.start(match.lastindex or 0)
    text = match[match.lastindex or 0]
    if text in _PUNCTUATION:
        return Token(_PUNCTUATION[text], text, position)
    if text.startswith('"'):
        return Token(TokenKind.STRING, _decode(text, position), position)
    return Token(TokenKind.WORD, text, position)


def _decode(quoted: str, position: int) -> str:
    try:
        value: str = orjson.loads(quoted)
    except orjson.JSONDecodeError as error:
        raise InvalidFilterError("A quoted value is not a JSON string", position) from error
    if "\x00" in value:
        raise InvalidFilterError("A value holds the character U+0000", position)
    return value


def _check_text(text: str) -> None:
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise InvalidFilterError("The filter is not Unicode text", error.start) from error
    if size > bounds.FILTER_BYTES:
        raise InvalidFilterError(f"The filter is longer than {bounds.FILTER_BYTES} bytes", bounds.FILTER_BYTES)
    if "\x00" in text:
        raise InvalidFilterError("The filter holds the character U+0000", text.index("\x00"))
