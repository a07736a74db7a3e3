"""The pages in a browser that cannot reach anything."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoAlertPresentException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select, WebDriverWait
from viz_case import (
    HOSTILE,
    NETWORKS,
    TITLE,
    browser,
    graph_of_places_and_amounts,
    made_up_findings,
    made_up_graph,
    requests_made,
    write_page,
)

from klaster.cases import case_path
from klaster.graph.findings import Findings
from klaster.graph.spelling import search_key
from klaster.loaders.case.case_folder import load_case
from klaster.viz.network.network_page import network_page
from klaster.viz.report.report_page import ReportInput, quality_page, report_page

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

PATIENCE = 60
"""Seconds to wait for a page on a machine that may be busy."""


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("pages")
    graph, findings = made_up_graph(), made_up_findings()
    given = ReportInput(graph, findings, TITLE, NETWORKS, quality={"notes": [HOSTILE]})
    return {
        "network": write_page(
            folder, "network.html", network_page(graph, findings, title=TITLE, networks=NETWORKS)
        ),
        "places": write_page(
            folder,
            "places.html",
            network_page(graph_of_places_and_amounts(), Findings((), ()), title=TITLE),
        ),
        "report": write_page(folder, "index.html", report_page(given)),
        "quality": write_page(folder, "quality.html", quality_page(given)),
    }


@pytest.fixture(scope="module")
def session() -> Iterator[webdriver.Chrome]:
    with browser() as chrome:
        yield chrome


def _open(session: webdriver.Chrome, address: str) -> None:
    session.get("about:blank")
    session.get_log("browser")
    requests_made(session)
    session.get(address)
    WebDriverWait(session, PATIENCE, 0.05).until(
        lambda s: s.execute_script("return document.body.dataset.ready") == "1"
    )


def _seconds_to_open(session: webdriver.Chrome, address: str) -> float:
    """The best of three: what else the machine does is not the page's doing."""
    taken = []
    for _ in range(3):
        begin = time.monotonic()
        _open(session, address)
        taken.append(time.monotonic() - begin)
    return min(taken)


@pytest.fixture
def page(session: webdriver.Chrome, addresses: dict[str, str]) -> Iterator[webdriver.Chrome]:
    """The network page, freshly opened; afterwards: no error, no request, no alert."""
    _open(session, addresses["network"])
    yield session
    _nothing_happened(session, addresses["network"])


@pytest.fixture
def places(session: webdriver.Chrome, addresses: dict[str, str]) -> Iterator[webdriver.Chrome]:
    """The page of firms of several places, freshly opened; afterwards: no error, no request."""
    _open(session, addresses["places"])
    yield session
    _nothing_happened(session, addresses["places"])


def _nothing_happened(session: webdriver.Chrome, address: str) -> None:
    with pytest.raises(NoAlertPresentException):
        _ = session.switch_to.alert.text
    assert session.get_log("browser") == []
    made = [url.split("#")[0] for url in requests_made(session)]
    assert [url for url in made if not url.startswith(("data:", "blob:"))] == [address]


def _js(session: webdriver.Chrome, code: str, *values: Any) -> Any:
    return session.execute_script(f"return {code}", *values)


def _click_node(session: webdriver.Chrome, node: str) -> None:
    """Click with the mouse where a node is drawn."""
    spot = _js(session, "klaster.at(arguments[0])", node)
    actions = ActionChains(session)
    actions.w3c_actions.pointer_action.move_to_location(round(spot["x"]), round(spot["y"]))
    actions.w3c_actions.pointer_action.click()
    actions.perform()
    WebDriverWait(session, PATIENCE, 0.05).until(lambda s: _js(s, "klaster.selected()") is not None)


def _panel(session: webdriver.Chrome) -> str:
    return session.find_element(By.ID, "panel").text


def test_the_page_is_ready_quickly(session: webdriver.Chrome, addresses: dict[str, str]) -> None:
    assert _seconds_to_open(session, addresses["network"]) < 5
    _nothing_happened(session, addresses["network"])


