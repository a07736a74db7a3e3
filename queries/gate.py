"""The gate free Cypher has to pass: one reading statement of bounded size, and nothing else.

The gate knows what may stand where: after a value only an operator or one of the reading
clauses, at the beginning only a clause that begins a reading query. A word it does not know is
refused in such a place, so a writing or file-reading clause of some engine is refused whether or
not this module has ever heard of it, while the same word is a good name of a property or label.
It is the first of three walls: the engine runs read-only, in a limited child process.
"""

from __future__ import annotations

from dataclasses import dataclass

from klaster.graph.errors import QueryRefusedError
from klaster.queries.tokens import Token, refuse, tokenize

MAX_BYTES = 20_000
MAX_UNIONS = 20
MAX_SUBQUERIES = 20
MAX_CHAIN = 50
MAX_DEPTH = 100

START_WORDS = frozenset({"MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN", "CALL"})
"""What a statement, a subquery, or a part of a UNION may begin with."""

_CLAUSES = START_WORDS | {"WHERE", "UNION", "ORDER", "SKIP", "OFFSET", "LIMIT"}
_INFIX = frozenset({"AND", "OR", "XOR", "IN", "CONTAINS", "WHEN", "THEN", "ELSE"})
_CLOSING = frozenset({"END", "ASC", "ASCENDING", "DESC", "DESCENDING"})
_PREFIX = frozenset({"NOT", "CASE", "WHEN", "DISTINCT"})
_IS_WORDS = frozenset({"NOT", "NFC", "NFD", "NFKC", "NFKD"})
_SUBQUERY_WORDS = frozenset({"EXISTS", "COUNT", "COLLECT"})
_NAMESPACES = frozenset(
    {"date", "datetime", "localdatetime", "time", "localtime", "duration", "point"}
)
_REFUSED = {
    **dict.fromkeys(
        ("CREATE", "INSERT", "MERGE", "SET", "REMOVE", "DELETE", "DETACH", "NODETACH", "FOREACH"),
        "writes",
    ),
    **dict.fromkeys(
        ("DROP", "ALTER", "RENAME", "GRANT", "DENY", "REVOKE", "ENABLE", "DEALLOCATE", "DRYRUN"),
        "changes the database itself",
    ),
    **dict.fromkeys(("START", "STOP", "TERMINATE", "SHOW", "USE"), "is about the server"),
    "LOAD": "reads files",
    **dict.fromkeys(
        ("EXPLAIN", "PROFILE", "CYPHER", "FOR", "FORMAT"), "is an option of one engine"
    ),
    **dict.fromkeys(
        ("HAVING", "FILTER", "OVER", "INTERSECT", "EXCEPT", "LET", "NEXT", "FINISH"),
        "is not a clause both stores know",
    ),
    "SHORTEST": "is not known to both stores (use shortestPath((a)-[*..6]-(b)))",
}
_NEVER_A_NAME = frozenset(
    {"CREATE", "INSERT", "MERGE", "SET", "REMOVE", "DELETE", "DETACH", "NODETACH", "FOREACH"}
    | {"LOAD", "DROP"}
)
"""Refused even where a name could stand, unless it is plainly a key, label or property."""

ALLOWED = (
    "Allowed are MATCH, OPTIONAL MATCH, WHERE, WITH, UNWIND, CALL { } of reading clauses, UNION, "
    "RETURN, ORDER BY, SKIP and LIMIT"
)
_AS_NAME = "If it is meant as a name, put it in backticks"


@dataclass(frozen=True, slots=True)
class PassedQuery:
    """A query that may be run: its text, comments and a closing semicolon blanked out."""

    text: str


