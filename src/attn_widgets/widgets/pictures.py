"""Pictures: overviews, tiles and lines of the matrices of one widget: made when they are asked for, newest first."""

from __future__ import annotations

from collections.abc import Callable, Generator
from threading import Lock
from typing import Any

from attn_widgets.compute.background import LINE, PICTURE, Task, begin
from attn_widgets.compute.latest import running_loop
from attn_widgets.tiles import Matrix, Overview, block_for, line, overview_in_steps, tile
from attn_widgets.tiles.store import STORE
from attn_widgets.widgets.wire.pattern import encode_matrix, encode_overview
from attn_widgets.widgets.wire.tiles import Message, Of, error_message, heads_message, line_message, tile_message

Place = tuple[int, int, int]
_Wanted = dict[tuple[Of, Place], tuple[int, Matrix]]

# an overview of so many cells is made in a fraction of what a person notices
_AT_ONCE = 6_000_000
# so many may be asked for ahead, in one message
_MOST_HEADS = 8


class Pictures:
    """What one widget shows of matrices that are too large to be sent whole.

    Parameters
    ----------
    matrix_of : callable
        Gives the matrix that an `Of` names, or raises a ValueError that says why there is none.
    send : callable
        Sends a message.
    """

    def __init__(self, matrix_of: Callable[[Of], Matrix], send: Callable[[Message], None]) -> None:
        self._matrix_of, self._send = matrix_of, send
        # the tiles that are still wanted, in order, each with the newest request for it
        self._wanted: _Wanted = {}
        self._lock = Lock()
        self._making: tuple[Of, Task] | None = None
        self._tasks: list[Task] = []

    @property
    def making(self) -> Of | None:
        """Whose overview is being made."""
        return None if self._making is None or self._making[1].ended else self._making[0]

    def close(self) -> None:
        """Answer nothing more."""
        self.give_up()
        for task in self._tasks:
            task.stop()

    def give_up(self) -> None:
        """Make no overview any more."""
        if self._making is not None:
            self._making[1].stop()
        self._making = None

    def ready(self, of: Of) -> bool:
        """Whether `overview` takes a moment only, or nothing else can go on meanwhile."""
        return (of, "overview") in STORE or running_loop() is None or self._matrix_of(of).visible <= _AT_ONCE

    def make(self, of: Of, on_step: Callable[[float], None], on_end: Callable[[Any, Exception | None], None]) -> None:
        """Make an overview in the background, in place of any other that is being made."""
        if self.making == of:
            return
        self.give_up()
        self._making = (of, begin(overview_of(of, self._matrix_of(of)), on_step=on_step, on_end=on_end))

    def answer(self, content: Any) -> bool:
        """Answer a message of the browser; whether it was one for this."""
        asked = content.get("ask") if isinstance(content, dict) else None
        if asked not in ("tiles", "line", "heads"):
            return False
        request = content.get("request")
        try:
            if asked == "heads":
                self._send(self._heads(request, content.get("of")))
                return True
            of = Of.read(content.get("of"))
            matrix = self._matrix_of(of)
            if asked == "line":
                work = _line(of, matrix, request, content.get("axis"), content.get("index"))
                self._begin(work, request, LINE)
            else:
                self._want(of, matrix, content.get("tiles"), request)
        except Exception as error:
            self._send(error_message(request, error))
        return True

    def _heads(self, request: Any, ofs: Any) -> Message:
        """Patterns of heads that may be shown next; of a trace that is no longer on show there are none."""
        if not isinstance(ofs, list) or len(ofs) > _MOST_HEADS:
            raise ValueError(f"of is {ofs!r}; expected a list of at most {_MOST_HEADS} heads")
        wires = []
        for of in map(Of.read, ofs):
            try:
                matrix = self._matrix_of(of)
            except ValueError:
                continue
            if block_for(matrix.shape) == 1:
                wires.append(picture_wire(of, matrix))
        return heads_message(request, wires)

    def _want(self, of: Of, matrix: Matrix, tiles: Any, request: Any) -> None:
        if not isinstance(tiles, list) or not all(isinstance(place, list) for place in tiles):
            raise ValueError(f"tiles is {tiles!r}; expected a list of [block, row, column]")
        wanted: _Wanted = {(of, tuple(place)): (request, matrix) for place in tiles}
        with self._lock:
            needless = [(place, old) for (of, place), (old, _) in self._wanted.items() if (of, place) not in wanted]
            self._wanted = wanted
        for old in dict.fromkeys(request for _, request in needless):
            dropped = [list(place) for place, request in needless if request == old]
            self._send(({"answer": "dropped", "request": old, "tiles": dropped}, []))
        self._begin(self._tiles(), request, PICTURE)

    def _begin(self, work: Generator[Any, None, Any], request: Any, rank: int) -> None:
        def end(made: Any, error: Exception | None) -> None:
            if error is not None and running_loop() is not None:
                self._send(error_message(request, error))

        self._tasks = [task for task in self._tasks if not task.ended]
        self._tasks.append(begin(work, on_step=self._passed, on_end=end, rank=rank))

    def _passed(self, made: Any) -> None:
        # a float is the share done of an overview that had to be made first
        if isinstance(made, tuple):
            self._send(made)

    def _tiles(self) -> Generator[Any, None, None]:
        """Make what is wanted until nothing is; each request begins this once more, and the first takes all."""
        while True:
            with self._lock:
                if not self._wanted:
                    return
                of, place = next(iter(self._wanted))
                request, matrix = self._wanted.pop((of, place))
            try:
                yield from self._tile(of, matrix, place, request)
            except Exception as error:
                yield error_message(request, error)

    def _tile(self, of: Of, matrix: Matrix, place: Place, request: int) -> Generator[Any, None, None]:
        made = yield from overview_of(of, matrix)
        codes = STORE.get((of, place))
        if codes is None:
            codes = tile(matrix, made, of.shown_as, place)
            STORE.put((of, place), codes)
        yield tile_message(request, of, place, codes, made.coding)


def picture_wire(of: Of, matrix: Matrix) -> dict[str, Any]:
    """A matrix as the browser needs it: every cell, or where there are too many its overview."""
    if block_for(matrix.shape) > 1:
        return encode_overview(overview_now(of, matrix), matrix, of.shown_as) | of._asdict()
    every = (slice(0, n) for n in matrix.shape)
    wire = encode_matrix(matrix.block(*every), causal=matrix.causal, masked=matrix.masked, signed=matrix.signed)
    return wire | of._asdict()


def overview_now(of: Of, matrix: Matrix) -> Overview:
    """All of a matrix, pooled; from memory where it is there."""
    steps = overview_of(of, matrix)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            made: Overview = end.value
            return made


def overview_of(of: Of, matrix: Matrix) -> Generator[Any, None, Overview]:
    """All of a matrix, in steps; from memory where it is there."""
    made: Overview | None = STORE.get((of, "overview"))
    if made is None:
        made = yield from overview_in_steps(matrix, of.shown_as)
        STORE.put((of, "overview"), made)
    return made


def _line(of: Of, matrix: Matrix, request: int, axis: Any, index: Any) -> Generator[Any, None, None]:
    rows = None
    if of.shown_as != "linear":
        made = yield from overview_of(of, matrix)
        rows = made.rows
    yield line_message(request, of, axis, index, line(matrix, rows, axis, index))
