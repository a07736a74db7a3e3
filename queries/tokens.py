"""Cypher cut into tokens, as the gate and the lint see it.

The tokenizer is stricter than any engine: what two engines might cut differently (unicode
escapes, a name glued to a number, invisible characters) is refused, so that what is checked here
is what is run there.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from klaster.graph.errors import QueryRefusedError

TokenKind = Literal["word", "quoted", "text", "number", "parameter", "symbol"]

_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(
    r"0[xX][0-9A-Fa-f]+|0[oO][0-7]+"
    r"|(?:[0-9]+\.[0-9]+|[0-9]+|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
)
_PARAMETER = re.compile(r"\$(?:[A-Za-z_][A-Za-z0-9_]*|[0-9]+(?![A-Za-z0-9_])|`[^`\\]+`)")
_SYMBOLS = ("..", "::", "<=", ">=", "<>", "!=", "=~", "||", "+=")
_SINGLE = frozenset("()[]{},.:;|&!%<>=+-*/^$?@#~\\")
_SPACES = " \t\n\r\f\v"


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of a query.

    Attributes
    ----------
    kind
        ``word`` (name or keyword), ``quoted`` (name in backticks), ``text``, ``number``,
        ``parameter`` or ``symbol``.
    text
        As it stands in the query, quotes included.
    start
        Position of its first character in the query.
    line, column
        The same, counted from 1 as an editor does.
    """

    kind: TokenKind
    text: str
    start: int
    line: int
    column: int

    @property
    def upper(self) -> str:
        """The word in capitals, empty for any other kind: for comparison with keywords."""
        return self.text.upper() if self.kind == "word" else ""

    @property
    def name(self) -> str:
        """The name a word, a quoted name or a parameter stands for."""
        return self.text.strip("$").replace("``", "\0").strip("`").replace("\0", "`")

    def is_symbol(self, *symbols: str) -> bool:
        """Return whether this is one of these symbols."""
        return self.kind == "symbol" and self.text in symbols


@dataclass(frozen=True, slots=True)
class Tokens:
    """A query's tokens, its text without comments, and whether it had ``/* */`` ones."""

    tokens: tuple[Token, ...]
    text: str
    block_comments: tuple[tuple[int, int], ...]


def refuse(line: int, column: int, problem: str, remedy: str) -> QueryRefusedError:
    """Return the error of a query that may not run, with the place and the next step."""
    return QueryRefusedError(f"line {line}, column {column}: {problem}. {remedy}")


def tokenize(query: str) -> Tokens:
    r"""Cut a query into tokens and blank out its comments.

    The text that comes back has as many lines and columns as the one given: comments and spaces
    other than ASCII are replaced by blanks, so that an engine cannot see a comment differently.

    Raises
    ------
    QueryRefusedError
        For an open text, name or comment, a unicode escape, an invisible or unknown character,
        a name that begins right behind a number.

    Examples
    --------
    >>> cut = tokenize("MATCH (n) // all\nRETURN n.`id`")
    >>> [token.text for token in cut.tokens]
    ['MATCH', '(', 'n', ')', 'RETURN', 'n', '.', '`id`']
    >>> cut.text
    'MATCH (n)       \nRETURN n.`id`'
    """
    return _Tokenizer(query).tokenize()


