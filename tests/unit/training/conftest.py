"""Tests of the network need torch: `make test-training` runs them in their own environment."""

from importlib.util import find_spec

from hypothesis import HealthCheck, settings

HERE = find_spec("training") is not None and find_spec("torch") is not None
collect_ignore_glob = [] if HERE else ["test_*.py"]  # evaluation and report need numpy alone

if HERE:
    import torch

    torch.set_num_threads(1)  # as in training: more would spin where other tests run

settings.register_profile(
    "training",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.function_scoped_fixture),
)
settings.load_profile("training")
