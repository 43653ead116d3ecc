"""Atlas: a folder that `build_atlas` filled -> tables, examples, distances and neighbours of all its heads."""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attn_widgets.atlas.compacting import compact
from attn_widgets.atlas.comparisons import Comparisons
from attn_widgets.atlas.corpus import Corpus
from attn_widgets.atlas.example import Example, examples_of
from attn_widgets.atlas.examples import By
from attn_widgets.atlas.folder import kept_corpus, open_folder
from attn_widgets.atlas.head_rows import dominant, heads_table
from attn_widgets.atlas.kinds import WEIGHTS
from attn_widgets.atlas.models_there import models_there
from attn_widgets.atlas.of_model import OfModel, Sums
from attn_widgets.atlas.trends import By as TrendsBy
from attn_widgets.atlas.trends import trends
from attn_widgets.heads.clusters import HeadClusters
from attn_widgets.motifs.observers import Observers

if TYPE_CHECKING:
    import pandas as pd


class Atlas(Comparisons):
    """What every head of some models does over a corpus. Make one with `build_atlas`.

    Only what is asked for is read, a file at a time. The folder may be one that cannot be written to.

    Parameters
    ----------
    path : str or Path

    Raises
    ------
    FileNotFoundError
        If there is no atlas.
    ValueError
        If it is of another version, or nothing of it is there yet.

    Examples
    --------
    >>> import attn_widgets as aw, tempfile
    >>> texts = ["The cat sat on the mat. The cat sat on the mat.", "Tom has a red apple. Mary has a red apple."]
    >>> atlas = aw.build_atlas("toy-induction", texts, tempfile.mkdtemp(), progress=False)
    >>> atlas.nearest("toy-induction:L1H0", 1)[0][0]
    'toy-induction:L1H1'
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path, self.settings = open_folder(path)
        super().__init__(self.path, models_there(self.path))
        self._mean_patterns: dict[str, NDArray[np.float32]] = {}
        self._more: pd.DataFrame | None = None
        # called after columns were added
        self.on_columns = Observers()

    def __repr__(self) -> str:
        heads = sum(model.size for model in self._models.values())
        return f"<Atlas of {', '.join(self._models)}: {heads} heads, {len(self.corpus)} passages>"

    @property
    def models(self) -> tuple[str, ...]:
        """Their names. Models of one name and different weights have a mark of the weights added to it."""
        return tuple(self._models)

    @cached_property
    def corpus(self) -> Corpus:
        """The passages of all corpora that it was built of."""
        return kept_corpus(self.path)

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {passage.id: passage.text for passage in self.corpus}

    def text(self, passage: str) -> str:
        """The text of a passage, by its id.

        Raises
        ------
        ValueError
            If there is none.
        """
        if passage not in self._texts:
            raise ValueError(f"passage is {passage!r}; expected the id of one, such as {next(iter(self._texts))!r}")
        return self._texts[passage]

    def left_out(self, model: str) -> dict[str, str]:
        """Passages that a model has not read, too short or refused by its tokenizer -> why."""
        return {
            passage: str(why)
            for shard in self._models[model].shards
            for passage, why in dict(shard.about.get("why_left_out", {})).items()
        }

    def no_weights(self, model: str) -> str:
        """Why a model has no columns of `head_weights`; "" where it has them."""
        own = self._models[model].others.get(WEIGHTS)
        return str(own[0].about["refused"]) if own else "they were not measured; call build_atlas again"

    @property
    def heads(self) -> pd.DataFrame:
        """One row a head, by name: `"smollm2-135m:L18H6"`.

        Columns `model`, `layer`, `head`, `depth` (the layer, from 0 for the first to 1 for the last), `n_passages`,
        `motif` (by the rule of `MotifScores.dominant`), `class` and `classes` (from the literature), `cluster` (which
        of `clusters()`; -1 where the models have read no passage in common); for every motif and measure its mean over
        the passages where it has a value, and its deviation, `<score>_std`; `<motif>_lift`, `<motif>_bits`; what shards
        of other kinds have of each head (see `kinds.Kind`); and what `add_columns` added.

        Made when first asked for, with the distances that clusters are made of.

        With `ablations`, of each head on some of the passages, with deviations: how much the loss rises without it, in
        nats a token, its output replaced by zero (`ablation_zero`), by its mean over the `compare` passages
        (`ablation_mean`), or by zero with every pattern held (`ablation_pattern`; see `ablate`); how much the
        in-context score rises (`in_context_zero`, `in_context_mean`, `in_context_pattern`), which is the mean loss of
        a passage's last quarter of tokens less that of its second eighth: the less it learns from what it has read,
        the higher. `loss` and `in_context` are those of the model as it is.
        """
        return self._heads if self._more is None else self._heads.join(self._more)

    @cached_property
    def _heads(self) -> pd.DataFrame:
        heads = heads_table(self._models, self._sums)
        heads.insert(heads.columns.get_loc("classes") + 1, "cluster", self._cluster_column())
        return heads

    @cached_property
    def _sums(self) -> dict[str, dict[str, Sums]]:
        """Model -> kind of passage -> sums."""
        return {name: model.sums(model.names()) for name, model in self._models.items()}

    def add_columns(self, columns: pd.DataFrame | pd.Series) -> None:
        """Put columns of your own beside the others, by the names of the heads; they stay as long as this object.

        Maps of the atlas have them at once.

        Raises
        ------
        ValueError
            If a head is unknown, or a column is there already.
        """
        import pandas as pd

        more = columns.to_frame() if isinstance(columns, pd.Series) else columns
        unknown = [str(name) for name in more.index if name not in self._heads.index]
        if unknown:
            raise ValueError(f"columns has a row {unknown[0]!r}; expected heads such as {self._heads.index[0]!r}")
        twice = [str(name) for name in more.columns if name in self.heads.columns]
        if twice:
            raise ValueError(f"columns has {twice[0]!r}, which the table has already; rename it")
        self._more = more if self._more is None else self._more.join(more, how="outer")
        self.on_columns.call()

    def scores_by_kind(self, head: str) -> pd.DataFrame:
        """Means of a head's scores on each kind of passage: one row a kind, one column a score.

        Before them `n_passages`, and `motif`: what the head would be called if there were no other kind.
        """
        import pandas as pd

        model, row = self._models.find(head)
        sums = self._sums[model.name]
        found = pd.DataFrame([own.mean[:, row] for own in sums.values()], index=list(sums), columns=model.names())
        found.insert(0, "n_passages", [own.passages for own in sums.values()])
        found.insert(1, "motif", [dominant(model.names(), own.mean[:, [row]])[0] for own in sums.values()])
        return found

    def strengths(self, head: str) -> NDArray[np.int64]:
        """Of every query of every passage the weight of its strongest key, the first aside: how many are in each bin.

        Returns
        -------
        numpy.ndarray
            `[64]`, bins of [0, 1].
        """
        model, row = self._models.find(head)
        of_all = Sums.all_of(self._sums[model.name].values(), len(model.names()), model.size)
        strengths: NDArray[np.int64] = of_all.strengths[row]
        return strengths

    def mean_pattern(self, head: str) -> NDArray[np.float32]:
        """A head's mean pattern over all passages, between their first words.

        Words are those of `Trace.words`, a special first token one of them. A passage counts in the cells whose words
        it has, and one of several corpora in each. Of a causal model rows sum to 1; of another, what went to later
        words is missing.

        Returns
        -------
        numpy.ndarray
            `[query, key]`, of 32 words at most, in [0, 1]; within 1e-5.
        """
        model, row = self._models.find(head)
        layer, index = divmod(row, model.n_heads)
        found: NDArray[np.float32] = self.mean_patterns(model.name)[layer, index]
        return found

    def mean_patterns(self, model: str | None = None) -> NDArray[np.float32]:
        """Mean patterns of all heads of a model, `[layer, head, query, key]`, read once; see `mean_pattern`.

        Parameters
        ----------
        model : str, optional
            Where there are several, its name.
        """
        of = self._models.one(model)
        if of.name not in self._mean_patterns:
            found = of.mean_patterns()
            found.setflags(write=False)
            self._mean_patterns[of.name] = found.reshape(of.n_layers, of.n_heads, *found.shape[1:])
        return self._mean_patterns[of.name]

    def examples(self, head: str, k: int = 20, by: By = "top") -> list[Example]:
        """Cells that show what a head does.

        Parameters
        ----------
        head : str
            Such as `"smollm2-135m:L18H6"`; without the model where there is one.
        k : int
            How many, at most.
        by : {"top", "decile", "random"}
            The heaviest; a tenth of k from each tenth of the head's cells by weight, the heaviest first; or a fair
            sample. What reads the same is there once.

        Raises
        ------
        ValueError
            If there is no such head, or `by` or `k` is none.
        """
        model, row = self._models.find(head)
        return examples_of(model, row, self.settings.keep_examples, k, by)

    def trends(self, by: TrendsBy = "depth", of: str | HeadClusters = "cluster", bins: int = 10) -> pd.DataFrame:
        """Which share of the heads is in each cluster, class or motif, by how deep they are or by model.

        Parameters
        ----------
        by : {"depth", "model"}
        of : str or HeadClusters
            A column of `heads`, such as "cluster", "class" or "motif"; or what `clusters` returned.
        bins : int
            Of relative depth, all as wide.

        Returns
        -------
        pandas.DataFrame
            One row a bin that has heads or a model; `n_heads`, and a column for each cluster, which sum to 1 in a row.

        Raises
        ------
        ValueError
            If `by`, `of` or `bins` is none, or the clusters are of other heads.
        """
        return trends(self.heads, by, of, bins)

    def add(self, models: Any, corpus: Any = None, **options: Any) -> Atlas:
        """Measure more models, or some on more texts, into the same folder, with the same settings.

        Parameters
        ----------
        models : as for `build_atlas`
            To have another corpus read by those that are there, name them too.
        corpus : as for `build_atlas`, optional
            Default: the one that is there.
        **options
            `executor`, `progress` and `ablations` of `build_atlas`.

        Returns
        -------
        Atlas
            With all of it; this one stays as it was.
        """
        from attn_widgets.atlas.building import build_atlas

        settings = {name: getattr(self.settings, name) for name in ("tokens", "keep_examples", "compare", "ablations")}
        return build_atlas(models, self.corpus if corpus is None else corpus, self.path, **{**settings, **options})

    def compact(self, progress: bool = True) -> Atlas:
        """Put the many small files of each model together into few large ones, with the same answers.

        Of the examples those stay that can still be asked for. A large file is whole on the disk before those that it
        takes the place of are removed, so whatever ends it, nothing is lost; `build_atlas` takes what it has for done.

        Parameters
        ----------
        progress : bool
            Draw a bar of the models that are done.

        Returns
        -------
        Atlas
            Use this one from now on: the files that this object reads are gone.

        Raises
        ------
        OSError
            If the folder cannot be written to or is full. What is there is kept.
        """
        compact(self.path, self.settings.keep_examples, progress)
        return type(self)(self.path)

    def to_site(
        self,
        folder: str | os.PathLike[str],
        *,
        models: Sequence[str] | None = None,
        title: str | None = None,
        progress: bool = True,
    ) -> Path:
        """Write a static site: a page to search and browse all heads, and what `HeadDossier` shows of each.

        It is opened from a disk or any web server, and needs no kernel and no network; `index.html#gpt2:L5H1` is a
        head's own address.

        Parameters
        ----------
        folder : str or Path
            Made if it is not there. A site that is there is written over: it is the old one until the new is whole.
        models : list of str, optional
            Of these alone; default all.
        title : str, optional
            Default: the models' names.
        progress : bool
            Draw a bar of the heads that are done.

        Returns
        -------
        Path
            That of `index.html`.

        Raises
        ------
        ValueError
            If there are other things in the folder, or there is no such model.
        OSError
            If the folder cannot be written to or is full.
        """
        from attn_widgets.atlas.site import write_site

        return write_site(self, folder, models=models, title=title, progress=progress)

    def of_model(self, name: str) -> OfModel:
        """One model's part of the files.

        Raises
        ------
        ValueError
            If there is none of this name.
        """
        return self._models[name]

    def name_of(self, head: str) -> str:
        """A head's name with its model, as the table has it: `"L5H1"` will do where there is one model.

        Raises
        ------
        ValueError
            If there is no such head.
        """
        return self._models.full_name(head)
