"""`make demo`: run the first notebook on the bundled model, and leave a page and a picture of the real widget."""

from __future__ import annotations

import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

HERE = Path(__file__).parent
ROOT = HERE.parent
OUT = ROOT / "build" / "demo"
sys.path.insert(0, str(ROOT / "tests" / "browser"))


def main() -> None:
    from chromium import chromium

    OUT.mkdir(parents=True, exist_ok=True)
    print("Running notebooks/01-first-look.ipynb ...", flush=True)
    notebook = nbformat.read(HERE / "01-first-look.ipynb", as_version=4)
    # the notebook writes first-look.html into its working directory
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(OUT)}}).execute()
    executed, page, picture = OUT / "01-first-look.ipynb", OUT / "first-look.html", OUT / "first-look.png"
    nbformat.write(notebook, executed)

    print("Opening the page in Chromium, without a network ...", flush=True)
    with chromium() as browser:
        tab = browser.new_page(viewport={"width": 1100, "height": 900}, device_scale_factor=2)
        tab.context.set_offline(True)
        tab.goto(page.as_uri())
        tab.wait_for_selector(".aw-heatmap-canvas[data-key]")
        tab.screenshot(path=picture, full_page=True)

    print(
        f"\nDone.\n  notebook, executed:  {executed}\n  page, works offline: {page}\n"
        f"  picture of it:       {picture}\n\n"
        "To work with the widgets: `make lab`, which opens JupyterLab on the notebooks."
    )


if __name__ == "__main__":
    main()
