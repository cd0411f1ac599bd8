"""A Ray cluster of several machines, all of them this one: by address, with one that goes and one that comes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from esreason.core.errors import RunError
from esreason.executors import places
from esreason.executors.places import CPU, CUDA, Place, place_of
from tests.executors.test_ray import CONFIG, evolve, expected  # noqa: F401  a fixture

ray = pytest.importorskip("ray", reason="Ray is not installed: pip install 'esreason[ray]'")
pytestmark = [pytest.mark.ray, pytest.mark.xdist_group("ray"), pytest.mark.filterwarnings("ignore")]

_PATIENCE = 120.0  # seconds until a worker has started; on an idle machine it takes 5


@pytest.fixture
def machines() -> Iterator[Any]:
    """A cluster whose head plays one worker and has no GPU."""
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "num_gpus": 0, "include_dashboard": False})
    yield made
    ray.shutdown()
    made.shutdown()


def test_auto_is_cuda_where_the_cluster_has_gpus(machines: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the machine that gives the command has itself."""
    monkeypatch.setattr(places, "cuda_devices", lambda: 1)
    assert place_of("auto", ray=machines.address) == Place(CPU)
    machines.add_node(num_cpus=1, num_gpus=1)  # Ray takes its word for it
    monkeypatch.setattr(places, "cuda_devices", lambda: 0)
    assert place_of("auto", ray=machines.address) == Place(CUDA)
    assert place_of("cpu", ray=machines.address) == Place(CPU)
    assert place_of("auto", "vllm", machines.address) == Place(CPU)
    assert not ray.is_initialized()


def test_a_machine_goes_and_another_comes(machines: Any, expected: list[str]) -> None:  # noqa: F811
    """The others go on without it; a worker that starts in its place days later has every update."""
    from esreason.executors.ray_pool import RayPool

    gone = machines.add_node(num_cpus=1)
    pool = RayPool(CONFIG, 0, machines.address)

    def play(units: list[Any]) -> Iterator[tuple[int, Any]]:
        for number, item in enumerate(pool.play(units)):
            if number == 1 and gone in machines.list_all_nodes():
                machines.remove_node(gone, allow_graceful=False)
            yield item

    try:
        assert len(pool._actors) == 2
        with pytest.raises(RunError, match="Ray has room for 2 workers of 1 CPU each"):
            RayPool(CONFIG, 3, machines.address)
        assert evolve(play, pool.update) == expected
        [late] = pool._late
        machines.add_node(num_cpus=1)
        done, _ = ray.wait([pool._late[late][-1]], timeout=_PATIENCE)
        assert done and pool._arrives(late)
        assert ray.get(pool._actors[late].weights.remote()) == pool.weights_sha256() != pool.facts()["base_sha256"]
    finally:
        pool.close()


def test_an_address_where_nobody_is_ends_in_a_sentence() -> None:
    from esreason.executors.ray_pool import RayPool

    with pytest.raises(RunError, match=r"Ray cannot be reached at ray://127\.0\.0\.1:9"):
        RayPool(CONFIG, 1, "ray://127.0.0.1:9")
