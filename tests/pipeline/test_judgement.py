"""Experts, doubt, cards, agreement of ways and continued numbers, on the example case."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import klaster
from klaster.algorithms.analysis.agreement import compare_ways, section_quotients
from klaster.algorithms.analysis.communities import CommunityResult, find_communities
from klaster.algorithms.analysis.expert_rules import named_clusters, rules_of, with_rules
from klaster.algorithms.analysis.numbering import EarlierRun, carried_numbers
from klaster.algorithms.analysis.resolution import with_scales
from klaster.algorithms.community.multiplex import multiplex_modularity
from klaster.algorithms.community.search import Search, search_of
from klaster.algorithms.trust.significance import NullTest
from klaster.cli.summary import summary_lines
from klaster.graph.agreement_findings import AgreementFinding
from klaster.graph.canonical_tables import records
from klaster.graph.case import Case
from klaster.graph.errors import InputError
from klaster.graph.findings import LayerFinding
from klaster.graph.industry_codes import matching_industry, section_of
from klaster.loaders.case.case_folder import load_case
from klaster.loaders.case.new_case import new_case
from klaster.pipeline import Analysis
from klaster.results.earlier_run import read_earlier_run

LESS_WORK = [
    ("ensemble = 100", "ensemble = 20"),
    ("null_draws = 200", "null_draws = 99"),
    ("evidence_draws = 100", "evidence_draws = 20"),
]

EXPERTS = """
[[experts]]
by = "round table of 12 May"
together = ["bakery", "steelworks"]

[[experts]]
by = "ministry"
apart = ["iron_mine", "steelworks"]

[[experts]]
by = "round table of 12 May"
cluster = "grain"
title = "Grain of the south"
title_ru = "Зерно юга"
members = ["grain_farm", "elevator"]
not_members = ["technical_university"]

