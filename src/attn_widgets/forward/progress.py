"""What a caller passes as `progress` -> a function that is told how much is done, and may end the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager

Progress = Callable[[float], object]
Report = Callable[[float], None]


@contextmanager
def reporting(progress: bool | Progress, total: int, unit: str) -> Iterator[Report]:
    """Tell how much is done.

    Parameters
    ----------
    progress : bool or callable
        True draws a bar; a callable is called with the share done, in (0, 1], and ends the work by returning False.
    total : int
    unit : str
        What is counted.

    Yields
    ------
    callable
        Takes how many are done, fractions included.

    Raises
    ------
    concurrent.futures.CancelledError
        Where the callable returned False.
    """
    if callable(progress):

        def tell(done: float) -> None:
            # nothing returned is not False
            if progress(done / total) is False:
                raise CancelledError(f"progress returned False when {done:.3g} of {total} {unit}s were done")

        yield tell
    elif progress:
        from tqdm.auto import tqdm

        with tqdm(total=total, unit=unit, bar_format="{l_bar}{bar}| {n:.1f}/{total}") as bar:
            yield lambda done: bar.update(done - bar.n)
    else:
        yield lambda done: None
