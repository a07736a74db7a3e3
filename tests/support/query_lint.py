"""Holds a query to the Cypher that both stores understand alike.

Cypher is spoken differently by Neo4j and by the embedded engine: some spellings one of them
refuses, others give other rows without a word. Each rule here names one such spelling and what to
write instead. A query without findings gave the same rows in both wherever they were compared.

What cannot be seen in the text is left to the tests that run the catalog on both stores: numbers
of mixed type in one property, sums of fractions compared for equality, an order that is not total.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from klaster.graph.dictionary import load_dictionary
from klaster.graph.errors import QueryRefusedError
from klaster.queries.gate import pass_gate
from klaster.queries.tokens import Token, tokenize


@dataclass(frozen=True, order=True, slots=True)
class Finding:
    """A spelling that is not portable: where, which rule, and what to write instead."""

    line: int
    column: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"line {self.line}, column {self.column}: {self.message} [{self.rule}]"


RULES: dict[str, str] = {
    "gate": "the query does not pass the gate for reading queries",
    "unbounded-path": "one store stops at 10 steps: give an upper bound, as *1..6",
    "shortest-path-condition": "a condition on a shortest path is applied after the search in one "
    "store: match a bounded path and take the shortest",
    "shortest-path-expression": "shortestPath() stands only behind '=' in MATCH",
    "date-text": "a date compared with a text: write date('2014-03-19')",
    "date-and-time": "a date compared with a date-time: compare the same kind",
    "duration": "durations differ: use duration.inMonths(a, b).months or duration.inDays(a, b).days",
    "division": "a division by zero gives null or infinity: guard it by CASE WHEN",
    "root-or-log": "a root or logarithm outside its domain gives null or NaN: guard it by CASE WHEN",
    "json-text": "a text that looks like a JSON list or map equals its parts in one store: use lists",
    "regex": "in expressions use (?iu) and [\\\\p{L}\\\\d_]; no look-around, no back-references",
    "round": "halves are rounded differently: sign(x) * floor(abs(x) + 0.5)",
    "to-string": "numbers are written differently: return the number",
    "bars": "|| joins texts only in one store: use +",
    "split-list": "split() takes one separator",
    "function": "a function one of the stores does not have or answers differently",
    "labels": "the order of labels differs: [l IN ['A', 'B'] WHERE l IN labels(n)]",
    "collect-order": "the order of collect() differs: ORDER BY before it",
    "count-in-parentheses": "COUNT { } right behind ( is a syntax error: put it on the right",
    "collect-subquery": "COLLECT { } is unknown to one store: CALL (n) { ... RETURN collect(x) }",
    "subquery-clause": "EXISTS and COUNT hold only MATCH and WHERE",
    "optional-call": "OPTIONAL CALL is unknown to one store",
    "quantified-path": "quantified patterns are unknown to one store: use *1..3",
    "path-selector": "SHORTEST, ALL and ANY before a pattern are unknown to one store",
    "inline-where": "WHERE inside a node or tie is unknown to one store: put it behind the pattern",
    "label-expression": "use (n:A:B), (n:A|B), NOT n:A, n:A OR n:B; type(r) <> 'T'",
    "two-way-arrow": "<-[r]-> is unknown to one store: -[r]-",
    "chained-comparison": "write x >= 1 AND x < 10",
    "name-not-ascii": "a label or inline key outside ASCII cannot be matched: WHERE n:`...`",
    "block-comment": "/* */ is unknown to one store: //",
    "case-values": "CASE x WHEN takes one value: CASE WHEN x IN [...] THEN",
    "map-projection": "n {k} and n {.*} differ: n {.id, k: k}",
    "inline-key": "an inline key other than id fails where no node has it: use WHERE",
    "reserved-property": "title, type and label of a node and id and type of a tie are the engine's",
    "whole-element": "return named values, not a whole node, tie or path",
    "alias": "name each column: AS name",
    "count-in-optional-match": "Neo4j counts wrongly in the WHERE of OPTIONAL MATCH: WITH n, COUNT "
    "{ } AS k before it",
    "unordered": "the rows have no order: end with ORDER BY",
    "unknown-label": "no such kind of node or actor_type in the dictionary",
    "unknown-type": "no such type of tie in the dictionary",
    "unknown-property": "no such attribute in the dictionary",
}
"""Every rule, with what it says."""

_COMPARISONS = ("=", "<>", "<", ">", "<=", ">=")
PORTABLE_FUNCTIONS = frozenset(
    {
        *("abs", "ceil", "floor", "round", "sign", "sqrt", "log", "log10", "exp", "pi", "sin"),
        *("cos", "tan", "asin", "acos", "atan", "atan2", "degrees", "radians", "tointeger"),
        *("tofloat", "toboolean", "tostring", "tolower", "toupper", "size", "head", "last", "tail"),
        *("reverse", "substring", "left", "right", "trim", "ltrim", "rtrim", "replace", "split"),
        *("coalesce", "count", "sum", "avg", "min", "max", "collect", "stdev", "range", "nodes"),
        *("relationships", "length", "type", "labels", "startnode", "endnode", "date", "datetime"),
        *("localdatetime", "time", "localtime", "duration", "exists", "all", "any", "none"),
        *("single", "reduce", "shortestpath", "allshortestpaths"),
    }
)
"""Functions both stores have; some are bounded by a rule of their own."""

_PARTS_OF_TIME = frozenset(
    {"year", "month", "day", "months", "days", "seconds", "epochSeconds", "hour", "minute"}
    | {"quarter", "week", "weekDay", "ordinalDay"}
)
_NOT_CALLED = frozenset(
    {"MATCH", "CALL", "WHERE", "AND", "OR", "XOR", "NOT", "IN", "RETURN", "WITH", "UNWIND", "WHEN"}
    | {"THEN", "ELSE", "CASE", "BY", "DISTINCT", "CONTAINS", "LIMIT", "SKIP", "OFFSET", "AS"}
)
_CLAUSE_STARTS = frozenset({"MATCH", "OPTIONAL", "UNWIND", "WITH", "RETURN", "CALL", "UNION"})


def lint(cypher: str) -> list[Finding]:
    """Return every spelling of a query that is not portable, in the order of the text.

    Examples
    --------
    >>> for finding in lint("MATCH (a:Firm)-[:OWNS*]->(b) RETURN b.id AS id ORDER BY id"):
    ...     print(finding)
    line 1, column 22: one store stops at 10 steps: give an upper bound, as *1..6 \
