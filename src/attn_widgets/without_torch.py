"""What needs torch says so in one sentence where it is not installed; everything else works without."""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = ("torch", "transformer_lens")


def check(what: str) -> None:
    """Go on where models can be run.

    Raises
    ------
    ModuleNotFoundError
        Where torch or transformer-lens is missing: what asks for it, and what to do.
    """
    for package in PACKAGES:
        if find_spec(package) is None:
            raise missing(what, package)


def missing(what: str, package: str) -> ModuleNotFoundError:
    """The error that says which package `what` needs."""
    return ModuleNotFoundError(
        f"{what} runs a model and needs torch and transformer-lens, and {package} is not installed: pip install torch "
        "transformer-lens. Traces, motifs, features, maps, atlases, figures, pages and all widgets over them work "
        "without",
        name=package,
    )
