"""Widgets -> widgets that show the same head, cell and selection, tied in the browser."""

from __future__ import annotations

from typing import Any
from uuid import uuid4
from weakref import WeakSet

import anywidget
import traitlets as t

# every widget that was ever in a link, as long as it is there
_tied: WeakSet[Any] = WeakSet()


class Link:
    """What ties a group of widgets; made by `link`.

    Attributes
    ----------
    widgets : tuple
    """

    def __init__(self, *widgets: Any) -> None:
        self.widgets = widgets
        # also unlike those of other kernels, whose notebooks may be open in the same page
        self._id = uuid4().hex
        for widget in widgets:
            widget.links = [*widget.links, self._id]
            _tied.add(widget)

    def unlink(self) -> None:
        """Let the widgets go their own ways again; other links of theirs stay."""
        for widget in self.widgets:
            if self._id in widget.links:
                widget.links = [group for group in widget.links if group != self._id]

    def __repr__(self) -> str:
        names = ", ".join(type(widget).__name__ for widget in self.widgets)
        tied = any(self._id in widget.links for widget in self.widgets)
        return f"<Link of {names}{'' if tied else ', unlinked'}>"


def link(*widgets: Any) -> Link:
    """Tie widgets, so that a head, cell or selection chosen in one is shown in all.

    All of them take over the first one's head, unit and locked cell now. From then on the browser keeps them equal,
    whoever makes the change, at the speed of the pointer and on exported pages too: the current head, the locked query
    and key, whether they are tokens or words, the selected heads, and what the pointer is over, which never reaches
    Python. What a widget cannot show, such as a head of another model, a position beyond its tokens, or a word where it
    shows tokens only, it leaves alone.

    Parameters
    ----------
    *widgets
        Two or more widgets of this package. A widget may be in several links: what reaches it through one goes on
        through the others.

    Returns
    -------
    Link
        Its `unlink()` ends it.

    Raises
    ------
    TypeError
        If something else than a widget of this package is given.
    ValueError
        If there are fewer than two widgets, or one of them is given twice.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> run = aw.AttentionRun("toy-induction", "The cat sat on the mat. The cat sat on the")
    >>> grid, heatmap = aw.HeadGrid(run, layer=1, head=2), aw.AttentionHeatmap(run)
    >>> tie = aw.link(grid, heatmap)
    >>> heatmap.layer, heatmap.head
    (1, 2)
    >>> tie.unlink()

    Notes
    -----
    Without an open view nothing is kept equal after the first moment: for two widgets in Python alone use
    `traitlets.link`.
    """
    for i, widget in enumerate(widgets):
        if not (isinstance(widget, anywidget.AnyWidget) and widget.has_trait("links")):
            raise TypeError(f"widgets[{i}] is a {type(widget).__name__}; expected a widget of attn_widgets")
    if len(widgets) < 2 or len({id(widget) for widget in widgets}) < len(widgets):
        names = ", ".join(type(widget).__name__ for widget in widgets)
        raise ValueError(f"widgets holds {names or 'nothing'}; expected two or more different widgets")
    first, *others = widgets
    for widget in others:
        _take_over(widget, _head_of(first))
        if first.has_trait("unit"):
            _take_over(widget, {"unit": first.unit})
        # a position means the same in the same unit only
        if _unit(widget) == _unit(first):
            _take_over(widget, {name: getattr(first, name) for name in ("query", "key") if first.has_trait(name)})
    return Link(*widgets)


def linked_with(widget: Any) -> list[Any]:
    """The widgets that a change of this one reaches, also through others; without itself."""
    reached = [widget]
    for at in reached:  # grows while it is walked
        near = [one for one in _tied if set(one.links) & set(at.links) and all(one is not other for other in reached)]
        reached += sorted(near, key=lambda one: str(one.model_id))
    return reached[1:]


def _head_of(widget: Any) -> dict[str, Any]:
    return {"model_name": _model_name(widget), "layer": widget.layer, "head": widget.head}


def _unit(widget: Any) -> str:
    """What the positions of a widget are; those of one that cannot be switched are tokens."""
    unit: str = widget.unit if widget.has_trait("unit") else "token"
    return unit


def _model_name(widget: Any) -> str:
    """Whose heads `layer` and `head` of a widget name; "" where that has no name."""
    name: str = widget.model_name if widget.has_trait("model_name") else widget.trace.model_name
    return name


def _take_over(widget: Any, traits: dict[str, Any]) -> None:
    """Set traits together, or none of them where the widget cannot show them."""
    name = traits.pop("model_name", "")
    if name and widget.has_trait("model_name"):
        traits["model_name"] = name
    elif name and _model_name(widget) not in ("", name):
        return
    try:
        # validated at the end, and then all or nothing
        with widget.hold_sync(), widget.hold_trait_notifications():
            for trait, value in traits.items():
                if widget.has_trait(trait):
                    setattr(widget, trait, value)
    except t.TraitError:
        pass
