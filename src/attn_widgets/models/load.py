"""`load_model`: a name or a model object -> Model."""

from __future__ import annotations

from contextlib import redirect_stdout
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any
from weakref import WeakValueDictionary

from attn_widgets.models.model import Model
from attn_widgets.models.packaged import PACKAGED, load_packaged
from attn_widgets.models.tokens import LensTokenizer
from attn_widgets.without_torch import check

if TYPE_CHECKING:
    import torch

_OURS = ("toy-induction", *PACKAGED)

# what was opened by name and is still in use: (name, device, dtype, checkpoint) -> Model
_opened: WeakValueDictionary[tuple[Any, ...], Model] = WeakValueDictionary()


def load_model(
    model: Any,
    device: str | torch.device | None = None,
    *,
    dtype: str | torch.dtype | None = None,
    tokenizer: Any = None,
    checkpoint: int | None = None,
) -> Model:
    """Open a model.

    A model given by name is opened once: as long as it is in use, asking for it again, on the same device and in the
    same dtype, gives the same `Model`. Whoever changes its weights changes it for all.

    Parameters
    ----------
    model : str or model object
        `"toy-induction"`, a two-layer attention-only model that comes with this package; `"smollm2-135m"` and
        `"gemma-3-270m"`, real pretrained models that Python packages ship; any name TransformerLens knows, such as
        `"gpt2"` (needs the network or the Hugging Face cache); a `TransformerBridge` or `HookedTransformer`; a Hugging
        Face model, with its `tokenizer`. A `Model` passes through.
    device : str or torch.device, optional
        Default for names: CUDA, else MPS, else the CPU. A model object stays where it is; a Hugging Face
        model is copied if another device is asked for.
    dtype : str or torch.dtype, optional
        Such as `"bfloat16"`. Default for names: float32. A TransformerLens model stays as it is; a Hugging Face model
        is copied if another dtype is asked for.
    tokenizer : transformers.PreTrainedTokenizerBase, optional
        For a Hugging Face model. Neither it nor the model is changed: TransformerLens replaces parts of
        the model it wraps, so it gets a copy of the structure that shares the weights.
    checkpoint : int, optional
        Which checkpoint of the training, for models that have them: for the toy 0 (untrained) to the last,
        negative from the end. The model is called after it, `"toy-induction@3"`, unless it is the last.

    Returns
    -------
    Model

    Raises
    ------
    ValueError
        If the name is unknown, or an argument does not go with this model, or there is no such dtype.
    ModuleNotFoundError
        If torch or transformer-lens is missing, or a packaged model is asked for and its packages are; the message has
        the commands.

    Examples
    --------
    >>> import attn_widgets as aw
    >>> aw.load_model("toy-induction", device="cpu")
    <Model toy-induction: 2 layers x 4 heads, on cpu>
    """
    check("load_model")
    wanted = None if dtype is None else as_dtype(dtype)
    if isinstance(model, str):
        if tokenizer is not None and model in _OURS:
            raise ValueError(f"tokenizer is given, but {model} brings its own; leave it out")
        return _opened_once(model, best_device() if device is None else device, wanted, tokenizer, checkpoint)
    if checkpoint is not None:
        raise ValueError(f"checkpoint is {checkpoint}, but model is an object; checkpoints go with names")
    if isinstance(model, Model) or _is_lens(model):
        opened = model if isinstance(model, Model) else _from_lens(model, tokenizer)
        if device is not None and _moved(opened.device, device):
            raise ValueError(
                f"device is {device}, but this model is on {opened.device}; use .to(...) of its TransformerLens model"
            )
        if wanted not in (None, opened.dtype):
            raise ValueError(
                f"dtype is {dtype}, but this model is in {opened.dtype}; use .to(...) of its TransformerLens model"
            )
        return opened
    if hasattr(model, "config") and hasattr(model, "named_modules"):
        from attn_widgets.models.huggingface import from_huggingface

        return from_huggingface(model, tokenizer, device, dtype=wanted)
    raise ValueError(
        f"model is a {type(model).__name__}; expected a name, a TransformerLens model or a Hugging Face model"
    )


