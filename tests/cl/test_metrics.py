"""Metrics: by hand, against fractions, and what is refused."""

import json
import re
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cl.data import made
from tinycl import cl
from tinycl.cl import Accuracies
from tinycl.errors import ShapeError


def test_three_tasks_by_hand():
    """R = [[1, .2, 0], [.5, .9, .1], [.4, .6, .8]]; before: [.1, .1, .1]."""
    correct = np.array([[10, 2, 0], [5, 9, 1], [4, 6, 8]])
    told = Accuracies(correct, np.array([10, 10, 10]), (0, 1, 2), np.array([1, 1, 1]))
    assert told.matrix.tolist() == [[1, 0.2, 0], [0.5, 0.9, 0.1], [0.4, 0.6, 0.8]]
    assert told.average() == pytest.approx(0.6)
    assert told.average(1) == pytest.approx(0.7)
    assert told.average(0) == 1
    assert told.forgetting() == pytest.approx((0.6 + 0.3) / 2)
    assert told.forgetting(1) == 0.5
    assert told.forgetting(0) is None
    assert told.backward_transfer() == pytest.approx((-0.6 - 0.3) / 2)
    assert told.forward_transfer() == pytest.approx((0.1 + 0.0) / 2)
    assert told.over_batches().tolist() == [12 / 30, 15 / 30, 18 / 30]
    assert told.over_seen().tolist() == [1, 14 / 20, 18 / 30]


def test_forgetting_is_from_the_best_since():
    """A task that got better after its own batch: forgetting and BWT differ."""
    correct = np.array([[5, 0, 0], [9, 5, 0], [6, 5, 5]])
    told = Accuracies(correct, np.array([10, 10, 10]), (0, 1, 2))
    assert told.forgetting() == pytest.approx((0.3 + 0) / 2)
    assert told.backward_transfer() == pytest.approx((0.1 + 0) / 2)
    assert told.forward_transfer() is None


@st.composite
def counts(draw):
    batches, tasks = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    of = draw(st.lists(st.integers(1, 40), min_size=tasks, max_size=tasks))
    rows = [[draw(st.integers(0, most)) for most in of] for _ in range(batches + 1)]
    learned = tuple(draw(st.integers(0, batches)) for _ in of)
    return np.array(rows[1:]), np.array(of), learned, np.array(rows[0])


@given(counts())
def test_against_fractions(given_counts):
    correct, of, learned, before = given_counts
    told = Accuracies(correct, of, learned, before)
    r = [[Fraction(int(c), int(n)) for c, n in zip(row, of, strict=True)] for row in correct]
    b = [Fraction(int(c), int(n)) for c, n in zip(before, of, strict=True)]
    last, tasks = len(r) - 1, range(len(of))

    def same(got, terms):
        terms = list(terms)
        wanted = float(sum(terms) / len(terms)) if terms else None
        assert got == (wanted if wanted is None else pytest.approx(wanted, abs=1e-14))

    for i in range(len(r)):
        same(told.average(i), [r[i][j] for j in tasks if learned[j] <= i])
        best = [max(r[k][j] for k in range(i)) - r[i][j] for j in tasks if learned[j] < i]
        same(told.forgetting(i), best)
    earlier = [j for j in tasks if learned[j] < last]
    same(told.backward_transfer(), [r[last][j] - r[learned[j]][j] for j in earlier])
    same(
        told.forward_transfer(),
        [r[learned[j] - 1][j] - b[j] for j in tasks if 0 < learned[j] <= last],
    )
    document = json.loads(json.dumps(told.to_json(), allow_nan=False))
    assert document["correct"] == correct.tolist()
    assert document["average_accuracy"] == told.average()


def test_of_a_scenario():
    scenario = cl.nicv2(made((6,) * 3, 3), 2, order="given")
    told = Accuracies.of_scenario(scenario, np.ones((1, 3), np.int64))
    assert told.learned == tuple(task.learned for task in scenario.tasks)
    assert told.names == ("class0", "class1", "class2")
    assert told.over_batches().tolist() == [0.5]
    assert told.average() == 0.5


ONE = np.array([[1, 2]])
OF = np.array([2, 3])


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((np.zeros((0, 2), int), OF, (0, 0)), "shape (batches, tasks), got (0, 2)"),
        ((np.zeros(2, int), OF, (0, 0)), "shape (batches, tasks), got (2,)"),
        ((ONE, OF[:1], (0, 0)), "of has 1 entries for 2 tasks"),
        ((ONE, OF, (0,)), "learned has 1 entries for 2 tasks"),
        ((ONE, OF, (0, 0), ONE[0][:1]), "before has 1 entries"),
        ((ONE, OF, (0, 0), None, ("a",)), "names has 1 entries"),
        ((ONE / 2, OF, (0, 0)), "correct must be whole numbers"),
        ((ONE, OF / 2, (0, 0)), "of must be whole numbers"),
        ((ONE, np.array([2, 0]), (0, 0)), "a task needs a sample"),
        ((ONE, OF, (0, -1)), "a batch from 0"),
        ((ONE + 1, OF - 1, (0, 0)), "more correct answers than samples"),
        ((-ONE, OF, (0, 0)), "fewer than 0"),
        ((ONE, OF, (0, 0), OF + 1), "more correct answers"),
    ],
)
def test_odd_input_is_refused(arguments, told):
    with pytest.raises(ShapeError, match=re.escape(told)):
        Accuracies(*arguments)


def test_batches_that_are_not_there():
    told = Accuracies(ONE, OF, (0, 3))
    assert told.average(-1) == told.average(0) == 0.5
    assert told.seen() == [0]
    for batch in (1, -2):
        with pytest.raises(ShapeError, match="there is no batch"):
            told.average(batch)
    early = Accuracies(ONE, OF, (1, 1))
    assert early.average() is None
    assert early.to_json()["accuracy_seen"] == [None]
