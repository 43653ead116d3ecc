"""Dossiers in a page and in the site of an atlas, opened from a disk or a server, without any network."""

from __future__ import annotations

import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

import attn_widgets as aw

HEAD = "toy-induction:L1H1"
HOSTILE = "</script><script>window.hacked = 1</script>\u2028"


@pytest.fixture
def offline(page):
    """A page without a network that fails the test if it asks for one or raises."""
    page.context.set_offline(True)
    asked, raised = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: raised.append(str(error)))
    yield page
    assert [url for url in asked if not url.startswith(("file:", "blob:", "data:"))] == []
    assert raised == []


@pytest.fixture(scope="module")
def site(toy_atlas, tmp_path_factory):
    return toy_atlas.to_site(tmp_path_factory.mktemp("site") / "a b", progress=False)


def wait_for_head(page, name):
    page.wait_for_function(
        "name => document.querySelector('.aw-dossier-name')?.textContent === name && "
        "!document.querySelector('.aw-dossier-columns.aw-waiting')",
        arg=name,
    )


def test_dossiers_of_an_exported_page_are_walked_through(toy_atlas, offline, tmp_path):
    dossier = aw.HeadDossier(toy_atlas, HEAD)
    path = dossier.to_html(tmp_path / "page.html", heads=["L0H1", "L1H1", "toy-induction@3:L1H3"])
    offline.goto(path.as_uri())
    wait_for_head(offline, "L1H1")
    row = toy_atlas.heads.loc[HEAD]
    assert aw.MOTIFS[row["motif"]].label in offline.locator(".aw-motif-chip").inner_text()
    example = toy_atlas.examples(HEAD, 20, "decile")[0]
    first = offline.locator(".aw-example").first
    shown = first.locator(".aw-example-query").inner_text()
    assert shown.replace("\u00b7", " ") == example.tokens[example.query]
    first.locator(".aw-example-key").hover()
    assert f"gets {example.weight:.4f}" in first.locator(".aw-example-distance").inner_text()
    assert offline.locator(".aw-mean-canvas").evaluate("canvas => canvas.width") == len(toy_atlas.mean_pattern(HEAD))
    first.focus()
    offline.keyboard.press("ArrowRight")
    wait_for_head(offline, "L1H3")
    assert offline.locator(".aw-dossier-model").inner_text() == "toy-induction@3"
    offline.get_by_role("button", name="Back to the head before").click()
    wait_for_head(offline, "L1H1")
    offline.keyboard.press("/")
    offline.keyboard.type("l0h1")
    offline.keyboard.press("Enter")
    wait_for_head(offline, "L0H1")


def test_the_site_is_browsed_from_a_disk(site, toy_atlas, offline):
    offline.goto(site.as_uri())
    rows = offline.locator(".aw-heads-table tbody tr")
    assert rows.count() == 16
    offline.get_by_role("button", name="induction", exact=True).click()
    best = toy_atlas.heads["induction"].idxmax()
    assert rows.first.locator("th").inner_text() == best
    offline.get_by_label("Search the heads").fill("@3 l1")
    assert rows.count() == 4
    rows.first.locator("a").click()
    offline.wait_for_selector(".aw-example")
    name = offline.evaluate("decodeURIComponent(location.hash).slice(1)")
    wait_for_head(offline, name.rpartition(":")[2])
    assert name.startswith("toy-induction@3:L1")
    near = offline.locator("button.aw-near").first
    other = near.get_attribute("data-head")
    near.click()
    wait_for_head(offline, other.rpartition(":")[2])
    assert offline.evaluate("location.hash") == f"#{other}"
    assert other in offline.title()
    offline.go_back()
    wait_for_head(offline, name.rpartition(":")[2])
    offline.go_back()
    # the list is as it was left
    assert rows.count() == 4
    assert offline.locator(".aw-site-head").is_hidden()


