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


WITHOUT_TORCH = """
import attn_widgets as aw
import numpy as np
from asking import said
tokens = [f"t{i}" for i in range(12)]
patterns = np.tril(np.random.default_rng(0).random((2, 2, 4, 12, 12), np.float32))
patterns /= patterns.sum(-1, keepdims=True)
traces = [aw.Trace.from_arrays(own, [f"{t}{i}" for t in tokens], model_name="mine") for i, own in enumerate(patterns)]
assert aw.motif_scores(traces).top("previous_token", 1)
head_map = aw.HeadMap(traces)
aw.figures.heatmap(aw.Trace.load(traces[0].save("t.safetensors")), "L0H0").savefig("head.svg")
atlas = aw.ready_atlas()
widgets = [aw.AttentionHeatmap(traces[0]), aw.HeadGrid(traces[0])]
widgets += [aw.HeadScatter(head_map), aw.HeadCard(head_map, "L0H0")]
widgets += [aw.HeadScatter(atlas), aw.HeadDossier(atlas, "smollm2-135m:L18H6")]
aw.link(*widgets[:4])
for widget in widgets[:4]:
    assert widget.to_html("page.html").stat().st_size > 50_000
print(said(
    lambda: aw.load_model("toy-induction"),
    lambda: aw.capture("toy-induction", "The cat sat."),
    lambda: aw.AttentionRun("toy-induction", "The cat sat."),
    lambda: aw.freeze,
    lambda: aw.head_weights("toy-induction"),
))
"""

FREE = """
def said(*calls):
    found = 0
    for call in calls:
        try:
            call()
        except ModuleNotFoundError as error:
            assert "needs torch and transformer-lens" in str(error), error
            assert "pip install torch transformer-lens" in str(error), error
            found += 1
    return found
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


def needed(
    dist: Distribution, extras: frozenset[str], found: dict[str, Distribution], without: frozenset[str] = frozenset()
) -> dict[str, Distribution]:
    """Return what a distribution asks for, and what that asks for, among the packages installed here."""
    for requirement in map(Requirement, dist.requires or []):
        if requirement.name.lower() in without:
            continue
        marker = requirement.marker
        if marker and not any(marker.evaluate({"extra": extra}) for extra in extras | {""}):
            continue
        name = " ".join([requirement.name.lower(), *sorted(requirement.extras)])
        if name not in found:
            found[name] = distribution(requirement.name)
            needed(found[name], frozenset(requirement.extras), found, without)
    return found


def environment(wheel: Path, where: Path, without: frozenset[str] = frozenset()) -> tuple[Path, Path]:
    """An environment with the wheel and what it asks for: its Python, and where packages are.

    Packages are linked from this environment, not downloaded again.
    """
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(where)], check=True)
    python = where / ("Scripts" if sys.platform == "win32" else "bin") / "python"
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site = Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())
    zipfile.ZipFile(wheel).extractall(site)
    own = Distribution.at(next(site.glob("attn_widgets-*.dist-info")))
    for dist in needed(own, frozenset(), {}, without).values():
        for file in dist.files or []:
            if ".." in file.parts or (site / file).exists():
                continue
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            os.symlink(file.locate(), site / file)
    return python, site


def test_the_wheel_works_with_nothing_but_what_it_asks_for(wheel, tmp_path):
    python, site = environment(wheel, tmp_path / "env")
    assert (site / "torch").is_dir()
    assert not (site / "pytest").exists()
    done = subprocess.run([str(python), "-E", "-c", USE], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout.split()[-1]) > 50_000


def test_what_needs_no_torch_works_without_it_and_what_does_says_so(wheel, tmp_path):
    python, site = environment(wheel, tmp_path / "env", frozenset({"torch", "transformer-lens", "transformers"}))
    assert not any((site / name).exists() for name in ("torch", "transformer_lens", "transformers"))
    (tmp_path / "asking.py").write_text(FREE)
    (tmp_path / "use.py").write_text(WITHOUT_TORCH)
    done = subprocess.run([str(python), "-E", "use.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == "5"
