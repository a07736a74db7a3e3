"""The page on a published study of rotated loadings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from klaster.graph.model import FloatArray
from klaster.viz.charts.table_charts import loadings_map
from klaster.viz.texts.page_texts import Texts
from klaster.viz.texts.store import LANGUAGES, Titles, number, title_in
from klaster.viz.theme.page import render, source_parts


@dataclass(frozen=True)
class StudyPage:
    """Everything the page on a published study of loadings is made of.

    Attributes
    ----------
    titles
        Title by language.
    names
        Name by language of each industry.
    loadings
        Rotated loadings, industries × components, as printed.
    component
        Component each industry loads highest on, from 1.
    members
        One row a loading that counts: ``variable`` (position), ``component``, ``loading``,
        ``membership``, ``highest``, ``opposite``.
    core
        The component whose members are the cluster the study names.
    multipliers
        ``industry`` (position) and the columns ``gross_output``, ``value_added``,
        ``household_income``.
    kaiser_change, raw_change
        Largest change of a loading when rotated again with and without Kaiser's normalisation.
    secondary
        Size from which a loading counts.
    source, sources
        Short reference, and its full text.
    languages
        Languages of the page.
    """

    titles: Titles
    names: Sequence[Titles]
    loadings: FloatArray
    component: Sequence[int]
    members: pd.DataFrame
    core: int
    multipliers: pd.DataFrame
    kaiser_change: float
    raw_change: float
    secondary: float
    source: str
    sources: Mapping[str, Any] = field(default_factory=dict)
    rounding: float = 0.001
    languages: Sequence[str] = LANGUAGES


class _StudyView:
    """What the template of a study shows."""

    def __init__(self, given: StudyPage) -> None:
        self.given, self.t = given, Texts(given.languages, "io")
        self.components = list(range(1, given.loadings.shape[1] + 1))
        self.ssl = (given.loadings**2).sum(axis=0)
        self.marked = [k for k, c in enumerate(given.component) if c == given.core]

    def lead(self) -> Markup:
        """Say what the study did."""
        n, k = self.given.loadings.shape
        return self.t.say("study_lead", components=k, share=float(self.ssl.sum()) / n, n=n)

    def core(self) -> Markup:
        """Name the industries of the cluster."""

        def listed(lang: str) -> str:
            return "; ".join(title_in(self.given.names[k], lang) for k in self.marked)

        return self.t.say("study_core", component=self.given.core, names=listed)

    def drawing(self) -> Markup:
        """Draw the loadings ordered by component."""
        L = self.given.loadings
        order = sorted(
            range(len(L)), key=lambda k: (self.given.component[k], -float(np.abs(L[k]).max()), k)
        )
        return loadings_map(
            L, order, self.given.names, self.marked, self.t, secondary=self.given.secondary
        )

    def squares(self) -> list[Markup]:
        """Return the sums of squares and their sum."""
        return [self.t.number(v, 3) for v in [*self.ssl.tolist(), float(self.ssl.sum())]]

    def explained(self) -> list[Markup]:
        """Return the shares of variance and their sum."""
        n = len(self.given.loadings)
        values = [*self.ssl.tolist(), float(self.ssl.sum())]

        def shown(value: float, lang: str) -> str:
            return number(100 * value / n, lang, 1) + ("%" if lang == "en" else "\u00a0%")

        return [self.t.each(partial(shown, v)) for v in values]

    def cross(self) -> list[dict[str, Any]]:
        """Return the loadings other than the highest that count."""
        table = self.given.members
        rows = []
        for row in table[~table["highest"].astype(bool)].to_dict("records"):
            rows.append(
                {
                    "name": self.t.title(self.given.names[int(row["variable"])]),
                    "component": int(row["component"]),
                    "loading": self.t.number(row["loading"], 3),
                    "membership": self.t.say(f"membership_{row['membership']}"),
                }
            )
        return rows

    def forms(self) -> list[Markup]:
        """Return the three forms."""
        return [self.t.say(k) for k in ("gross_output", "value_added", "household_income")]

    def multipliers(self) -> list[dict[str, Any]]:
        """Return the printed multipliers."""
        return [
            {
                "name": self.t.title(self.given.names[int(row["industry"])]),
                "cells": [
                    self.t.number(row[form], 3)
                    for form in ("gross_output", "value_added", "household_income")
                ],
            }
            for row in self.given.multipliers.to_dict("records")
        ]

    def check(self) -> Markup:
        """Say whether the table is a fixed point of the rotation."""
        given = self.given
        held = given.kaiser_change <= given.rounding
        return self.t.say(
            "check_text" if held else "check_failed",
            kaiser=given.kaiser_change,
            raw=given.raw_change,
            allowed=given.rounding,
        )


def study_page(given: StudyPage) -> str:
    """Return the page on a published study of rotated loadings as the text of one HTML file.

    The loadings as a heat map ordered by component with cross-loadings flagged, variance explained,
    the study's multipliers in the three forms it mixes, and whether the printed table is a fixed
    point of Kaiser's varimax.
    """
    return render(
        "study.html",
        _StudyView(given),
        given.titles,
        given.languages,
        styles=("report.css", "tables.css"),
        sources=source_parts(given.source, given.sources),
    )
