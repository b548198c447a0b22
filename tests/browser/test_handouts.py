"""Slides and cheat sheet as the audience sees them, from the built site, with the network blocked."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from browser.chromium import axe, shot
from selgrad.site import handouts, printing
from selgrad.site.build import SITE, current

# What sticks out of its slide, what stands on something else, what is too small to be read from the last row: letters
# under 2.6 % of the height, but for the line at the foot, and pictures under two fifths of it.
FAULTS = """() => [...document.querySelectorAll('.slide')].flatMap(slide => {
  const unit = slide.getBoundingClientRect().height / 720, body = slide.querySelector('.body') || slide;
  const room = body.getBoundingClientRect(), found = [];
  if (body.scrollHeight > body.clientHeight + 1 || body.scrollWidth > body.clientWidth + 1)
    found.push(`${slide.id} is too full: ${body.scrollHeight} in ${body.clientHeight}`);
  for (const e of body.querySelectorAll('p, li, pre, td, .formula svg, img')) {
    const box = e.getBoundingClientRect();
    const wide = e.tagName === 'PRE' && e.scrollWidth > e.clientWidth + 1;
    if (box.right > room.right + 1 || box.bottom > room.bottom + 1 || wide)
      found.push(`${slide.id}: a ${e.tagName} sticks out`);
    if (e.tagName === 'IMG' && box.height < 0.4 * 720 * unit) found.push(`${slide.id}: a picture is too small`);
    const letters = /^(P|LI|PRE|TD)$/.test(e.tagName) && !e.classList.contains('foot') && e.textContent.trim();
    if (letters && parseFloat(getComputedStyle(e).fontSize) < 0.026 * 720 * unit)
      found.push(`${slide.id}: letters are too small`);
  }
  const title = slide.querySelector('h2');
  if (title?.getBoundingClientRect().height > 110 * unit) found.push(`${slide.id}: a title of three lines`);
  return found;
})"""
SHEET = """() => {
  const sheet = document.querySelector('.sheet').getBoundingClientRect(), columns = document.querySelector('.columns');
  const out = [...columns.querySelectorAll('p, li, td, pre, svg, img')].filter(e => {
    const box = e.getBoundingClientRect();
    const wide = e.tagName === 'PRE' && e.scrollWidth > e.clientWidth + 1;
    return box.right > sheet.right || box.bottom > sheet.bottom || wide;
  });
  return [...out.map(e => `sticks out: ${e.textContent.slice(0, 40)}`),
          ...(columns.scrollWidth > columns.clientWidth + 1 ? ['a column too many'] : [])];
}"""


@pytest.fixture(scope="module")
def folder() -> Path:
    if not current(SITE):
        pytest.skip("build/site is not there, or older than what it is made of: make site")
    return SITE / "handouts"


def paper(pdf: Path) -> list[tuple[float, float]]:
    """Width and height of each page of a PDF, in points."""
    found = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf.read_bytes())
    return [(float(width), float(height)) for width, height in found]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (1024, 768)])
def test_no_slide_is_too_full_or_too_small(page: Any, folder: Path, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto((folder / "slides.html").as_uri())
    assert page.evaluate(FAULTS) == []
    if size[0] == 1280:
        assert axe(page) == []
        for number in range(1, page.locator(".slide").count() + 1):
            shot(page.locator(f"#slide-{number}"), f"slide-{number:02d}")


def test_keys_lead_through_the_slides(page: Any, folder: Path) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    page.goto((folder / "slides.html").as_uri())
    places = {}
    for key in ("ArrowRight", " ", "PageDown", "ArrowLeft", "End", "Home"):
        page.keyboard.press("Space" if key == " " else key)
        places[key] = page.evaluate("location.hash")
    last = f"#slide-{page.locator('.slide').count()}"
    assert list(places.values()) == ["#slide-2", "#slide-3", "#slide-4", "#slide-3", last, "#slide-1"]


@pytest.mark.parametrize("name", handouts.PAGES)
def test_the_sheet_is_one_page(page: Any, folder: Path, name: str) -> None:
    page.set_viewport_size({"width": 1000, "height": 1200})
    page.goto((folder / f"{handouts.sheet_name(name)}.html").as_uri())
    assert page.evaluate(SHEET) == [] and axe(page) == []
    shot(page.locator(".sheet"), handouts.sheet_name(name))
    (width, height), = paper(folder / f"{handouts.sheet_name(name)}.pdf")
    wanted = {"a4": (595, 842), "letter": (612, 792)}[name]
    assert (round(width), round(height)) == pytest.approx(wanted, abs=1)


def test_the_slides_are_printed_one_a_page(page: Any, folder: Path) -> None:
    page.goto((folder / "slides.html").as_uri())
    sheets = paper(folder / "slides.pdf")
    assert len(sheets) == page.locator(".slide").count()
    assert all(width / height == pytest.approx(16 / 9, rel=0.01) for width, height in sheets)


def test_the_site_leads_to_them(folder: Path) -> None:
    front = (SITE / "index.html").read_text(encoding="utf-8")
    names = ["slides", *map(handouts.sheet_name, handouts.PAGES)]
    assert [name for name in names if f'href="handouts/{name}.html"' not in front] == []
    assert all((folder / f"{name}.{kind}").is_file() for name in names for kind in ("html", "pdf"))


def test_what_is_wrong_is_found(page: Any, tmp_path: Path) -> None:
    """Planted: text that is too long, a line of code that is too wide, small letters, a long title; a longer sheet."""
    page.set_viewport_size({"width": 1280, "height": 720})
    style = Path(handouts.__file__).with_name("slides.css").read_text(encoding="utf-8")
    bodies = {
        "good": "<p>Short.</p>", "full": "<p>Word word word word word word word word.</p>" * 12,
        "wide": f"<pre>{'x' * 200}</pre>", "small": '<p style="font-size: 1rem">Small.</p>',
        "picture": '<div><img alt="" src="data:image/svg+xml,<svg xmlns=%22http://www.w3.org/2000/svg%22/>"></div>',
    }
    page.set_content(f"<style>{style}</style>" + "".join(
        f'<section class="slide" id="{name}"><h2>Title</h2><div class="body">{inner}</div></section>'
        for name, inner in bodies.items()))
    found = " | ".join(page.evaluate(FAULTS))
    assert all(f"{name}" in found for name in bodies if name != "good") and "good" not in found
    assert "full is too full" in found and "wide: a PRE sticks out" in found
    assert "small: letters are too small" in found and "picture: a picture is too small" in found

    groups = handouts.groups("sheet")
    for times, fault in ((1, False), (2, True)):
        sheet = tmp_path / f"sheet-{times}.html"
        sheet.write_text(handouts.sheet(groups * times, "a4"), encoding="utf-8")
        page.goto(sheet.as_uri())
        assert bool(page.evaluate(SHEET)) == fault


def test_a_page_more_is_counted(tmp_path: Path) -> None:
    if printing.browser() is None:
        pytest.skip("no browser to print with")
    page = tmp_path / "two.html"
    page.write_text('<p>one</p><p style="break-before: page">two</p>')
    assert len(paper(printing.to_pdf(page, tmp_path / "two.pdf"))) == 2
