"""Look inside attention: heatmaps, head grids and the computations behind them, in a notebook.

The public names are listed in `__init__.pyi` and resolved on first use, so that `import attn_widgets` costs nothing and
does not import torch.
"""

import lazy_loader

__version__ = "0.1.0"

_resolve, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)


def __getattr__(name: str) -> object:
    try:
        return _resolve(name)
    except AttributeError:
        from difflib import get_close_matches

        near = get_close_matches(name, __all__, n=1)
        hint = f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(__all__)}"
        raise AttributeError(f"module 'attn_widgets' has no attribute {name!r}{hint}") from None
    except ModuleNotFoundError as error:
        from attn_widgets import without_torch

        if error.name in without_torch.PACKAGES:
            raise without_torch.missing(f"attn_widgets.{name}", error.name) from error
        raise
