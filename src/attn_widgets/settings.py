"""Options of the package, for the whole session: `attn_widgets.options`."""

from __future__ import annotations

from typing import Any

from attn_widgets.names import near_miss


class Options:
    """What can be switched for the whole session, as `attn_widgets.options.static_picture = False`.

    Attributes
    ----------
    static_picture : bool
        Whether a widget puts a picture of itself into the notebook, for readers without a kernel; default True.
    """

    static_picture: bool

    def __init__(self) -> None:
        self.static_picture = True

    def __setattr__(self, name: str, value: Any) -> None:
        known = list(type(self).__annotations__)
        if name not in known:
            raise AttributeError(f"options has no {name!r}; {near_miss(name, known)}")
        if not isinstance(value, bool):
            raise TypeError(f"options.{name} is {value!r}; expected True or False")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        return f"<options: {', '.join(f'{name} = {value}' for name, value in vars(self).items())}>"


options = Options()
