"""`to_site`: an atlas -> a folder with one page to search all heads and a file a head, for a disk or any web server."""

from __future__ import annotations

import hashlib
import html
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_widgets.atlas.durable import write_durably
from attn_widgets.atlas.example import COLUMNS, Example, read_examples
from attn_widgets.atlas.examples import BYS, By, thinned
from attn_widgets.atlas.head_page import EXAMPLES, head_page
from attn_widgets.atlas.head_table import head_table
from attn_widgets.buffers import json_for_script, with_base64
from attn_widgets.bundles import bundle
from attn_widgets.names import near_miss

if TYPE_CHECKING:
    from attn_widgets.atlas.atlas import Atlas
    from attn_widgets.atlas.of_model import OfModel

INDEX = "index.html"
# says that a folder is a site, also one that was not finished
MARK = "attn-widgets-site.json"
_HEADS = "heads-"

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="attn_widgets">
<title>{title}</title>
<style>
.unopened {{ font: 15px/1.5 system-ui, sans-serif; animation: unopened 1s step-end }}
@keyframes unopened {{ from {{ visibility: hidden }} }}
@media print {{ :root {{ color-scheme: light }} }}
{style}
</style>
</head>
<body>
<main id="attn-widgets-site-root">
<p class="unopened">This page could not be opened.
Its file may be damaged or cut short, or scripts are not allowed to run here.</p>
</main>
<script type="application/json" id="attn-widgets-site">{state}</script>
<script type="module">{script}</script>
</body>
</html>
"""


def write_site(
    atlas: Atlas,
    folder: str | os.PathLike[str],
    *,
    models: Sequence[str] | None = None,
    title: str | None = None,
    progress: bool = True,
) -> Path:
    """See `Atlas.to_site`."""
    heads = atlas.heads
    chosen = _chosen(atlas, models)
    path = _begin(folder)
    if chosen != list(atlas.models):
        heads = heads[heads["model"].isin(chosen)]
    title = title or f"Atlas of {', '.join(chosen)}"
    table = head_table(heads, derived=True)
    unfinished = path / f".{_HEADS}{os.getpid()}.part"
    try:
        unfinished.mkdir()
        digest = hashlib.sha256(repr(table).encode())
        for number, page in enumerate(_pages(atlas, chosen, progress)):
            # a script, not JSON: a page that was opened from a disk may load one, and may not fetch
            text = f"attnWidgetsSite({number},{json_for_script(with_base64(page))})\n"
            digest.update(text.encode())
            (unfinished / f"{number}.js").write_text(text, encoding="ascii")
        files = f"{_HEADS}{digest.hexdigest()[:12]}"
        if not (path / files).exists():
            unfinished.rename(path / files)
        state = {"title": title, "files": files, "passages": len(atlas.corpus), "table": table}
        text = _PAGE.format(
            title=html.escape(title),
            style=bundle("site.css"),
            state=json_for_script(with_base64(state)),
            script=bundle("site.js"),
        )
        # the last: until now what was there before is shown, whole
        write_durably(path / INDEX, lambda file: file.write(text.encode()))
        for old in path.glob(f"{_HEADS}*"):
            if old.name != files:
                shutil.rmtree(old, ignore_errors=True)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return path / INDEX


def _chosen(atlas: Atlas, models: Sequence[str] | None) -> list[str]:
    if models is None:
        return list(atlas.models)
    if isinstance(models, str):
        raise TypeError(f"models is {models!r}; expected a list of names: [{models!r}]")
    for name in models:
        if name not in atlas.models:
            raise ValueError(f"models has {name!r}; {near_miss(str(name), atlas.models)}")
    if not models:
        raise ValueError("models is empty; expected at least one name, or None for all")
    return [name for name in atlas.models if name in models]


def _begin(folder: str | os.PathLike[str]) -> Path:
    """The folder, marked as a site.

    Raises
    ------
    ValueError
        If there are other things in it.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise ValueError(f"folder is {str(folder)!r}, a file; expected a folder, there or not")
    if path.exists() and any(path.iterdir()) and not (path / MARK).exists():
        raise ValueError(
            f"folder is {str(folder)!r}, which holds other things than a site of an atlas; choose an empty one"
        )
    about = {"made_by": "attn_widgets", "what": "the site of an atlas: written over by the next call of to_site"}
    write_durably(path / MARK, lambda file: file.write(json.dumps(about, indent=1).encode()))
    return path


def _pages(atlas: Atlas, models: Sequence[str], progress: bool) -> Iterator[dict[str, Any]]:
    """The pages of all heads, in the order of the table."""
    from tqdm.auto import tqdm

    total = int(atlas.heads["model"].isin(models).sum())
    with tqdm(total=total, unit="head", disable=not progress) as bar:
        for name in models:
            examples = _examples(atlas, atlas.of_model(name))
            for head in atlas.heads.index[atlas.heads["model"] == name]:
                yield head_page(atlas, head, {by: found.get(head, []) for by, found in examples.items()})
                bar.update(1)


def _examples(atlas: Atlas, model: OfModel) -> dict[By, dict[str, list[Example]]]:
    """By -> head -> its examples. The files are read once, and no more of them is held than may still be chosen."""
    import pyarrow as pa
    import pyarrow.compute as pc

    keep, kept = atlas.settings.keep_examples, None
    for rows in model.rows(COLUMNS):
        rows = rows.select(COLUMNS)
        rows = rows if kept is None else pa.concat_tables([kept, rows]).unify_dictionaries()
        rows = thinned(rows, keep)
        kept = rows.filter(pc.greater(pc.fill_null(pc.list_value_length(rows["examples"]), 0), 0))
    found: dict[By, dict[str, list[Example]]] = {}
    for by in BYS:
        own = found.setdefault(by, {})
        for example in read_examples(kept, model.name, keep, by, EXAMPLES) if kept is not None else ():
            own.setdefault(example.head, []).append(example)
    return found
