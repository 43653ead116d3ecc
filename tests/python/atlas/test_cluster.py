"""A real cluster of two processes builds what one process builds, also when one of the two is killed half-way."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import atlas_work
import distributed
from atlas_work import build, files

from attn_widgets.atlas import building, units
from attn_widgets.atlas.kinds import Kind
from attn_widgets.atlas.running import workers
from attn_widgets.atlas.shards import shards
from attn_widgets.atlas.specs import Spec, as_specs


def test_a_worker_killed_half_way_makes_no_difference(tmp_path, monkeypatch):
    monkeypatch.setattr(building, "plan_of", atlas_work.plan_of)
    monkeypatch.setattr(building, "work", atlas_work.work)
    monkeypatch.setitem(units.KINDS, "patterns", Kind("atlas_work:measure"))
    monkeypatch.setattr(Spec, "open", lambda spec: None)
    build(tmp_path / "alone")
    # where workers find the work that costs nothing
    monkeypatch.setenv("PYTHONPATH", str(Path(atlas_work.__file__).parent))
    killed = []
    with (
        distributed.LocalCluster(2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1") as cluster,
        distributed.Client(cluster) as client,
        workers(client, as_specs(["a", "b"]), 25) as crew,
    ):
        pids = sorted(client.run(os.getpid).values())
        results = building.Workers.results

        def kill_one(crew, calls):
            for future in results(crew, calls):
                if not killed and len(list(shards(tmp_path / "cluster", "patterns"))) >= 3:
                    killed.append(pids[0])
                    os.kill(pids[0], signal.SIGKILL)
                yield future

        monkeypatch.setattr(building.Workers, "results", kill_one)
        assert build(tmp_path / "cluster", crew=crew) == {}
    assert killed
    assert files(tmp_path / "cluster") == files(tmp_path / "alone")
