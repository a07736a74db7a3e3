"""The command ``klaster io``: an input–output table, or a published study, from file to page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ParamSpec, TypeVar

import typer

from klaster.graph.errors import InputError, KlasterError, UnknownNameError

if TYPE_CHECKING:
    from klaster.studies import Study
    from klaster.table_analysis import TableAnalysis


class TableFormat(StrEnum):
    """Layouts of a table."""

    auto = "auto"
    symmetric = "symmetric"
    oecd = "oecd"
    wiod = "wiod"
    bea = "bea"
    eurostat = "eurostat"


class FlowOrigin(StrEnum):
    """Which flows to take."""

    domestic = "domestic"
    imported = "imported"
    total = "total"


class SymmetricModel(StrEnum):
    """How make and use tables are turned symmetric."""

    product_technology = "product-technology"
    industry_technology = "industry-technology"
    fixed_industry_sales = "fixed-industry-sales"
    fixed_product_sales = "fixed-product-sales"


class Evidence(StrEnum):
    """How the flows are known."""

    measured = "measured"
    reported = "reported"
    paper = "paper"
    estimated = "estimated"
    synthetic = "synthetic"
    not_stated = "not-stated"


class Part(StrEnum):
    """What to compute beside the balance."""

    multipliers = "multipliers"
    linkages = "linkages"
    extraction = "extraction"
    identification = "identification"


class OwnUsePolicy(StrEnum):
    """What becomes of flows of an industry to itself."""

    keep = "keep"
    net = "net"
    final_use = "final_use"


class Level(StrEnum):
    """Classes to add industries up to."""

    section = "section"
    division = "division"


class DecimalSign(StrEnum):
    """Sign before the decimals."""

    auto = "auto"
    point = "."
    comma = ","


P = ParamSpec("P")
R = TypeVar("R")


class CommandError(InputError):
    """What cannot be done as the command was given: one message, and the exit code of inputs."""

    def __init__(self, text: str) -> None:
        super().__init__([])
        self.args = (text,)


def one_message(command: Callable[P, R]) -> Callable[P, R]:
    """Let a command end in one clear message and exit code 2, whatever the user asked for."""

    @wraps(command)
    def told(*args: P.args, **options: P.kwargs) -> R:
        try:
            return command(*args, **options)
        except InputError:
            raise
        except KlasterError as error:
            raise CommandError(str(error)) from error
        except OSError as error:
            problem = f"{error.filename or 'a file'} cannot be read or written: {error.strerror}."
            raise CommandError(f"{problem} Check the path.") from error

    return told


def _above_zero(given: float) -> float:
    if not given > 0:
        raise typer.BadParameter(f"{given:g} is not above zero: everything would be linked.")
    return given


def _known_encoding(given: str) -> str:
    from klaster.loaders.files.text_files import ENCODINGS

    if given not in ENCODINGS:
        raise typer.BadParameter(f"{given!r} is none of: {', '.join(ENCODINGS)}.")
    return given


@one_message
def io_table(
    table: Annotated[
        str,
        typer.Argument(
            help="A CSV, XLSX or NPZ file; a folder with make and use tables; a case folder; or "
            "`kazakhstan` or `east_kazakhstan`, which ship with klaster.",
            show_default=False,
        ),
    ],
    out_folder: Annotated[
        Path | None,
        typer.Option("--out", help="Folder for the results; by default out/io_ and the name."),
    ] = None,
    only: Annotated[
        list[Part] | None,
        typer.Option("--only", help="Compute only this beside the balance; several times."),
    ] = None,
    layout: Annotated[
        TableFormat, typer.Option("--format", help="Layout of the table.")
    ] = TableFormat.auto,
    country: Annotated[
        str,
        typer.Option("--country", help="Country of an inter-country table, as KAZ; or `all`."),
    ] = "",
    block: Annotated[
        str,
        typer.Option(
            "--block",
            help="Table in a Eurostat spreadsheet: 1800, say; 1611 or 1610 for supply and use.",
        ),
    ] = "",
    name: Annotated[str, typer.Option("--name", help="Short name; by default the file's.")] = "",
    year: Annotated[int, typer.Option("--year", help="Year, where the file does not say.")] = 0,
    currency: Annotated[str, typer.Option("--currency", help="Currency, as KZT.")] = "",
    unit: Annotated[str, typer.Option("--unit", help="Unit, as `million KZT`.")] = "",
    origin: Annotated[
        FlowOrigin | None,
        typer.Option(
            "--origin", help="Flows of the file; of a country, the flows to cut out (domestic)."
        ),
    ] = None,
    evidence: Annotated[
        Evidence, typer.Option("--evidence", help="How the flows are known.")
    ] = Evidence.not_stated,
    source: Annotated[str, typer.Option("--source", help="Where the table comes from.")] = "",
    imported: Annotated[
        Path | None,
        typer.Option("--imported", help="Table of imported flows, of the same industries."),
    ] = None,
    labels: Annotated[
        Path | None, typer.Option("--labels", help="CSV with code and name of each industry.")
    ] = None,
    output: Annotated[
        str,
        typer.Option("--output", help="Row or column of output in a symmetric table."),
    ] = "",
    value_added: Annotated[
        list[str] | None,
        typer.Option(
            "--value-added", help="Row of value added in a symmetric table; several times."
        ),
    ] = None,
    tax: Annotated[
        list[str] | None,
        typer.Option("--tax", help="Row of taxes less subsidies on products."),
    ] = None,
    imports: Annotated[
        list[str] | None, typer.Option("--imports", help="Row of imported inputs.")
    ] = None,
    final: Annotated[
        list[str] | None, typer.Option("--final", help="Column of final use; several times.")
    ] = None,
    imports_column: Annotated[
        list[str] | None,
        typer.Option("--imports-column", help="Column of imports of the industry's product."),
    ] = None,
    total: Annotated[
        list[str] | None,
        typer.Option("--total", help="Column of totals, only checked; several times."),
    ] = None,
    ignore_row: Annotated[
        list[str] | None, typer.Option("--ignore-row", help="Row to leave out; several times.")
    ] = None,
    ignore_column: Annotated[
        list[str] | None,
        typer.Option("--ignore-column", help="Column to leave out; several times."),
    ] = None,
    income: Annotated[
        str,
        typer.Option("--income", help="Row of value added that households earn (type II)."),
    ] = "",
    households: Annotated[
        str, typer.Option("--households", help="Final use that households spend (type II).")
    ] = "",
    sheet: Annotated[
        str | None, typer.Option("--sheet", help="Sheet of a spreadsheet; by default the first.")
    ] = None,
    decimal: Annotated[
        DecimalSign, typer.Option("--decimal", help="Decimal sign of the file.")
    ] = DecimalSign.auto,
    encoding: Annotated[
        str,
        typer.Option(
            "--encoding",
            help="Encoding of a text file, as utf-8, cp1251 or kz1048.",
            callback=_known_encoding,
        ),
    ] = "auto",
    model: Annotated[
        SymmetricModel, typer.Option("--model", help="For make (supply) and use tables.")
    ] = SymmetricModel.fixed_product_sales,
    negatives_aside: Annotated[
        bool,
        typer.Option(
            "--negatives-aside",
            help="Move negative uses of a use table to final demand, with a note.",
        ),
    ] = False,
    aggregate: Annotated[
        Level | None,
        typer.Option("--aggregate", help="Add up to sections or divisions (ISIC 4, NACE 2, OKED)."),
    ] = None,
    own_use: Annotated[
        OwnUsePolicy,
        typer.Option(
            "--own-use", help="Flows of an industry to itself: keep them or take them out."
        ),
    ] = OwnUsePolicy.keep,
    component_count: Annotated[
        int | None,
        typer.Option("--components", help="Components to keep; by eigenvalue above 1.", min=1),
    ] = None,
    direct_threshold: Annotated[
        float,
        typer.Option(
            "--direct", help="Input coefficient that links two industries.", callback=_above_zero
        ),
    ] = 0.05,
    link_threshold: Annotated[
        float,
        typer.Option("--link", help="Czamanski–Ablas share that links two.", callback=_above_zero),
    ] = 0.2,
    identify_large: Annotated[
        bool,
        typer.Option("--identify-large", help="Identify clusters above 2,000 industries too."),
    ] = False,
) -> None:
    """Compute an input–output table: balance, multipliers, key sectors, extraction, clusters.

    Writes CSV files and the page `io.html` into a folder (`klaster.analyze_table`).

    Example: `klaster io kazakhstan --out out/io`
    """
    from klaster.algorithms.identification.methods import IdentificationSettings
    from klaster.cases import case_names, case_path
    from klaster.results.folder import check_target
    from klaster.studies import load_study
    from klaster.table_analysis import PARTS, aggregated, analyze_table, read_iotable

    place = Path(table)
    if not place.exists():
        if table not in case_names():
            _refuse_missing(place, case_names())
        place = case_path(table)
    elif not place.exists() and place.name == table and not place.suffix:
        raise UnknownNameError("file, folder or case", table, case_names())
    if (place / "study.toml").is_file():
        study = load_study(place)
        _print([*study_lines(study)])
        _written(study.write(out_folder or Path("out") / study.name), f"{study.name}.html")
        return
    found = read_iotable(
        place,
        format=layout.value,
        country=country,
        name=name,
        year=year,
        currency=currency,
        unit=unit,
        origin="" if origin is None else origin.value,
        evidence=evidence.value,
        source=source,
        block=block,
        model=model.value,
        negatives="aside" if negatives_aside else "refuse",
        imported=imported,
        labels=labels,
        output=output,
        value_added_rows=value_added or (),
        tax_rows=tax or (),
        imports_rows=imports or (),
        final_demand_columns=final or (),
        imports_columns=imports_column or (),
        total_use_columns=total or (),
        ignore_rows=ignore_row or (),
        ignore_columns=ignore_column or (),
        encoding=encoding,
        decimal=decimal.value,
        sheet=sheet,
    )
    if aggregate is not None:
        found = aggregated(found, aggregate.value)
    target = out_folder or Path("out") / f"io_{found.table.name}"
    check_target(target, [place])
    parts = [part.value for part in only] if only else list(PARTS)
    analysis = analyze_table(
        found,
        parts=parts,
        settings=IdentificationSettings(
            direct_threshold=direct_threshold,
            link_threshold=link_threshold,
            component_count=component_count,
        ),
        own_use=own_use.value,
        force_identification=identify_large,
        income=income,
        households=households,
    )
    written = analysis.write(target)
    _print(summary_lines(analysis))
    _written(written, "io.html")


def _refuse_missing(path: Path, cases: Sequence[str]) -> None:
    """Refuse what is neither a path nor a case that ships, with the nearest name there is."""
    from klaster.graph.errors import did_you_mean

    beside = sorted(entry.name for entry in path.parent.iterdir()) if path.parent.is_dir() else []
    near = did_you_mean(path.name, [*cases, *beside]) if beside else ""
    raise CommandError(
        f"there is no file or folder {str(path)!r}{near or '.'} Give the path of a file or a "
        f"folder, or one of the cases that ship: {', '.join(cases)}."
    )


_SHOWN = 30
"""Key sectors that are printed."""


def summary_lines(analysis: TableAnalysis) -> list[str]:
    """Return what was found in a few lines."""
    from klaster.algorithms.io.table_measures import evidence_notes
    from klaster.graph.content import counted

    table, balance = analysis.source.table, analysis.balance
    about = [counted(len(table.codes), "industry", "industries"), table.year]
    about += [table.unit or table.currency or "unit not stated"]
    lines = [f"{table.name}: {', '.join(str(part) for part in about if part)}"]
    lines += evidence_notes(table)
    checked = ", ".join(f"{name} {worst:.1e}" for name, worst in balance.checked.items())
    lines.append(f"largest gap, share of the largest output: {checked or 'nothing to check'}")
    lines += [f"  not checked: {name} ({why})" for name, why in balance.not_checked.items()]
    lines += [f"  {gap}" for gap in balance.gaps()]
    lines.append(f"spectral radius of A: {balance.spectral_radius:.4f}")
    if analysis.table.origin != table.origin:
        used, origin = analysis.table.spectral_radius(), analysis.table.origin
        lines[-1] += f" of {table.origin} flows, as read; {used:.4f} of {origin} flows, as used"
    if analysis.linkages is not None:
        classes = analysis.linkages["sector_class"].tolist()
        names = [n for n, c in zip(analysis.table.names, classes, strict=True) if c == "key"]
        more = f" and {len(names) - _SHOWN} more (linkages.csv)" if len(names) > _SHOWN else ""
        lines.append(f"key sectors: {', '.join(names[:_SHOWN]) or 'none'}{more}")
        lines.append(f"  {analysis.linkage_definition}")
    if analysis.identification is not None:
        for method, found in analysis.identification.clusters.items():
            lines.append(f"{method}: {counted(found.count, 'cluster')} ({found.description})")
        for method, why in analysis.identification.skipped.items():
            lines.append(f"{method}: not applied ({why})")
    lines += [f"note: {note}" for note in analysis.remarks]
    return [*lines, ""]


def study_lines(study: Study) -> list[str]:
    """Return what a study shows in a few lines."""
    changes = (
        f"rotated again by varimax: largest change {study.kaiser_change:.5f} with Kaiser's "
        f"normalisation, {study.raw_change:.3f} without"
    )
    return [
        f"{study.titles['en']} ({study.source})",
        f"{study.loadings.shape[1]} components keep {study.explained:.2%} of the variance",
        f"cluster of component {study.core}: {'; '.join(study.core_industries)}",
        changes,
        "",
    ]


def _print(lines: list[str]) -> None:
    """Print lines as they are: data is neither markup nor a command to the terminal."""
    from rich.console import Console

    from klaster.graph.safe_text import terminal_safe

    out = Console()
    for line in lines:
        out.print(terminal_safe(line), highlight=False, markup=False, soft_wrap=True)


def _written(files: dict[str, Path], page: str) -> None:
    tables = sum(path.suffix == ".csv" for path in files.values())
    _print([f"page   {files[page]}", f"tables {tables} CSV files beside it"])


app = typer.Typer(no_args_is_help=True, rich_markup_mode="markdown")
app.command("io")(io_table)


@app.callback()
def _main() -> None:
    """Input–output tables."""
