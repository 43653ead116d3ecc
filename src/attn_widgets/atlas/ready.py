"""`ready_atlas`: a name -> an atlas that comes with the package."""

from __future__ import annotations

from attn_widgets.atlas.atlas import Atlas
from attn_widgets.atlas.folder import READY
from attn_widgets.names import near_miss

NAMES = ("pretrained", "training")


def ready_atlas(name: str = "pretrained") -> Atlas:
    """Open an atlas that comes with the package: no model, no network, no waiting.

    Its numbers are rounded to a relative 0.4%. To go on with one, copy its folder: `shutil.copytree(atlas.path,
    "mine")`, then `aw.Atlas("mine").add(...)`.

    Parameters
    ----------
    name : {"pretrained", "training"}
        "pretrained": SmolLM2-135M-Instruct, which writes, and all-MiniLM-L6-v2, which reads both ways, on the first
        hundred of `passages()`, ten of each of ten kinds. "training": the twelve checkpoints of `toy-induction`,
        `toy-induction@0` to `toy-induction@10` and the finished `toy-induction`, on 48 texts of its own few hundred
        words, stories and repeated random words.

    Returns
    -------
    Atlas
        `python -m attn_widgets.atlas.make_ready` made it.

    Raises
    ------
    ValueError
        If there is none of this name.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> aw.ready_atlas("training").heads.loc["toy-induction:L0H1", "motif"]
    'previous_token'
    """
    if name not in NAMES:
        raise ValueError(f"name is {name!r}; {near_miss(str(name), NAMES)}. An atlas of your own: aw.Atlas(path)")
    return Atlas(READY / name)