def best_device() -> str:
    """`"cuda"`, else `"mps"`, else `"cpu"`."""
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def as_dtype(dtype: str | torch.dtype) -> torch.dtype:
    """A floating-point dtype from its name.

    Raises
    ------
    ValueError
        If there is no such dtype, or it is not of floating-point numbers.
    """
    import torch

    found = getattr(torch, dtype.removeprefix("torch."), None) if isinstance(dtype, str) else dtype
    if not isinstance(found, torch.dtype) or not found.is_floating_point:
        raise ValueError(
            f'dtype is {dtype!r}; expected "float32", "float64", "float16" or "bfloat16", or one of these of torch'
        )
    return found


def _opened_once(
    name: str, device: str | torch.device, dtype: torch.dtype | None, tokenizer: Any, checkpoint: int | None
) -> Model:
    import torch

    dtype = torch.float32 if dtype is None else dtype
    if tokenizer is not None:
        return _by_name(name, device, dtype, tokenizer, checkpoint)
    key = (name, str(torch.device(device)), dtype, checkpoint)
    opened = _opened.get(key)
    if opened is None:
        opened = _opened[key] = _by_name(name, device, dtype, None, checkpoint)
    return opened


def _by_name(
    name: str, device: str | torch.device, dtype: torch.dtype, tokenizer: Any, checkpoint: int | None
) -> Model:
    if name == "toy-induction":
        from attn_widgets.models.toy import load_toy, toy_name
        from attn_widgets.models.vocabulary import ToyTokenizer

        lens = load_toy(checkpoint)
        # it prints a line
        with redirect_stdout(None):
            lens.to(dtype=dtype, device=device)
        return Model(lens, ToyTokenizer(), toy_name(checkpoint))
    if name in PACKAGED:
        if checkpoint is not None:
            raise ValueError(f"checkpoint is {checkpoint}, but {name} has none; leave it out")
        return load_packaged(name, PACKAGED[name], device, dtype)
    near = get_close_matches(name, _OURS, n=1, cutoff=0.75)
    if near:
        raise ValueError(f"model is {name!r}; did you mean {near[0]!r}?")
    return _from_hub(name, device, dtype, tokenizer, checkpoint)


def _from_hub(
    name: str, device: str | torch.device, dtype: torch.dtype, tokenizer: Any, checkpoint: int | None
) -> Model:
    from transformer_lens.model_bridge import TransformerBridge

    chosen = {} if checkpoint is None else {"checkpoint_index": checkpoint}
    try:
        lens = TransformerBridge.boot_transformers(name, device=device, dtype=dtype, tokenizer=tokenizer, **chosen)
    except OSError as error:
        raise ValueError(
            f"model is {name!r}, which could not be fetched or found: it needs the network or the Hugging Face "
            f"cache. Without a network use {' or '.join(map(repr, _OURS))}, or pass a model object. "
            f"({str(error).splitlines()[0]})"
        ) from error
    return Model(lens.eval(), LensTokenizer(lens), name if checkpoint is None else f"{name}@{checkpoint}")


def _is_lens(model: Any) -> bool:
    """Whether this is a TransformerLens model, of any version: by what it can do, not by its class."""
    return all(hasattr(model, name) for name in ("cfg", "run_with_hooks", "run_with_cache", "parameters"))


def _from_lens(lens: Any, tokenizer: Any) -> Model:
    if tokenizer is not None:
        raise ValueError("tokenizer is given, but a TransformerLens model carries its own; leave it out")
    return Model(lens, LensTokenizer(lens), getattr(lens.cfg, "model_name", None) or type(lens).__name__)


def _moved(here: Any, wanted: Any) -> bool:
    import torch

    wanted = torch.device(wanted)
    return bool(wanted.type != here.type or (wanted.index is not None and wanted.index != here.index))
