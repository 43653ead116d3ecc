"""The wheel that is built works where nothing is but what it asks for: no source tree, no tools of ours."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[2]

USE = """
import attn_widgets as aw
from pathlib import Path
assert "site-packages" in aw.__file__, aw.__file__
model = aw.load_model("toy-induction", device="cpu")
run = aw.AttentionRun(model, "The cat sat on the mat. The cat sat on the")
widget = aw.AttentionHeatmap(run, layer=1, head=1)
assert "render" in str(widget._esm) and len(widget.pattern["data"]) == 13 * 14
head_map = aw.HeadMap(aw.capture(model, ["The cat sat on the mat.", "Mary and John went to the store."]))
aw.figures.head_map(head_map.points, head_map.distances).savefig("map.svg")
print(aw.HeadScatter(head_map).to_html("map.html").stat().st_size)
print(widget.to_html("page.html").stat().st_size)
assert aw.ready_atlas().examples("smollm2-135m:L17H3", 3)
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
    for widget in ("heatmap", "grid", "scatter", "card", "freeze", "dossier", "site"):
        assert f"attn_widgets/static/{widget}.js" in names
        assert f"attn_widgets/static/{widget}.css" in names
    assert "attn_widgets/static/standalone.js" in names
    assert "attn_widgets/static/THIRD_PARTY_LICENSES.txt" in names
    assert any(name.startswith("attn_widgets/models/weights/") and name.endswith(".safetensors") for name in names)
    assert all(f"attn_widgets/atlas/ready/{name}/atlas.json" in names for name in ("pretrained", "training"))
    assert "attn_widgets/atlas/passages/prose.jsonl" in names
    assert "attn_widgets/py.typed" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not any("tests/" in name or name.endswith(".ts") for name in names)
    assert wheel.stat().st_size < 9_000_000


def needed(dist: Distribution, extras: frozenset[str], found: dict[str, Distribution]) -> dict[str, Distribution]:
    """Return what a distribution asks for, and what that asks for, among the packages installed here."""
    for requirement in map(Requirement, dist.requires or []):
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        name = " ".join([requirement.name.lower(), *sorted(requirement.extras)])
        if name not in found:
            found[name] = distribution(requirement.name)
            needed(found[name], frozenset(requirement.extras), found)
    return found


def test_the_wheel_works_with_nothing_but_what_it_asks_for(wheel, tmp_path):
    """Packages are linked from this environment, not downloaded again."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    where = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(where, capture_output=True, text=True, check=True).stdout.strip())
    zipfile.ZipFile(wheel).extractall(site)
    asked = Distribution.at(next(site.glob("attn_widgets-*.dist-info")))
    for dist in needed(asked, frozenset(), {}).values():
        for file in dist.files or []:
            if ".." in file.parts or (site / file).exists():
                continue
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(file.locate(), site / file)
    assert (site / "torch").is_dir()
    assert not (site / "pytest").exists()
    done = subprocess.run([str(python), "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > 50_000
