"""The rooms of the package: what is known where."""

from __future__ import annotations

import ast
import importlib
import io
import os
import re
import subprocess
import sys
import tokenize
from pathlib import Path
from types import ModuleType

import pytest

import attn_widgets

SOURCE = Path(attn_widgets.__file__).parent
FILES = sorted(SOURCE.rglob("*.py"))

# what TransformerLens calls things
NAMES = re.compile(
    r"\b(hook_\w+|hook_dict|run_with_\w+|fwd_hooks|[Wb]_[A-Z]{1,3}|ln_final|ln1|ln2|unembed|cfg|d_vocab|n_ctx)\b"
    r"|\.lens\b|blocks\.|transformer_lens"
)
# parts of a logit that are called after what they come from
ALLOWED = {"unembed_bias"}


def _code(path: Path) -> list[tuple[int, str]]:
    """Line number and text of all that is no comment and no docstring."""
    source = path.read_text(encoding="utf-8")
    nodes = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Expr) and isinstance(n.value, ast.Constant)]
    docstrings = {line for node in nodes for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)}
    lines: dict[int, str] = {}
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type != tokenize.COMMENT and token.start[0] not in docstrings:
            lines[token.start[0]] = token.line
    return sorted(lines.items())


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_transformer_lens_is_known_in_models_only(path):
    # the other says that a package of that name is not installed
    if path.relative_to(SOURCE).parts[0] in ("models", "without_torch.py"):
        return
    found = {
        (number, match.group()) for number, line in _code(path) for match in NAMES.finditer(line.partition("#")[0])
    }
    assert {one for one in found if one[1] not in ALLOWED} == set()


def test_the_names_that_are_looked_for_are_those_that_models_has():
    """Or the test above could not fail."""
    text = "".join(path.read_text(encoding="utf-8") for path in (SOURCE / "models").glob("*.py"))
    for name in ("hook_dict", "hook_embed", "run_with_hooks", "W_O", "W_V", "W_E", "b_U", "ln_final", "cfg", "blocks."):
        assert name in text
        assert NAMES.search(f"model.{name}0" if name == "blocks." else f"model.{name}")


MODULES = [
    ".".join(("attn_widgets", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")
    for path in FILES
]


@pytest.mark.parametrize("name", MODULES)
def test_every_module_imports_plainly(name):
    module = importlib.import_module(name)
    scope: dict[str, object] = {}
    exec(f"import {name} as imported", scope)
    assert scope["imported"] is module is sys.modules[name]


def test_no_module_hides_what_its_package_exports():
    packages = [name for name in MODULES if hasattr(importlib.import_module(name), "__path__")]
    for name in packages:
        package = importlib.import_module(name)
        modules = {one.rpartition(".")[2] for one in MODULES if one.rpartition(".")[0] == name}
        for exported in modules & set(getattr(package, "__all__", ())):
            assert isinstance(getattr(package, exported), ModuleType), f"{name}.{exported} is a module and a function"


FIRST = """
import os, sys
import anywidget, matplotlib.pyplot, pandas, scipy, sklearn, torch, transformer_lens, transformers
for name in sys.argv[1:]:
    child = os.fork()
    if child == 0:
        try:
            __import__(name)
        except BaseException as error:
            print(name, type(error).__name__, error, flush=True)
            os._exit(1)
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_every_module_can_be_the_first_to_be_imported():
    """There is no circle that works from one side only."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", FIRST, *MODULES], capture_output=True, text=True)
    assert done.stdout == ""
    assert done.returncode == 0, done.stderr


# each imports only from those before it
ORDER = (
    *(
        "names",
        "without_torch",
        "threads",
        "arrays",
        "tensor_file",
        "bundles",
        "buffers",
        "patterns",
        "words",
        "attention",
        "trace_file",
        "trace",
        "traces",
        "tiles",
        "models",
        "forward",
        "motifs",
        "heads",
    ),
    *("settings", "stills", "circuits", "atlas", "compute", "figures", "export", "widgets"),
)


# all but the package's own __init__.py, which comes first
@pytest.mark.parametrize("path", FILES[1:], ids=lambda path: str(path.relative_to(SOURCE)))
def test_nothing_imports_upwards(path):
    room = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    imported = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "attn_widgets":
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("attn_widgets."):
            imported.add(str(node.module).split(".")[1])
    allowed = set(ORDER[: ORDER.index(room) + 1])
    assert imported <= allowed, f"{room} is before {sorted(imported - allowed)}"