def pass_gate(query: str) -> PassedQuery:
    """Return the query if it only reads, is one statement and is of bounded size.

    Parameters
    ----------
    query
        Cypher as a user typed it.

    Raises
    ------
    QueryRefusedError
        Saying what was found, at which line and column, and what is allowed.

    Examples
    --------
    >>> pass_gate("MATCH (n:Firm) RETURN n.created AS created; // newest").text.rstrip()
    'MATCH (n:Firm) RETURN n.created AS created'
    >>> pass_gate("MATCH (n) DETACH DELETE n")
    Traceback (most recent call last):
    ...
    klaster.graph.errors.QueryRefusedError: line 1, column 11: DETACH writes. Allowed are MATCH, \
OPTIONAL MATCH, WHERE, WITH, UNWIND, CALL { } of reading clauses, UNION, RETURN, ORDER BY, SKIP \
and LIMIT.
    """
    size = len(query.encode("utf-8", errors="surrogatepass"))
    if size > MAX_BYTES:
        raise refuse(
            1,
            1,
            f"the query has {size:,} bytes",
            f"At most {MAX_BYTES:,} are allowed: pass long lists as parameters.",
        )
    if any("\ud800" <= char <= "\udfff" for char in query):
        raise refuse(1, 1, "half a character (a lone surrogate)", "Write the whole character.")
    cut = tokenize(query)
    tokens, text = list(cut.tokens), cut.text
    while tokens and tokens[-1].is_symbol(";"):
        at = tokens.pop().start
        text = f"{text[:at]} {text[at + 1 :]}"
    if not tokens:
        raise refuse(1, 1, "there is no query", f"{ALLOWED}.")
    _GateCheck(tokens).check()
    return PassedQuery(text)


@dataclass(slots=True)
class _Bracket:
    """An open bracket: ``(``, ``[``, ``{`` of a map, or ``{`` of a subquery of some word."""

    kind: str
    token: Token


