"""Faults that nobody planned: how many of them are found."""

from collections import Counter

import pytest

from tests.validate.mutate import mutant, tried
from tinycl.validate import Finding


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_most_are_found(tmp_path, capsys):
    found, missed = Counter(), []
    for seed in range(300):
        one = mutant(seed)
        told = tried(one, tmp_path)
        found[told.kind if isinstance(told, Finding) else told] += 1
        if told == "missed":
            missed.append(one.told)
    built = sum(found.values()) - found["refused"]
    rate = 1 - found["missed"] / built
    with capsys.disabled():
        print(f"\n{rate:.1%} of {built} mutants were found: {dict(found.most_common())}")
        print("\n".join(f"missed {told}" for told in missed))
    assert built >= 100
    assert rate >= 0.85  # some mutants compute the same, as in code that is not called
