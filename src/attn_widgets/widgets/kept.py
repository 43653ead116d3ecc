"""Kept: what stays of a widget without a kernel: a picture and a line of words in the notebook, files, a page."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attn_widgets.settings import options

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MOST_BYTES = 8_000_000
_log = logging.getLogger("attn_widgets")


@dataclass(frozen=True)
class Still:
    """A picture of a widget.

    Attributes
    ----------
    png : bytes
        Twice `width` and `height` in pixels.
    width, height : int
        CSS pixels.
    words : str
        The same in one line.
    """

    png: bytes
    width: int
    height: int
    words: str

    def bundle(self) -> tuple[dict[str, Any], dict[str, Any]]:
        """Data and metadata, as Jupyter displays them."""
        about = {"width": self.width, "height": self.height, "alt": self.words}
        return {"text/plain": self.words, "image/png": self.png}, {"image/png": about}


class Kept:
    """What a widget leaves behind in a notebook, and writes into files.

    A widget `_says` what it shows in one line, `_draw`s it as a PNG in milliseconds, and makes a `_figure` of it.
    """

    # of the present state
    _still: Still | None = None

    def _says(self) -> str:
        """What is on show, in one line."""
        return type(self).__name__

    def _draw(self) -> tuple[bytes, int, int] | None:
        """The PNG of what is on show, with its width and height in CSS pixels; None where there is none."""
        return None

    def _figure(self) -> Figure:
        """What is on show, by matplotlib."""
        raise NotImplementedError(f"there is no figure of a {type(self).__name__}; snapshot() has a picture")

    def notify_change(self, change: Any) -> None:
        """Tell the observers; the picture is of another state now."""
        self._still = None
        super().notify_change(change)  # type: ignore[misc]

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """The view of the widget, and for those who have no kernel its picture and a line of words."""
        live = super()._repr_mimebundle_(**kwargs)  # type: ignore[misc]
        if live is None:
            return None
        data, about = live
        try:
            if not options.static_picture:
                return data | {"text/plain": self._says()}, about
            still = self._picture_now()
        except Exception:
            # the live widget is there all the same
            _log.warning("%s could not be drawn for the notebook", type(self).__name__, exc_info=True)
            return data, about
        if still is None:
            return data | {"text/plain": self._says()}, about
        kept, of_kept = still.bundle()
        return data | kept, about | of_kept

    def _picture_now(self) -> Still | None:
        """The picture of the present state, made once."""
        if self._still is None:
            drawn = self._draw()
            if drawn is None:
                return None
            self._still = Still(*drawn, self._says())
        return self._still

    def snapshot(self) -> None:
        """Put a picture of the present state below the cell; it stays there, whatever becomes of the widget.

        Raises
        ------
        NotImplementedError
            If there is no picture of such a widget.
        """
        from IPython.display import display

        still = self._picture_now()
        if still is None:
            raise NotImplementedError(f"there is no picture of a {type(self).__name__}; static() has the whole page")
        data, about = still.bundle()
        display(data, metadata=about, raw=True)  # type: ignore[no-untyped-call]

    def static(self, *, max_bytes: int = _MOST_BYTES, **page: Any) -> None:
        """Put the whole offline page below the cell: what `to_html` writes, alive without a kernel, in the notebook.

        It says how large it is. Readers who do not trust the notebook see the picture in its place.

        Parameters
        ----------
        max_bytes : int
            A larger page is refused: the notebook would grow by as much.
        **page
            As for `to_html`: `title`; of heatmaps and panels also `heads`, `detail` and `rows`.

        Raises
        ------
        ValueError
            If the page is larger.
        """
        from IPython.display import display

        from attn_widgets.export import page_text

        text = page_text([self], **page)  # type: ignore[list-item]
        size = len(text.encode("utf-8"))
        if size > max_bytes:
            fewer = "heads=[...] takes fewer heads; " if hasattr(self, "chosen_for_page") else ""
            raise ValueError(
                f"the page has {_said(size)}, more than max_bytes, {_said(max_bytes)}, by which the notebook would "
                f"grow; {fewer}to_html(path) writes a file, and max_bytes={size} takes it all the same"
            )
        still = self._picture_now()
        data, about = ({}, {}) if still is None else still.bundle()
        html = _framed(text, size, still)
        parts = {"text/plain": self._says(), **data, "text/html": html}
        display(parts, metadata=about, raw=True)  # type: ignore[no-untyped-call]

    def to_png(self, path: str | Path, *, dpi: int = 200) -> Path:
        """Write what is on show as a PNG, by `attn_widgets.figures`.

        Parameters
        ----------
        path : str or Path
            Written over if it exists.
        dpi : int
            Pixels an inch.

        Returns
        -------
        Path
        """
        path = Path(path)
        self._figure().savefig(path, format="png", dpi=dpi)
        return path

    def to_svg(self, path: str | Path) -> Path:
        """Write what is on show as an SVG, by `attn_widgets.figures`.

        Parameters
        ----------
        path : str or Path
            Written over if it exists.

        Returns
        -------
        Path
        """
        path = Path(path)
        self._figure().savefig(path, format="svg")
        return path


def _said(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.0f} kB"


def _framed(page: str, size: int, still: Still | None) -> str:
    """The page in a frame, over the picture: where frames are taken out, the picture is seen."""
    import base64
    import html

    height = 480 if still is None else still.height + 260
    picture = ""
    if still is not None:
        data = base64.b64encode(still.png).decode("ascii")
        picture = (
            f'<img style="grid-area:1/1" width="{still.width}" height="{still.height}" '
            f'alt="{html.escape(still.words)}" src="data:image/png;base64,{data}">'
        )
    inside = page.replace("&", "&amp;").replace("'", "&#39;")
    return (
        f'<p style="margin:0;font-size:smaller;opacity:.7">A page without a kernel, {_said(size)} of this notebook.</p>'
        f'<div style="display:grid">{picture}<iframe style="grid-area:1/1;z-index:1;width:100%;height:{height}px;'
        f'border:0;background:#fff" title="{html.escape(still.words if still else "")}" srcdoc=\'{inside}\'>'
        "</iframe></div>"
    )
