"""Published studies that ship with klaster: printed results, and what can be checked of them."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from klaster.graph.errors import Fault, InputError
from klaster.graph.model import FloatArray
from klaster.results.folder import whole_folder, write_csv
from klaster.results.table_files import finish


@dataclass(frozen=True, eq=False)
class Study:
    """A published table of rotated loadings, and what can be checked of it.

    Attributes
    ----------
    name, titles
        What it is called.
    industries
        ``industry_no``, ``industry_en``, ``industry_ru`` of each row.
    loadings
        As printed, industries × components.
    component
        Component each industry loads highest on, from 1.
    members
        Loadings that count, as :class:`klaster.algorithms.identification.principal.LoadingMembers`
        has them; ``variable`` is the position of the industry.
    core
        Component of the cluster the study names.
    multipliers
        As printed; ``industry`` is the position of the industry.
    kaiser_change, raw_change
        Largest change of a loading when the table is rotated again, with and without Kaiser's
        normalisation: a fixed point does not move.
    rounding
        What the print leaves open.
    source, references
        Short reference and its full text.
    """

    name: str
    titles: Mapping[str, str]
    industries: pd.DataFrame
    loadings: FloatArray
    component: tuple[int, ...]
    members: pd.DataFrame
    core: int
    multipliers: pd.DataFrame
    kaiser_change: float
    raw_change: float
    rounding: float
    source: str
    references: Mapping[str, str]

    @property
    def explained(self) -> float:
        """Share of the variance the components keep."""
        return float((self.loadings**2).sum() / len(self.loadings))

    @property
    def core_industries(self) -> tuple[str, ...]:
        """Industries of the cluster the study names, in its order."""
        names = self.industries["industry_en"].tolist()
        return tuple(n for n, c in zip(names, self.component, strict=True) if c == self.core)

    def write(self, out: Path | str) -> dict[str, Path]:
        """Write the page, the members and a record into a folder, whole or not at all."""
        from klaster.viz.tables.study_page import StudyPage, study_page

        out = Path(out)
        names = self.industries["industry_en"].tolist()
        page = StudyPage(
            titles=self.titles,
            names=[
                {"en": en, "ru": ru}
                for en, ru in zip(names, self.industries["industry_ru"].tolist(), strict=True)
            ],
            loadings=self.loadings,
            component=self.component,
            members=self.members,
            core=self.core,
            multipliers=self.multipliers,
            kaiser_change=self.kaiser_change,
            raw_change=self.raw_change,
            secondary=0.35,
            source=self.source,
            sources=self.references,
            rounding=self.rounding,
        )
        members = self.members.assign(
            industry=[names[int(k)] for k in self.members["variable"].tolist()]
        ).drop(columns="variable")
        with whole_folder(out) as folder:
            (folder / f"{self.name}.html").write_text(study_page(page), encoding="utf-8")
            write_csv(members, folder / "members.csv")
            record = {
                "study": self.name,
                "explained": self.explained,
                "kaiser_change": self.kaiser_change,
                "raw_change": self.raw_change,
            }
            return finish(folder, out, record)


def load_study(name: str | Path = "east_kazakhstan") -> Study:
    """Read a published study that ships with klaster, or a folder with a ``study.toml``.

    Raises
    ------
    UnknownNameError
        Where no study of that name ships.
    InputError
        Where a file lacks a column, or a cell is no number.

    Examples
    --------
    >>> study = load_study()
    >>> round(study.explained, 2), len(study.core_industries)
    (0.88, 5)
    >>> study.kaiser_change < 0.001 < study.raw_change
    True
    """
    from klaster.algorithms.identification.principal import loading_members, varimax
    from klaster.cases import case_path

    folder = name if isinstance(name, Path) else case_path(name)
    if not (folder / "study.toml").is_file():
        fault = Fault(
            file=str(folder),
            code="no-study",
            problem="there is no study.toml",
            remedy="Give a study's folder.",
        )
        raise InputError([fault], str(folder))
    about = tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))["study"]
    table = pd.read_csv(folder / about["loadings"]["file"])
    columns = [c for c in table.columns if c[:1] == "c" and c[1:].isdigit()]
    faults = [
        Fault(file=about["loadings"]["file"], row=k + 2, column=column, code="bad-number", value=str(value), problem="it is no number", remedy="Write the loading as printed.")
        for column in columns
        for k, value in enumerate(table[column].tolist())
        if not math.isfinite(pd.to_numeric(value, errors="coerce"))
    ]  # fmt: skip
    if faults or not columns:
        raise InputError(faults, about["loadings"]["file"])
    L = table[columns].to_numpy(dtype=np.float64)
    kaiser, raw = (float(np.abs(varimax(L, kaiser=way)[0] - L).max()) for way in (True, False))
    read = loading_members(L)
    multipliers = pd.read_csv(folder / about["multipliers"]["file"])
    at = {int(no): k for k, no in enumerate(table["industry_no"].tolist())}
    forms = {
        form: multipliers[f"{form}_multiplier"]
        for form in ("gross_output", "value_added", "household_income")
    }
    return Study(
        name=about["name"],
        titles=about["title"],
        industries=table[["industry_no", "industry_en", "industry_ru"]],
        loadings=L,
        component=tuple(int(c) for c in read.component),
        members=read.table,
        core=int(about["loadings"]["core"]),
        multipliers=pd.DataFrame(
            {"industry": [at[int(no)] for no in multipliers["industry_no"].tolist()], **forms}
        ),
        kaiser_change=kaiser,
        raw_change=raw,
        rounding=float(about["loadings"]["rounding"]),
        source=about["source"],
        references=about["references"],
    )
