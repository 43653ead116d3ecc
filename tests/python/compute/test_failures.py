"""A failure stays where it happens; what is refused is gone; the next good input works."""

from __future__ import annotations

import asyncio

import pytest
import traitlets
from kernel import in_kernel

import attn_widgets as aw
from attn_widgets.compute import attention_run, compared_traces, frozen_passes, frozen_run
from attn_widgets.compute.latest import between_messages

BASE = "When Mary and John went to the store, Mary gave a book to"
EDIT = "When Mary and Tom went to the store, Mary gave a book to"
TEXTS = ["The cat sat on the mat. The cat sat on the", "Mary cat John dog Tom bird Anna fish Mary"]


@pytest.fixture
def run(toy):
    return aw.AttentionRun(toy, BASE)


@pytest.fixture
def two_models(toy):
    """A map over two models that share a prompt, and the run of one of them."""
    other = aw.capture(aw.load_model("toy-induction", device="cpu", checkpoint=3), TEXTS[0])
    run = aw.AttentionRun(toy, TEXTS[0])
    return run, aw.HeadMap([run, other], method="pca")


def test_a_map_that_cannot_follow_says_so_and_its_run_knows_nothing_of_it(two_models):
    run, map_of_two = two_models
    heatmap, points = aw.AttentionHeatmap(run), map_of_two.points
    run.prompt = "The dog ran to the park."
    assert run.error == ""
    assert heatmap.error == ""
    assert "dog" in heatmap.trace_info["tokens"], "an observer after the one that failed is called, too"
    assert "share no prompt" in map_of_two.error
    assert not map_of_two.busy
    assert map_of_two.points is points
    assert map_of_two.traces[0] is not run.trace, "the map stays on the traces it had"


def test_a_map_that_does_not_follow_still_takes_inputs_and_follows_again(two_models):
    run, map_of_two = two_models
    run.prompt = "The dog ran to the park."
    map_of_two.n_clusters = 2
    assert len(set(map_of_two.table["cluster"])) == 2
    assert "share no prompt" in map_of_two.error, "the reason why it does not follow is still there"
    run.prompt = TEXTS[0]
    assert map_of_two.error == ""
    assert map_of_two.traces[0] is run.trace


@pytest.mark.parametrize(("name", "value"), [("watched", ["nope"]), ("position", 99), ("target", "the cat")])
def test_a_refused_input_goes_back_and_later_prompts_work(run, name, value):
    frozen = aw.FrozenRun(run)
    before = getattr(frozen, name)
    with pytest.raises(ValueError, match=r"nope|99|the cat"):
        setattr(frozen, name, value)
    assert getattr(frozen, name) == before
    assert frozen.error != ""
    frozen.prompt = EDIT
    assert frozen.error == ""
    run.prompt = TEXTS[0]
    assert frozen.error == ""
    assert frozen.baseline is run.trace


def test_scores_that_cannot_be_had_go_back_and_later_prompts_work(run, monkeypatch):
    original = attention_run.capture

    def no_scores(model, prompt, *, scores, **rest):
        if scores:
            raise ValueError("scores cannot be had for this model")
        return original(model, prompt, scores=scores, **rest)

    monkeypatch.setattr(attention_run, "capture", no_scores)
    with pytest.raises(ValueError, match="cannot be had"):
        run.scores = True
    assert not run.scores
    run.prompt = EDIT
    assert run.error == ""
    heatmap = aw.AttentionHeatmap(run)
    with pytest.raises(ValueError, match="cannot be had"):
        heatmap.kind = "score"
    assert heatmap.kind == "pattern"
    heatmap.set_state({"kind": "score"})
    assert heatmap.kind == "pattern"
    assert "cannot be had" in heatmap.error
    heatmap.set_state({"prompt": BASE})
    assert heatmap.error == ""
    assert run.text == BASE


def test_a_position_that_another_prompt_does_not_have_becomes_the_last(run):
    frozen = aw.FrozenRun(run, position=10)
    run.prompt = "Mary gave a book to"
    assert frozen.error == ""
    assert frozen.position == -1
    assert frozen.next_tokens.position == 5