@pytest.mark.parametrize(
    "typed", ["Qarmet", "Кармет", "Қарметкомбинат", "қарм", "armet", "mittal temir", "Кармэт"]
)
def test_search_finds_the_steelworks_however_it_is_spelt(
    page: webdriver.Chrome, typed: str
) -> None:
    field = page.find_element(By.ID, "search")
    field.send_keys(typed)
    options = page.find_elements(By.CSS_SELECTOR, "#hits [role=option]")
    assert options[0].get_attribute("data-id") == "qarmet"
    field.send_keys(Keys.ENTER)
    assert _js(page, "klaster.selected()") == "qarmet"
    assert _panel(page).startswith("Qarmet")


def test_search_by_keyboard_goes_down_and_escape_clears(page: webdriver.Chrome) -> None:
    field = page.find_element(By.ID, "search")
    field.send_keys("ste")
    found = _js(page, "klaster.find('ste')")
    assert len(found) == 1
    field.send_keys(Keys.ESCAPE)
    assert field.get_attribute("value") == ""
    assert page.find_element(By.ID, "hits").is_displayed() is False
    field.send_keys("in")
    hits = page.find_elements(By.CSS_SELECTOR, "#hits [role=option]")
    assert len(hits) > 1
    field.send_keys(Keys.ARROW_DOWN)
    assert field.get_attribute("aria-activedescendant") == "hit-1"
    wanted = hits[1].get_attribute("data-id")
    field.send_keys(Keys.ENTER)
    assert _js(page, "klaster.selected()") == wanted


def test_the_page_folds_names_as_python_does(page: webdriver.Chrome) -> None:
    names = ["Өскемен титан-магний комбинаты", "Ёлка №5", "Qazaqstan Temir Zholy", "ß Œuvre İ",
             "上海", HOSTILE, "Zhezqazghan JSC «Y»", "O'Brien’s"]  # fmt: skip
    assert _js(page, "arguments[0].map(klaster.fold)", names) == [
        search_key(name) for name in names
    ]


def test_a_click_on_a_node_shows_its_ties_with_their_sources(page: webdriver.Chrome) -> None:
    _click_node(page, "linde")
    assert _js(page, "klaster.selected()") == "linde"
    text = _panel(page)
    for part in ("Linde Gas", "Supplies: Qarmet", "oxygen", "2010", "Report 2010", "page 4",
                 "SYNTHETIC"):  # fmt: skip
        assert part in text
    anchor = page.find_element(By.CSS_SELECTOR, "#panel .source a")
    assert anchor.get_attribute("href") == "https://example.org/linde?a=1&b=2"
    assert anchor.get_attribute("rel") == "noopener noreferrer"


def test_a_click_on_the_core_says_why(page: webdriver.Chrome) -> None:
    _click_node(page, "qarmet")
    text = _panel(page)
    assert "core" in text
    assert "Core rank 1 of 6 (90 % interval 1–1)" in text
    assert "It carries the largest share of the ties inside the cluster: 50%" in text
    assert "Membership stability 90%" in text
    # Every parallel tie can be read, and every tie says where it is from.
    ties = page.find_elements(By.CSS_SELECTOR, "#ties > li")
    assert {t.get_attribute("data-tie") for t in ties} == {f"t{k}" for k in range(1, 10)}
    assert all("Source: " in tie.text for tie in ties)
    assert "1995–2023" in text


def test_a_hostile_name_is_shown_as_text(page: webdriver.Chrome) -> None:
    _click_node(page, "evil")
    assert _panel(page).startswith(HOSTILE)
    assert page.find_elements(By.TAG_NAME, "img") == []
    labels = _js(page, "klaster.labels().filter(l => l.id === 'evil')[0].lines.join(' ')")
    assert labels.startswith("</script><img")


def _shown(session: webdriver.Chrome) -> set[str]:
    return set(_js(session, "klaster.shown().ties"))


def _toggle(session: webdriver.Chrome, group: str, value: str) -> None:
    box = session.find_element(By.CSS_SELECTOR, f"[data-filter={group}][value='{value}']")
    session.execute_script("arguments[0].scrollIntoView()", box)
    box.click()


def test_filters_hide_and_show_ties(page: webdriver.Chrome) -> None:
    assert _shown(page) == {"t1", "t2", "t3", "t4", "t5", "t6", "t8"}
    _toggle(page, "layer", "supply")
    assert _shown(page) == {"t3", "t4", "t5", "t6"}
    _toggle(page, "evidence", "reported")
    assert _shown(page) == {"t4", "t5", "t6"}
    _toggle(page, "look", "academia")
    assert _shown(page) == {"t4", "t6"}
    assert "uni" not in _js(page, "klaster.shown().nodes")
    _toggle(page, "status", "ended")
    assert _shown(page) == {"t4", "t6", "t7"}
    page.find_element(By.ID, "reset").click()
    assert _shown(page) == {"t1", "t2", "t3", "t4", "t5", "t6", "t8"}