def test_an_address_leads_to_a_head_and_one_that_is_gone_says_so(site, offline):
    offline.goto(f"{site.as_uri()}#{HEAD}")
    wait_for_head(offline, "L1H1")
    offline.goto(f"{site.as_uri()}#toy-induction:L7H7")
    offline.wait_for_function("document.querySelector('.aw-site-head [role=alert]')?.textContent.includes('no head')")
    offline.get_by_role("link", name="Atlas of").click()
    assert offline.locator(".aw-heads-table tbody tr").count() == 16


def test_a_file_that_is_missing_is_named(toy_atlas, page, tmp_path):
    site = toy_atlas.to_site(tmp_path / "site", progress=False)
    (heads,) = site.parent.glob("heads-*")
    (heads / "5.js").unlink()
    page.goto(f"{site.as_uri()}#{HEAD}")
    page.wait_for_function("document.querySelector('.aw-site-head [role=alert]')?.textContent.includes('5.js')")
    page.goto(f"{site.as_uri()}#toy-induction:L0H0")
    wait_for_head(page, "L0H0")
    assert page.locator(".aw-site-head [role=alert]").is_hidden()


def test_a_web_server_serves_it_too(site, page):
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/#{HEAD}")
        wait_for_head(page, "L1H1")
    finally:
        server.shutdown()


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def test_nothing_of_a_passage_runs(offline, tmp_path):
    words = "cat sat on the mat"
    texts = [{"text": f"The {words}. The {words}.", "kind": HOSTILE}]
    atlas = aw.build_atlas({"model": "toy-induction", "device": "cpu"}, texts, tmp_path / "atlas", progress=False)
    offline.goto(f"{atlas.to_site(tmp_path / 'site', progress=False).as_uri()}#{HEAD}")
    wait_for_head(offline, "L1H1")
    assert "window.hacked" in offline.locator(".aw-kind-table tbody th").inner_text()
    offline.goto(aw.HeadDossier(atlas).to_html(tmp_path / "page.html").as_uri())
    wait_for_head(offline, "L0H0")
    assert offline.evaluate("window.hacked") is None


def test_whatever_is_pressed_has_a_name_and_can_be_reached(site, page):
    for address in (site.as_uri(), f"{site.as_uri()}#{HEAD}"):
        page.goto("about:blank")
        page.goto(address)
        page.wait_for_selector(".aw-example" if "#" in address else ".aw-heads-table tbody tr")
        nameless = page.evaluate(
            """() => [...document.querySelectorAll("button, a, input, select, [role=region]")]
                .filter((one) => one.checkVisibility() && !one.ariaLabel && !one.textContent.trim())
                .filter((one) => !one.labels?.length)
                .map((one) => one.outerHTML)"""
        )
        assert nameless == []
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('a, button, input')")


def test_an_example_that_is_clicked_opens_in_the_heatmap(open_notebook, toy_atlas):
    notebook = open_notebook(
        "import attn_widgets as aw\n"
        f"atlas = aw.Atlas({str(toy_atlas.path)!r})\n"
        "run = aw.AttentionRun(aw.load_model('toy-induction', device='cpu'), 'The cat sat.')\n"
        f"dossier, heatmap = aw.HeadDossier(atlas, {HEAD!r}, model=run.model), aw.AttentionHeatmap(run)\n"
        "tie = aw.link(dossier, heatmap)\n"
        "dossier",
        "heatmap",
    )
    page = notebook.page
    wait_for_head(page, "L1H1")
    # all that it attends to is painted
    page.wait_for_function(
        "document.querySelector('.aw-examples .aw-hint').textContent.includes('all that it attends')"
    )
    page.locator(".aw-example-strip").first.click()
    page.wait_for_function("document.querySelector('.aw-example-note')?.textContent === 'Open in the linked widget.'")
    example = toy_atlas.examples(HEAD, 20, "decile")[0]
    page.wait_for_function(
        "text => document.querySelector('.aw-heatmap .aw-readout')?.textContent.includes(text)",
        arg=f"query {example.query}, key {example.key}",
    )
    page.locator(".aw-walk").get_by_role("button", name="Next head").click()
    wait_for_head(page, "L1H2")
    page.wait_for_function("document.querySelector('.aw-heatmap-canvas')?.dataset.key?.endsWith('/1/2')")
