"""A small made-up case for the tests of the pages, and a browser without a network."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

from klaster.graph.core_cards import LensReading, Reason
from klaster.graph.findings import Cluster, Findings, LayerFinding, Member, ScaleFinding, ScaleRange
from klaster.graph.model import ClusterGraph

HOSTILE = "</script><img src=x onerror=alert(1)>"
"""A name that would run code in a page that does not escape it."""

TITLE = {"en": "A made-up case", "ru": "Условный случай", "kk": "Шартты жағдай"}
NETWORKS = {"steel": {"en": "Steel & Co network", "ru": "Сеть стали", "kk": "Болат желісі"}}


def _actor(key: str, name: str, sphere: str = "business", **more: Any) -> dict[str, Any]:
    kinds = {"business": "Firm", "academia": "University", "government": "Authority"}
    return {
        "id": key,
        "kind": "Actor",
        "name": name,
        "actor_type": kinds[sphere],
        "sphere": sphere,
        "evidence": "synthetic",
        "source": "made up",
        **more,
    }


def _tie(key: str, seller: str, buyer: str, tie_type: str, **more: Any) -> dict[str, Any]:
    return {
        "tie_id": key,
        "source_id": seller,
        "target_id": buyer,
        "tie_type": tie_type,
        "evidence": "synthetic",
        "source": "made up",
        "confidence": "high",
        **more,
    }


def made_up_graph() -> ClusterGraph:
    """Return a steelworks with suppliers, a university, an owner that left, and a hostile name."""
    return ClusterGraph.build(
        nodes=[
            _actor(
                "qarmet",
                "Qarmet",
                name_ru="Кармет",
                name_kk="Қарметкомбинат",
                aliases=["ArcelorMittal Temirtau"],
                region="KRG",
                city="Temirtau",
                network="steel",
            ),
            _actor("linde", "Linde Gas", name_ru="Линде Газ", region="KRG", network="steel"),
            _actor("ore", "Ore Mine", name_ru="Рудник", region="KRG", network="steel"),
            _actor("evil", HOSTILE, name_ru=HOSTILE, network="steel", note=HOSTILE),
            _actor("uni", "Steel University", "academia", name_ru="Институт стали"),
            _actor("ministry", "Ministry of Industry", "government"),
            _actor("former", "Former Owner"),
            _actor("lonely", "Lonely Firm"),
            {"id": "region:KRG", "kind": "Region", "name": "Karaganda", "code": "KRG",
             "region_type": "oblast"},
            {"id": "t:KZ:A", "kind": "Industry", "name": "Farming", "table_id": "t", "code": "A",
             "output": 30.0, "unit": "million KZT", "year": 2019, "evidence": "estimated",
             "source": "estimated"},
            {"id": "t:KZ:B", "kind": "Industry", "name": "Mining", "table_id": "t", "code": "B",
             "output": 50.0, "unit": "million KZT", "year": 2019, "evidence": "estimated",
             "source": "estimated"},
        ],
        ties=[
            _tie(
                "t1", "linde", "qarmet", "SUPPLIES",
                product="oxygen", year=2010, source="Report 2010; https://example.org/linde?a=1&b=2",
                locator="page 4",
            ),
            _tie("t2", "ore", "qarmet", "SUPPLIES", product="iron ore", evidence="paper"),
            _tie("t3", "qarmet", "ore", "OWNS", evidence="reported"),
            _tie("t4", "ore", "qarmet", "COOPERATES_WITH", source="javascript:alert(1)"),
            _tie("t5", "uni", "qarmet", "TRAINS_STAFF_FOR"),
            _tie("t6", "ministry", "qarmet", "REGULATES"),
            _tie("t7", "former", "qarmet", "OWNS", status="ended", year=1995, year_to=2023),
            _tie("t8", "evil", "qarmet", "SUPPLIES", product=HOSTILE, source=HOSTILE),
            _tie("t9", "qarmet", "region:KRG", "LOCATED_IN"),
            _tie("f1", "t:KZ:A", "t:KZ:B", "FLOWS_TO", value=4.0, evidence="estimated"),
            _tie("f2", "t:KZ:B", "t:KZ:A", "FLOWS_TO", value=7.5, evidence="estimated"),
        ],
    )  # fmt: skip


def graph_of_places_and_amounts() -> ClusterGraph:
    """Return firms of several places, tied once and more often, by amounts that compare or do not.

    The amounts of supplies share a unit, those of ownership do not, other ties state none.
    Hostile are the words of a source for a place, the name of a region, and the unit of supplies.
    """

    def supply(key: str, seller: str, buyer: str, amount: float) -> dict[str, Any]:
        return _tie(key, seller, buyer, "SUPPLIES", value=amount, unit=HOSTILE, currency="KZT")

    return ClusterGraph.build(
        nodes=[
            _actor("mine", "Mine", region="KRG"),
            _actor("mill", "Mill", region="KRG"),
            _actor("port", "Port", region="AKT"),
            _actor("shop", "Shop", region="no node for this"),
            _actor("bank", "Bank", country="Belgium", region_published="abroad"),
            _actor("tannery", "Tannery", region_published=HOSTILE),
            _actor("nobody", "Nobody"),
            {"id": "steel", "kind": "Product", "name": "Steel"},
            {"id": "region:KRG", "kind": "Region", "name": "Karaganda region", "code": "KRG",
             "name_ru": "Карагандинская область", "name_kk": "Қарағанды облысы",
             "region_type": "oblast"},
            {"id": "region:AKT", "kind": "Region", "name": HOSTILE, "code": "AKT",
             "name_ru": "Актюбинская область", "name_kk": "Ақтөбе облысы",
             "region_type": "oblast"},
        ],
        ties=[
            supply("s1", "mine", "mill", 5.0),
            supply("s2", "mine", "mill", 50.0),
            supply("s3", "mine", "port", 500.0),
            supply("s4", "mill", "tannery", 20000.0),
            _tie("c1", "mill", "mine", "COOPERATES_WITH"),
            _tie("f1", "bank", "mill", "FUNDS"),
            _tie("o1", "nobody", "mill", "OWNS", value=10.0, unit="percent"),
            _tie("o2", "bank", "port", "OWNS", value=5.0, unit="million USD", currency="USD"),
            _tie("o3", "mine", "shop", "OWNS", value=7.0, unit="percent", status="ended"),
            _tie("p1", "mill", "steel", "PRODUCES"),
            _tie("x1", "port", "region:KRG", "EXPORTS_TO"),
        ],
    )  # fmt: skip


def _member(node: str, rank: float, core: bool, *reasons: Reason, declared: bool) -> Member:
    return Member(
        node,
        float("nan") if declared else 0.9,
        rank,
        rank,
        rank + (0 if core else 2),
        core,
        not core and rank <= 3,
        "R6 connector hub" if core else "R1 ultra-peripheral",
        {"strength": LensReading(0.5, 0.9)},
        reasons,
    )


def made_up_findings() -> Findings:
    """Return one cluster found, one declared, and a layer without clusters."""
    why = (
        Reason("largest-share", {"share": 0.5, "ties": 6, "tied": 1, "n": 6}, ("t1", "t2", "t8")),
        Reason("helix-reach", {"spheres": "academia, government", "sphere_count": 2,
                               "layers": "knowledge, governance", "layer_count": 2}, ("t5", "t6")),
        Reason("sure-rank", {"rank": 1.0, "low": 1.0, "high": 1.0, "places": 3, "draws": 100,
                             "n": 6}),
    )  # fmt: skip

    def cluster(key: str, layer: str, network: str, nodes: tuple[str, ...]) -> Cluster:
        declared = layer == "declared"
        members = tuple(
            _member(node, float(k), k == 1, *(why if k == 1 else ()), declared=declared)
            for k, node in enumerate(nodes, 1)
        )
        stability = float("nan") if declared else 0.9
        scale = None if declared else ScaleRange(0.5, 2.0, open_low=False, open_high=True)
        parts = () if declared else (("evil", "ore", "uni"), ("linde", "ministry", "qarmet"))
        return Cluster(
            key, layer, 1, members, stability, network, 0.7, 0.2, True, scale=scale, parts=parts
        )

    def layer(name: str, significant: bool, reason: str) -> LayerFinding:
        return LayerFinding(
            name, "Actor", "leiden", 1, 1.0, 6, 7, 0, "dropped", 1, 0.4, 0.39, "swap", 200, 0.2,
            0.02, 0.005 if significant else 1.0, significant, reason, 100, 3, 0.9,
        )  # fmt: skip

    return Findings(
        (layer("joint", True, ""), layer("supply", False, "one-community")),
        (
            cluster("joint-1", "joint", "steel",
                    ("qarmet", "linde", "ore", "evil", "uni", "ministry")),
            cluster("declared-steel", "declared", "steel", ("qarmet", "linde", "ore", "evil")),
        ),
        scales=(ScaleFinding("joint", 1.0, (0.5, 1.0, 2.0), (2, 3, 5), ((0.5, 1.0, 2),)),),
    )  # fmt: skip


def browser_paths() -> tuple[str, str]:
    """Return Chromium and its driver; skip where there is none, but fail in CI."""
    chrome = shutil.which("chromium") or shutil.which("chromium-browser")
    chrome = chrome or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if chrome and driver:
        return chrome, driver
    if os.environ.get("CI") == "true":
        pytest.fail("Chromium or chromedriver is missing, and CI must test the pages")
    pytest.skip("Chromium or chromedriver is not installed")


@contextmanager
def browser(width: int = 1280, height: int = 800) -> Iterator[webdriver.Chrome]:
    """Open headless Chromium that cannot reach anything."""
    chrome, driver = browser_paths()
    folder = tempfile.mkdtemp(prefix="klaster-chromium-")
    options = webdriver.ChromeOptions()
    options.binary_location = chrome
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        "--host-resolver-rules=MAP * ~NOTFOUND",
        "--proxy-server=127.0.0.1:9",
        f"--user-data-dir={folder}",
        f"--window-size={width},{height}",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    session = webdriver.Chrome(options=options, service=Service(driver))
    try:
        session.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700},
        )
        yield session
    finally:
        session.quit()
        shutil.rmtree(folder, ignore_errors=True)


def requests_made(session: webdriver.Chrome) -> list[str]:
    """Return the addresses the pages asked for since the last call."""
    made = []
    for entry in session.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            made.append(str(message["params"]["request"]["url"]))
    return made


def write_page(folder: Path, name: str, text: str) -> str:
    """Write a page as UTF-8 and return its address."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def six_firms() -> ClusterGraph:
    """Two rings of three firms and a tie between them; nothing else is known, but amounts."""
    firms = [
        {"id": key, "kind": "Actor", "name": f"Firm {key}", "actor_type": "Firm",
         "sphere": "business", "evidence": "not-stated", "source": "not stated"}
        for key in "abcdef"
    ]  # fmt: skip
    ends = ("ab", "bc", "ca", "de", "ef", "fd", "ad")
    ties = [
        {"tie_id": f"t{k}", "source_id": a, "target_id": b, "tie_type": "SUPPLIES",
         "evidence": "not-stated", "source": "not stated",
         **({"value": 10.0 * k, "unit": "KZT"} if k < 5 else {})}
        for k, (a, b) in enumerate(ends, start=1)
    ]  # fmt: skip
    return ClusterGraph.build(firms, ties)