def _press(session: webdriver.Chrome, selector: str) -> None:
    button = session.find_element(By.CSS_SELECTOR, selector)
    session.execute_script("arguments[0].scrollIntoView({block: 'center'})", button)
    button.click()


def _visible_nodes(session: webdriver.Chrome) -> set[str]:
    return set(_js(session, "klaster.shown().nodes"))


def _region_lines(session: webdriver.Chrome) -> list[list[str]]:
    lines = session.find_elements(By.CSS_SELECTOR, ".many label")
    return [[span.text for span in line.find_elements(By.TAG_NAME, "span")] for line in lines]


ALL_PLACES_TIES = {"s1", "s2", "s3", "s4", "c1", "f1", "o1", "o2", "p1", "x1"}


def test_regions_can_be_chosen_one_by_one(places: webdriver.Chrome) -> None:
    assert _shown(places) == ALL_PLACES_TIES
    _toggle(places, "region", "code:AKT")
    # The port is hidden with its ties; the region it exports to was tied to nobody else.
    assert _shown(places) == ALL_PLACES_TIES - {"s3", "o2", "x1"}
    assert _visible_nodes(places) == {"mine", "mill", "tannery", "bank", "nobody", "steel"}
    assert "nodes visible: 6. Ties visible: 7" in places.find_element(By.ID, "count").text
    _toggle(places, "region", "unsaid")
    _toggle(places, "region", "abroad")
    assert _shown(places) == {"s1", "s2", "s4", "c1", "p1"}
    _toggle(places, "region", "code:AKT")
    assert "port" in _visible_nodes(places)
    _press(places, "#reset")
    assert _shown(places) == ALL_PLACES_TIES
    boxes = places.find_elements(By.CSS_SELECTOR, "[data-filter=region]")
    assert all(box.is_selected() for box in boxes)


def test_one_region_is_chosen_by_none_and_a_tick(places: webdriver.Chrome) -> None:
    _press(places, "[data-every=region-off]")
    assert _visible_nodes(places) == set()
    _toggle(places, "region", "code:KRG")
    # A product stays with its producer.
    assert _visible_nodes(places) == {"mine", "mill", "steel"}
    _toggle(places, "region", "code:AKT")
    assert _visible_nodes(places) == {"mine", "mill", "steel", "port", "region:KRG"}
    # What is outside can still be found and opened, as with the other filters.
    places.find_element(By.ID, "search").send_keys("bank", Keys.ENTER)
    assert "bank" in _visible_nodes(places)
    _press(places, "[data-every=region-on]")
    assert _shown(places) == ALL_PLACES_TIES


def test_regions_are_named_and_counted_in_the_language_of_the_page(
    places: webdriver.Chrome,
) -> None:
    assert sorted(_region_lines(places)[:-2]) == sorted(
        [[HOSTILE, "1"], ["Karaganda region", "2"], ["no node for this", "1"], [HOSTILE, "1"]]
    )
    assert _region_lines(places)[-2:] == [["abroad", "1"], ["not said", "1"]]
    _toggle(places, "region", "abroad")
    places.find_element(By.CSS_SELECTOR, "#languages [lang=ru]").click()
    lines = _region_lines(places)
    assert ["Карагандинская область", "2"] in lines
    assert lines[-2:] == [["за рубежом", "1"], ["не указан", "1"]]
    box = places.find_element(By.CSS_SELECTOR, "[data-filter=region][value=abroad]")
    assert not box.is_selected()
    places.find_element(By.CSS_SELECTOR, "#languages [lang=kk]").click()
    assert ["Қарағанды облысы", "2"] in _region_lines(places)
    assert "Өңірлер" in places.find_element(By.ID, "filters").text


def _strength(session: webdriver.Chrome, key: str) -> Select:
    return Select(session.find_element(By.ID, f"strength-{key}"))


def _choices(session: webdriver.Chrome, key: str) -> list[str]:
    return [option.text for option in _strength(session, key).options]


