"""The applications on the site: each alive on a page of its own, and as its picture on paper."""

import pytest

from selgrad.site import pages, printing

widgets = pytest.importorskip("selgrad.widgets", reason="the applications need anywidget: pip install 'selgrad[lab]'")


def test_every_widget_is_alive_on_a_page_and_can_be_taken_away(tmp_path):
    (tmp_path / "_static").mkdir()
    pages.write_widgets(tmp_path)
    index = (tmp_path / "widgets" / "index.md").read_text(encoding="utf-8")
    for make in widgets.APPS:
        page = (tmp_path / "widgets" / f"{make.name}.md").read_text(encoding="utf-8")
        alone = (tmp_path / "_static" / "widgets" / f"{make.name}.html").read_text(encoding="utf-8")
        assert f"({make.name}.md)" in index and f"\n{make.name}\n" in index
        assert page.startswith(f"# {make.title}\n") and page.count("<iframe srcdoc=") == 1
        assert alone == make().page()


def test_on_paper_a_widget_is_its_picture(tmp_path):
    page = tmp_path / "01_c.html"
    picture = '<img src="data:image/png;base64,A" alt="What is seen.">'
    frame = f'<iframe srcdoc="&lt;p id=&quot;a&quot;&gt;" title="t">{picture}</iframe>'
    page.write_text(f'<head><title>x</title></head><article class="bd-article">{frame}</article>')
    printed = printing.one_page([page])
    assert "iframe" not in printed and picture in printed
