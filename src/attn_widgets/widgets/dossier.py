"""HeadDossier: all that an atlas knows of a head on one page; examples of it open in a linked heatmap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import traitlets as t

from attn_widgets.atlas.atlas import Atlas
from attn_widgets.atlas.example import Example
from attn_widgets.atlas.examples import By
from attn_widgets.atlas.head_page import examples_by, head_page
from attn_widgets.atlas.head_table import head_table
from attn_widgets.bundles import bundle
from attn_widgets.compute.example_rows import ExampleRows
from attn_widgets.compute.latest import Latest, between_messages
from attn_widgets.export import write_page
from attn_widgets.names import head_name, parse_head
from attn_widgets.widgets.opening import open_example
from attn_widgets.widgets.widget import Widget, sendable
from attn_widgets.widgets.wire.dossier import rows_wire


class HeadDossier(Widget):
    """A page a head: what it is known as, examples of what it does, and where it stands among all heads.

    Examples are shown by decile of their strength, the strongest ones, or drawn by chance: the attending token is
    framed and the one it attends to most is painted; with `model`, all that it attends to. Click one to have the
    passage in a heatmap that is tied by `link` and shows an `AttentionRun` of the same model. Each score is shown with
    its distribution over all heads; a click on one walks the heads in its order. Left and right arrows go to the
    previous and the next head, "/" to the field where a head is found by its name.

    Parameters
    ----------
    atlas : Atlas
    current : str, optional
        The head, such as `"smollm2-135m:L18H6"`, without the model where the atlas has one. Default the first.
    model : Model or anything `load_model` accepts, optional
        One of the atlas' models. Passages of the examples on show are read by it again, in a kernel between other
        things, so that all that a query attends to can be painted. Can be assigned later.
    heads : list of str, optional
        Those that the previous and next buttons walk through. Default all of the current head's model.
    by : {"decile", "top", "random"}, optional
        How examples are chosen; see `Atlas.examples`.

    Raises
    ------
    TypeError
        If `atlas` is no Atlas.
    ValueError
        If `model` is none of its models.
    traitlets.TraitError
        If there is no such head.

    Attributes
    ----------
    current : str
        The head on show; read, set and observe it.
    heads, by
        As the parameters; read, set and observe them.
    opened : dict
        The example that was opened last, `head`, `passage`, `query` and `key`; set by `open_example` and by a click.
    model_name, layer, head
        The current head in parts, for linking.

    Examples
    --------
    >>> import attn_widgets as aw, tempfile
    >>> texts = ["The cat sat on the mat. The cat sat on the mat.", "Tom has a red apple. Mary has a red apple."]
    >>> atlas = aw.build_atlas("toy-induction", texts, tempfile.mkdtemp(), progress=False)
    >>> dossier = aw.HeadDossier(atlas, "L1H1")
    >>> dossier.current
    'toy-induction:L1H1'
    """

    _bundle = "dossier"
    _esm = bundle("dossier.js")
    _css = bundle("dossier.css")

    # there before an atlas is refused, so that closing works
    _latest: Latest | None = None
    _rows_error = ""
    # names of the heads that a page is to hold
    _for_page: tuple[str, ...] | None = None

    current = t.Unicode("").tag(sync=True)
    heads: t.TraitType[Any, Any] = t.List(t.Unicode()).tag(sync=True)
    by: t.TraitType[Any, Any] = t.Enum(("decile", "top", "random"), "decile").tag(sync=True)
    model_name = t.Unicode("").tag(sync=True)
    opened = t.Dict().tag(sync=True, page={})
    table = t.Dict(read_only=True).tag(sync=True)
    page = t.Dict(read_only=True).tag(sync=True)
    rows = t.Dict(read_only=True).tag(sync=True)
    opening = t.Dict(read_only=True).tag(sync=True, page={})

    def __init__(self, atlas: Atlas, current: str | None = None, *, model: Any = None, **traits: Any) -> None:
        if not isinstance(atlas, Atlas):
            raise TypeError(f"atlas is a {type(atlas).__name__}; expected an Atlas: build_atlas(...) or Atlas(path)")
        self._atlas = atlas
        self._reader: ExampleRows | None = None
        self._examples: dict[By, list[Example]] = {}
        self._latest = Latest(self._advance, self._ended)
        super().__init__(**{**traits, "current": current or atlas.heads.index[0]})
        self.set_trait("editable", True)
        self.set_trait("table", head_table(atlas.heads))
        self._go_to_current()
        self._show_head()
        self.observe(self._follow_parts, ["model_name", "layer", "head"])
        self.observe(self._follow_name, "current")
        self.observe(lambda _: self._show_rows(), "by")
        self.observe(self._follow_opened, "opened")
        if model is not None:
            self.model = model

    @property
    def atlas(self) -> Atlas:
        """What the dossier is of."""
        return self._atlas

    @property
    def model(self) -> Any:
        """The model that reads passages again; None for none."""
        return None if self._reader is None else self._reader.model

    @model.setter
    def model(self, model: Any) -> None:
        self._reader = None if model is None else ExampleRows(self._atlas, model)
        self._show_rows()

    @property
    def page_title(self) -> str:
        """The head's name."""
        return self.current

    def examples(self) -> list[Example]:
        """The examples on show."""
        return list(self._examples[self.by])

    def open_example(self, example: Example) -> None:
        """Show the passage of an example in the linked widgets that can, with its query and key locked.

        `opening` says in words what came of it, which stands under the example.
        """
        told = {"head": example.head, "passage": example.passage, "query": example.query, "key": example.key}
        count = int(self.opened.get("count", 0)) + 1
        self.opened = told | {"count": count}

    def close(self) -> None:
        """Let go of the work that is going on and close every view."""
        if self._latest is not None:
            self._latest.stop()
        super().close()

    def to_html(self, path: str | Path, *, title: str | None = None, heads: Sequence[str] | None = None) -> Path:
        """Write the dossiers of some heads as one offline HTML file: no kernel, no network.

        Parameters
        ----------
        path : str or Path
            Written over if it exists.
        title : str, optional
            Default: the current head's name.
        heads : list of str, optional
            Default: the list that is walked through, if one was given, and the current head. For all heads of an atlas
            `Atlas.to_site` writes a folder.

        Returns
        -------
        Path

        Raises
        ------
        ValueError
            If there is no such head.
        """
        return write_page([self], path, title=title, heads=heads)

    @contextmanager
    def chosen_for_page(self, heads: Any, detail: Any, rows: Any) -> Iterator[None]:
        """Within, `page_state` has the dossiers of these heads."""
        self._for_page = None if heads is None else tuple(dict.fromkeys(map(self._name, heads)))
        try:
            yield
        finally:
            self._for_page = None

    def page_state(self) -> dict[str, Any]:
        """The traits that a page needs, with the dossiers of its heads."""
        walked = list(self._for_page if self._for_page is not None else self.heads) or [self.current]
        names = dict.fromkeys([*walked, self.current])
        archive = {name: self.page if name == self.current else _page(self._atlas, name)[0] for name in names}
        return super().page_state() | {"heads": walked, "archive": archive}

    def notify_change(self, change: Any) -> None:
        """Tell the observers; what another head brings goes to the browser with it, in one message."""
        if change["name"] != "current":
            super().notify_change(change)
            return
        with self.hold_sync():
            super().notify_change(change)

    @t.validate("current")
    def _a_head(self, proposal: Any) -> str:
        return self._checked(proposal["value"], "current")

    @t.validate("heads")
    def _all_heads(self, proposal: Any) -> list[str]:
        return [self._checked(name, "heads") for name in dict.fromkeys(proposal["value"])]

    @t.validate("model_name")
    def _a_model(self, proposal: Any) -> str:
        name: str = proposal["value"]
        if name not in self._atlas.models:
            raise t.TraitError(f"model_name is {name!r}; expected one of {', '.join(self._atlas.models)}")
        return name

    @t.validate("layer", "head")
    def _exists(self, proposal: Any) -> int:
        name, value = proposal["trait"].name, int(proposal["value"])
        n = int(self._atlas.heads[name].max()) + 1
        if not 0 <= value < n:
            raise t.TraitError(f"{name} is {value}; expected 0 to {n - 1}")
        return value

    def _checked(self, name: str, argument: str) -> str:
        try:
            return self._atlas.name_of(name)
        except ValueError as error:
            raise t.TraitError(f"{argument}: {error}") from None

    def _name(self, head: Any) -> str:
        """A head as people give it: one without a model is of the current one."""
        if isinstance(head, str):
            return self._atlas.name_of(head if ":" in head else f"{self.model_name}:{head}")
        return self._atlas.name_of(f"{self.model_name}:{head_name(*parse_head(head))}")

    def _follow_parts(self, change: Any) -> None:
        name = f"{self.model_name}:{head_name(self.layer, self.head)}"
        if name in self._atlas.heads.index:
            self.current = name

    def _follow_name(self, change: Any) -> None:
        self._go_to_current()
        self._show_head()

    def _go_to_current(self) -> None:
        model, _, short = self.current.rpartition(":")
        layer, head = parse_head(short)
        with self.hold_trait_notifications():
            self.model_name, self.layer, self.head = model, layer, head

    def _show_head(self) -> None:
        page, self._examples = _page(self._atlas, self.current)
        self._rows_error = ""
        with self.hold_sync():
            self.set_trait("opening", {})
            self.set_trait("page", page)
            self._show_error()
        self._show_rows()

    def _show_rows(self) -> None:
        """Send the rows that are known, and have the others read."""
        self._send_rows()
        if self._reader is not None and self._latest is not None:
            with between_messages():
                self._latest.start(self._reading(self._reader))

    def _reading(self, reader: ExampleRows) -> Iterator[float]:
        for share in reader.steps(self.examples()):
            self.set_trait("busy", True)
            yield share

    def _advance(self, share: float) -> None:
        self.set_trait("progress", share)
        self._send_rows()

    def _ended(self, error: Exception | None) -> None:
        self._rows_error = "" if error is None else str(error) or type(error).__name__
        with self.hold_sync():
            self._send_rows()
            self.set_trait("busy", False)
            self.set_trait("progress", 1.0)
            self._show_error()

    def _send_rows(self) -> None:
        reader = self._reader
        known = [(one, reader.row(one)) for one in self.examples()] if reader else []
        self.set_trait("rows", rows_wire(self.current, [(one, row) for one, row in known if row is not None]))

    @t.validate("opened")
    def _one_of_them(self, proposal: Any) -> dict[str, Any]:
        wanted: dict[str, Any] = proposal["value"]
        if wanted and self._opened_example(wanted) is None:
            raise t.TraitError(f"opened is {wanted!r}; expected one of the examples of {self.current}")
        return wanted

    def _opened_example(self, opened: dict[str, Any]) -> Example | None:
        place = tuple(opened.get(name) for name in ("head", "passage", "query", "key"))
        every = (one for found in self._examples.values() for one in found)
        return next((one for one in every if (one.head, one.passage, one.query, one.key) == place), None)

    def _follow_opened(self, change: Any) -> None:
        example = self._opened_example(change["new"])
        if example is not None:
            open_example(self, example, self._say)

    def _say(self, text: str) -> None:
        """What stands under the example that was opened."""
        self.set_trait("opening", {**self.opened, "text": sendable(text)})

    def _says(self) -> str:
        motif = self.page["motif"]
        return f"HeadDossier of {self.current}" + (f": {motif['label']}" if motif else "")

    def _source_error(self) -> str:
        return self._rows_error


def _page(atlas: Atlas, name: str) -> tuple[dict[str, Any], dict[By, list[Example]]]:
    examples = examples_by(atlas, name)
    page: dict[str, Any] = sendable(head_page(atlas, name, examples))
    return page, examples