[unbounded-path]
    """
    try:
        pass_gate(cypher)
    except QueryRefusedError as error:
        found = re.match(r"line (\d+), column (\d+): (.*)", str(error))
        assert found is not None
        return [Finding(int(found[1]), int(found[2]), "gate", found[3])]
    cut = tokenize(cypher)
    query = _Query(cut.tokens)
    findings = [
        Finding(line, column, "block-comment", RULES["block-comment"])
        for line, column in cut.block_comments
    ]
    for check in _CHECKS:
        for position, rule in check(query):
            token = query.tokens[position]
            detail = ""
            if rule.startswith("unknown-") or rule == "function":
                detail = f"{token.text}: "
            findings.append(Finding(token.line, token.column, rule, detail + RULES[rule]))
    return sorted(set(findings))


class _Query:
    """Tokens with what a rule asks of their surroundings."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self.tokens = tokens
        self.closing: dict[int, int] = {}
        self.opening: list[int | None] = []
        self.clause: list[str] = []
        stack: list[int] = []
        clauses = [""]
        for at, token in enumerate(tokens):
            if token.is_symbol(")", "]", "}"):
                self.closing[stack.pop()] = at
                clauses.pop()
            elif token.upper in _CLAUSE_STARTS and not self._is_name(at):
                clauses[-1] = "OPTIONAL MATCH" if self.text(at - 1) == "OPTIONAL" else token.upper
            self.opening.append(stack[-1] if stack else None)
            self.clause.append(clauses[-1])
            if token.is_symbol("(", "[", "{"):
                stack.append(at)
                clauses.append(clauses[-1])
        self.nodes = {at: True for at in self.closing if self._is_node(at)}
        self.ties = {at: True for at in self.closing if self._is_tie(at)}
        self.node_names = {tokens[at + 1].name for at in self.nodes if self._named(at)}
        self.tie_names = {tokens[at + 1].name for at in self.ties if self._named(at)}
        self.path_names = {
            tokens[at - 2].name
            for at in self.closing
            if self.text(at - 1) == "=" and (at in self.nodes or self._calls_shortest(at - 1))
        } | {
            tokens[at - 2].name
            for at, t in enumerate(tokens)
            if t.upper in ("SHORTESTPATH", "ALLSHORTESTPATHS") and self.text(at - 1) == "="
        }

    def text(self, at: int) -> str:
        """Return a token as words in capitals and symbols as they are; empty outside."""
        if not 0 <= at < len(self.tokens):
            return ""
        token = self.tokens[at]
        return token.upper or token.text

    def kind(self, at: int) -> str:
        return self.tokens[at].kind if 0 <= at < len(self.tokens) else ""

    def inside(self, at: int, kinds: dict[int, bool]) -> int | None:
        """Return the bracket of one of these kinds that holds the token, directly or deeper."""
        around = self.opening[at]
        while around is not None:
            if around in kinds:
                return around
            around = self.opening[around]
        return None

    def within_case(self, at: int) -> bool:
        depth = 0
        for back in range(at - 1, -1, -1):
            word = self.text(back)
            if word == "END":
                depth += 1
            elif word == "CASE" and not self._is_name(back):
                if depth == 0:
                    return True
                depth -= 1
        return False

    def calls(self, *names: str) -> Iterator[int]:
        """Return where one of these functions is called."""
        for at, token in enumerate(self.tokens):
            if token.upper in names and self.text(at + 1) == "(" and self.text(at - 1) != ".":
                yield at

    def _is_name(self, at: int) -> bool:
        return self.text(at - 1) in (".", ":", "AS", "$")

    def _named(self, at: int) -> bool:
        return self.kind(at + 1) in ("word", "quoted") and self.text(at + 1) != "WHERE"

    def _calls_shortest(self, at: int) -> bool:
        return self.text(at + 1) in ("SHORTESTPATH", "ALLSHORTESTPATHS")

    def _is_node(self, at: int) -> bool:
        if self.text(at) != "(":
            return False
        before, after = self.text(at - 1), self.text(self.closing[at] + 1)
        held = self.text(at + 1)
        if before in ("-", ">") and self.text(at - 2) in ("-", "]", ")", "<"):
            return True
        linked = after in ("-", "<") and self.text(self.closing[at] + 2) in ("-", "[", ">")
        starts = before in (
            "MATCH",
            ",",
            "=",
            "(",
            "{",
            "NOT",
            "WHERE",
            "AND",
            "OR",
            "XOR",
            "|",
            "[",
        )
        if linked and starts:
            return True
        in_match = self.clause[at] in ("MATCH", "OPTIONAL MATCH") and before in ("MATCH", ",", "=")
        where = any(self.text(k) == "WHERE" for k in self._clause_before(at))
        return in_match and not where and held != "("

    def _clause_before(self, at: int) -> Iterator[int]:
        """Return the tokens between the clause's first word and this token, at its depth."""
        for back in range(at - 1, -1, -1):
            if self.opening[back] != self.opening[at]:
                continue
            yield back
            if self.text(back) in _CLAUSE_STARTS:
                return

    def _is_tie(self, at: int) -> bool:
        return (
            self.text(at) == "["
            and self.text(at - 1) == "-"
            and self.text(self.closing[at] + 1) == "-"
            and self.text(at - 2) in (")", "<")
        )


