"""A little of what ``tools/fuzz`` throws, always the same: what is not refused holds the laws."""
from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from fuzzing import TARGETS

FEW = {"text": 120, "outputs": 30, "words": 25}
"""Inputs for the targets that are slow; 300 for the others."""


@pytest.mark.parametrize("target", TARGETS)
def test_what_is_thrown_is_refused_or_holds_the_laws(target: str) -> None:
    accepted = []

    @settings(max_examples=FEW.get(target, 300), phases=[Phase.generate, Phase.shrink], database=None,
              suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    @given(TARGETS[target].inputs)
    def throw(data: bytes) -> None:
        accepted.append(TARGETS[target].laws(data))

    throw()
    assert True in accepted and (target in ("text", "outputs", "words") or False in accepted)
