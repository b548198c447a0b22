"""The site as a reader sees it, opened from the file system with the network blocked. `make site` builds it."""

from __future__ import annotations

import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from browser.chromium import Watch, axe, shot, wait
from selgrad.site.build import SITE, current

FOLDERS = (".", "notebooks", "widgets", "figures", "reference", "_modules")
KINDS = (
    "index.html", "lecturers.html", "add_a_primitive.html", "statements.html", "counterexamples.html", "run.html",
    "notebooks/04_conservative_fields.html", "figures/index.html", "reference/index.html",
    "reference/sets.html", "bibliography.html", "genindex.html", "_modules/selgrad/sets/verdicts.html",
    "widgets/index.html", "widgets/trap-explorer.html",
)
FAULTS = """async () => {
  if (window.MathJax?.startup) await MathJax.startup.promise;
  for (const image of document.images) { image.loading = 'eager'; await image.decode().catch(() => 0); }
  const seen = (elements, what) => elements.map(e => `${what}: ${(e.src || e.textContent).slice(0, 80)}`);
  const text = document.querySelector('article')?.cloneNode(true);
  text?.querySelectorAll('pre, code, mjx-container, svg, script').forEach(e => e.remove());
  const raw = text?.textContent.match(/\\$[^$\\n]+\\$|\\\\\\(|\\\\\\[|\\{(cite|math|py):/g) || [];
  return [
    ...seen([...document.images].filter(i => !i.naturalWidth), 'a picture that is not there'),
    ...seen([...document.images].filter(i => !i.alt && i.closest('article')), 'a picture without alt text'),
    ...seen([...document.querySelectorAll('mjx-merror, [data-mjx-error]')], 'TeX that is wrong'),
    ...seen([...document.querySelectorAll('.math')].filter(e => !e.querySelector('mjx-container')), 'TeX as text'),
    ...raw.map(t => `markup as text: ${t}`),
    ...seen([...document.querySelectorAll('.bd-sidebar-secondary code')].filter(e =>
      e.getBoundingClientRect().right > document.querySelector('.bd-sidebar-secondary').getBoundingClientRect().right),
      'a name that is cut off'),
    ...(document.documentElement.scrollWidth > innerWidth ? ['wider than the screen'] : []),
  ];
}"""


@pytest.fixture(scope="module")
def site() -> Path:
    if not current(SITE):
        pytest.skip("build/site is not there, or older than what it is made of: make site")
    return SITE


def pages(site: Path, folder: str) -> list[Path]:
    inner = (site / folder).glob("*.html") if folder == "." else (site / folder).rglob("*.html")
    return sorted(path for path in inner if path.name != "search.html")


def visit(page: Any, path: Path) -> list[str]:
    """What is wrong on a page, each with its name."""
    page.goto(path.as_uri())
    return [f"{path.name}: {fault}" for fault in page.evaluate(FAULTS)]