class _GateCheck:
    """One pass over the tokens, knowing at each what may come next.

    ``expect`` is one of ``start`` (a clause that begins a query), ``operand`` (a value, name or
    pattern), ``after`` (what may follow one), ``label``, ``property``, ``alias``, ``is``,
    ``union``, ``call`` (what must follow CALL), ``subquery`` (its brace), ``word:X`` (that word),
    ``clause`` (after a CALL subquery: a clause only).
    """

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = tokens
        self.expect = "start"
        self.brackets: list[_Bracket] = []
        self.unions = 0
        self.chain = 0
        self.prefixes = 0

    def refusal(self, token: Token, problem: str, remedy: str | None = None) -> QueryRefusedError:
        return refuse(token.line, token.column, problem, remedy or f"{ALLOWED}.")

    def check(self) -> None:
        for position, token in enumerate(self.tokens):
            self._bounds(token, position)
            if token.is_symbol(";"):
                raise self.refusal(token, "a second statement", "Ask one question at a time.")
            if token.kind == "word":
                self._word(token, position)
            elif token.kind == "symbol":
                self._symbol(token, position)
            else:
                self._value(token, position)
        last = self.tokens[-1]
        if self.brackets:
            open_bracket = self.brackets[-1].token
            raise self.refusal(open_bracket, f"{open_bracket.text} is not closed", "Close it.")
        if self.expect not in ("after", "clause"):
            raise self.refusal(last, f"the query ends behind {last.text}", "Complete it.")

    # -- bounds ------------------------------------------------------------------------------

    def _bounds(self, token: Token, position: int) -> None:
        """Bound what makes engines recurse: postfix chains and rows of prefix operators."""
        before = self.tokens[position - 1] if position else None
        if token.is_symbol(".", "::", ":") or (
            token.is_symbol("[") and before is not None and self.expect == "after"
        ):
            self.chain += 1
        elif token.is_symbol(",", "(", "{") or token.upper in _CLAUSES | _INFIX | {"NOT"}:
            self.chain = 0
        if self.chain > MAX_CHAIN:
            raise self.refusal(
                token,
                f"more than {MAX_CHAIN} properties, labels or elements asked of one thing",
                "Split it with WITH.",
            )
        is_prefix = token.upper in ("NOT", "CASE", "WHEN") or token.is_symbol("-", "+", "!", "<")
        self.prefixes = self.prefixes + 1 if is_prefix else 0
        if self.prefixes > MAX_CHAIN:
            raise self.refusal(token, f"more than {MAX_CHAIN} signs in a row", "Write it shorter.")

    # -- words -------------------------------------------------------------------------------

    def _word(self, token: Token, position: int) -> None:
        expect, word = self.expect, token.upper
        if expect in ("label", "property", "alias"):
            self.expect = "after"
        elif expect.startswith("word:"):
            self._expected_word(token, expect.removeprefix("word:").split("|"))
        elif expect == "is":
            self._word_after_is(token)
        elif expect == "union":
            self.expect = "start"
            if word not in ("ALL", "DISTINCT"):
                self._word(token, position)
        elif expect in ("start", "clause"):
            allowed = START_WORDS if expect == "start" else _CLAUSES - {"WHERE"}
            if word not in allowed:
                raise self._misplaced(token)
            self._keyword(token)
        elif expect in ("call", "subquery"):
            problem = (
                "a procedure is called" if expect == "call" else f"{token.text} behind CALL ()"
            )
            raise self.refusal(token, problem, f"{ALLOWED}; no procedures.")
        elif expect == "after":
            if word not in _CLAUSES | _INFIX | _CLOSING | {"STARTS", "ENDS", "IS", "AS"}:
                raise self._misplaced(token)
            self._keyword(token)
        else:
            self._operand_word(token, position)

    def _operand_word(self, token: Token, position: int) -> None:
        word = token.upper
        if word in _PREFIX:
            return
        follower = self.tokens[position + 1] if position + 1 < len(self.tokens) else None
        is_key = follower is not None and follower.is_symbol(":")
        if word in _NEVER_A_NAME and not is_key:
            raise self._misplaced(token)
        self.expect = "after"

    def _misplaced(self, token: Token) -> QueryRefusedError:
        reason = _REFUSED.get(token.upper)
        if reason:
            remedy = f"{ALLOWED}."
            if self.expect == "operand":
                remedy += f" {_AS_NAME}."
            return self.refusal(token, f"{token.text} {reason}", remedy)
        return self.refusal(token, f"{token.text} cannot stand here", f"{ALLOWED}. {_AS_NAME}.")

    def _expected_word(self, token: Token, words: list[str]) -> None:
        if token.upper not in words:
            raise self.refusal(token, f"{token.text} where {' or '.join(words)} is needed")
        self._keyword(token)
        if words == ["BY"] or words == ["WITH"]:
            self.expect = "operand"

    def _keyword(self, token: Token) -> None:
        word = token.upper
        following = {
            "OPTIONAL": "word:MATCH|CALL",
            "ORDER": "word:BY",
            "STARTS": "word:WITH",
            "ENDS": "word:WITH",
            "CALL": "call",
            "AS": "alias",
            "IS": "is",
            "UNION": "union",
        }
        self.expect = "after" if word in _CLOSING else following.get(word, "operand")
        if word == "UNION":
            self.unions += 1
            if self.unions > MAX_UNIONS:
                raise self.refusal(token, f"more than {MAX_UNIONS} UNIONs", "Use UNWIND of a list.")

    def _word_after_is(self, token: Token) -> None:
        word = token.upper
        if word in _IS_WORDS:
            return
        if word == "TYPED":
            self.expect = "operand"
        elif word in ("NULL", "NORMALIZED"):
            self.expect = "after"
        else:
            raise self.refusal(token, f"{token.text} behind IS", "Use IS NULL or IS NOT NULL.")

    # -- values and symbols ------------------------------------------------------------------

    def _value(self, token: Token, position: int) -> None:
        names = token.kind == "quoted"
        if self.expect in ("label", "property", "alias"):
            if not names:
                raise self.refusal(
                    token,
                    f"{token.text} where a name is needed",
                    "Write the label, type or property itself: none can be put together while "
                    "the query runs.",
                )
        elif self.expect != "operand" and not self._behind_star(token, position):
            raise self.refusal(token, f"{token.text} cannot stand here", "Check what is before it.")
        self.expect = "after"

    def _behind_star(self, token: Token, position: int) -> bool:
        """Return whether this is the lower bound of a path, as in ``[*2..3]``."""
        before = self.tokens[position - 1]
        return self.expect == "after" and token.kind == "number" and before.is_symbol("*")

    def _symbol(self, token: Token, position: int) -> None:
        if token.text in ("?", "@", "#", "~", "\\", "+=", "$"):
            raise self.refusal(
                token,
                f"the sign {token.text}" + (" of a computed name" if token.text == "$" else ""),
                f"{ALLOWED}.",
            )
        if token.text in "([{":
            self._open(token, position)
        elif token.text in ")]}":
            self._close(token)
        elif self.expect in ("start", "call", "subquery", "union", "clause", "property", "alias"):
            if not (self.expect == "property" and token.is_symbol("*")):
                raise self.refusal(token, f"{token.text} cannot stand here")
            self.expect = "after"
        elif self.expect.startswith("word:") or (self.expect == "is" and token.text != "::"):
            raise self.refusal(token, f"{token.text} cannot stand here")
        elif token.is_symbol("."):
            self._dot(token, position)
        elif token.is_symbol(":"):
            self._colon()
        elif token.is_symbol("*") and self.expect == "operand":
            self.expect = "after"
        elif self.expect != "label":
            self.expect = "operand"
        elif token.is_symbol("%"):
            self.expect = "after"

    def _dot(self, token: Token, position: int) -> None:
        in_map = bool(self.brackets) and self.brackets[-1].kind == "map"
        before = self.tokens[position - 1]
        if self.expect == "after" and before.kind == "number":
            raise self.refusal(token, "a dot behind a number", "Write 1.0.")
        if self.expect == "after" or (in_map and self.expect == "operand"):
            self.expect = "property"
            return
        raise self.refusal(token, "a dot cannot stand here", "Check what is before it.")

    def _colon(self) -> None:
        inside = self.brackets[-1].kind if self.brackets else ""
        self.expect = "operand" if inside == "map" else "label"

    def _open(self, token: Token, position: int) -> None:
        if len(self.brackets) >= MAX_DEPTH:
            raise self.refusal(token, f"brackets nested more than {MAX_DEPTH} deep", "Use WITH.")
        before = self.tokens[position - 1] if position else None
        kind, inner = token.text, "operand"
        if token.text == "{":
            kind, inner = self._brace(token, before)
        elif self.expect == "start" and self.brackets and self.brackets[-1].kind == "pattern":
            self.brackets[-1].kind = "query"
        elif self.expect == "call" and token.text == "(":
            kind = "arguments"
        elif token.text == "(" and self.expect == "after":
            self._function(token, position)
        elif self.expect not in ("operand", "after", "label"):
            raise self.refusal(token, f"{token.text} cannot stand here")
        self.brackets.append(_Bracket(kind, token))
        self.expect = inner

    def _brace(self, token: Token, before: Token | None) -> tuple[str, str]:
        subquery = self.expect in ("call", "subquery") or (
            before is not None and before.upper in _SUBQUERY_WORDS and self.expect == "after"
        )
        if subquery:
            depth = sum(b.kind in ("query", "pattern", "call") for b in self.brackets) + 1
            if depth > MAX_SUBQUERIES:
                raise self.refusal(
                    token, f"subqueries nested more than {MAX_SUBQUERIES} deep", "Use WITH."
                )
            if self.expect in ("call", "subquery"):
                return "call", "start"
            return "pattern", "start"
        if self.expect not in ("operand", "after"):
            raise self.refusal(token, "{ cannot stand here")
        return "map", "operand"

    def _close(self, token: Token) -> None:
        pairs = {")": ("(", "arguments"), "]": ("[",), "}": ("map", "query", "pattern", "call")}
        if not self.brackets or self.brackets[-1].kind not in pairs[token.text]:
            raise self.refusal(token, f"{token.text} closes nothing", "Check the brackets.")
        kind = self.brackets.pop().kind
        self.expect = {"arguments": "subquery", "call": "clause"}.get(kind, "after")

    def _function(self, token: Token, position: int) -> None:
        """Refuse functions of plug-ins: ``apoc.…``, ``gds.…``, ``graph.…``."""
        if self.tokens[position - 1].kind not in ("word", "quoted"):
            return
        parts = [self.tokens[position - 1]]
        at = position - 2
        while at >= 1 and self.tokens[at].is_symbol("."):
            parts.insert(0, self.tokens[at - 1])
            at -= 2
        if len(parts) == 1:
            return
        name = ".".join(part.text for part in parts)
        root = parts[0]
        if root.kind != "word" or root.text.lower() not in _NAMESPACES:
            raise refuse(
                root.line,
                root.column,
                f"the function {name} is not part of Cypher",
                f"Functions with a dot: {', '.join(sorted(_NAMESPACES))}.",
            )