def test_ties_between_the_same_two_are_counted_as_they_are_seen(places: webdriver.Chrome) -> None:
    assert _choices(places, "ties") == ["Any", "2 or more (3)", "3 or more (3)"]
    _strength(places, "ties").select_by_value("3")
    assert _shown(places) == {"s1", "s2", "c1"}
    assert _visible_nodes(places) == {"mine", "mill"}
    # Without cooperation the two are tied twice: fewer than three.
    _toggle(places, "layer", "cooperation")
    assert _shown(places) == set()
    assert _choices(places, "ties") == ["Any", "2 or more (2)", "3 or more (0)"]
    _strength(places, "ties").select_by_value("2")
    assert _shown(places) == {"s1", "s2"}
    _strength(places, "ties").select_by_visible_text("Any")
    assert _shown(places) == ALL_PLACES_TIES - {"c1"}


def test_amounts_of_one_measure_have_a_minimum(places: webdriver.Chrome) -> None:
    lists = places.find_elements(By.CSS_SELECTOR, "#strength select")
    assert [entry.get_attribute("data-strength") for entry in lists] == ["ties", "supply"]
    label = places.find_element(By.CSS_SELECTOR, "label[for=strength-supply]").text
    assert label == f"Supply: amount of a tie, {HOSTILE}, KZT"
    assert _choices(places, "supply") == [
        "Any", "50 or more (3)", "500 or more (2)", "20,000 or more (1)",
    ]  # fmt: skip
    # Ties of other layers, in other units or without an amount, are not judged by it.
    _strength(places, "supply").select_by_value("500")
    assert _shown(places) == ALL_PLACES_TIES - {"s1", "s2"}
    # What is hidden for its amount does not count between the two either.
    assert _choices(places, "ties") == ["Any", "2 or more (0)", "3 or more (0)"]
    places.find_element(By.CSS_SELECTOR, "#languages [lang=ru]").click()
    assert _choices(places, "supply")[3] == "от 20 000 (1)"
    assert _strength(places, "supply").first_selected_option.get_attribute("value") == "500"
    assert _shown(places) == ALL_PLACES_TIES - {"s1", "s2"}
    # Where the layer is off there is nothing to hold to an amount.
    _toggle(places, "layer", "supply")
    assert not places.find_element(By.ID, "strength-supply").is_displayed()
    assert places.find_element(By.ID, "strength-ties").is_displayed()
    _press(places, "#reset")
    assert _shown(places) == ALL_PLACES_TIES
    assert _strength(places, "supply").first_selected_option.get_attribute("value") == ""


def test_flows_between_industries_are_not_counted(page: webdriver.Chrome) -> None:
    """Three ties join the mine and the steelworks; the industries trade both ways."""
    _toggle(page, "layer", "flows")
    _strength(page, "ties").select_by_value("2")
    assert _shown(page) == {"t2", "t3", "t4", "f1", "f2"}
    assert page.find_elements(By.ID, "strength-flows") == []


def test_regions_and_strength_by_keyboard(places: webdriver.Chrome) -> None:
    none = places.find_element(By.CSS_SELECTOR, "[data-every=region-off]")
    assert none.accessible_name == "Regions: None"
    none.send_keys(Keys.ENTER)
    assert _visible_nodes(places) == set()
    assert places.switch_to.active_element == none
    none.send_keys(Keys.TAB)
    box = places.switch_to.active_element
    assert box.get_attribute("data-filter") == "region"
    boxes = places.find_elements(By.CSS_SELECTOR, "[data-filter=region]")
    while box.get_attribute("value") != "code:KRG":
        box.send_keys(Keys.TAB)
        box = places.switch_to.active_element
        assert box in boxes
    box.send_keys(Keys.SPACE)
    assert _visible_nodes(places) == {"mine", "mill", "steel"}
    least = places.find_element(By.ID, "strength-ties")
    assert least.accessible_name == "Ties visible between the same two nodes"
    least.send_keys(Keys.ARROW_DOWN)
    assert least.get_attribute("value") == "2"
    assert _shown(places) == {"s1", "s2", "c1"}
    assert _visible_nodes(places) == {"mine", "mill"}