[[experts]]
by = "chief engineer, interview"
tie = { from = "scrap_yard", to = "repair_works", type = "SUPPLIES", confidence = "low" }
"""


def written(folder: Path, more: str = "", actors: str = "") -> Path:
    new_case(folder)
    settings = (folder / "case.toml").read_text(encoding="utf-8")
    for given, instead in LESS_WORK:
        assert given in settings
        settings = settings.replace(given, instead)
    (folder / "case.toml").write_text(settings + more, encoding="utf-8")
    if actors:
        with (folder / "actors.csv").open("a", encoding="utf-8") as stream:
            stream.write(actors)
    return folder


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return klaster.analyze(written(tmp_path_factory.mktemp("plain") / "valley"))


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    return klaster.analyze(written(tmp_path_factory.mktemp("ruled") / "valley", EXPERTS))


def home_of(analysis: Analysis) -> dict[str, str]:
    return {n: c.id for c in analysis.findings.clusters_of("joint") for n in c.member_ids}


class TestExperts:
    def test_rules_are_kept_and_their_cost_is_told(self, plain: Analysis, ruled: Analysis) -> None:
        before, after = home_of(plain), home_of(ruled)
        assert before["bakery"] != before["steelworks"]
        assert before["iron_mine"] == before["steelworks"]
        assert after["bakery"] == after["steelworks"]
        assert after.get("iron_mine") != after["steelworks"]  # alone, or with one other
        experts = ruled.findings.experts
        assert experts is not None
        assert plain.findings.experts is None
        broken = {(r.kind, r.first, r.second): r for r in experts.rules if r.was_broken}
        assert set(broken) == {
            ("together", "bakery", "steelworks"),
            ("apart", "iron_mine", "steelworks"),
        }
        assert experts.price > 0
        assert experts.price == pytest.approx(experts.free_modularity - experts.modularity)
        assert all(0 < rule.price <= experts.price + 1e-9 for rule in broken.values())
        assert broken["together", "bakery", "steelworks"].by == "round table of 12 May"
        assert experts.changed
        assert ruled.clusters.set_index("layer").loc["joint", "modularity"].tolist() == (
            [experts.modularity] * len(set(after.values()))
        )

    def test_stability_shows_what_the_ties_say_of_a_member_put_somewhere(
        self, ruled: Analysis
    ) -> None:
        cluster = next(c for c in ruled.findings.clusters_of("joint") if "bakery" in c.member_ids)
        stability = {m.node_id: m.stability for m in cluster.members}
        assert stability["bakery"] < min(
            share for node, share in stability.items() if node not in ("bakery", "food_trader")
        )

    def test_a_cluster_has_the_name_experts_gave_it(self, ruled: Analysis) -> None:
        cluster = ruled.cluster(home_of(ruled)["grain_farm"])
        assert cluster.titles == {
            "en": "Grain of the south", "ru": "Зерно юга", "kk": "Grain of the south",
        }  # fmt: skip
        names = ruled.clusters.set_index("cluster_id")["name"]
        assert names[cluster.id] == "Grain of the south"

    def test_a_stated_tie_is_evidence_like_any_other(self, ruled: Analysis) -> None:
        ties = {t["tie_id"]: t for t in records(ruled.case.graph.ties)}
        tie = ties["scrap_yard>SUPPLIES>repair_works>expert"]
        assert tie["evidence"] == "reported"
        assert tie["source"] == "chief engineer, interview"
        assert tie["confidence"] == "low"
        book = next(b for b in ruled.case.report.books if b.file == "ties.csv")
        assert book.rows_in == book.placed  # it is no row of the file

    def test_the_run_is_another_one(self, plain: Analysis, ruled: Analysis) -> None:
        from klaster.results.run_record import run_id

        without = replace(ruled.case, experts=())
        assert run_id(ruled.case, ruled.settings) != run_id(without, ruled.settings)

    def test_who_has_no_tie_can_be_put_into_a_cluster(self, tmp_path: Path) -> None:
        folder = written(
            tmp_path / "valley",
            '\n[[experts]]\nby = "mayor"\ntogether = ["steelworks", "smithy"]\n',
            "smithy,Smithy,Firm,business,NTH,C,metals,synthetic,example\n",
        )
        analysis = klaster.analyze(folder)
        home = analysis.cluster(home_of(analysis)["steelworks"])
        smithy = next(m for m in home.members if m.node_id == "smithy")
        assert smithy.stability == 0
        assert not smithy.is_core

    def test_rules_that_hold_anyway_change_nothing(self, plain: Analysis) -> None:
        layer = plain.case.graph.joint()
        settings = plain.settings
        free = find_communities(layer, Search(runs=20), NullTest(draws=19))
        rules = rules_of(load_rules('together = ["iron_mine", "steelworks"]'))
        held, finding = with_rules(free, layer, rules, search_of(settings))
        assert held is free
        assert finding.price == 0
        assert not finding.rules[0].was_broken

    def test_contradictions_are_told_before_anything_is_computed(self, tmp_path: Path) -> None:
        folder = written(
            tmp_path / "valley",
            '\n[[experts]]\nby = "a"\ntogether = ["bakery", "dairy"]\n'
            '[[experts]]\nby = "b"\napart = ["dairy", "bakery"]\n',
        )
        with pytest.raises(InputError, match="kept apart, but other rules put them together"):
            klaster.analyze(folder)

    def test_the_terminal_tells_the_price(self, plain: Analysis, ruled: Analysis) -> None:
        experts = ruled.findings.experts
        assert experts is not None
        said = next(line for line in summary_lines(ruled) if line.startswith("Rules of experts"))
        assert f"Rules of experts: {len(experts.rules)}" in said
        assert f"costs {experts.price:.4f} of modularity" in said
        assert not any(line.startswith("Rules of experts") for line in summary_lines(plain))

    def test_the_page_tells_rule_by_rule(self, ruled: Analysis, tmp_path: Path) -> None:
        page = ruled.write(tmp_path / "out")["index.html"].read_text(encoding="utf-8")
        part = page[page.index('<section aria-labelledby="experts">') :]
        part = re.sub(r"<[^>]+>", "", part[: part.index("</section>")])
        assert "Bakery and Steelworks belong together" in part
        assert "round table of 12 May" in part
        assert "Experts gave this cluster its name" in page


def load_rules(line: str) -> tuple[klaster.graph.settings.Statement, ...]:
    import tomllib

    from klaster.loaders.case.checker import Checker
    from klaster.loaders.case.expert_statements import read_statements

    check = Checker("")
    found = read_statements(check, tomllib.loads(f'[[experts]]\nby = "x"\n{line}')["experts"])
    assert not check.faults
    return found


def test_members_of_named_clusters_become_rules_on_pairs() -> None:
    said = (
        *load_rules('cluster = "metals"\nmembers = ["mine", "mill"]'),
        *load_rules('cluster = "food"\ntitle = "Food"\nmembers = ["farm"]\nnot_members = ["bank"]'),
    )
    rules = rules_of(said)
    assert [(r.kind, r.first, r.second) for r in rules] == [
        ("together", "mill", "mine"),
        ("apart", "farm", "mill"),
        ("apart", "bank", "farm"),
    ]
    names = named_clusters(said)
    assert {name: member for name, (member, _) in names.items()} == {
        "food": "farm",
        "metals": "mill",
    }
    assert names["metals"][1]["en"] == "metals"


def test_every_fault_of_the_statements_is_told_with_its_line(tmp_path: Path) -> None:
    folder = written(
        tmp_path / "valley",
        '\n[[experts]]\ntogether = ["bakery"]\n'
        '[[experts]]\nby = "b"\napart = ["dairy", "steelwork"]\n'
        '[[experts]]\nby = "c"\nmembers = ["dairy"]\n'
        '[[experts]]\nby = "d"\ncluster = "food"\nnot_members = ["dairy"]\n'
        '[[experts]]\nby = "e"\ntie = { from = "dairy", to = "dairy", type = "SUPLIES" }\n'
        '[[experts]]\nby = "f"\ncluster = "Зерно"\nmembers = ["dairy"]\n'
        '[[experts]]\nby = "g"\ncluster = "one"\nmembers = ["bakery"]\n'
        '[[experts]]\nby = "h"\ncluster = "two"\nmembers = ["bakery"]\nsays = "x"\n'
        '[[experts]]\nby = "i"\n',
    )
    with pytest.raises(InputError) as caught:
        load_case(folder)
    lines = (folder / "case.toml").read_text(encoding="utf-8").splitlines()
    told = {(fault.column, fault.code) for fault in caught.value.faults}
    assert told >= {
        ("experts[1].by", "missing-key"),
        ("experts[1].together", "too-few"),
        ("experts[2].apart", "unknown-actor"),
        ("experts[3].members", "missing-key"),
        ("experts[4].not_members", "unknown-cluster"),
        ("experts[5].tie.to", "self-tie"),
        ("experts[5].tie.type", "unknown-value"),
        ("experts[6].cluster", "bad-name"),
        ("experts[8].members", "contradiction"),
        ("experts[8].says", "unknown-key"),
        ("experts[9]", "missing-key"),
    }
    near = next(f for f in caught.value.faults if f.code == "unknown-actor")
    assert "steelworks" in near.problem
    for fault in caught.value.faults:
        number = int(re.match(r"experts\[(\d+)\]", fault.column)[1])  # type: ignore[index]
        start = [k for k, line in enumerate(lines, 1) if line == "[[experts]]"][number - 1]
        assert start <= fault.row <= start + 5


class TestMultiplex:
    def test_the_joint_clusters_hold_in_each_layer(self, plain: Analysis) -> None:
        settings = replace(plain.case.settings, joint="multiplex")
        found = klaster.analyze(replace(plain.case, settings=settings))
        finding = found.findings.layer("joint")
        assert finding.engine == "leiden-multiplex"
        graph = plain.case.graph.select(status=settings.status)
        layers = {n: graph.layer(n).matrix for n in settings.layers if n in graph.layers}
        home = {n: c.number for c in found.findings.clusters_of("joint") for n in c.member_ids}
        assert finding.significant
        assert home["steelworks"] == home["iron_mine"]
        labels = labels_of(graph.joint().node_ids.tolist(), home)
        assert finding.modularity >= multiplex_modularity(layers, labels) - 1e-9
        assert all(
            np.isnan(m.kept_share) for c in found.findings.clusters_of("joint") for m in c.members
        )

    def test_rules_need_the_sum(self, tmp_path: Path) -> None:
        folder = written(tmp_path / "valley", EXPERTS)
        text = (folder / "case.toml").read_text(encoding="utf-8")
        (folder / "case.toml").write_text(
            text.replace('joint = "sum"', 'joint = "multiplex"'), encoding="utf-8"
        )
        with pytest.raises(InputError, match="priced in the modularity of the layers added up"):
            load_case(folder)


def labels_of(nodes: list[str], home: dict[str, int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Label listed clusters by their number, everybody else alone."""
    return np.array([home.get(node, -1 - k) for k, node in enumerate(nodes)], dtype=np.int64)


