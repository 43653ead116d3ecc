"""A real JupyterLab on loopback, a real Chromium, and a notebook opened in both."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from chromium import chromium
from lab import LabNotebook

TOKEN = "attn-widgets-tests"
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "warm_up.py").write_text(WARM_UP)
    settings = {f"JUPYTER_{name}_DIR": str(folder / name.lower()) for name in ("CONFIG", "RUNTIME")}
    settings["IPYTHONDIR"] = str(folder / "ipython")
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    options = {
        "IdentityProvider.token": TOKEN,
        "ServerApp.root_dir": folder,
        "ServerApp.allow_root": True,
        "ServerApp.port_retries": 0,
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": "",
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
        "LabApp.user_settings_dir": folder / "settings",
        "LabApp.workspaces_dir": folder / "workspaces",
    }
    arguments = [f"--{name}={value}" for name, value in options.items()]
    with (folder / "server.log").open("w") as log:
        server = subprocess.Popen(command + arguments, stdout=log, stderr=log, env=os.environ | settings)
        try:
            url = f"http://127.0.0.1:{port}"
            _wait_until_up(url, server, folder / "server.log")
            yield url, folder
        finally:
            server.terminate()
            server.wait(timeout=30)


def _wait_until_up(url: str, server: Any, log: Path) -> None:
    for _ in range(240):
        if server.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{url}/api?token={TOKEN}", timeout=5).close()
            return
        except OSError:
            time.sleep(0.25)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-3000:]}")


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
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
        nbformat.write(notebook, folder / name)
        opened.append(LabNotebook(page, f"{url}/lab/tree/{name}?token={TOKEN}&reset"))
        opened[-1].run_all(timeout)
        spare_kernel.prepare()
        return opened[-1]

    yield open_it
    for notebook in opened:
        notebook.shut_down()
