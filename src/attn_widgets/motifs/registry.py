"""MOTIFS: the ten motifs that come with the package, and those that users add."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches

import numpy as np

from attn_widgets.motifs.catalog import TEN
from attn_widgets.motifs.motif import Mask, Motif, Prompt, Shape

# for motifs that are added without a colour, in this order
_SPARE = ("#6b4226", "#d9667b", "#7a7a00", "#8f6bb3", "#2e7d5b")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")


class UnknownMotifError(KeyError, ValueError):
    """There is no motif of that name; the message has the nearest ones."""

    def __str__(self) -> str:
        return str(self.args[0])


def unknown(name: object, known: list[str]) -> UnknownMotifError:
    """The error for a name that is not among the known ones."""
    near = get_close_matches(str(name), known, n=2, cutoff=0.5)
    hint = f"did you mean {' or '.join(map(repr, near))}?" if near else f"expected one of {', '.join(known)}"
    return UnknownMotifError(f"motif is {name!r}; {hint}")


class Motifs(Mapping[str, Motif]):
    """Name -> Motif, in the order of tables and legends. Add with `register`; not assignable by accident.

    Attributes
    ----------
    version : int
        Grows with every change, so that what was computed for an earlier set can be told apart.
    """

    def __init__(self) -> None:
        self._motifs: dict[str, Motif] = {}
        self.version = 0
        self._observers = []

    def observe(self, callback):
        self._observers.append(callback)

    def unobserve(self, callback):
        self._observers.remove(callback)

    def __getitem__(self, name: str) -> Motif:
        try:
            return self._motifs[name]
        except (KeyError, TypeError):
            raise unknown(name, list(self._motifs)) from None

    def __contains__(self, name: object) -> bool:
        return name in self._motifs

    def __iter__(self) -> Iterator[str]:
        return iter(self._motifs)

    def __len__(self) -> int:
        return len(self._motifs)

    def __repr__(self) -> str:
        width = max(map(len, self._motifs), default=0)
        return "\n".join(f"{name:<{width}}  {motif.description}" for name, motif in self._motifs.items())

    def add(self, motif: Motif, *, overwrite: bool = False) -> None:
        """Add a motif; replacing one must be asked for."""
        if motif.name in self._motifs and not overwrite:
            raise ValueError(
                f"name is {motif.name!r}, which is a motif already; choose another name, or pass overwrite=True"
            )
        self._motifs[motif.name] = motif
        self.version += 1

    def unregister(self, name: str) -> Motif:
        """Take a motif out and return it, as it was."""
        motif = self[name]
        del self._motifs[name]
        self.version += 1
        return motif


MOTIFS = Motifs()
for _motif in TEN:
    MOTIFS.add(_motif)


def register_motif(
    name: str,
    mask: Callable[[Prompt], Mask],
    *,
    label: str | None = None,
    description: str = "",
    source: str = "",
    color: str | None = None,
    overlay: Callable[[Prompt], Shape | None] | None = None,
    overwrite: bool = False,
) -> Motif:
    """Add a motif of your own: it is scored, drawn and listed like the others.

    Parameters
    ----------
    name : str
        An identifier, such as `"next_to_comma"`.
    mask : callable
        `mask(prompt)` of a `Prompt` (`n_queries`, `n_keys`, `tokens`, `token_ids`, `special`, `causal`,
        `same_sequence`, and the position grids `queries` `[query, 1]` and `keys` `[1, key]`) returns bool
        `[query, key]`: the cells that belong to the motif. Or a pair of it and bool `[query]`: the rows
        to average over; default all rows with such a cell. Or None where the prompt has no such cells.
    label : str, optional
        For legends; default made from the name.
    description, source : str, optional
        One sentence for a tooltip; where the motif was described.
    color : str, optional
        `"#rrggbb"`; default one that the others do not use.
    overlay : callable, optional
        `overlay(prompt)` returns what to draw (see `attn_widgets.motifs.overlay`); default derived from the
        mask.
    overwrite : bool
        Replace the motif of this name.

    Returns
    -------
    Motif

    Raises
    ------
    ValueError
        If the name is taken or not an identifier, or the colour cannot be read, or the mask function does
        not return a mask (it is tried on a small prompt).
    TypeError
        If `mask` or `overlay` cannot be called.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> motif = aw.register_motif("two_back", lambda prompt: prompt.keys == prompt.queries - 2)
    >>> removed = aw.MOTIFS.unregister("two_back")
    """
    if not isinstance(name, str) or not name.isidentifier():
        raise ValueError(f'name is {name!r}; expected an identifier, such as "two_back"')
    for argument, value in (("mask", mask), ("overlay", overlay)):
        if not callable(value) and not (argument == "overlay" and value is None):
            raise TypeError(f"{argument} is a {type(value).__name__}; expected a function of one argument, the prompt")
    if color is None:
        used = {motif.color for motif in MOTIFS.values()}
        color = next((spare for spare in _SPARE if spare not in used), _SPARE[-1])
    elif not isinstance(color, str) or not _COLOR.fullmatch(color):
        raise ValueError(f'color is {color!r}; expected six hexadecimal digits, such as "#d95f02"')
    motif = Motif(
        name=name,
        label=label or name.replace("_", " "),
        description=description,
        source=source,
        color=color.lower(),
        mask=mask,
        overlay=overlay,
    )
    motif.cells(_trial())
    MOTIFS.add(motif, overwrite=overwrite)
    return motif


def _trial() -> Prompt:
    tokens = ("<bos>", "a", " cat", ".", "a", " cat")
    ids = np.array([0, 1, 2, 3, 1, 2])
    return Prompt(n_queries=6, n_keys=6, tokens=tokens, token_ids=ids, special=(0,))