Hits = Iterator[tuple[int, str]]


def _paths(q: _Query) -> Hits:
    for at in q.ties:
        for star in range(at + 1, q.closing[at]):
            if q.text(star) != "*" or q.opening[star] != at:
                continue
            behind = [q.text(star + k) for k in (1, 2, 3)]
            fixed = q.kind(star + 1) == "number" and behind[1] != ".."
            upper = (behind[0] == ".." and q.kind(star + 2) == "number") or (
                behind[1] == ".." and q.kind(star + 3) == "number"
            )
            shortest = any(
                q.text(k - 1) in ("SHORTESTPATH", "ALLSHORTESTPATHS")
                for k in _around(q, star)
                if q.text(k) == "("
            )
            if not (fixed or upper or shortest):
                yield star, "unbounded-path"
        if q.text(q.closing[at] + 2) == ">" and q.text(at - 2) == "<":
            yield at, "two-way-arrow"
        if q.text(q.closing[at] + 2) in (">", "{", "+", "*"):
            quantifier = q.closing[at] + (3 if q.text(q.closing[at] + 2) == ">" else 2)
            if q.text(quantifier) in ("{", "+", "*"):
                yield quantifier, "quantified-path"
    for at in q.closing:
        if q.text(at) == "(" and q.text(at + 1) == "(":
            follower = q.text(q.closing[at] + 1)
            if follower in ("{", "+") and q.clause[at] in ("MATCH", "OPTIONAL MATCH"):
                yield q.closing[at] + 1, "quantified-path"
    for at in range(len(q.tokens)):
        if q.text(at) == "MATCH" and q.text(at + 1) in ("ALL", "ANY", "SHORTEST"):
            yield at + 1, "path-selector"
        if q.text(at) == "=" and q.text(at + 1) in ("ALL", "ANY") and q.text(at + 2) == "SHORTEST":
            yield at + 1, "path-selector"