class TestDoubt:
    def test_only_found_clusters_of_actors_have_a_share(self, plain: Analysis) -> None:
        for cluster in plain.findings.clusters:
            shares = np.array([m.kept_share for m in cluster.members])
            if cluster.layer == "declared":
                assert np.isnan(shares).all()
            else:
                assert ((shares >= 0) & (shares <= 1)).all()

    def test_without_doubt_everybody_stays(self, plain: Analysis) -> None:
        sure = replace(plain.case.settings, keep=dict.fromkeys(("high", "medium", "low"), 1.0))
        found = klaster.analyze(replace(plain.case, settings=sure))
        assert {m.kept_share for c in found.findings.clusters_of("joint") for m in c.members} == {
            1.0
        }

    def test_the_more_doubt_the_fewer_stay(self, plain: Analysis) -> None:
        doubtful = replace(plain.case.settings, keep={"high": 0.9, "medium": 0.3, "low": 0.1})
        found = klaster.analyze(replace(plain.case, settings=doubtful))

        def mean(analysis: Analysis) -> float:
            joint = analysis.findings.clusters_of("joint")
            return float(np.mean([m.kept_share for c in joint for m in c.members]))

        assert [c.member_ids for c in found.findings.clusters_of("joint")]
        assert 0 < mean(found) < mean(plain) < 1


