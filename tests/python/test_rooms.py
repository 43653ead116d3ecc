"""The rooms of the package: what is known where."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from pathlib import Path

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
    if path.relative_to(SOURCE).parts[0] == "models":
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