def _around(q: _Query, at: int) -> Iterator[int]:
    around = q.opening[at]
    while around is not None:
        yield around
        around = q.opening[around]


def _shortest(q: _Query) -> Hits:
    for at in q.calls("SHORTESTPATH", "ALLSHORTESTPATHS"):
        if q.text(at - 1) != "=" or q.clause[at] not in ("MATCH", "OPTIONAL MATCH"):
            yield at, "shortest-path-expression"
            continue
        for k in range(q.closing[at + 1] + 1, len(q.tokens)):
            if q.opening[k] == q.opening[at] and q.text(k) in _CLAUSE_STARTS:
                break
            if q.text(k) == "WHERE" and q.opening[k] == q.opening[at]:
                yield k, "shortest-path-condition"


def _dates(q: _Query) -> Hits:
    date = re.compile(r"['\"]\d{4}-\d{2}-\d{2}")
    for at, token in enumerate(q.tokens):
        if token.kind == "text" and date.match(token.text) and not _is_argument(q, at):
            yield at, "date-text"
        if q.text(at) in _COMPARISONS and _ends_in_call(q, at - 1) and q.text(at + 2) == "(":
            kinds = {_ends_in_call(q, at - 1), q.text(at + 1)}
            if kinds == {"DATE", "DATETIME"}:
                yield at, "date-and-time"
        if q.text(at - 1) == "." and q.text(at) == "BETWEEN" and q.text(at - 2) == "DURATION":
            yield at, "duration"
        if q.text(at - 1) == "." and token.text == "years":
            yield at, "duration"


def _is_argument(q: _Query, at: int) -> bool:
    bracket = q.opening[at]
    return bracket is not None and q.text(bracket) == "(" and q.kind(bracket - 1) == "word"


def _ends_in_call(q: _Query, at: int) -> str:
    if q.text(at) != ")":
        return ""
    start = next((k for k, end in q.closing.items() if end == at), -1)
    return q.text(start - 1) if q.kind(start - 1) == "word" else ""


def _numbers(q: _Query) -> Hits:
    for at in range(len(q.tokens)):
        if q.text(at) == "/" and not q.within_case(at):
            divisor = q.text(at + 1)
            if q.kind(at + 1) != "number" or float(divisor) == 0:
                yield at, "division"
        if q.text(at) == "||":
            yield at, "bars"
    for at in q.calls("SQRT", "LOG", "LOG10"):
        if not q.within_case(at):
            yield at, "root-or-log"
    for at in q.calls("ROUND"):
        commas = sum(
            q.text(k) == "," and q.opening[k] == at + 1 for k in range(at, q.closing[at + 1])
        )
        if commas != 1:
            yield at, "round"
    for at in q.calls("TOSTRING"):
        yield at, "to-string"
    for at in q.calls("SPLIT"):
        inner = [k for k in range(at + 2, q.closing[at + 1]) if q.opening[k] == at + 1]
        separators = [k + 1 for k in inner if q.text(k) == ","]
        if separators and q.text(separators[0]) == "[":
            yield at, "split-list"