class TestScale:
    def test_each_cluster_found_by_modularity_has_a_range_that_holds_the_run(
        self, plain: Analysis
    ) -> None:
        asked = {scale.layer for scale in plain.findings.scales}
        assert "joint" in asked
        for cluster in plain.findings.clusters:
            assert (cluster.scale is not None) == (cluster.layer in asked)
            if cluster.scale is not None:
                assert cluster.scale.low <= plain.settings.resolution <= cluster.scale.high
                for part in cluster.parts:
                    assert set(part) < set(cluster.member_ids)

    def test_the_counts_are_those_of_the_engine(self, plain: Analysis) -> None:
        scale = next(s for s in plain.findings.scales if s.layer == "joint")
        place = scale.resolutions.index(pytest.approx(plain.settings.resolution))
        assert scale.community_counts[place] == plain.findings.layer("joint").cluster_count
        assert list(scale.resolutions) == sorted(scale.resolutions)

    def test_ranges_are_in_the_tables_and_in_the_graph(
        self, plain: Analysis, tmp_path: Path
    ) -> None:
        plain.write(tmp_path / "out")
        table = pd.read_csv(tmp_path / "out" / "clusters.csv").set_index("cluster_id")
        counts = pd.read_csv(tmp_path / "out" / "scales.csv")
        assert set(counts["layer"]) == {scale.layer for scale in plain.findings.scales}
        nodes = {n["id"]: n for n in records(plain.graph.nodes) if n["kind"] == "Cluster"}
        for cluster in plain.findings.clusters:
            node = next(n for key, n in nodes.items() if key.endswith(f":{cluster.id}"))
            low = table.loc[cluster.id, "scale_low"]
            if cluster.scale is None:
                assert pd.isna(low)
                assert pd.isna(node.get("scale_low"))
                continue
            assert low == pytest.approx(cluster.scale.low)
            assert node["scale_low"] == cluster.scale.low
            assert node["scale_high"] == cluster.scale.high
            assert node["part_count"] == max(1, len(cluster.parts))

    def test_a_map_equation_has_no_resolution_to_ask_about(self, plain: Analysis) -> None:
        settings = replace(plain.settings, engine="map-equation")
        told: list[str] = []
        clusters, scales = with_scales(
            plain.findings.clusters,
            [],
            [],
            search_of(settings),
            lambda what, done, total: told.append(what),
        )
        assert clusters == plain.findings.clusters
        assert scales == ()


