"""The look of pages is data: every colour has a name, and can be read in every theme."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from klaster.graph.dictionary import load_dictionary
from klaster.viz.texts.store import counted, fill
from klaster.viz.theme.page import THEMES, style, tokens

VIZ = Path(__file__).resolve().parents[2] / "viz"
COLOURS: dict[str, dict[str, str]] = json.loads(
    (VIZ / "theme" / "tokens.json").read_text(encoding="utf-8")
)["colours"]


def _of(theme: str) -> dict[str, str]:
    return {**COLOURS["light"], **COLOURS[theme]}


def _luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_every_colour_that_is_used_has_a_name() -> None:
    files = [*VIZ.glob("theme/*.css"), *VIZ.glob("*/*.py"), *VIZ.glob("templates/*")]
    used = {name for path in files
            for name in re.findall(r"var\(--([a-z][\w-]*)\)", path.read_text(encoding="utf-8"))}  # fmt: skip
    assert used - {"c"} <= set(COLOURS["light"])
    assert set(COLOURS) == set(THEMES)
    for theme in THEMES[1:]:
        assert COLOURS[theme].keys() <= COLOURS["light"].keys()
    # A dark page changes all but the ink of cells that keep their own ground.
    assert COLOURS["light"].keys() - COLOURS["dark"].keys() == {"on-cell"}


@pytest.mark.parametrize("theme", THEMES)
def test_texts_can_be_read_in_every_theme(theme: str) -> None:
    colours, least = _of(theme), 7.0 if theme == "contrast" else 4.5
    for text in ("ink", "soft", "accent", "warn", "good"):
        for ground in ("paper", "ground"):
            assert _contrast(colours[text], colours[ground]) >= least, (text, ground)
    assert _contrast(colours["warn"], colours["warn-soft"]) >= least
    assert _contrast(colours["on-accent"], colours["accent"]) >= least


def test_a_style_sheet_holds_its_themes_and_no_other() -> None:
    sheet = style("base.css", themes=("light", "print"))
    assert "@media print" in sheet
    assert "prefers-color-scheme" not in sheet
    assert "prefers-color-scheme: dark" in style("base.css")


def test_every_class_of_evidence_has_its_line_and_its_mark() -> None:
    terms = set(load_dictionary().terms("evidence"))
    assert set(tokens()["dashes"]) == terms
    marks = (VIZ / "theme" / "report.css").read_text(encoding="utf-8")
    assert all(f".bar-mix .{term}" in marks for term in terms)
    assert set(tokens()["nodes"]) >= set(load_dictionary().terms("sphere"))


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", ["1 tie", "2 ties", "0 ties", "1,021 ties"]),
        ("ru", ["1 связь", "2 связи", "0 связей", "1\u00a0021 связь"]),
        ("kk", ["1 байланыс", "2 байланыс", "0 байланыс", "1\u00a0021 байланыс"]),
    ],
)
def test_nouns_go_with_their_numbers(lang: str, said: list[str]) -> None:
    assert [counted(n, "tie", lang) for n in (1, 2, 0, 1021)] == said
    assert fill("{n:count-tie}", lang, n=2) == said[1]
    assert counted(11, "tie", "ru") == "11 связей"