def _texts(q: _Query) -> Hits:
    for at, token in enumerate(q.tokens):
        if token.kind != "text":
            continue
        held = token.text[1:-1].strip()
        if (held[:1], held[-1:]) in (("[", "]"), ("{", "}")) and q.text(at - 1) != "=~":
            yield at, "json-text"
        if q.text(at - 1) == "=~":
            flags = re.match(r"\(\?([a-z]+)\)", held)
            case = flags is not None and "i" in flags[1] and "u" not in flags[1]
            if case or re.search(r"\\\\?[wWbB1-9]|\(\?[=!<]", held):
                yield at, "regex"


def _functions(q: _Query) -> Hits:
    for at, token in enumerate(q.tokens):
        called = token.kind == "word" and q.text(at + 1) == "(" and q.text(at - 1) not in (".", ":")
        if not called or token.upper in _NOT_CALLED or at + 1 in q.nodes:
            continue
        if token.text.lower() not in PORTABLE_FUNCTIONS:
            yield at, "function"
    for at in q.calls("LABELS"):
        if q.text(at - 1) != "IN":
            yield at, "labels"
    for at in q.calls("COLLECT"):
        ordered = any(
            q.text(k) == "ORDER" and q.text(k + 1) == "BY" and q.opening[k] == _scope(q, at)
            for k in range(at)
        )
        if not ordered:
            yield at, "collect-order"


def _scope(q: _Query, at: int) -> int | None:
    """Return the brace of the subquery a token stands in, None at the top."""
    for around in _around(q, at):
        if q.text(around) == "{" and q.text(around + 1) in _CLAUSE_STARTS:
            return around
    return None


def _subqueries(q: _Query) -> Hits:
    for at in range(len(q.tokens)):
        word = q.text(at)
        if word == "OPTIONAL" and q.text(at + 1) == "CALL":
            yield at, "optional-call"
        if q.text(at + 1) != "{" or q.kind(at) != "word" or word not in _BRACED:
            continue
        if word == "COLLECT":
            yield at, "collect-subquery"
            continue
        if word == "COUNT" and q.text(at - 1) == "(":
            yield at, "count-in-parentheses"
        if word == "COUNT" and _in_optional_where(q, at):
            yield at, "count-in-optional-match"
        for k in range(at + 2, q.closing[at + 1]):
            if q.opening[k] == at + 1 and q.text(k) in ("RETURN", "WITH", "UNION"):
                yield k, "subquery-clause"


_BRACED = ("COUNT", "EXISTS", "COLLECT")


def _in_optional_where(q: _Query, at: int) -> bool:
    if q.clause[at] != "OPTIONAL MATCH":
        return False
    scope = _scope(q, at)
    for back in range(at - 1, -1, -1):
        if q.opening[back] == scope:
            if q.text(back) == "WHERE":
                return True
            if q.text(back) in _CLAUSE_STARTS:
                return False
    return False


def _patterns(q: _Query) -> Hits:
    for at in [*q.nodes, *q.ties]:
        inner = [k for k in range(at + 1, q.closing[at]) if q.opening[k] == at]
        for k in inner:
            text = q.text(k)
            if text == "WHERE":
                yield k, "inline-where"
            if text in ("&", "!", "%"):
                yield k, "label-expression"
            if q.kind(k) == "quoted" and q.text(k - 1) in (":", "|") and not _ascii(q, k):
                yield k, "name-not-ascii"
            if text == "{":
                yield from _inline_keys(q, k, "tie_id" if at in q.ties else "id")
    for at in range(len(q.tokens)):
        outside = q.inside(at, q.nodes) is None and q.inside(at, q.ties) is None
        if not (outside and q.text(at) == ":" and q.kind(at + 1) in ("word", "quoted", "symbol")):
            continue
        bracket = q.opening[at]
        if bracket is not None and q.text(bracket) == "{" and not _is_subquery(q, bracket):
            continue  # the key of a map
        last = at + 1
        if q.text(last) in ("!", "%", "(") or q.text(last + 1) in ("|", "&"):
            in_list = bracket is not None and q.text(bracket) == "["
            if not (in_list and q.text(last + 1) == "|"):
                yield at, "label-expression"