class TestCards:
    def test_every_core_and_candidate_the_report_tells_of_has_one(self, plain: Analysis) -> None:
        for cluster in plain.findings.clusters:
            wanted = [m.node_id for m in cluster.members if m.is_core or m.is_candidate]
            if cluster.layer in ("declared", "joint"):
                assert [card.node_id for card in cluster.cards] == wanted
                assert cluster.blocks is not None
            else:
                assert cluster.cards == ()

    def test_evidence_and_sources_are_those_of_the_ties(self, plain: Analysis) -> None:
        cluster = plain.findings.clusters_of("declared")[0]
        card = cluster.cards[0]
        ties = plain.case.graph.select(kinds=["Actor"]).ties
        own = ties[(ties["source_id"] == card.node_id) | (ties["target_id"] == card.node_id)]
        assert card.evidence == own["evidence"].value_counts().to_dict()
        assert {s for origin in card.origins.values() for s in origin} == set(own["source"])

    def test_cards_are_written_in_three_languages(self, plain: Analysis, tmp_path: Path) -> None:
        files = plain.write(tmp_path / "out")
        cards = json.loads(files["cards.json"].read_text(encoding="utf-8"))
        assert len(cards) == sum(len(c.cards) for c in plain.findings.clusters)
        first = cards[0]
        assert set(first["in_words"]) == {"en", "ru", "kk"}
        assert "core of this cluster" in first["in_words"]["en"][0]
        assert "ядро этого кластера" in first["in_words"]["ru"][0]
        assert first["removal"]["successors"]
        page = files["index.html"].read_text(encoding="utf-8")
        assert page.count('<details class="full">') == len(cards)


