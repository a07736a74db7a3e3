"""Write the tables of the case from the compiled source files.

    python build_case.py --source DIR [--out DIR]

``--source`` is the folder that holds ``kazakhstan-case/`` (actors, ties, sources, the papers'
tables), ``kz-regions/``, ``kz-geo/`` and ``oked/``. What the case adds itself (region codes and
names, Kazakh names and spellings, the classes of the AHMP network) is read from ``../inputs``.
The same source gives the same bytes. The rules are explained in ``../README.md``.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

Row = dict[str, str]

CASE = Path(__file__).resolve().parents[1]
PLANT, PLANT_CLUSTER = "aztm", "cl_ahmp"
MEMBERS_TABLE, FACTS_TABLE = "paper_ahmp_member_categories.csv", "paper_ahmp_facts.csv"

ACTOR_COLUMNS = [
    "id",
    "name",
    "name_ru",
    "name_kk",
    "aliases",
    "actor_type",
    "sphere",
    "industry",
    "industry_code",
    "region",
    "region_published",
    "city",
    "country",
    "legal_form",
    "status",
    "status_note",
    "evidence",
    "source",
    "locator",
    "note",
    "network",
]
TIE_COLUMNS = [
    "source_id",
    "target_id",
    "tie_type",
    "year",
    "year_to",
    "value",
    "unit",
    "product",
    "evidence",
    "source",
    "locator",
    "confidence",
    "status",
    "status_note",
    "meaning",
    "note",
    "network",
]
REGION_COLUMNS = [
    "code",
    "name",
    "name_ru",
    "name_kk",
    "aliases",
    "region_type",
    "country",
    "valid_from",
    "valid_to",
    "evidence",
    "source",
    "locator",
    "note",
]
PRODUCT_COLUMNS = ["id", "name", "name_ru", "evidence", "source", "locator"]
SOURCE_COLUMNS = ["source", "site", "kind", "evidence", "uses", "reference"]
INDICATOR_COLUMNS = ["region", "year", "indicator", "value", "unit", "source", "evidence"]
OKED_COLUMNS = ["code", "name", "level", "parent"]

ACTOR_TYPES = {
    "SEC": "EntrepreneurshipCorporation",
    "SEZ": "SpecialEconomicZone",
    "association": "Association",
    "authority": "Authority",
    "bank": "Finance",
    "cluster": "ClusterInitiative",
    "college": "College",
    "commercialization_office": "CommercialisationOffice",
    "company": "Firm",
    "design_bureau": "DesignBureau",
    "development_institution": "DevelopmentInstitution",
    "health_organisation": "HealthOrganisation",
    "incubator": "InnovationCentre",
    "industrial_park": "IndustrialPark",
    "industrial_zone": "IndustrialZone",
    "innovation_agency": "InnovationCentre",
    "innovation_centre": "InnovationCentre",
    "investment_park": "IndustrialPark",
    "programme": "Programme",
    "research_institute": "ResearchInstitute",
    "school": "School",
    "technology_transfer": "InnovationCentre",
    "technopark": "Technopark",
    "university": "University",
}
TIE_TYPES = {
    "affiliated_with": "AFFILIATED_WITH",
    "cooperates_with": "COOPERATES_WITH",
    "coordinates": "COORDINATES",
    "funds": "FUNDS",
    "manages": "MANAGES",
    "owns": "OWNS",
    "rd_cooperation": "RD_COOPERATION",
    "regulates": "REGULATES",
    "successor_planned": "SUCCEEDED_BY",
    "supplies": "SUPPLIES",
    "technology_transfer": "TRANSFERS_TECHNOLOGY_TO",
    "trains_staff_for": "TRAINS_STAFF_FOR",
}
# What an affiliation is depends on what is at its end: (an actor, a region or group of regions).
AFFILIATIONS = {
    "infrastructure_of": ("MEMBER_OF", "SERVES"),
    "located_in": ("RESIDENT_OF", "LOCATED_IN"),
    "member_of": ("MEMBER_OF", "PART_OF"),
    "part_of": ("PART_OF", "PART_OF"),
}
STATUS = {
    "": "",
    "agreed at the 2014 split": "as_published",
    "agreement in preparation": "planned",
    "as published": "as_published",
    "bankrupt": "ended",
    "bankrupt (2020 report)": "ended",
    "contract signed": "current",
    "current": "current",
    "ended": "ended",
    "expected": "planned",
    "identified by model": "proposed",
    "opened 2008; reported as inactive in 2018": "ended",
    "outcome not verified": "unverified",
    "planned": "planned",
    "planned 2009; outcome not verified": "unverified",
    "planned 2028": "planned",
    "potential": "planned",
    "proposed": "proposed",
    "recommended": "proposed",
    "under construction": "planned",
    "unverified": "unverified",
}
NETWORKS = {
    "almaty": "almaty",
    "east_kazakhstan": "east_kazakhstan",
    "frame": "",
    "karaganda": "karaganda",
    "other": "",
}
# Regions the compiler words in another way than the frame of 16 regions.
REGION_WORDINGS = {
    "Abai (East Kazakhstan in the 16-region grid)": "VKO",
    "Karaganda; Ulytau": "KRG",
    "Shymkent": "YKO",
    "Ulytau (Karaganda in the 16-region grid)": "KRG",
    "abroad": "",
    "": "",
}
# Of the actors abroad, those whose country a field of the compiler states (name, alias, city, note).
COUNTRIES = {
    "catarc": "China",
    "cdb": "China",
    "cgnpc_urc": "China",
    "cnmc": "China",
    "irel": "India",
    "ireuk": "India",
    "mcc": "China",
    "nfc": "China",
    "smh": "Belgium",
}
PAPERS = [
    "ahmp_facts",
    "ahmp_member_categories",
    "cluster_initiative_2004_stages",
    "group_innovation_infrastructure",
    "indicators",
    "multipliers",
    "priority_clusters",
    "regional_groups",
    "rotated_components",
    "spiid_2015_2019_support",
]
FIRST_YEAR, LAST_YEAR = 2010, 2023
OKED_LEVELS = {"секция": "section", "раздел": "division", "группа": "group"}


def read_table(path: Path) -> list[Row]:
    """Read a CSV file as rows of text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def table_text(rows: Iterable[Mapping[str, str]], columns: Sequence[str]) -> str:
    """Write rows as CSV text; a key that is not a column is an error."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def listed(text: str) -> list[str]:
    """Split a list whose items are parted by semicolons, blanks around them dropped.

    A semicolon parts two items only where a blank follows: addresses may hold one.
    """
    return [item.strip() for item in text.split("; ") if item.strip()]


def evidence_of(source: str, papers: frozenset[str]) -> str:
    """Return ``paper`` where every source named is one of the papers, else ``reported``."""
    return "paper" if set(listed(source)) <= papers else "reported"


def status_of(text: str) -> tuple[str, str]:
    """Return the term of the vocabulary and, where it is another text, the original."""
    term = STATUS[text]
    return term, "" if term.replace("_", " ") == text else text


def names_of(row: Row, added: Mapping[str, Row]) -> dict[str, str]:
    """Return the names of an actor: those compiled, then those this case adds."""
    extra = added.get(row["id"], {})
    name, name_ru, name_kk = row["name_en"], row["name_ru"], extra.get("name_kk", "")
    aliases = dict.fromkeys([*listed(row["aliases"]), *listed(extra.get("aliases", ""))])
    shown = {name, name_ru, name_kk}
    return {
        "name": name,
        "name_ru": name_ru,
        "name_kk": name_kk,
        "aliases": "; ".join(alias for alias in aliases if alias not in shown),
    }


def actor_row(
    row: Row, region_codes: Mapping[str, str], added: Mapping[str, Row], papers: frozenset[str]
) -> Row:
    """Return an actor of the case from a row of the compiled table."""
    status, status_note = status_of(row["status"])
    region = row["region"]
    abroad = region == "abroad"
    return {
        "id": row["id"],
        **names_of(row, added),
        "actor_type": ACTOR_TYPES[row["type"]],
        "sphere": row["sphere"],
        "industry": row["industry"],
        "region": {**region_codes, **REGION_WORDINGS}[region],
        "region_published": region,
        "city": row["city"],
        "country": COUNTRIES.get(row["id"], "abroad") if abroad else "",
        "legal_form": row["legal_form"],
        "status": status,
        "status_note": status_note,
        "evidence": evidence_of(row["source"], papers),
        "source": "; ".join(listed(row["source"])),
        "locator": row["locator"],
        "note": row["note"],
        "network": NETWORKS[row["core"]],
    }


def add_industry_codes(actors: Sequence[Row], codes: Iterable[Row]) -> None:
    """Give actors the OKED code their activity was filed under; the activity must be the same."""
    by_id = {row["id"]: row for row in actors}
    for row in codes:
        actor = by_id.get(row["id"], {})
        if actor.get("industry") != row["industry"]:
            raise SystemExit(f"industry_codes.csv: {row['id']} is not in {row['industry']!r}")
        actor["industry_code"] = row["industry_code"]


def tie_type_of(kind: str, target_is_region: bool) -> str:
    """Return the tie type of the dictionary for a compiled type."""
    return AFFILIATIONS[kind][target_is_region] if kind in AFFILIATIONS else TIE_TYPES[kind]


def tie_row(row: Row, region_ids: Mapping[str, str], papers: frozenset[str]) -> Row:
    """Return a tie of the case from a row of the compiled table."""
    status, status_note = status_of(row["status"])
    tie_type = tie_type_of(row["type"], row["target_id"] in region_ids)
    return {
        "source_id": region_ids.get(row["source_id"], row["source_id"]),
        "target_id": region_ids.get(row["target_id"], row["target_id"]),
        "tie_type": tie_type,
        "year": row["year"],
        "year_to": row["year_to"],
        "value": row["weight"],
        "unit": row["weight_unit"],
        # Of a delivery the compiler's text says what is delivered.
        "product": row["direction_meaning"] if tie_type == "SUPPLIES" else "",
        "evidence": evidence_of(row["source"], papers),
        "source": "; ".join(listed(row["source"])),
        "locator": row["locator"],
        "confidence": row["confidence"],
        "status": status,
        "status_note": status_note,
        "meaning": row["direction_meaning"],
        "note": row["note"],
        "network": NETWORKS[row["core"]],
    }


def region_group_row(row: Row, profiles: Mapping[str, str]) -> Row:
    """Return a group of regions as a region of the case."""
    return {
        "code": row["id"],
        "name": row["name_en"],
        "region_type": "group",
        "country": "Kazakhstan",
        "evidence": "paper",
        "source": row["source"],
        "locator": row["locator"],
        "note": profiles[row["id"]],
    }


def ahmp_tables(
    network: Sequence[Row],
    products: Sequence[Row],
    frame: Sequence[Row],
    categories: Sequence[Row],
    facts: Sequence[Row],
) -> tuple[list[Row], list[Row], list[Row]]:
    """Return actors, ties and products of the plant's network as the paper gives it.

    The paper names classes of members, not members: each class is one actor of type ``Group``.
    """
    category = {row["no"]: row for row in categories}
    fact = {(row["kind"], row["value"]): row for row in facts}
    country = {row["name"]: row["code"] for row in frame if row["region_type"] == "country"}
    product = {row["value"]: row for row in products}

    def stated(row: Row) -> Row:
        return {"evidence": "paper", "source": row["source"], "locator": row["locator"]}

    actors, ties = [], []
    for row in network:
        stated_in = stated(category[row["no"]])
        delivers = row["tie_type"] == "SUPPLIES"
        ends = (row["id"], PLANT) if row["direction"] == "to_plant" else (PLANT, row["id"])
        common = {"year": "2014", "network": "almaty", **stated_in}
        actors.append(
            {
                "id": row["id"],
                "name": row["name"],
                "name_ru": row["name_ru"],
                "actor_type": "Group",
                "sphere": row["sphere"],
                "region": "ALA",
                "status": "as_published",
                "note": row["note"],
                "network": "almaty",
                **stated_in,
            }
        )
        ties.append(
            {
                "source_id": ends[0],
                "target_id": ends[1],
                "tie_type": row["tie_type"],
                "product": category[row["no"]]["examples_in_paper"] if delivers else "",
                "confidence": row["confidence"],
                "status": "as_published",
                "meaning": row["meaning"],
                **common,
            }
        )
        ties.append(
            {
                "source_id": row["id"],
                "target_id": PLANT_CLUSTER,
                "tie_type": "MEMBER_OF",
                "confidence": "high",
                "status": "proposed",
                "meaning": "class of members of the proposed cluster",
                **common,
            }
        )
    for (kind, value), row in fact.items():
        if kind == "product_group":
            target, tie_type = product[value]["id"], "PRODUCES"
            meaning = "plant -> product group"
        elif kind == "export_country":
            target, tie_type = f"region:{country[value]}", "EXPORTS_TO"
            meaning = "plant -> country of export"
        else:
            continue
        ties.append(
            {
                "source_id": PLANT,
                "target_id": target,
                "tie_type": tie_type,
                "year": "2014",
                "confidence": "high",
                "status": "as_published",
                "meaning": meaning,
                "network": "almaty",
                **stated(row),
            }
        )
    made = [
        {
            "id": row["id"],
            "name": row["name"],
            "name_ru": row["name_ru"],
            **stated(fact["product_group", row["value"]]),
        }
        for row in products
    ]
    return actors, ties, made


def indicator_rows(panel: Sequence[Row], sections: Sequence[Row]) -> list[Row]:
    """Return the indicators of the case, without the regions that would be counted twice.

    Where South Kazakhstan is published for an indicator and year, the rows of Turkistan and
    Shymkent for the same year were computed back by the publisher: all three overlap.
    """
    wanted = [r for r in panel if FIRST_YEAR <= int(r["year"]) <= LAST_YEAR]
    # Employment and investment stand in both files.
    wanted += [r for r in sections if r["indicator"].startswith("GVA_")]
    before = {(r["indicator"], r["year"]) for r in wanted if r["region"] == "YKO"}
    rows = [
        {
            "region": "KAZ" if r["region"] == "national" else r["region"],
            "year": r["year"],
            "indicator": r["indicator"],
            "value": r["value"],
            "unit": r["unit"],
            "source": "BNS",
            "evidence": "measured",
        }
        for r in wanted
        if not (r["region"] in ("SHM", "TRK") and (r["indicator"], r["year"]) in before)
    ]
    unique = {(r["indicator"], r["year"], r["region"]): r for r in rows}
    return [unique[key] for key in sorted(unique)]


def oked_rows(entries: Sequence[Mapping[str, str]]) -> list[Row]:
    """Return sections, divisions and groups of the classification, in order of their codes."""
    rows = [
        {
            "code": entry["code"],
            "name": entry["name"],
            "level": OKED_LEVELS[entry["level"]],
            "parent": entry["parent"],
        }
        for entry in entries
        if entry["level"] in OKED_LEVELS
    ]
    return sorted(rows, key=lambda row: row["code"])


def source_rows(
    compiled: Sequence[Row], added: Sequence[Row], tables: Iterable[Sequence[Row]]
) -> list[Row]:
    """Return every source the tables name, papers first, with the number of rows that use it."""
    known = {row["source"]: row for row in [*compiled, *added]}
    uses = Counter(
        source for table in tables for row in table for source in listed(row.get("source", ""))
    )
    rows = [
        {
            "source": source,
            "site": known[source]["site"],
            "kind": known[source]["kind"],
            "evidence": "paper" if known[source]["kind"] == "paper" else "reported",
            "uses": str(count),
            "reference": known[source].get("reference", ""),
        }
        for source, count in uses.items()
    ]
    return sorted(rows, key=lambda row: (row["kind"] != "paper", row["source"]))


def build(source: Path, inputs: Path) -> dict[str, str]:
    """Return the text of every file of the case that comes from the source, by its name."""
    compiled, regional = source / "kazakhstan-case", source / "kz-regions"
    source_actors = read_table(compiled / "actors.csv")
    source_list = read_table(compiled / "sources.csv")
    frame = read_table(inputs / "regions_frame.csv")
    added_names = {row["id"]: row for row in read_table(inputs / "names_added.csv")}
    papers = frozenset(row["source"] for row in source_list if row["kind"] == "paper")

    region_codes = {row["published"]: row["code"] for row in frame if row["source_id"]}
    region_ids = {row["source_id"]: f"region:{row['code']}" for row in frame if row["source_id"]}
    groups = [row for row in source_actors if row["type"] == "region_group"]
    region_ids |= {row["id"]: f"region:{row['id']}" for row in groups}
    profiles = {
        f"group{row['group_no']}": row["group_profile_paraphrase"]
        for row in read_table(compiled / "paper_regional_groups.csv")
    }

    ahmp_actors, ahmp_ties, products = ahmp_tables(
        read_table(inputs / "ahmp_network.csv"),
        read_table(inputs / "ahmp_products.csv"),
        frame,
        read_table(compiled / MEMBERS_TABLE),
        read_table(compiled / FACTS_TABLE),
    )
    actors = [
        actor_row(row, region_codes, added_names, papers)
        for row in source_actors
        if row["type"] not in ("region", "region_group")
    ] + ahmp_actors
    unknown = sorted(set(added_names) - {row["id"] for row in actors})
    if unknown:
        raise SystemExit(f"names_added.csv names no actor of the case: {', '.join(unknown)}")
    add_industry_codes(actors, read_table(inputs / "industry_codes.csv"))
    ties = [
        tie_row(row, region_ids, papers) for row in read_table(compiled / "ties.csv")
    ] + ahmp_ties
    regions = [{key: row[key] for key in REGION_COLUMNS} for row in frame]
    regions += [region_group_row(row, profiles) for row in groups]
    tables = (actors, ties, regions, products)
    sources = source_rows(source_list, read_table(inputs / "sources_added.csv"), tables)
    indicators = indicator_rows(
        read_table(regional / "kz_regional_panel_long.csv"),
        read_table(regional / "kz_region_gva_abcd_emp_inv_2010_2014.csv"),
    )
    oked = oked_rows(json.loads((source / "oked" / "oked_full.json").read_text(encoding="utf-8")))

    def by_ends(row: Mapping[str, str]) -> tuple[str, str, str]:
        return row["tie_type"], row["source_id"], row["target_id"]

    return {
        "actors.csv": table_text(sorted(actors, key=lambda r: r["id"]), ACTOR_COLUMNS),
        "ties.csv": table_text(sorted(ties, key=by_ends), TIE_COLUMNS),
        "regions.csv": table_text(regions, REGION_COLUMNS),
        "products.csv": table_text(sorted(products, key=lambda r: r["id"]), PRODUCT_COLUMNS),
        "sources.csv": table_text(sources, SOURCE_COLUMNS),
        "indicators.csv": table_text(indicators, INDICATOR_COLUMNS),
        "oked.csv": table_text(oked, OKED_COLUMNS),
    }


def copies(source: Path) -> dict[str, Path]:
    """Return the files taken as they are: name in the case -> file of the source."""
    taken = {
        f"papers/paper_{name}.csv": source / "kazakhstan-case" / f"paper_{name}.csv"
        for name in PAPERS
    }
    return {
        **taken,
        "inputs/bns_sections_2014_2019.csv": source
        / "kz-regions"
        / "kz_output_ic_gva_by_section_2014_2019.csv",
        "regions_16.geojson": source / "kz-geo" / "kz_regions_16_naturalearth.geojson",
        "LICENSE-oked.txt": source / "oked" / "LICENSE-metrix-oked-sdk-0.2.0.txt",
    }


def main() -> None:
    """Write the files and say how many rows each has."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--source", type=Path, required=True, help="folder of the source files")
    parser.add_argument("--out", type=Path, default=CASE, help="folder of the case")
    arguments = parser.parse_args()
    for name, text in build(arguments.source, CASE / "inputs").items():
        (arguments.out / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"{name}: {len(text.splitlines()) - 1} rows")
    for name, path in copies(arguments.source).items():
        (arguments.out / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, arguments.out / name)
        print(f"{name}: copied")


if __name__ == "__main__":
    main()