def _is_subquery(q: _Query, at: int) -> bool:
    return q.text(at - 1) in (*_BRACED, "CALL", ")") or q.text(at + 1) in _CLAUSE_STARTS


def _inline_keys(q: _Query, brace: int, allowed: str) -> Hits:
    for k in range(brace + 1, q.closing[brace]):
        if q.opening[k] == brace and q.text(k + 1) == ":" and q.kind(k) in ("word", "quoted"):
            if not _ascii(q, k):
                yield k, "name-not-ascii"
            elif q.tokens[k].name != allowed:
                yield k, "inline-key"


def _ascii(q: _Query, at: int) -> bool:
    return q.tokens[at].text.isascii()


def _comparisons(q: _Query) -> Hits:
    for at in range(len(q.tokens)):
        if q.text(at) not in (*_COMPARISONS, "IN") or _is_arrow(q, at):
            continue
        bracket = q.opening[at]
        end = len(q.tokens) if bracket is None else q.closing[bracket]
        for k in range(at + 1, end):
            if q.opening[k] != bracket:
                continue
            text = q.text(k)
            if text in _COMPARISONS and not _is_arrow(q, k):
                yield k, "chained-comparison"
                break
            if text in _BREAKS or text in _CLAUSE_STARTS:
                break


_BREAKS = frozenset(
    {"AND", "OR", "XOR", "NOT", ",", "|", "WHERE", "THEN", "ELSE", "WHEN", "END", "AS", "ORDER"}
    | {"SKIP", "LIMIT", "IS"}
)


def _is_arrow(q: _Query, at: int) -> bool:
    text = q.text(at)
    if text == "<":
        return q.text(at + 1) == "-" and q.text(at + 2) in ("[", "-")
    if text == ">":
        return q.text(at - 1) == "-" and q.text(at - 2) in ("]", "-")
    if text == "=":  # the name of a path, the start of reduce()
        bracket = q.opening[at]
        reduces = bracket is not None and q.text(bracket - 1) == "REDUCE"
        return reduces or (at + 1 in q.nodes or q.text(at + 1) in _PATH_CALLS)
    return False


_PATH_CALLS = ("SHORTESTPATH", "ALLSHORTESTPATHS")


def _cases(q: _Query) -> Hits:
    for at in range(len(q.tokens)):
        if q.text(at) != "CASE" or q.text(at + 1) == "WHEN":
            continue
        depth = 0
        for k in range(at + 1, len(q.tokens)):
            word = q.text(k)
            depth += (word == "CASE") - (word == "END")
            if depth < 0:
                break
            if depth == 0 and word == "WHEN":
                if q.text(k + 1) in (*_COMPARISONS, "IS", "STARTS", "ENDS", "CONTAINS", "=~"):
                    yield k, "case-values"
                for then in range(k + 1, len(q.tokens)):
                    if q.text(then) == "THEN":
                        break
                    if q.text(then) == "," and q.opening[then] == q.opening[k]:
                        yield k, "case-values"
                        break


def _maps(q: _Query) -> Hits:
    for at in q.closing:
        is_map = q.text(at) == "{" and not _is_subquery(q, at)
        if not is_map or q.inside(at, q.nodes) is not None or q.inside(at, q.ties) is not None:
            continue
        if q.kind(at - 1) not in ("word", "quoted") or q.text(at - 1) in _CLAUSE_STARTS | {"AS"}:
            continue
        for k in range(at + 1, q.closing[at]):
            if q.opening[k] != at or q.text(k - 1) not in ("{", ","):
                continue
            star = q.text(k) == "." and q.text(k + 1) == "*"
            bare = q.kind(k) in ("word", "quoted") and q.text(k + 1) in (",", "}")
            if star or bare:
                yield k, "map-projection"