class TestAgreement:
    @pytest.fixture
    def found(self, plain: Analysis) -> AgreementFinding:
        """Three ways made up: two groups; the same with a member moved; fewer placed."""
        ways = {
            "joint": dict(zip("abcdefgh", (0, 0, 0, 0, 1, 1, 1, 1), strict=True)),
            "firms": dict(zip("abcdefgh", (0, 0, 0, 1, 1, 1, 1, 1), strict=True)),
            "helix": dict(zip("abcefg", (1, 1, 1, 0, 0, 0), strict=True)),
        }
        results = [result_of(layer, clusters) for layer, clusters in ways.items()]
        return compare_ways(plain.case.graph, results, carried_numbers(results, None, 3)[0])

    def test_pairs_against_scikit_learn(self, found: AgreementFinding) -> None:
        assert [(p.first, p.second, p.shared) for p in found.pairs] == [
            ("joint", "firms", 8),
            ("joint", "helix", 6),
            ("firms", "helix", 6),
        ]
        for pair in found.pairs:
            both = [
                (c[pair.first], c[pair.second])
                for c in found.clusters.values()
                if pair.first in c and pair.second in c
            ]
            expected = adjusted_rand_score(*map(list, zip(*both, strict=True)))
            assert pair.adjusted_rand == pytest.approx(expected)

    def test_whoever_is_placed_twice_is_agreed_on_or_disputed(
        self, found: AgreementFinding
    ) -> None:
        assert found.in_all == ("a", "b", "c", "e", "f", "g")
        assert [(d.member, d.support) for d in found.disputed] == [("d", 0.0)]
        assert found.support == {**dict.fromkeys("abcefgh", 1.0), "d": 0.0}
        assert [group.members for group in found.consensus] == [
            ("e", "f", "g", "h"),
            ("a", "b", "c"),
        ]

    def test_ways_that_give_nothing_say_why(self, plain: Analysis) -> None:
        found = plain.findings.agreement
        assert found is not None
        assert found.missing["table"] == "one-community"
        assert set(found.missing) | set(found.placed) == {
            "joint", "firms", "helix", "table", "quotients",
        }  # fmt: skip

    def test_table_and_quotients_place_organisations_by_their_industry(
        self, plain: Analysis
    ) -> None:
        """Flows of two blocks; value added of manufacturing twice the nation's share in the north."""
        case = plain.case
        assert case.table is not None
        codes = dict(zip(case.table.codes, case.table.node_ids, strict=True))
        labels = {codes[c]: int(k > 2) for k, c in enumerate(sorted(codes))}
        rows = [
            ("NTH", "GVA_C", 60.0), ("NTH", "GRP", 100.0), ("STH", "GVA_C", 10.0),
            ("STH", "GRP", 100.0),
        ]  # fmt: skip
        indicators = pd.DataFrame(
            [{"region": r, "year": 2020, "indicator": i, "value": v} for r, i, v in rows]
        )
        results = [result_of("flows", labels)]
        found = compare_ways(
            case.graph,
            results,
            carried_numbers(results, None, 3)[0],
            table=case.table,
            indicators=indicators,
        )
        assert list(found.placed) == ["table", "quotients"]
        by_quotient = {m for m, ways in found.clusters.items() if "quotients" in ways}
        nodes = {n["id"]: n for n in records(case.graph.nodes) if n["kind"] == "Actor"}
        assert by_quotient == {
            m
            for m, n in nodes.items()
            if n.get("region") == "NTH" and section_of(str(n.get("industry_code", ""))) == "C"
        }
        assert {found.clusters[m]["quotients"] for m in by_quotient} == {"NTH:C"}
        assert found.clusters["steelworks"]["table"].startswith("flows-")

    @pytest.mark.parametrize(
        ("code", "known", "industry"),
        [
            ("24", ["B", "C"], "C"),
            ("24.10", ["C24", "C25"], "C24"),
            ("24", ["C24A", "C24B"], ""),
            ("C24B", ["C24A", "C24B"], "C24B"),
            ("steel", ["C"], ""),
        ],
    )
    def test_an_industry_is_found_only_where_it_is_one(
        self, code: str, known: list[str], industry: str
    ) -> None:
        assert matching_industry(code, known) == industry

    def test_quotients_of_the_kazakhstan_case(self) -> None:
        """Shares of GRP of 2014 over those of the nation, computed by hand from the indicators."""
        case = load_case(klaster.case_path("kazakhstan"))
        found = section_quotients(case.indicators, nations=["KAZ"])
        assert found["KRG", "C"] == pytest.approx(2.64, abs=0.005)
        assert found["VKO", "C"] == pytest.approx(2.14, abs=0.005)
        assert found["PVL", "D"] == pytest.approx(5.92, abs=0.005)
        assert ("KAZ", "C") not in found


def result_of(layer: str, clusters: dict[str, int]) -> CommunityResult:
    nodes = sorted(clusters)
    labels = np.array([clusters[n] for n in nodes])
    finding = LayerFinding(
        layer, "Actor", "leiden", 1, 1.0, len(nodes), 9, 0, "dropped", len(set(labels.tolist())),
        0.4, 0.4, "degree-preserving", 19, 0.1, 0.01, 0.05, True, "", 5, 1, 1.0,
    )  # fmt: skip
    return CommunityResult(finding, np.array(nodes), labels, np.ones(len(nodes)), labels[None, :])


