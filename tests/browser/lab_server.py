"""A folder -> a JupyterLab on loopback that serves it, and notebooks written there to be opened in it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat

TOKEN = "attn-widgets-tests"


@contextmanager
def running_lab(folder: Path, warm_up: str = "") -> Iterator[str]:
    """URL of a JupyterLab with settings of its own; every kernel runs `warm_up` before anything else."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    startup = folder / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "warm_up.py").write_text(warm_up)
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
            yield url
        finally:
            server.terminate()
            server.wait(timeout=30)


def write_notebook(url: str, path: Path, cells: Sequence[str]) -> str:
    """Write a notebook into the folder that is served; return where it opens."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, path)
    return f"{url}/lab/tree/{path.name}?token={TOKEN}&reset"


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
