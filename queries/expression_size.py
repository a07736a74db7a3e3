r"""Keeps a free query's expressions small where no limit of a server's would hold them.

Neo4j counts the memory of rows and ends a transaction that is late, but between two rows it looks
at neither: a text doubled forty times, or a regular expression that goes round in circles, takes
the whole server with it. In the embedded store such a query costs a child process; here it must
not start. So what an expression can grow to is bounded by its text:

* texts and lists may grow a thousandfold over the query, by ``+`` and ``||``, by lists and maps of names, by
  ``replace``;
* ``range`` makes at most 100,000 numbers, other than in ``UNWIND range(...)``, which is never held;
* ``reduce`` goes along a path or a written list, and uses what it gathers once;
* one expression over a list does not hold another, nor repeat what comes from outside of it;
* a regular expression is written out, without repeated groups.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from klaster.graph.errors import QueryRefusedError
from klaster.queries.tokens import Token, refuse, tokenize

MAX_GROWTH = 1_000
"""How many times larger than what the store holds a text or a list of the query may become."""

MAX_RANGE = 100_000
MAX_PARAMETER_CHARACTERS = 200_000

_STAGES = frozenset({"WITH", "RETURN", "UNWIND", "MATCH", "CALL", "UNION"})
_QUANTIFIERS = frozenset({"ALL", "ANY", "NONE", "SINGLE"})
_WHY = "A server cannot stop what grows inside of one expression"


def check_expression_sizes(query: str) -> None:
    """Raise where an expression of a query could outgrow a server.

    Parameters
    ----------
    query
        A query that passed the gate.

    Raises
    ------
    QueryRefusedError
        With the place, what would grow, and how to write it instead.

    Examples
    --------
    >>> check_expression_sizes("MATCH p = (a)-[:OWNS*1..3]->(b) RETURN [x IN nodes(p) | x.id] AS ids")
    >>> check_expression_sizes("RETURN reduce(s = 'ab', x IN range(1, 40) | s + s) AS s")
    Traceback (most recent call last):
    ...
    klaster.graph.errors.QueryRefusedError: line 1, column 8: reduce() over a list that may be \
