"""`python tests/bench/other_models.py model.gguf ... [--weights]`: the profile judged on models that are not bundled.

The weights of the profile's families were chosen with `--weights` on Qwen2.5-Coder-0.5B-Instruct, and judged without it
on others. Files with all of a model's weights, in the GGUF format, are published by model hubs.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from dataclasses import replace
from pathlib import Path

_TESTS = Path(__file__).parent.parent
sys.path[:0] = [str(_TESTS)]

from features import judge  # noqa: E402
from prose import descriptions  # noqa: E402
from python.heads import held_out  # noqa: E402
from table import table  # noqa: E402

import attn_widgets as aw  # noqa: E402
from attn_widgets.heads.distances import distances_of  # noqa: E402
from attn_widgets.heads.profile import WEIGHTS  # noqa: E402

_STEPS = (0.5, 0.7, 1.4, 2.0)
_SEEDS = (101, 102, 103, 104)


def open_gguf(path: Path) -> aw.models.Model:
    """Open a model that transformers can read from one GGUF file."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(path.parent, gguf_file=path.name)
    model = AutoModelForCausalLM.from_pretrained(
        path.parent, gguf_file=path.name, attn_implementation="eager", dtype=torch.float32
    )
    return aw.load_model(model.eval(), tokenizer=tokenizer)


def design_prose(model: aw.models.Model) -> list[aw.Trace]:
    """From the middle of each description: prose, and none of the held-out texts."""
    ids = [model.encode(text[len(text) // 3 :])[: held_out.N_TOKENS] for text in descriptions()]
    return aw.capture(model, [one for one in ids if len(one) == held_out.N_TOKENS][:8])


def print_steps(model: aw.models.Model) -> None:
    """Print by how much other weights would bring heads of a class closer together, on prompts to design on."""
    labels = aw.label_heads(model)
    prose = design_prose(model)
    prompts = (prose, prose[:4] + held_out.repeated(model, _SEEDS))
    features = [aw.head_features(traces) for traces in prompts]

    def quality(weights: dict[str, float]) -> float:
        found = []
        for one in features:
            distances = distances_of([replace(one, weights=weights)])
            found.append(held_out.average_precision(distances.matrix, distances.heads, labels)["mean"])
        return statistics.mean(found)

    weights = dict(WEIGHTS)
    print(f"weights {weights}: {quality(weights):.3f}")
    for family, weight in weights.items():
        tried = {step * weight: quality({**weights, family: step * weight}) for step in _STEPS}
        print(f"  {family:7}", ", ".join(f"{other:g}: {found:.3f}" for other, found in tried.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="+", type=Path)
    parser.add_argument("--weights", action="store_true", help="try other weights, on prompts to design on")
    options = parser.parse_args()
    for path in options.path:
        model = open_gguf(path)
        print(path)
        if options.weights:
            print_steps(model)
            continue
        print(table(judge(model)))


if __name__ == "__main__":
    main()