def _properties(q: _Query) -> Hits:
    dictionary = load_dictionary()
    known = {"id", *dictionary.value_types("node"), *dictionary.value_types("tie")}
    for at in range(1, len(q.tokens)):
        if q.text(at - 1) != "." or q.kind(at) not in ("word", "quoted"):
            continue
        owner, name = q.tokens[at - 2].name if at >= 2 else "", q.tokens[at].name
        if q.text(at + 1) == "(" or q.text(at - 2) in ("DURATION", "DATE", "DATETIME"):
            continue
        if name in ("title", "type", "label") or (name == "id" and owner in q.tie_names):
            yield at, "reserved-property"
        elif owner in q.node_names | q.tie_names:
            if name not in known and not name.startswith("x_"):
                yield at, "unknown-property"
        elif (
            name not in known | _PARTS_OF_TIME
            and q.kind(at - 2) == "word"
            and not name.startswith("x_")
        ):
            yield at, "unknown-property"


def _names(q: _Query) -> Hits:
    dictionary = load_dictionary()
    labels = {*dictionary.node_kinds(), *dictionary.terms("actor_type")}
    types = set(dictionary.tie_type_names())
    for at in range(len(q.tokens)):
        if q.kind(at) not in ("word", "quoted") or q.text(at - 1) not in (":", "|", "&", "!"):
            continue
        tie = q.opening[at]
        if tie in q.ties:
            if q.tokens[at].name not in types:
                yield at, "unknown-type"
            continue
        in_map = tie is not None and q.text(tie) == "{" and not _is_subquery(q, tie)
        in_list = q.text(at - 1) == "|" and tie is not None and tie not in q.nodes
        if not in_map and not in_list and q.tokens[at].name not in labels:
            yield at, "unknown-label"


def _answer(q: _Query) -> Hits:
    """Look at what the statement returns: every RETURN at the top."""
    top = [k for k in range(len(q.tokens)) if q.opening[k] is None]
    returns = [k for k in top if q.text(k) == "RETURN" and not q._is_name(k)]
    for start in returns:
        items: list[list[int]] = [[]]
        ordered = False
        for k in range(start + 1, len(q.tokens)):
            text = q.text(k)
            if q.opening[k] is None and text in ("UNION", "SKIP", "LIMIT", "OFFSET"):
                break
            if q.opening[k] is None and text == "ORDER" and q.text(k + 1) == "BY":
                ordered = True
                break
            if q.opening[k] is None and text == ",":
                items.append([])
            elif text != "DISTINCT" or items[-1]:
                items[-1].append(k)
        for item in items:
            yield from _item(q, item)
        alone = all(_is_aggregate(q, item) for item in items)
        if not ordered and not alone:
            yield start, "unordered"


def _item(q: _Query, item: list[int]) -> Hits:
    named = q.node_names | q.tie_names | q.path_names
    first = item[0]
    whole = len(item) == 1 or (len(item) == 3 and q.text(item[1]) == "AS")
    if q.text(first) == "*" or (whole and q.tokens[first].name in named):
        yield first, "whole-element"
        return
    plain_name = len(item) == 1 and q.kind(first) in ("word", "quoted")
    if not plain_name and not (len(item) >= 3 and q.text(item[-2]) == "AS"):
        yield first, "alias"


def _is_aggregate(q: _Query, item: list[int]) -> bool:
    """Return whether the item is one aggregate: a RETURN of these alone gives one row."""
    aggregates = ("COUNT", "SUM", "AVG", "MIN", "MAX", "COLLECT", "STDEV")
    return q.text(item[0]) in aggregates and q.text(item[0] + 1) == "("


_CHECKS: tuple[Callable[[_Query], Hits], ...] = (
    _paths,
    _shortest,
    _dates,
    _numbers,
    _texts,
    _functions,
    _subqueries,
    _patterns,
    _comparisons,
    _cases,
    _maps,
    _properties,
    _names,
    _answer,
)
