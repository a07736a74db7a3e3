"""What a run says of itself is so: small cases in which an easy sentence would be false."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import combinations, pairwise
from math import isnan
from pathlib import Path

import numpy as np
import pytest
from scipy import sparse

import klaster
from klaster.algorithms.analysis.communities import find_communities
from klaster.algorithms.analysis.expert_rules import rules_of, with_rules
from klaster.algorithms.analysis.numbering import EarlierRun, carried_numbers
from klaster.algorithms.community.constraints import Rule, constrained_partition
from klaster.algorithms.community.engines import ENGINES
from klaster.algorithms.community.search import Search
from klaster.algorithms.trust.significance import NullTest
from klaster.cli.summary import summary_lines
from klaster.graph.errors import InputError
from klaster.graph.findings import Findings, LayerFinding
from klaster.graph.model import Layer
from klaster.graph.settings import OBJECTIVES, Statement
from klaster.loaders.case.case_folder import load_case
from klaster.pipeline import Analysis
from klaster.viz.texts.method_words import held_against_chance, method_in_words

A, B, C = ([f"{group}{k}" for k in range(6)] for group in "abc")
LANGUAGES = ("en", "ru", "kk")


def clique(names: Iterable[str]) -> list[tuple[str, str, str]]:
    return [(one, other, "SUPPLIES") for one, other in combinations(names, 2)]


THREE = [*clique(A), *clique(B), *clique(C), ("a0", "b0", "SUPPLIES"), ("b1", "c1", "SUPPLIES")]


def case_of(
    folder: Path,
    ties: Iterable[tuple[str, str, str]] = THREE,
    *,
    name: str = "small",
    actors: Iterable[str] = (),
    networks: Mapping[str, str] | None = None,
    analysis: str = "",
    more: str = "",
) -> Path:
    """Write a case of firms and their ties."""
    folder.mkdir(parents=True)
    ties, networks = list(ties), networks or {}
    firms = list(dict.fromkeys([*(end for tie in ties for end in tie[:2]), *actors]))
    rows = [f"{f},{f.title()},Firm,business,{networks.get(f, '')},reported,list" for f in firms]
    head = "id,name,actor_type,sphere,network,evidence,source"
    (folder / "actors.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    rows = [f"{','.join(tie)},high,reported,list" for tie in ties]
    head = "source_id,target_id,tie_type,confidence,evidence,source"
    (folder / "ties.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    named = "".join(
        f'[[networks]]\nid = "{n}"\ntitle = "{n}"\n' for n in sorted({*networks.values()})
    )
    (folder / "case.toml").write_text(
        f'[case]\nname = "{name}"\ntitle = "{name}"\nyear = 2024\ncurrency = "KZT"\n'
        '[inputs.actors]\nfile = "actors.csv"\n[inputs.ties]\nfile = "ties.csv"\n'
        f"[analysis]\nensemble = 10\nnull_draws = 39\nevidence_draws = 10\n{analysis}\n{named}{more}",
        encoding="utf-8",
    )
    return folder


def expert(line: str, by: str = "x") -> str:
    return f'[[experts]]\nby = "{by}"\n{line}\n'


def words_of(analysis: Analysis, out: Path, lang: str = "en") -> str:
    """Return what the report says in one language."""
    page = analysis.write(out)["index.html"].read_text(encoding="utf-8")
    page = re.sub(r"<(script|style)[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    others = "|".join(other for other in LANGUAGES if other != lang)
    page = re.sub(rf'<(\w+) [^>]*data-l="({others})"[^>]*>.*?</\1>', "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Analysis:
    everybody = ", ".join(f'"{firm}"' for firm in [*A, *B, *C])
    folder = tmp_path_factory.mktemp("held") / "case"
    return klaster.analyze(case_of(folder, more=expert(f"together = [{everybody}]")))


class TestAPartitionThatRulesMade:
    def test_the_finding_is_that_of_what_was_tested(self, held: Analysis) -> None:
        finding, experts = held.findings.layer("joint"), held.findings.experts
        assert experts is not None
        assert finding.significant
        assert finding.cluster_count == 3
        assert finding.modularity > 0.5 > finding.null_mean
        assert experts.changed
        assert experts.cluster_count == 1
        assert experts.modularity == pytest.approx(0.0)

    def test_no_table_gives_its_clusters_a_p_value(self, held: Analysis) -> None:
        rows = held.clusters.set_index("cluster_id")
        assert isnan(rows.loc["joint-1", "p_value"])
        assert rows.loc["joint-1", "modularity"] == pytest.approx(0.0)
        assert rows.loc["supply-1", "p_value"] == held.findings.layer("supply").p_value
        nodes = held.graph.nodes.set_index("id")
        node = next(n for n in nodes.index if n.endswith(":joint-1"))
        assert nodes.loc[node, ["p_value", "significant"]].isna().all()

    @pytest.mark.parametrize(
        ("lang", "said", "unsaid"),
        [
            ("en", ["without the rules of experts: 3", "was not itself tested"], "p for the part"),
            ("ru", ["без правил экспертов: 3", "не проверялось на случайность"], "для разбиения;"),
            ("kk", ["ережелерінсіз табылған кластерлер: 3", "тексерілмеген"], "бөлініс үшін p ="),
        ],
    )
    def test_the_report_says_which_was_tested(
        self, held: Analysis, tmp_path: Path, lang: str, said: list[str], unsaid: str
    ) -> None:
        words = words_of(held, tmp_path / "out", lang)
        assert all(text in words for text in said)
        assert unsaid not in words

    def test_the_terminal_says_it_too(self, held: Analysis) -> None:
        lines = summary_lines(held)
        assert next(x for x in lines if x.startswith("  joint")).endswith("without the rules")
        assert any(x.endswith("clusters with them: 1") for x in lines)


def ring_of_cliques() -> Layer:
    """Return 24 cliques of four in a ring, and one actor without ties."""
    ties = np.kron(np.eye(24), np.triu(np.ones((4, 4)), 1))
    for k in range(24):
        ties[4 * k + 3, (4 * k + 4) % 96] = 1
    ids = np.array([*(f"f{k:03d}" for k in range(96)), "zz"])
    ties = np.pad(ties, ((0, 1), (0, 1)))
    return Layer("joint", ids, sparse.csr_array(ties), "ties", int(ties.sum()), 0)


class TestRulesChangeWhatTheyMust:
    @pytest.mark.parametrize("kind", ["apart", "together"])
    def test_a_rule_that_nothing_breaks_moves_nobody(self, kind: str) -> None:
        layer = ring_of_cliques()
        free = find_communities(layer, Search(runs=10), NullTest(draws=19))
        rule = Rule("apart" if kind == "apart" else "together", "f000", "zz", "x")
        kept, experts = with_rules(free, layer, [rule], Search())
        after = kept.label_of
        assert {node: after[node] for node in free.label_of} == free.label_of or kind == "together"
        for one, other in combinations(free.label_of, 2):
            same = free.label_of[one] == free.label_of[other]
            assert (after[one] == after[other]) == same
        assert (after["zz"] == after["f000"]) == (kind == "together")
        assert not experts.changed
        assert experts.price == 0
        assert experts.modularity == free.finding.modularity

    def test_a_chain_over_an_actor_without_ties_can_be_broken(self) -> None:
        layer = ring_of_cliques()
        free = find_communities(layer, Search(runs=10), NullTest(draws=19))
        rules = [Rule("together", "f000", "zz"), Rule("together", "zz", "f050")]
        assert free.label_of["f000"] != free.label_of["f050"]
        kept, experts = with_rules(free, layer, rules, Search())
        after = kept.label_of
        assert after["f000"] == after["zz"] == after["f050"]
        assert experts.changed
        assert experts.price > 0

    def test_the_search_begins_with_what_was_found(self) -> None:
        """On random networks searches end anywhere: lifting every rule must give back the start."""
        rng = np.random.default_rng(4)
        ties = sparse.csr_array(np.triu(rng.random((80, 80)) < 0.06, 1).astype(np.float64))
        ids = np.array([f"f{k:03d}" for k in range(80)])
        layer = Layer("joint", ids, ties, "ties", ties.nnz, 0)
        free = find_communities(layer, Search(runs=50), NullTest(draws=1))
        home = free.label_of
        one, other = next((a, b) for a, b in pairwise(sorted(home)) if home[a] == home[b])
        kept, experts = with_rules(free, layer, [Rule("apart", one, other)], Search())
        assert kept.label_of[one] != kept.label_of[other]
        assert experts.free_modularity >= free.finding.modularity
        assert experts.modularity > free.finding.modularity - 0.02
        assert experts.rules[0].price == pytest.approx(experts.price)

    @pytest.mark.parametrize("engine", ["map-equation", "leiden-cpm", "leiden-directed"])
    def test_rules_need_an_engine_of_their_quality(self, tmp_path: Path, engine: str) -> None:
        rule = expert('apart = ["a0", "a1"]')
        folder = case_of(tmp_path / "set", analysis=f'engine = "{engine}"', more=rule)
        with pytest.raises(
            InputError, match=f"seeks another quality .*{engine}.* Take one of leiden"
        ):
            load_case(folder)
        case = load_case(case_of(tmp_path / "asked", more=rule))
        with pytest.raises(InputError, match="seeks another quality"):
            klaster.analyze(case, method=engine)

    def test_what_two_experts_say_is_lifted_together(self) -> None:
        said = [Statement("x", apart=("a0", "a1")), Statement("y", apart=("a1", "a0"))]
        rules = rules_of(said)
        names = np.array(sorted([*A, *B]))
        place = {name: k for k, name in enumerate(names.tolist())}
        ends = np.array([[place[a], place[b]] for a, b, _ in [*clique(A), *clique(B)]]).T
        ties = sparse.csr_array((np.ones(ends.shape[1]), (ends[0], ends[1])), shape=(12, 12))
        found = constrained_partition(ties, names, rules, price_of_each=True)
        assert len(found.rule_prices) == 2
        assert [p.price for p in found.rule_prices] == pytest.approx([found.price] * 2)
        assert found.price > 0

    def test_a_second_title_is_a_fault(self, tmp_path: Path) -> None:
        one = expert('cluster = "m"\ntitle = "One"\nmembers = ["a0"]')
        two = expert('cluster = "m"\ntitle = "Two"\nmembers = ["a1"]')
        with pytest.raises(InputError, match="m has another title above: One"):
            load_case(case_of(tmp_path / "two", more=one + two))
        assert load_case(case_of(tmp_path / "same", more=one + one.replace("a0", "a1")))


class TestWaysOfOneLayer:
    def test_the_only_layer_of_the_firms_stands_for_them(self, held: Analysis) -> None:
        agreement = held.findings.agreement
        assert agreement is not None
        assert agreement.placed["firms"] == 18
        assert agreement.clusters["a0"]["firms"] == "supply-1"
        assert agreement.missing["helix"] == "no-ties"


class TestQualityAndChance:
    @pytest.mark.parametrize("engine", ["leiden", "map-equation", "leiden-cpm", "leiden-directed"])
    def test_what_is_held_against_chance_is_of_one_kind(self, tmp_path: Path, engine: str) -> None:
        folder = case_of(tmp_path / "case", analysis=f'engine = "{engine}"')
        found = klaster.analyze(folder)
        finding = found.findings.layer("joint")
        assert finding.objective == OBJECTIVES[engine]
        assert finding.observed > finding.null_mean + 2 * finding.null_sd  # it is significant
        words = words_of(found, tmp_path / "out")
        assert ("maximise modularity on the network without direction" in words) == (
            engine == "leiden"
        )
        named = {
            "leiden": "Modularity 0.",
            "map-equation": "Length of the code of a walk on the network 2.",
            "leiden-cpm": "Quality by the constant Potts model 0.",
            "leiden-directed": "Modularity with the direction of ties 0.",
        }
        assert named[engine] in words

    def test_a_small_network_says_that_everything_was_looked_at(self, tmp_path: Path) -> None:
        ties = [*clique(A[:5]), *clique(B[:5]), ("a0", "b0", "SUPPLIES")]
        found = klaster.analyze(case_of(tmp_path / "case", ties))
        finding = found.findings.layer("joint")
        assert (finding.engine, finding.objective) == ("exact", "directed")
        words = words_of(found, tmp_path / "out")
        assert "ten tied nodes or fewer every partition was looked at" in words
        assert "Many runs over seeds" not in words

    def test_the_sentence_names_the_networks_drawn(self) -> None:
        finding = LayerFinding(
            "flows", "Industry", "leiden-graspologic", 1, 1.0, 9, 60, 0, "dropped", 2, 0.3, 0.3,
            "equal-strength", 99, 0.1, 0.02, 0.01, True, "", 100, 1, 1.0, "undirected", 0.3,
        )  # fmt: skip
        assert "with the same strength of each node reach 0.10" in held_against_chance(
            finding, "en"
        )
        assert "same numbers of ties" not in held_against_chance(finding, "en")
        several = Findings(
            (finding, replace(finding, layer="supply", null_model="degree-preserving")), ()
        )
        said = " ".join(method_in_words(several, "en"))
        assert "keep the strength of each node" in said
        assert "keep the number of ties of each node. (Layers: Supply.)" in said

    @pytest.mark.parametrize("lang", LANGUAGES)
    def test_every_quality_and_null_model_has_its_words(self, lang: str) -> None:
        usual = LayerFinding(
            "joint", "Actor", "x", 1, 1.0, 9, 60, 0, "dropped", 2, 0.3, 0.3, "other", 99, 0.1,
            0.02, 0.01, True, "", 100, 1, 1.0, "undirected", 0.3,
        )  # fmt: skip
        kinds = [*sorted(set(OBJECTIVES.values())), "multiplex"]
        nulls = ["degree-preserving", "weight-shuffle", "equal-strength", "a + b", "swap"]
        sentences = {
            held_against_chance(replace(usual, objective=kind, null_model=null), lang)
            for kind in kinds
            for null in nulls
        }
        assert len(sentences) == len(kinds) * len(nulls)
        assert not any("{" in sentence for sentence in sentences)


class TestNumbersFromRunToRun:
    def test_another_case_is_refused(self, tmp_path: Path) -> None:
        klaster.analyze(case_of(tmp_path / "one", name="one")).write(tmp_path / "out")
        with pytest.raises(InputError, match=r"results of another case than two .*'one'.*name = "):
            klaster.analyze(case_of(tmp_path / "two", name="two"), earlier=tmp_path / "out")

    def test_numbers_outlive_a_run_without_clusters(self) -> None:
        from dataclasses import replace as changed

        earlier = EarlierRun(
            "r",
            {"joint": dict.fromkeys("abc", 2), "supply": {}},
            {"joint": (1, 2), "supply": (5,)},
            "",
        )
        layer = ring_of_cliques()
        found = find_communities(layer, Search(runs=2), NullTest(draws=19))
        without = changed(found, finding=changed(found.finding, significant=False))
        _, told = carried_numbers([without], earlier, 3)
        assert [(c.layer, c.ended, c.used) for c in told] == [
            ("joint", (2,), (1, 2)),
            ("supply", (), (5,)),
        ]

    def test_ways_that_are_only_compared_keep_their_numbers(self, tmp_path: Path) -> None:
        owned = [(one, other, "OWNS") for one, other in pairwise(A)]
        first = klaster.analyze(case_of(tmp_path / "first", [*THREE, *owned]))
        first.write(tmp_path / "out")
        more = clique([f"d{k}" for k in range(8)])
        fewer = [tie for tie in [*THREE, *owned] if not {"a5", "a4"} & set(tie)]
        second = klaster.analyze(
            case_of(tmp_path / "second", [*more, *fewer]), earlier=tmp_path / "out"
        )
        assert first.findings.agreement is not None
        assert second.findings.agreement is not None
        before, after = first.findings.agreement.clusters, second.findings.agreement.clusters
        assert before["a0"]["firms"].startswith("firms-")
        for firm in ("a0", "b0", "c0"):
            assert after[firm]["firms"] == before[firm]["firms"]
        assert after["d0"]["firms"] == "firms-4"
        second.write(tmp_path / "again")
        record = json.loads((tmp_path / "again" / "run.json").read_text(encoding="utf-8"))
        assert record["unlisted"]["firms"]["d0"] == 4
        assert record["continuity"]["firms"]["used"] == [1, 2, 3, 4]


def test_a_pair_has_no_core(tmp_path: Path) -> None:
    networks = {"a0": "pair", "a1": "pair", "b3": "lone"}
    found = klaster.analyze(case_of(tmp_path / "case", networks=networks))
    for key in ("declared-pair", "declared-lone"):
        cluster = found.cluster(key)
        assert cluster.members
        assert not cluster.cards
        assert not any(m.is_core or m.is_candidate or m.reasons for m in cluster.members)
    words = words_of(found, tmp_path / "out")
    assert "Fewer than three of its members have ties" in words
    assert "The surest cores" not in words
    assert sum("too few members with ties" in line for line in summary_lines(found)) == 2


def test_a_case_without_ties_is_told_so(tmp_path: Path) -> None:
    folder = case_of(
        tmp_path / "case",
        [],
        actors=["q0", "q1", "q2"],
        networks={"q0": "n"},
        more=expert('together = ["q0", "q1"]'),
    )
    found = klaster.analyze(folder)
    for table in (found.clusters, found.members, found.cores, found.centralities):
        assert len(table) in (0, 1, 3)
    for lang, none, idle in (
        ("en", "there are no ties to partition", "the rules were not applied"),
        ("ru", "нет связей, по которым можно разбить сеть", "правила не применялись"),
        ("kk", "бөлетін байланыс жоқ", "ережелер қолданылмады"),
    ):
        words = words_of(found, tmp_path / "out", lang)
        assert none in words
        assert idle in words
    lines = summary_lines(found)
    assert "  none: there are no ties to find them in" in lines
    assert "Rules of experts: 1; not applied: there are no ties" in lines
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["experts"]["price"] is None


class TestSettings:
    def test_the_list_of_engines_is_that_of_the_engines(self) -> None:
        assert list(OBJECTIVES) == list(ENGINES)

    def test_a_misspelt_engine_is_found_before_anything_is_computed(self, tmp_path: Path) -> None:
        folder = case_of(tmp_path / "case", analysis='engine = "louvian"')
        with pytest.raises(
            InputError, match=r"did you mean 'louvain-networkx'.*Use one of: leiden"
        ):
            load_case(folder)

    @pytest.mark.parametrize(
        ("weights", "said"),
        [
            ("supply = 1e-300", r"lost in rounding .*at least 1e-12"),
            ("supply = 1e9\nownership = 1e-7", r"beside the layer with weight 1e\+09 .*0\.001"),
        ],
    )
    def test_a_weight_that_is_lost_is_refused(
        self, tmp_path: Path, weights: str, said: str
    ) -> None:
        folder = case_of(tmp_path / "case", analysis=f"[analysis.layers]\n{weights}")
        with pytest.raises(InputError, match=said):
            load_case(folder)


def test_any_number_of_processes_gives_the_same_bytes(tmp_path: Path) -> None:
    folder = case_of(tmp_path / "case", networks=dict.fromkeys([*A, "b0"], "n"))
    outs = []
    for workers in (1, 2):
        found = klaster.analyze(folder, workers=workers)
        written = found.write(tmp_path / f"out{workers}")
        outs.append({n: p.read_bytes() for n, p in written.items() if n != "run.json"})
    assert outs[0] == outs[1]
    with pytest.raises(ValueError, match="workers is 0: give 1 or more"):
        klaster.analyze(folder, workers=0)
