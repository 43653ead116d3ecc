"""The pages that BertViz and CircuitsVis draw of the same patterns, with what they load from a CDN at hand."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

# what BertViz asks the CDN for -> package, and the file in it; npm has no jQuery 2.0.0, 2.1.0 is the next
_FROM_CDN = {
    "require.js/2.3.6/require.min.js": ("requirejs@2.3.6", "package/require.js"),
    "d3/5.7.0/d3.min.js": ("d3@5.7.0", "package/dist/d3.min.js"),
    "jquery/2.0.0/jquery.min.js": ("jquery@2.1.0", "package/dist/jquery.min.js"),
}
_CDN = "https://cdnjs.cloudflare.com/ajax/libs/"
_CACHE = Path(__file__).parents[2] / "build" / "bench"
_PAGE = '<!doctype html><html><head><meta charset="utf-8"></head><body>{}</body></html>'


def bertviz(patterns: NDArray[Any], tokens: list[str]) -> str:
    """Return the page of `model_view`: every layer and head."""
    import torch
    from bertviz import model_view

    layers = [torch.from_numpy(layer)[None] for layer in patterns]
    return _PAGE.format(model_view(layers, tokens, html_action="return").data)


def circuitsvis(patterns: NDArray[Any], tokens: list[str]) -> tuple[str, str]:
    """Return the pages of `attention_heads` over every layer and head: with its JS inside, and from the CDN."""
    from circuitsvis.attention import attention_heads

    layers, heads, n, _ = patterns.shape
    names = [f"L{layer}H{head}" for layer in range(layers) for head in range(heads)]
    page = attention_heads(patterns.reshape(layers * heads, n, n), tokens, attention_head_names=names)
    return _PAGE.format(page.local_src), _PAGE.format(page.cdn_src)


def answer_for_cdn(page: Any) -> None:
    """Let a browser page find at once what it would fetch from the CDN."""
    files = {_CDN + url: _file(*where) for url, where in _FROM_CDN.items()}
    page.route(
        f"{_CDN}**",
        lambda route: route.fulfill(body=files[route.request.url], content_type="text/javascript"),
    )


def _file(package: str, path: str) -> bytes:
    archive = _CACHE / f"{package.replace('@', '-')}.tgz"
    if not archive.exists():
        _CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", package], cwd=_CACHE, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(archive) as files:
        member = files.extractfile(path)
        assert member is not None
        return member.read()