def test_pictures_show_the_regions_and_ties_chosen(places: webdriver.Chrome) -> None:
    lines = (
        "(() => { const doc = new DOMParser().parseFromString(klaster.svg(), 'image/svg+xml');"
        " return [doc.querySelectorAll('svg > path').length,"
        " doc.documentElement.textContent]; })()"
    )
    count, words = _js(places, lines)
    assert count == len(ALL_PLACES_TIES)
    assert "Port" in words
    before = _js(places, "klaster.png()")
    _toggle(places, "region", "code:AKT")
    _strength(places, "ties").select_by_value("2")
    count, words = _js(places, lines)
    assert count == 3
    assert "Mine" in words
    assert "Port" not in words
    WebDriverWait(places, PATIENCE, 0.05).until(lambda s: _js(s, "klaster.png()") != before)


def test_a_hostile_place_or_unit_is_shown_as_text(places: webdriver.Chrome) -> None:
    assert places.find_elements(By.TAG_NAME, "img") == []
    box = places.find_elements(By.CSS_SELECTOR, "[data-filter=region][value^='words:']")
    assert [entry.get_attribute("value") for entry in box] == [f"words:{HOSTILE}"]
    _press(places, "[data-filter=region][value^='words:']")
    assert "tannery" not in _visible_nodes(places)


def test_the_cluster_filter_and_organisations_without_ties(page: webdriver.Chrome) -> None:
    assert "lonely" not in _js(page, "klaster.shown().nodes")
    page.find_element(By.ID, "isolates").click()
    assert "lonely" in _js(page, "klaster.shown().nodes")
    page.find_element(By.CSS_SELECTOR, "#cluster option[value=declared-steel]").click()
    # The members, and the region they have a tie to.
    members = ["evil", "linde", "ore", "qarmet"]
    assert _js(page, "klaster.shown().nodes") == [*members, "region:KRG"]
    page.find_element(By.ID, "isolates").click()
    assert _js(page, "klaster.shown().nodes") == members


def test_a_hidden_organisation_can_be_found_and_opened(page: webdriver.Chrome) -> None:
    page.find_element(By.ID, "search").send_keys("lonely", Keys.ENTER)
    assert "lonely" in _js(page, "klaster.shown().nodes")
    assert "No ties." in _panel(page)


def test_the_language_changes_everything(page: webdriver.Chrome) -> None:
    _click_node(page, "qarmet")
    page.find_element(By.CSS_SELECTOR, "#languages [lang=ru]").click()
    assert page.title == "Условный случай"
    assert _panel(page).startswith("Кармет")
    assert "принадлежит наибольшая доля" in _panel(page)
    assert page.find_element(By.TAG_NAME, "html").get_attribute("lang") == "ru"
    page.find_element(By.CSS_SELECTOR, "#languages [lang=kk]").click()
    assert _panel(page).startswith("Қарметкомбинат")
    assert "Жеткізілім" in page.find_element(By.ID, "filters").text
    href = page.find_element(By.ID, "to-report").get_attribute("href")
    assert href is not None
    assert href.endswith("index.html#lang=kk")


def test_names_on_the_drawing_do_not_overlap(page: webdriver.Chrome) -> None:
    for scale in (1, 1.25):
        page.execute_script("document.getElementById('zoom-in').click()") if scale > 1 else None
        boxes = [label["box"] for label in _js(page, "klaster.labels()")]
        assert len(boxes) >= 4
        for k, (left, top, right, bottom) in enumerate(boxes):
            for other in boxes[k + 1 :]:
                assert (
                    other[0] >= right or other[2] <= left or other[1] >= bottom or other[3] <= top
                )


def test_the_drawing_answers_to_the_keyboard(page: webdriver.Chrome) -> None:
    canvas = page.find_element(By.ID, "canvas")
    before = _js(page, "klaster.at('qarmet')")
    canvas.send_keys(Keys.ARROW_RIGHT)
    WebDriverWait(page, PATIENCE, 0.05).until(
        lambda s: abs(_js(s, "klaster.at('qarmet').x") - (before["x"] - 70)) < 2
    )
    focus = page.switch_to.active_element
    assert focus.get_attribute("id") == "canvas"
    _click_node(page, "qarmet")
    canvas.send_keys(Keys.ESCAPE)
    assert _js(page, "klaster.selected()") is None