def test_an_old_error_does_not_hide_a_new_one(run):
    frozen = aw.FrozenRun(run)
    panel = aw.FreezePanel(frozen)
    with pytest.raises(ValueError, match="zzyzx"):
        panel.prompt = "The zzyzx sat."
    assert frozen.error
    with pytest.raises(traitlets.TraitError, match="heads is L9H9"):
        panel.heads = ["L9H9"]
    assert panel.heads is frozen.heads is None
    with pytest.raises(ValueError, match="target is 'the cat'"):
        panel.target = "the cat"
    assert "target is 'the cat'" in panel.error
    assert (panel.target, frozen.target) == ("", None)


def test_progress_ends_at_one_whatever_happens(run, toy):
    frozen, on_map = aw.FrozenRun(run), aw.HeadMap(aw.capture(toy, TEXTS), method="pca")
    for one in (run, frozen, on_map):
        assert (one.progress, one.busy) == (1, False)
    with pytest.raises(ValueError, match="zzyzx"):
        run.prompt = "The zzyzx sat."
    with pytest.raises(ValueError, match="L7H7"):
        on_map.own = {"mine": ["L7H7"]}
    frozen.prompt = EDIT
    for one in (run, frozen, on_map):
        assert (one.progress, one.busy) == (1, False)


def test_a_failing_observer_is_its_owners_and_keeps_nothing_from_happening(run):
    frozen, seen = aw.FrozenRun(run), []

    def broken(change):
        raise RuntimeError("mine")

    run.observe(broken, "trace")
    run.observe(lambda change: seen.append(change["new"]), "trace")
    frozen.observe(broken, "effects")
    heatmap = aw.AttentionHeatmap(run)
    with pytest.raises(RuntimeError, match="mine"):
        run.prompt = EDIT
    assert seen == [run.trace]
    assert frozen.baseline is run.trace
    assert "Tom" in heatmap.trace_info["tokens"]
    assert run.error == frozen.error == heatmap.error == ""
    run.unobserve(broken, "trace")
    frozen.unobserve(broken, "effects")
    run.prompt = BASE
    assert len(seen) == 2


def test_a_failing_observer_of_a_widget_leaves_no_browser_without_an_answer(run, capsys):
    heatmap = aw.AttentionHeatmap(run)

    def broken(change):
        raise RuntimeError("mine")

    heatmap.observe(broken, "head")
    heatmap.set_state({"head": 2, "shown": ""})
    assert (heatmap.head, heatmap.pattern["head"], heatmap.error) == (2, 2, "")
    assert "RuntimeError: mine" in capsys.readouterr().err
    with pytest.raises(RuntimeError, match="mine"):
        heatmap.head = 3
    assert heatmap.pattern["head"] == 3


def test_a_new_baseline_is_computed_once(run, monkeypatch):
    frozen, counted = aw.FrozenRun(run, prompt=EDIT), []
    for module, name in (
        (frozen_passes, "effects_at"),
        (frozen_run, "split_without"),
        (frozen_run, "record_baseline"),
    ):
        original = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *a, name=name, original=original, **k: counted.append(name) or original(*a, **k)
        )
    run.prompt = TEXTS[0]
    assert sorted(counted) == ["effects_at", "record_baseline", "split_without"]
    counted.clear()
    frozen.watched = ["cat"]
    assert counted == [], "tokens to look at are no reason to compute anything else"


def test_clusters_and_classes_of_ones_own_do_not_embed_again(toy, monkeypatch):
    embedded = []
    original = compared_traces.place
    monkeypatch.setattr(compared_traces, "place", lambda *a, **k: embedded.append(1) or original(*a, **k))
    on_map = aw.HeadMap(aw.capture(toy, TEXTS), method="tsne")
    points = on_map.points
    on_map.n_clusters, on_map.own = 2, {"mine": ["L1H1"]}
    on_map.exclude_first = False
    assert embedded == [1]
    assert on_map.points is points
    assert on_map.table["class"][5] == "mine"