class _Tokenizer:
    """Walks over a query once."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.at = 0
        self.tokens: list[Token] = []
        self.clean: list[str] = []
        self.block_comments: list[tuple[int, int]] = []

    def place(self, at: int) -> tuple[int, int]:
        line_start = self.query.rfind("\n", 0, at) + 1
        return self.query.count("\n", 0, at) + 1, at - line_start + 1

    def refusal(self, at: int, problem: str, remedy: str) -> QueryRefusedError:
        return refuse(*self.place(at), problem, remedy)

    def tokenize(self) -> Tokens:
        while self.at < len(self.query):
            char = self.query[self.at]
            if char in _SPACES:
                self.copy(char)
            elif self.query.startswith("//", self.at):
                end = self.query.find("\n", self.at)
                self.blank(len(self.query) if end < 0 else end)
            elif self.query.startswith("/*", self.at):
                end = self.query.find("*/", self.at + 2)
                if end < 0:
                    raise self.refusal(self.at, "a comment is not closed", "Close it with */.")
                self.block_comments.append(self.place(self.at))
                self.blank(end + 2)
            elif char in "'\"":
                self.add_token("text", self.end_of_text(char))
            elif char == "`":
                self.add_token("quoted", self.end_of_name())
            else:
                self.word_number_or_symbol(char)
        return Tokens(tuple(self.tokens), "".join(self.clean), tuple(self.block_comments))

    def copy(self, piece: str) -> None:
        self.clean.append(piece)
        self.at += len(piece)

    def blank(self, end: int) -> None:
        self.clean.append(re.sub(r"[^\n]", " ", self.query[self.at : end]))
        self.at = end

    def add_token(self, kind: TokenKind, end: int) -> None:
        piece = self.query[self.at : end]
        self.tokens.append(Token(kind, piece, self.at, *self.place(self.at)))
        self.copy(piece)

    def end_of_text(self, quote: str) -> int:
        at = self.at + 1
        while at < len(self.query):
            char = self.query[at]
            if char == quote:
                return at + 1
            if char == "\\":
                if self.query[at + 1 : at + 2] in ("u", "U"):
                    raise self.refusal(at, "a unicode escape", "Write the character itself.")
                at += 1
                # A row of backslashes before u is cut differently by different engines.
                if self.query[at : at + 1] == "\\" and self.query[at + 1 : at + 2] in ("u", "U"):
                    raise self.refusal(at, "a unicode escape", "Write the character itself.")
            at += 1
        raise self.refusal(self.at, "a text is not closed", f"Close it with {quote}.")

    def end_of_name(self) -> int:
        at = self.at + 1
        while at < len(self.query):
            if self.query[at] == "\\":
                raise self.refusal(at, "a backslash in a name", "Use another name.")
            if self.query[at] == "`":
                if self.query[at + 1 : at + 2] != "`":
                    if at == self.at + 1:
                        raise self.refusal(self.at, "an empty name", "Give the name.")
                    return at + 1
                at += 1
            at += 1
        raise self.refusal(self.at, "a name is not closed", "Close it with a backtick.")

    def word_number_or_symbol(self, char: str) -> None:
        for kind, pattern in (("parameter", _PARAMETER), ("number", _NUMBER), ("word", _WORD)):
            found = pattern.match(self.query, self.at)
            # ``1..3`` is a range, not ``1.`` and ``.3``; ``a.5`` is nothing.
            if found and not (kind == "number" and char == "." and self._after_dot_or_value()):
                self.add_token(kind, found.end())  # type: ignore[arg-type]
                following = self.query[self.at : self.at + 1]
                if kind == "number" and (following.isalnum() or following == "_"):
                    raise self.refusal(
                        self.at,
                        "a name begins right behind a number",
                        "Put a space between them; write 1000, not 1_000.",
                    )
                return
        for symbol in _SYMBOLS:
            if self.query.startswith(symbol, self.at):
                self.add_token("symbol", self.at + len(symbol))
                return
        if char in _SINGLE:
            self.add_token("symbol", self.at + 1)
        elif char.isspace() and unicodedata.category(char) in ("Zs", "Zl", "Zp"):
            self.blank(self.at + 1)
        elif char.isalnum():
            raise self.refusal(
                self.at,
                f"the letter {char!r} outside ASCII in a name",
                "Put the name in backticks, as n.`имя`; texts go in quotes.",
            )
        else:
            raise self.refusal(
                self.at,
                f"the character {char!a} has no place in a query",
                "Remove it; texts go in quotes.",
            )

    def _after_dot_or_value(self) -> bool:
        if not self.tokens:
            return False
        before = self.tokens[-1]
        touches = before.start + len(before.text) == self.at
        return touches and (before.kind != "symbol" or before.text in (".", "..", ")", "]", "}"))
