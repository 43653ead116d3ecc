"""A real JupyterLab on loopback, a real Chromium, and a notebook opened in both."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import chromium
from lab import LabNotebook
from lab_server import TOKEN, running_lab, write_notebook

# what takes a kernel longest, ahead of the notebook
WARM_UP = "__import__('attn_widgets').load_model('toy-induction', device='cpu')"


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    with chromium() as opened:
        yield opened


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    context = browser.new_context(viewport={"width": 1200, "height": 1000})
    yield context.new_page()
    context.close()


@pytest.fixture(scope="session")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """URL and notebook folder of a JupyterLab that runs for the whole session."""
    folder = tmp_path_factory.mktemp("lab")
    with running_lab(folder, WARM_UP) as url:
        yield url, folder


class SpareKernel:
    """A kernel for the notebook that is opened next, which warms up while the present test goes on."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._notebook = self._start()

    def take(self) -> str:
        """The name of the notebook that has the kernel."""
        name, self._notebook = self._notebook, ""
        return name

    def prepare(self) -> None:
        self._notebook = self._notebook or self._start()

    def _start(self) -> str:
        name = f"test-{time.time_ns()}.ipynb"
        session = {"path": name, "name": name, "type": "notebook", "kernel": {"name": "python3"}}
        headers = {"Authorization": f"token {TOKEN}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{self._url}/api/sessions", json.dumps(session).encode(), headers)
        urllib.request.urlopen(request, timeout=60).close()
        return name


@pytest.fixture(scope="session")
def spare_kernel(lab_server: tuple[str, Path]) -> SpareKernel:
    return SpareKernel(lab_server[0])


@pytest.fixture
def open_notebook(lab_server: tuple[str, Path], spare_kernel: SpareKernel, page: Any) -> Iterator[Any]:
    """Open a notebook of the given cells in JupyterLab and run them all."""
    url, folder = lab_server
    opened: list[LabNotebook] = []

    def open_it(*cells: str, timeout: float = 120) -> LabNotebook:
        spare_kernel.prepare()
        name = spare_kernel.take()
        opened.append(LabNotebook(page, write_notebook(url, folder / name, cells)))
        opened[-1].run_all(timeout)
        spare_kernel.prepare()
        return opened[-1]

    yield open_it
    for notebook in opened:
        notebook.shut_down()