class TestContinuity:
    def test_numbers_follow_the_members_not_the_size(self) -> None:
        earlier = EarlierRun(
            "r",
            {"joint": {"a": 1, "b": 1, "c": 1, "d": 2, "e": 2, "f": 2}},
            {"joint": (1, 2, 7)},
            "",
        )
        now = {"d": 0, "e": 0, "f": 0, "g": 0, "a": 1, "b": 1, "c": 1, "x": 2, "y": 2, "z": 2}
        numbers, told = carried_numbers([result_of("joint", now)], earlier, 3)
        assert numbers == {"joint": {0: 2, 1: 1, 2: 8}}
        assert (told[0].born, told[0].ended, told[0].used) == ((8,), (), (1, 2, 7, 8))

    def test_a_layer_the_earlier_run_did_not_have_counts_from_one(self) -> None:
        earlier = EarlierRun("r", {}, {}, "")
        numbers, told = carried_numbers([result_of("supply", dict.fromkeys("abc", 0))], earlier, 3)
        assert numbers == {"supply": {0: 1}}
        assert told == ()

    def test_a_run_after_another_keeps_the_numbers(
        self, plain: Analysis, ruled: Analysis, tmp_path: Path
    ) -> None:
        plain.write(tmp_path / "first")
        earlier = read_earlier_run(tmp_path / "first", "valley")
        assert earlier.numbers["joint"] == {
            m: int(c.rpartition("-")[2]) for m, c in home_of(plain).items()
        }
        again = klaster.analyze(ruled.case, earlier=tmp_path / "first")
        told = next(c for c in again.findings.continuity if c.layer == "joint")
        before, after = home_of(plain), home_of(again)
        for number in told.continued:
            old = {m for m, c in before.items() if c == f"joint-{number}"}
            new = {m for m, c in after.items() if c == f"joint-{number}"}
            assert told.continued[number] == pytest.approx(len(old & new) / len(old | new))
        assert not set(told.born) & set(earlier.used["joint"])
        said = next(line for line in summary_lines(again) if line.startswith("Numbers carried on"))
        assert f"{len(told.continued)} clusters continued" in said
        assert earlier.run in said
        page = again.write(tmp_path / "second")["index.html"].read_text(encoding="utf-8")
        assert "Clusters keep the numbers of an earlier run" in page
        record = json.loads((tmp_path / "second" / "run.json").read_text(encoding="utf-8"))
        assert record["earlier_run"] == earlier.run
        assert record["continuity"]["joint"]["used"] == list(told.used)
        third = read_earlier_run(tmp_path / "second", "valley")
        assert set(third.used["joint"]) >= set(told.used)

    def test_a_folder_without_results_is_refused(self, plain: Analysis, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="no readable results of a run"):
            klaster.analyze(plain.case, earlier=tmp_path)


def test_row_order_changes_nothing_in_findings(
    ruled: Analysis, tmp_path: Path, shuffled_case: Callable[[Path, Path], Path]
) -> None:
    folder = shuffled_case(ruled.case.folder, tmp_path / "valley")
    again = klaster.analyze(folder)
    assert again.findings == ruled.findings


@pytest.fixture
def shuffled_case() -> Callable[[Path, Path], Path]:
    import random
    import shutil

    def made(source: Path, target: Path) -> Path:
        shutil.copytree(source, target)
        for name in ("actors.csv", "ties.csv"):
            header, *rows = (target / name).read_text(encoding="utf-8").splitlines()
            random.Random(7).shuffle(rows)
            (target / name).write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
        return target

    return made


def test_load_case_gives_the_statements(ruled: Analysis) -> None:
    case: Case = ruled.case
    assert [s.by for s in case.experts] == [
        "round table of 12 May", "ministry", "round table of 12 May", "chief engineer, interview",
    ]  # fmt: skip
