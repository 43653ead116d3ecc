"""The wheel that is built installs into a clean environment and works there, without the source tree."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

USE = """
import attn_widgets as aw
from pathlib import Path
assert "site-packages" in aw.__file__, aw.__file__
model = aw.load_model("toy-induction", device="cpu")
run = aw.AttentionRun(model, "The cat sat on the mat. The cat sat on the")
widget = aw.AttentionHeatmap(run, layer=1, head=1)
assert "render" in str(widget._esm) and len(widget.pattern["data"]) == 13 * 14
print(widget.to_html("page.html").stat().st_size)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """Build the wheel from a copy of what is under version control, plus the built JS."""
    copy = tmp_path_factory.mktemp("source")
    for name in ("src", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE"):
        source = ROOT / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, copy / name)
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(copy / "dist"), str(copy)]
    subprocess.run(command, check=True, capture_output=True)
    return next((copy / "dist").glob("*.whl"))


def test_the_wheel_carries_the_built_js_the_weights_and_the_licence(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    for widget in ("heatmap", "head_grid", "head_scatter", "head_card", "freeze_panel"):
        assert f"attn_widgets/static/{widget}.js" in names
        assert f"attn_widgets/static/{widget}.css" in names
    assert "attn_widgets/static/standalone.js" in names
    assert "attn_widgets/static/THIRD_PARTY_LICENSES.txt" in names
    assert any(name.startswith("attn_widgets/models/weights/") and name.endswith(".safetensors") for name in names)
    assert "attn_widgets/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any("tests/" in name or name.endswith(".ts") for name in names)
    assert wheel.stat().st_size < 4_000_000


def test_the_wheel_works_in_a_clean_environment(wheel, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    install = [str(python), "-m", "pip", "install", "--quiet", "-c", str(ROOT / "constraints.txt"), str(wheel)]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    done = subprocess.run([str(python), "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > 50_000
