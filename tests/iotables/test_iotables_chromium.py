"""The pages on tables in a browser that cannot reach anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait
from viz_case import HOSTILE, browser, requests_made, write_page

from klaster.cases import case_path
from klaster.results.table_files import page_of
from klaster.studies import load_study
from klaster.table_analysis import TableSource, analyze_table, read_iotable
from klaster.viz.tables.table_page import table_page

pytestmark = [pytest.mark.chromium, pytest.mark.xdist_group("chromium")]

TABLE = (
    f'code,name,A,B,C,D,FD,OUTPUT\nA,"{HOSTILE}",10,60,5,1,24,100\nB,Mill,50,10,2,2,36,100\n'
    "C,Рудник,3,1,5,70,31,110\nD,Завод,1,4,60,5,40,110\n"
)


@pytest.fixture(scope="module")
def addresses(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder: Path = tmp_path_factory.mktemp("pages")
    (folder / "t.csv").write_text(TABLE, encoding="utf-8")
    source = read_iotable(folder / "t.csv", year=2020, evidence="estimated")
    titled = TableSource(source.table, titles={"en": HOSTILE, "ru": "Таблица", "kk": "Кесте"})
    written = load_study().write(folder / "study")
    return {
        "table": write_page(folder, "io.html", table_page(page_of(analyze_table(titled)))),
        "kazakhstan": write_page(
            folder,
            "kz.html",
            table_page(page_of(analyze_table(read_iotable(case_path("kazakhstan"))))),
        ),
        "study": written["east_kazakhstan.html"].as_uri(),
    }


@pytest.fixture(scope="module")
def session() -> Iterator[webdriver.Chrome]:
    with browser() as chrome:
        yield chrome


@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
@pytest.mark.parametrize("page", ["table", "kazakhstan", "study"])
def test_a_page_opens_without_error_request_or_overflow(
    session: webdriver.Chrome, addresses: dict[str, str], page: str, lang: str
) -> None:
    session.get("about:blank")
    session.get_log("browser")
    requests_made(session)
    session.get(f"{addresses[page]}#lang={lang}")
    WebDriverWait(session, 20, 0.05).until(
        lambda s: s.execute_script("return document.body.dataset.ready") == "1"
    )
    drawings = session.find_elements(By.CSS_SELECTOR, "svg.chart.wide")
    assert len(drawings) >= (1 if page == "study" else 4)
    for drawing in drawings:
        outside = session.execute_script(
            """const svg = arguments[0], box = svg.viewBox.baseVal;
            return [...svg.querySelectorAll("text")].filter(t => t.getClientRects().length).map(t => {
              const b = t.getBBox(), m = t.getCTM().multiply(svg.getCTM().inverse());
              return m.b === 0 && (b.x < -2 || b.x + b.width > box.width + 2) ? t.textContent : "";
            }).filter(Boolean);""",
            drawing,
        )
        assert outside == []
    made = [url.split("#")[0] for url in requests_made(session)]
    assert [url for url in made if not url.startswith(("data:", "blob:"))] == [addresses[page]]
    assert session.get_log("browser") == []


def test_the_estimate_is_said_in_the_language_chosen(
    session: webdriver.Chrome, addresses: dict[str, str]
) -> None:
    session.get("about:blank")
    session.get(addresses["table"] + "#lang=ru")
    WebDriverWait(session, 20, 0.05).until(
        lambda s: s.execute_script("return document.documentElement.lang") == "ru"
    )
    assert session.find_element(By.CSS_SELECTOR, ".estimated").text.startswith("ОЦЕНКА")
    session.find_element(By.CSS_SELECTOR, ".languages button[lang=kk]").click()
    assert session.find_element(By.CSS_SELECTOR, ".estimated").text.startswith("БАҒАЛАУ")
    assert session.find_element(By.TAG_NAME, "h1").text == "Кесте"
    session.find_element(By.CSS_SELECTOR, ".languages button[lang=en]").click()
    assert session.find_element(By.TAG_NAME, "h1").text == HOSTILE