class Links(HTMLParser):
    """Where a page leads (`to`), what it loads (`loads`), and the anchors in it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.to: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.to.append(values["href"])
        elif tag == "link" and values.get("rel") not in ("author", "index", "search", "next", "prev", "canonical"):
            self.loads.append(values.get("href", ""))
        self.loads += [values["src"]] if "src" in values else []


@cache
def links(path: Path) -> Links:
    return Links(path.read_text(encoding="utf-8"))


def broken(path: Path) -> list[str]:
    """The links and files of a page that lead nowhere, and what it would load from elsewhere."""
    found = links(path)
    bad = [f"loads {url}" for url in found.loads if urlsplit(url).netloc]
    for url in [*found.to, *found.loads]:
        parts = urlsplit(url)
        if parts.scheme or parts.netloc:
            continue
        target = (path.parent / unquote(parts.path)) if parts.path else path
        if not target.is_file():
            bad.append(f"no file {url}")
        elif parts.fragment and target.suffix == ".html" and unquote(parts.fragment) not in links(target).anchors:
            bad.append(f"no place {url}")
    return [f"{path.name}: {fault}" for fault in dict.fromkeys(bad)]


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_page_shows_what_it_holds(page: Any, site: Path, folder: str) -> None:
    assert [fault for path in pages(site, folder) for fault in visit(page, path)] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nobody_is_kept_out(page: Any, site: Path, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    found = []
    for name in KINDS:
        found += [*visit(page, site / name), *(f"{name}: {fault}" for fault in axe(page))]
        shot(page, f"site-{scheme}-{name.replace('/', '-').removesuffix('.html')}")
    assert found == []


@pytest.mark.parametrize(("width", "height"), [(390, 844), (1920, 1080)])
def test_pages_fit_telephones_and_projectors(page: Any, site: Path, width: int, height: int) -> None:
    page.set_viewport_size({"width": width, "height": height})
    found = []
    for name in ("index.html", "statements.html", "notebooks/04_conservative_fields.html", "reference/sets.html"):
        found += visit(page, site / name)
        shot(page, f"site-{width}-{name.replace('/', '-').removesuffix('.html')}")
    assert found == []


def test_the_search_finds(page: Any, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    page.keyboard.press("Control+k")
    page.keyboard.type("conservative field")
    page.keyboard.press("Enter")
    results = page.locator("#search-results li a")
    wait(results.count, bool, "no result for: conservative field")
    found = results.all_inner_texts()
    assert any("sets behind AD" in text for text in found), found
    assert axe(page) == []


def test_dark_mode_is_chosen_and_kept(page: Any, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    for mode in ("dark", "light", "dark"):
        page.get_by_role("button", name="Color mode").click()
        page.locator(f".dropdown-menu.show [data-mode={mode}], .dropdown-menu.show button").filter(
            has_text=re.compile(mode, re.IGNORECASE)).first.click()
        assert page.locator("html").get_attribute("data-theme") == mode
    page.goto((site / "run.html").as_uri())
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_every_link_leads_somewhere(site: Path) -> None:
    assert [fault for folder in FOLDERS for path in pages(site, folder) for fault in broken(path)] == []


def test_each_chapter_opens_on_binder_and_colab(site: Path) -> None:
    for path in pages(site, "notebooks"):
        to = " ".join(links(path).to)
        assert re.search(rf"mybinder\.org/v2/gh/\S+lab/tree/notebooks/{path.stem}\.ipynb", to)
        assert re.search(rf"colab\.research\.google\.com/github/\S+/notebooks/{path.stem}\.ipynb", to)


def test_the_course_is_one_pdf(browser: Any, site: Path) -> None:
    pdf = (site / "selgrad-course.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and len(re.findall(rb"/Type\s*/Page\b", pdf)) > 10 * len(pages(site, "notebooks"))


def test_what_is_wrong_is_found(page: Any, watch: Watch, tmp_path: Path) -> None:
    bad, good = tmp_path / "bad.html", tmp_path / "good.html"
    bad.write_text(
        '<article><img src="gone.png" alt="x"><span class="math">\\(x\\)</span><p>a $x_1$ b {cite:p}`k`</p>'
        '<div class="bd-sidebar-secondary" style="width: 9px"><code>a_long_name</code></div>'
        '<div style="width: 3000px">w</div><a href="#gone">a</a><a href="gone.html">b</a></article>'
        '<script src="https://example.org/a.js"></script>')
    good.write_text('<article id="here"><p>5 is a number.</p><a href="#here">a</a></article>')
    page.goto(good.as_uri())
    assert page.evaluate(FAULTS) == [] and broken(good) == []
    text = re.sub(r"<script.*", "", bad.read_text())
    page.set_content(text)
    found = page.evaluate(FAULTS)
    assert any("gone.png" in problem for problem in watch.problems())
    page.goto(good.as_uri())  # nothing is on its way any more
    watch.errors.clear()
    assert [fault.partition(":")[0] for fault in found] == [
        "a picture that is not there", "TeX as text", "markup as text", "markup as text", "markup as text",
        "a name that is cut off", "wider than the screen"]
    assert broken(bad) == ["bad.html: loads https://example.org/a.js", "bad.html: no place #gone",
                           "bad.html: no file gone.html", "bad.html: no file gone.png"]
