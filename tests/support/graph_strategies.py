"""Random cluster graphs for Hypothesis: every kind of node, every type of tie, awkward text."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from klaster.graph.dictionary import (
    NODE_COLUMNS,
    TIE_COLUMNS,
    Attribute,
    Element,
    load_dictionary,
)
from klaster.graph.model import ClusterGraph

AWKWARD_TEXTS = (
    "",
    " ",
    "Қарағанды",
    "Өскемен титан-магний комбинаты",
    "АО «Қарметкомбинат»",
    "ёлка",
    "e\u0301clair",
    "\u00e9clair",
    'O\'Neil "Q" & <Co>',
    "`back\\tick`",
    "line\nbreak\ttab\r",
    "😀",
    "2004-03-19",
    "2024-05-01T12:30:15Z",
    '["a"]',
    '{"a": 1}',
    "1",
    "1.0",
    "true",
    "null",
    "NaN",
    "=1+1",
    "</script><script>alert(1)</script>",
    "$p",
    "{id}",
    "// no comment",
)

TEXTS = st.one_of(
    st.sampled_from(AWKWARD_TEXTS),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
)
_INTEGERS = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))
_NUMBERS = st.one_of(
    st.sampled_from([0.0, 1.0, -1.5, 1e15, 1e-7, 123456789.0, 1e20, 5e-324]),
    st.floats(allow_nan=False, allow_infinity=False),
)
_DATES = st.dates(dt.date(1, 1, 1), dt.date(9999, 12, 31))
_LISTS = st.lists(TEXTS, max_size=3)

_EXTRAS: dict[str, st.SearchStrategy[Any]] = {
    "x_day": _DATES,
    "x_share": _NUMBERS,
    "x_whole": _INTEGERS,
    "x_said": st.booleans(),
    "x_words": TEXTS,
    "x_many": _LISTS,
}


def _value(attribute: Attribute) -> st.SearchStrategy[Any]:
    if attribute.vocabulary:
        return st.sampled_from(load_dictionary().terms(attribute.vocabulary))
    if attribute.name == "value":
        return st.floats(min_value=0, allow_nan=False, allow_infinity=False)
    by_type: dict[str, st.SearchStrategy[Any]] = {
        "text": TEXTS,
        "integer": _INTEGERS,
        "number": _NUMBERS,
        "boolean": st.booleans(),
        "date": _DATES,
        "list": _LISTS,
    }
    return by_type[attribute.type]


@st.composite
def _attributes(draw: st.DrawFn, element: Element, kind: str) -> dict[str, Any]:
    fixed = NODE_COLUMNS if element == "node" else TIE_COLUMNS
    known = load_dictionary().attributes_of(element, kind)
    offered = [a for a in known if a.name not in fixed]
    required = [a for a in offered if a.required]
    optional = [a for a in offered if not a.required]
    chosen = draw(st.lists(st.sampled_from(optional), max_size=4, unique=True)) if optional else []
    values = {a.name: draw(_value(a)) for a in [*required, *chosen]}
    for name in draw(st.lists(st.sampled_from(sorted(_EXTRAS)), max_size=2, unique=True)):
        values[name] = draw(_EXTRAS[name])
    return values


@st.composite
def cluster_graphs(draw: st.DrawFn, max_nodes: int = 8, max_ties: int = 12) -> ClusterGraph:
    """Draw a valid graph with parallel ties, self-ties, missing values and awkward text."""
    dictionary = load_dictionary()
    ids = draw(
        st.lists(
            st.one_of(
                st.from_regex(r"[a-c][0-9]", fullmatch=True),
                TEXTS.filter(bool),
            ),
            max_size=max_nodes,
            unique=True,
        )
    )
    nodes = []
    for node_id in ids:
        kind = draw(st.sampled_from(dictionary.node_kinds()))
        nodes.append({"id": node_id, "kind": kind, **draw(_attributes("node", kind))})
    kind_of = {node["id"]: node["kind"] for node in nodes}
    allowed = [
        (t.name, source, target)
        for t in dictionary.tie_types
        for source in ids
        for target in ids
        if (kind_of[source], kind_of[target]) == (t.source_kind, t.target_kind)
    ]
    ties: list[dict[str, Any]] = []
    if allowed:
        for at in range(draw(st.integers(0, max_ties))):
            tie_type, source, target = draw(st.sampled_from(allowed))
            ties.append(
                {
                    "tie_id": f"t{at}",
                    "source_id": source,
                    "target_id": target,
                    "tie_type": tie_type,
                    **draw(_attributes("tie", tie_type)),
                }
            )
    return ClusterGraph.build(nodes, ties)