def test_in_the_browser_the_newest_prompt_wins(run, monkeypatch):
    captured = []
    original = attention_run.capture
    monkeypatch.setattr(
        attention_run, "capture", lambda model, prompt, **k: captured.append(prompt) or original(model, prompt, **k)
    )
    heatmap = aw.AttentionHeatmap(run)
    prompts = [BASE.replace("John", name) for name in ("Tom", "Anna", "Sam")]

    async def kernel():
        for prompt in prompts:
            heatmap.set_state({"prompt": prompt})
            assert heatmap.busy
        while run.busy:
            await asyncio.sleep(0.01)

    in_kernel(kernel)
    assert captured == prompts[-1:]
    assert heatmap.prompt == prompts[-1]
    assert not heatmap.busy


def test_what_depends_on_a_run_waits_for_the_kernel_too(run):
    frozen = aw.FrozenRun(run)

    async def kernel():
        with between_messages():
            run.prompt = EDIT
        while run.busy:
            await asyncio.sleep(0.001)
        assert frozen.busy, "its passes are not run within the task of another"
        while frozen.busy:
            await asyncio.sleep(0.01)

    in_kernel(kernel)
    assert frozen.baseline is run.trace


def test_a_misspelt_argument_is_refused_with_the_near_miss(run, toy):
    for make, near in (
        (lambda: aw.AttentionRun(toy, BASE, score=True), "did you mean 'scores'"),
        (lambda: aw.FrozenRun(run, frezen=True), "did you mean 'frozen'"),
        (lambda: aw.HeadMap([run], n_cluster=2), "did you mean 'n_clusters'"),
        (lambda: aw.AttentionHeatmap(run, laier=0), "did you mean 'layer'"),
        (lambda: aw.HeadGrid(run, sort="induction"), "did you mean 'sort_by'"),
    ):
        with pytest.raises(TypeError, match=near):
            make()


def test_a_refused_change_leaves_the_work_that_is_going_on_and_its_reason_stands_after_it(run):
    frozen = aw.FrozenRun(run)

    async def kernel():
        with between_messages():
            frozen.prompt = EDIT
            with pytest.raises(ValueError, match="target is 'the cat'"):
                frozen.target = "the cat"
        assert frozen.busy, "the edit is still being computed"
        while frozen.busy:
            await asyncio.sleep(0.01)
        assert frozen.text == EDIT
        assert "Tom" in frozen.live.tokens
        assert "target is 'the cat'" in frozen.error
        with between_messages():
            frozen.target = "Tom"
        while frozen.busy:
            await asyncio.sleep(0.01)
        assert frozen.error == ""

    in_kernel(kernel)


def test_work_that_fails_leaves_nothing_of_the_work_that_it_replaced(run, monkeypatch):
    frozen, original = aw.FrozenRun(run), frozen_passes.record
    other = BASE.replace("John", "Anna")

    def broken(model, ids, *rest):
        if list(ids) == model.encode(other):
            raise RuntimeError("out of memory")
        return original(model, ids, *rest)

    monkeypatch.setattr(frozen_passes, "record", broken)
    baseline = frozen.live, frozen.next_tokens, frozen.effects

    async def kernel():
        with between_messages():
            frozen.prompt = EDIT
        while frozen.live is baseline[0]:
            await asyncio.sleep(0.001)
        assert frozen.busy, "the traces are shown before the effects are known"
        with between_messages():
            frozen.prompt = other
        while frozen.busy:
            await asyncio.sleep(0.01)

    in_kernel(kernel)
    assert "out of memory" in frozen.error
    assert frozen.text == BASE
    assert (frozen.live, frozen.next_tokens, frozen.effects) == baseline


def test_what_a_widget_refuses_while_the_model_runs_is_still_said_when_it_has_run(run):
    heatmap = aw.AttentionHeatmap(run)

    async def kernel():
        heatmap.set_state({"prompt": EDIT})
        heatmap.set_state({"layer": 99})
        while run.busy:
            await asyncio.sleep(0.01)

    in_kernel(kernel)
    assert "Tom" in heatmap.trace_info["tokens"]
    assert "layer is 99" in heatmap.error
    run.prompt = BASE
    assert heatmap.error == ""