long. A server cannot stop what grows inside of one expression: reduce over nodes(p), \
relationships(p) or a written list, or use sum() and collect().
    """
    _SizeCheck(tokenize(query).tokens).check()


def check_parameters(parameters: Any) -> None:
    """Raise where the values given with a query are too long to be grown from.

    Raises
    ------
    QueryRefusedError
        Saying how long they are and may be.
    """
    length = len(repr(parameters))
    if length > MAX_PARAMETER_CHARACTERS:
        raise QueryRefusedError(
            f"the parameters have {length:,} characters. At most {MAX_PARAMETER_CHARACTERS:,} are "
            "allowed: ask in several queries."
        )


class _SizeCheck:
    """One look over the tokens of a query."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self.closing: dict[int, int] = {}
        self.opening: list[int | None] = []
        stack: list[int] = []
        for at, token in enumerate(tokens):
            if token.is_symbol(")", "]", "}"):
                self.closing[stack.pop()] = at
            self.opening.append(stack[-1] if stack else None)
            if token.is_symbol("(", "[", "{"):
                stack.append(at)
        self.path_lists = {
            tokens[at + 1].name
            for at in self.closing
            if self.text(at) == "["
            and self.text(at - 1) == "-"
            and any(self.text(k) == "*" for k in range(at, self.closing[at]))
            and self.kind(at + 1) in ("word", "quoted")
        }

    def text(self, at: int) -> str:
        if not 0 <= at < len(self.tokens):
            return ""
        return self.tokens[at].upper or self.tokens[at].text

    def kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def refusal(self, at: int, problem: str, remedy: str) -> QueryRefusedError:
        token = self.tokens[at]
        return refuse(token.line, token.column, problem, f"{_WHY}: {remedy}.")

    def check(self) -> None:
        iterations = dict(self._iterations())
        for at, bar in iterations.items():
            self._check_nesting(at, iterations)
            self._check_body(at, bar)
        for at in range(len(self.tokens)):
            if self._calls(at, "RANGE"):
                self._check_range(at)
            if self._calls(at, "REDUCE"):
                self._check_reduce(at)
            if self.text(at) == "=~":
                self._check_regex(at)
        self._check_product()

    def _calls(self, at: int, *names: str) -> bool:
        return self.text(at) in names and self.text(at + 1) == "(" and self.text(at - 1) != "."

    # -- growth of all stages together ----------------------------------------------------------

    def _check_product(self) -> None:
        """Bound how often a text or list may be put together anew from what was put together."""
        product, stage = 1, 1
        for at in range(len(self.tokens)):
            if self.text(at) in _STAGES:
                product, stage = product * stage, 1
            stage += self._growth(at)
            factor = self._replacement(at)
            if product * stage * factor > MAX_GROWTH and (factor > 1 or self._growth(at)):
                raise self.refusal(
                    at,
                    f"texts and lists could grow more than {MAX_GROWTH:,} times",
                    "put fewer +, lists and replace() one upon the other",
                )
            product *= factor

    def _growth(self, at: int) -> int:
        """Return how many more copies of a value this token may put into one."""
        if self.text(at) in ("+", "||"):
            # A sum of written numbers is a number.
            return int({self.kind(at - 1), self.kind(at + 1)} != {"number"})
        bracket = self.opening[at]
        if self.text(at) == "," and bracket is not None and self._is_made(bracket):
            return 1
        return 0

    def _is_made(self, bracket: int) -> bool:
        """Return whether a bracket makes a list or map of anything but written values."""
        if self.text(bracket) not in ("[", "{") or self.text(bracket - 1) == "-":
            return False
        inner = range(bracket + 1, self.closing[bracket])
        if self.text(bracket) == "{":  # keys are words: values stand behind a colon
            return any(
                self.kind(k) in ("word", "quoted", "parameter") and self.text(k - 1) in (":", ".")
                for k in inner
            )
        return any(self.kind(k) in ("word", "quoted", "parameter") for k in inner)

    def _replacement(self, at: int) -> int:
        if not self._calls(at, "REPLACE"):
            return 1
        parts = self._arguments(at + 1)
        last = parts[-1] if len(parts) == 3 else []
        if len(last) != 1 or self.kind(last[0]) != "text":
            raise self.refusal(
                at, "replace() by something computed", "write what it puts in, as a text"
            )
        return len(self.tokens[last[0]].text) - 1

    def _arguments(self, bracket: int) -> list[list[int]]:
        parts: list[list[int]] = [[]]
        for k in range(bracket + 1, self.closing[bracket]):
            if self.text(k) == "," and self.opening[k] == bracket:
                parts.append([])
            else:
                parts[-1].append(k)
        return parts

    # -- expressions over lists -----------------------------------------------------------------

    def _iterations(self) -> Iterator[tuple[int, int]]:
        """Return the bracket of each expression over a list, and where its result begins."""
        for at, end in self.closing.items():
            inner = [k for k in range(at + 1, end) if self.opening[k] == at]
            bars = [k for k in inner if self.text(k) == "|"]
            before = self.text(at - 1)
            listed = self.text(at) == "[" and (
                (self.text(at + 2) == "IN" and before != "-")
                or (bars and self.text(inner[0]) in ("(",))
            )
            called = self.text(at) == "(" and before in _QUANTIFIERS | {"REDUCE"}
            if listed or (called and any(self.text(k) == "IN" for k in inner)):
                yield at, (bars[0] if bars else end)

    def _check_nesting(self, at: int, iterations: dict[int, int]) -> None:
        around = self.opening[at]
        while around is not None:
            if around in iterations:
                raise self.refusal(
                    at,
                    "an expression over a list inside of another one",
                    "take the lists apart with UNWIND",
                )
            around = self.opening[around]

    def _check_body(self, at: int, bar: int) -> None:
        """Refuse a result that repeats, for each element, a list or text from outside."""
        if self.text(at) == "(" or self.text(at + 2) != "IN":
            return  # a truth value, reduce (looked at by itself), or rows of a pattern
        own = self.tokens[at + 1].name
        for k in range(bar + 1, self.closing[at]):
            token = self.tokens[k]
            if token.kind not in ("word", "quoted", "parameter") or token.name == own:
                continue
            key = self.text(k + 1) == ":" and self.text(k - 1) in ("{", ",")
            fixed = self.text(k) in _WORDS_OF_VALUES or key
            if self.text(k - 1) in (".", ":") or self.text(k + 1) == "(" or fixed:
                continue
            if self.text(k + 1) == ".":
                continue  # a property
            raise self.refusal(
                k,
                f"{token.text} is repeated for each element of a list",
                "return it beside the list",
            )

    def _check_reduce(self, at: int) -> None:
        bracket = at + 1
        inner = [k for k in range(bracket + 1, self.closing[bracket]) if self.opening[k] == bracket]
        bar = next((k for k in inner if self.text(k) == "|"), self.closing[bracket])
        over = next((k for k in inner if self.text(k) == "IN"), bar)
        source = list(range(over + 1, bar))
        first = source[0] if source else bar
        path = self.text(first) in ("NODES", "RELATIONSHIPS") and self.kind(first) == "word"
        written = self.text(first) == "[" and self.closing[first] == bar - 1
        tie = len(source) == 1 and self.tokens[first].name in self.path_lists
        if not (tie or ((path or written) and self.closing.get(first + path) == bar - 1)):
            raise self.refusal(
                at,
                "reduce() over a list that may be long",
                "reduce over nodes(p), relationships(p) or a written list, or use sum() and "
                "collect()",
            )
        gathered = self.tokens[bracket + 1].name
        uses = [
            k
            for k in range(bar + 1, self.closing[bracket])
            if self.kind(k) in ("word", "quoted")
            and self.tokens[k].name == gathered
            and self.text(k - 1) != "."
        ]
        if len(uses) > 1 or any(self.opening[k] != bracket for k in uses):
            raise self.refusal(
                uses[-1],
                f"{gathered} is what reduce() gathers, and is used more than once or in brackets",
                "use it once, as in total + x.value",
            )

    def _check_range(self, at: int) -> None:
        if self.text(at - 1) == "UNWIND" and self.text(self.closing[at + 1] + 1) == "AS":
            return
        for part in self._arguments(at + 1):
            numbers = [self.tokens[k].text for k in part if self.kind(k) == "number"]
            if any(not n.isdigit() or int(n) > MAX_RANGE for n in numbers):
                raise self._long_range(at)
            names = [k for k in part if self.kind(k) in ("word", "quoted", "parameter")]
            end = self.closing.get(part[1], -1) if len(part) > 1 else -1
            measured = self.text(part[0]) in ("SIZE", "LENGTH") and end in part if part else False
            rest = [k for k in part if k > end] if measured else part
            signs = all(self.text(k) in ("+", "-") or self.kind(k) == "number" for k in rest)
            if not signs or (names and not measured):
                raise self._long_range(at)

    def _long_range(self, at: int) -> QueryRefusedError:
        return self.refusal(
            at,
            "range() of a length that is not written, or is too long",
            f"write numbers up to {MAX_RANGE:,}, size(x) or length(p), or UNWIND range(...) AS x",
        )

    # -- regular expressions --------------------------------------------------------------------

    def _check_regex(self, at: int) -> None:
        if self.kind(at + 1) != "text" or self.text(at + 2) == "+":
            raise self.refusal(
                at, "a regular expression that is computed", "write it as a text, or use CONTAINS"
            )
        pattern = re.sub(r"\\\\?.", "", self.tokens[at + 1].text)
        repeated = len(re.findall(r"[*+]|\{\d*,\d*\}", pattern))
        if re.search(r"\)[*+?{]", pattern) or repeated > _MAX_REPEATS:
            raise self.refusal(
                at + 1,
                "a regular expression with a repeated group, or many repeats",
                f"repeat single characters only, at most {_MAX_REPEATS} times, or use CONTAINS",
            )


_MAX_REPEATS = 3
_WORDS_OF_VALUES = frozenset(
    {"AND", "OR", "XOR", "NOT", "IN", "IS", "NULL", "TRUE", "FALSE", "CASE", "WHEN", "THEN"}
    | {"ELSE", "END", "STARTS", "ENDS", "WITH", "CONTAINS", "DISTINCT"}
)
