"""`build_atlas`: models and a corpus -> a folder with one file a model and block of passages; begun or gone on with."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_widgets.atlas.compacting import held
from attn_widgets.atlas.corpus import Passage, as_corpus
from attn_widgets.atlas.durable import REFUSED
from attn_widgets.atlas.folder import keep_corpus, make_folder
from attn_widgets.atlas.kinds import ABLATIONS, KINDS, MEANS, PATTERNS, WEIGHTS
from attn_widgets.atlas.parts import Parts
from attn_widgets.atlas.running import Workers, workers
from attn_widgets.atlas.settings import Settings
from attn_widgets.atlas.specs import Spec, as_specs
from attn_widgets.atlas.units import Plan, Unit, plan_of, work

if TYPE_CHECKING:
    from attn_widgets.atlas.atlas import Atlas

_BLOCK = 32
# passages on which heads are ablated where nobody says how many
_ABLATED = 16


def build_atlas(
    models: Any,
    corpus: Any,
    path: str | os.PathLike[str],
    *,
    executor: Any = None,
    tokens: int = 128,
    keep_examples: int = 64,
    compare: int = 128,
    ablations: bool | int = False,
    progress: bool = True,
) -> Atlas:
    """Find out what every head of some models does over a corpus.

    A folder is filled file by file, one a model and block of 32 passages, and one of each model's weights. Whatever
    ends the work, an interrupt, a machine that is switched off, a full disk, the same call goes on from there; several
    calls may fill one folder at once.

    Parameters
    ----------
    models : str, path, dict, callable, or a list of these
        Names such as `"smollm2-135m"`; folders; dicts of `load_model`'s arguments, `{"model": "toy-induction",
        "checkpoint": 3}`; functions without arguments that return what `load_model` takes. Workers open their own. A
        model object will do where there is no executor.
    corpus : Corpus or what `as_corpus` takes
        A list or iterator of texts; a file of text, JSONL or Parquet; a `datasets.Dataset`. `passages()` are texts
        that come with this package.
    path : str or Path
        Folder, made if it is not there. Another call with the same settings adds models or texts to what is there.
    executor : concurrent.futures.Executor or dask.distributed.Client, optional
        Who does the work, each block by itself; its workers must see the folder under the same path. Default: this
        process, and on machines of 8 cores and more without a GPU, one process for every 4 cores.
    tokens : int
        A passage is cut to so many of the model's own tokens, its special ones among them, of which one that ends every
        text stays the last; passages of fewer than 8 are left out for that model.
    keep_examples : int
        How many of the heaviest examples of each head are kept in each block, and ten times as many drawn by chance.
    compare : int
        For how many passages the features of all heads are kept, which distances between heads are made of: those of
        the corpus with the smallest ids.
    ablations : bool or int
        Also ablate every head, three ways, on so many passages, True for 16: those of the corpus with the smallest
        ids. `Atlas.heads` then has what that does to the loss. It costs about 1.8 forward passes a head and passage:
        of a model of 144 heads, each of these passages as much as 260 others.
    progress : bool
        Draw a bar of the blocks that are done.

    Returns
    -------
    Atlas

    Raises
    ------
    TypeError, ValueError
        If a model, the corpus or a setting is not one, or the folder holds an atlas of other settings.
    OSError
        If the folder cannot be written to or is full. What is there is kept.
    RuntimeError
        If some of the models could not be opened or measured; the others are done. What is there is kept.

    Examples
    --------
    >>> import attn_widgets as aw, tempfile
    >>> texts = ["The cat sat on the mat. The cat sat on the mat.", "Tom has a red apple. Mary has a red apple."]
    >>> atlas = aw.build_atlas("toy-induction", texts, tempfile.mkdtemp(), progress=False)
    >>> len(atlas.heads)
    8
    """
    specs = as_specs(models)
    settings = Settings(tokens, keep_examples, compare, _ABLATED if ablations is True else ablations or 0)
    texts = as_corpus(corpus)
    folder = make_folder(path, settings)
    keep_corpus(folder, texts)
    blocks = [tuple(texts.passages[start : start + _BLOCK]) for start in range(0, len(texts), _BLOCK)]
    kinds = (PATTERNS, WEIGHTS, *((MEANS, ABLATIONS) if settings.ablations else ()))
    each = sum(map(len, Parts(blocks, settings, kinds).of.values()))
    with workers(executor, specs, len(blocks)) as crew, _bar(progress, len(specs) * each) as bar:
        failed = _build(crew, specs, blocks, settings.compared(one.id for one in texts), settings, folder, bar, kinds)
    if failed:
        said = "; ".join(f"{model}: {type(error).__name__}: {error}" for model, error in failed.items())
        raise RuntimeError(
            f"{len(failed)} of {len(specs)} models could not be measured: {said}. What was done is kept in {folder}"
        ) from next(iter(failed.values()))
    from attn_widgets.atlas.atlas import Atlas

    return Atlas(folder)


def _build(
    crew: Workers,
    specs: Sequence[Spec],
    blocks: Sequence[tuple[Passage, ...]],
    compared: frozenset[str],
    settings: Settings,
    folder: Path,
    bar: Any,
    kinds: Sequence[str] = (PATTERNS,),
) -> dict[str, Exception]:
    """Do what is missing, model by model; models that failed, and why."""
    failed: dict[str, Exception] = {}
    parts = Parts(blocks, settings, kinds)
    for spec, planned in _plans(crew, specs, parts.blocks, settings):
        name = str(spec.how)
        try:
            plan: Plan = planned.result()
            name = plan.model
            bar.set_description(name)
            paths: dict[str, Path] = {}
            for stage in parts.stages:
                units = [
                    Unit(kind, spec, plan, i, block, own, settings, folder, paths.get(KINDS[kind].needs))
                    for kind in stage
                    for i, block in parts.of[kind]
                    for own in (_ids(block) & compared if kind == PATTERNS else frozenset(),)
                ]
                paths.update({unit.kind: unit.path for unit in units})
                there = held({unit.path.parent for unit in units}, folder)
                missing = [unit for unit in units if unit.path not in there and not unit.done()]
                bar.update(len(units) - len(missing))
                with closing(crew.results((work, unit) for unit in missing)) as ended:
                    for future in ended:
                        future.result()
                        bar.update(1)
        except BrokenExecutor as error:
            raise RuntimeError(
                f"a worker ended in the middle of its work ({error}), killed for want of memory perhaps; what was done "
                f"is kept in {folder}. Call again, with fewer workers"
            ) from error
        except Exception as error:
            # without room no model can be measured
            if isinstance(error, OSError) and error.errno in REFUSED:
                raise
            failed[name] = error
    return failed


def _ids(block: Sequence[Passage]) -> frozenset[str]:
    return frozenset(one.id for one in block)


def _plans(
    crew: Workers, specs: Sequence[Spec], blocks: Sequence[Sequence[Passage]], settings: Settings
) -> Iterator[tuple[Spec, Future[Plan]]]:
    """What has to be known of each model. Elsewhere the next is opened while the blocks of one are measured."""
    ahead = 1 if crew.here else 2
    futures: list[Future[Plan]] = []
    for i, spec in enumerate(specs):
        while len(futures) < min(i + ahead, len(specs)):
            futures.append(crew.executor.submit(plan_of, specs[len(futures)], blocks, settings, crew.n_threads))
        yield spec, futures[i]


def _bar(shown: bool, total: int) -> Any:
    from tqdm.auto import tqdm

    return tqdm(total=total, unit="block", disable=not shown)