def test_pictures_can_be_saved(page: webdriver.Chrome) -> None:
    assert _js(page, "klaster.png()").startswith("data:image/png;base64,")
    drawn = _js(
        page,
        "(() => { const doc = new DOMParser().parseFromString(klaster.svg(), 'image/svg+xml');"
        " return [doc.querySelectorAll('parsererror').length, doc.querySelectorAll('path').length,"
        " doc.querySelectorAll('img, script, image').length, doc.documentElement.textContent]; })()",
    )
    assert drawn[0] == 0
    assert drawn[1] >= 7
    assert drawn[2] == 0
    assert "Qarmet" in drawn[3]


def test_controls_have_names_for_screen_readers(page: webdriver.Chrome) -> None:
    nameless = _js(
        page,
        "[...document.querySelectorAll('button, input, select, [role=application]')].filter(e =>"
        " !(e.getAttribute('aria-label') || e.textContent.trim() || (e.labels && e.labels.length)))"
        ".map(e => e.outerHTML)",
    )
    assert nameless == []


def test_a_link_from_the_report_opens_the_organisation_in_the_language(
    session: webdriver.Chrome, addresses: dict[str, str]
) -> None:
    _open(session, addresses["network"] + "#node=linde&lang=ru")
    assert _panel(session).startswith("Линде Газ")
    _nothing_happened(session, addresses["network"])


@pytest.mark.parametrize("name", ["report", "quality"])
def test_the_other_pages_are_quiet_and_switch_language(
    session: webdriver.Chrome, addresses: dict[str, str], name: str
) -> None:
    _open(session, addresses[name])
    main = session.find_element(By.TAG_NAME, "main")
    assert "A made-up case" in main.text
    assert "Условный случай" not in main.text
    session.find_element(By.CSS_SELECTOR, ".languages [lang=ru]").click()
    assert "Условный случай" in main.text
    assert "A made-up case" not in main.text
    assert session.title == "Условный случай"
    wide = _js(session, "document.documentElement.scrollWidth <= window.innerWidth")
    assert wide
    _nothing_happened(session, addresses[name])


def test_the_report_leads_to_the_network_page(
    session: webdriver.Chrome, addresses: dict[str, str]
) -> None:
    _open(session, addresses["report"] + "#lang=kk")
    anchor = session.find_element(By.CSS_SELECTOR, "main a[data-page][href*='node=qarmet']")
    href = anchor.get_attribute("href")
    assert href is not None
    assert href.endswith("network.html#node=qarmet&lang=kk")
    anchor.click()
    WebDriverWait(session, PATIENCE, 0.05).until(
        lambda s: s.execute_script(
            "return window.klaster && klaster.selected && klaster.selected()"
        )
    )
    assert _panel(session).startswith("Қарметкомбинат")


def test_pages_fit_a_phone(addresses: dict[str, str]) -> None:
    with browser(390, 844) as phone:
        for name in ("network", "places", "report"):
            _open(phone, addresses[name])
            assert _js(phone, "document.documentElement.scrollWidth") <= 390
            _nothing_happened(phone, addresses[name])


def test_the_policy_stops_a_script_that_got_in(
    session: webdriver.Chrome, addresses: dict[str, str], tmp_path: Path
) -> None:
    """The second wall: were a name not escaped, the browser still would not run it."""
    text = network_page(made_up_graph(), made_up_findings(), title=TITLE)
    broken = text.replace("<main", "<script>window.got_in = 1</script><main", 1)
    session.get(write_page(tmp_path, "broken.html", broken))
    assert _js(session, "window.got_in") is None
    refused = json.dumps(session.get_log("browser"))
    assert "Content Security Policy" in refused


def test_the_kazakhstan_case(session: webdriver.Chrome, tmp_path: Path) -> None:
    """The real case: quick, quiet, found by any spelling, and every tie has its source."""
    case = load_case(case_path())
    page = network_page(case.graph, Findings((), ()), title=case.titles)
    address = write_page(tmp_path, "network.html", page)
    assert _seconds_to_open(session, address) < 5
    steelworks = _js(session, "klaster.find('Qarmet')")[0]
    for typed in ("Кармет", "Қарметкомбинат", "Карметкомбинат", "karmet"):
        assert _js(session, "klaster.find(arguments[0])", typed)[0] == steelworks
    _click_node(session, steelworks)
    assert _js(session, "klaster.selected()") == steelworks
    ties = session.find_elements(By.CSS_SELECTOR, "#ties > li .source")
    assert len(ties) > 5
    assert all(len(tie.text) > len("Source: ") for tie in ties)
    _nothing_happened(session, address)
