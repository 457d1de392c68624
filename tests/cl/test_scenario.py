"""Scenarios: who comes when, that no sample is lost or comes twice, and what is refused."""

import re
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cl.data import made
from tinycl import cl
from tinycl.bits import equal
from tinycl.errors import ShapeError
from tinycl.num.generator import permutation


def all_samples(scenario):
    return [i for batch in scenario.batches for i in batch.samples.tolist()]


def told_truly(scenario):
    """Batches and tasks say of themselves what the data say."""
    data = scenario.data
    for i, batch in enumerate(scenario.batches):
        assert batch.samples.dtype == np.int32
        assert set(batch.classes) == set(data.train_y[batch.samples].tolist())
        sessions = () if data.train_session is None else data.train_session[batch.samples].tolist()
        assert batch.sessions == tuple(sorted(set(sessions)))
        x, y = scenario.batch(i)
        assert equal(x, data.train_x[batch.samples])
        assert equal(y, data.train_y[batch.samples])
    tests = [i for task in scenario.tasks for i in task.samples.tolist()]
    assert len(tests) == len(set(tests))
    assert sorted(tests) == np.flatnonzero(np.isin(data.test_y, scenario.classes)).tolist()
    for j, task in enumerate(scenario.tasks):
        brings = [i for i, b in enumerate(scenario.batches) if set(b.classes) & set(task.classes)]
        assert task.learned == brings[0]
        assert equal(scenario.test(j)[1], data.test_y[task.samples])
    return scenario


def test_new_classes_as_given():
    data = made((3, 4, 5, 6, 7))
    scenario = told_truly(cl.new_classes(data, tasks=2, classes=2))
    assert [b.classes for b in scenario.batches] == [(0, 1), (2, 3)]
    assert [t.classes for t in scenario.tasks] == [(0, 1), (2, 3)]
    assert [t.name for t in scenario.tasks] == ["class0, class1", "class2, class3"]
    assert [len(b.samples) for b in scenario.batches] == [7, 11]
    assert scenario.classes == (0, 1, 2, 3)


def test_new_classes_in_other_orders():
    data = made((2,) * 7)
    order = permutation(7, 5, 1 << 40).tolist()
    scenario = told_truly(cl.new_classes(data, 3, 2, first=3, order="shuffled", seed=5))
    assert [t.classes for t in scenario.tasks] == [
        tuple(order[:3]),
        tuple(order[3:5]),
        tuple(order[5:]),
    ]
    assert sorted(all_samples(scenario)) == list(range(14))
    listing = told_truly(cl.new_classes(data, 2, 1, order=[6, 0]))
    assert [b.classes for b in listing.batches] == [(6,), (0,)]


@settings(max_examples=60)
@given(
    st.lists(st.integers(3, 9), min_size=1, max_size=5),
    st.integers(1, 3),
    st.integers(0, 3),
    st.integers(0, 2**64 - 1),
)
def test_new_instances(sizes, batches, sessions, seed):
    data = made(sizes, max(sessions, batches) if sessions else 0)
    by = "sessions" if sessions else "chance"
    scenario = told_truly(cl.new_instances(data, batches, by=by, seed=seed))
    assert sorted(all_samples(scenario)) == list(range(sum(sizes)))
    if sessions:
        assert sorted(s for b in scenario.batches for s in b.sessions) == sorted(
            set(data.train_session.tolist())
        )
    else:
        for c, size in enumerate(sizes):
            counts = [Counter(data.train_y[b.samples].tolist())[c] for b in scenario.batches]
            assert min(counts) == size // batches >= 1
            assert max(counts) - min(counts) <= 1
        sums = [len(b.samples) for b in scenario.batches]
        assert max(sums) - min(sums) <= len(sizes)


@settings(max_examples=80)
@given(
    st.integers(2, 9),
    st.integers(2, 8),
    st.integers(1, 4),
    st.integers(1, 9),
    st.sampled_from(["given", "shuffled"]),
    st.booleans(),
    st.integers(0, 2**64 - 1),
)
def test_nicv2(classes, sessions, each, first, order, has_sessions, seed):
    first, each = min(first, classes), min(each, classes)
    data = made((2 * sessions + 1,) * classes, sessions if has_sessions else 0)
    scenario = told_truly(
        cl.nicv2(data, first, each, 0 if has_sessions else sessions, order=order, seed=seed)
    )
    assert sorted(all_samples(scenario)) == list(range(classes * (2 * sessions + 1)))
    opening, *rest = scenario.batches
    assert len(opening.classes) == first
    left = classes * sessions - first
    most = sessions if first < classes else sessions - 1
    assert len(rest) == max(most, -(-left // each))
    assert all(len(b.classes) <= each for b in rest)
    if has_sessions:
        label, session = data.train_y.tolist(), data.train_session.tolist()
        pairs = Counter(
            pair for b in scenario.batches for pair in {(label[i], session[i]) for i in b.samples}
        )
        assert set(pairs.values()) == {1}
        assert len(pairs) == classes * sessions
        if order == "given":
            assert opening.classes == tuple(range(first))
            assert opening.sessions == (0,)


@pytest.mark.parametrize(("each", "batches"), [(1, 391), (2, 196), (5, 79)])
def test_as_many_batches_as_core50_has(each, batches):
    scenario = cl.nicv2(made((16,) * 50, 8), 10, each, seed=1)
    assert len(scenario.batches) == batches
    assert {len(b.classes) for b in scenario.batches[1:]} == {each}
    assert len(scenario.tasks) == 50


def test_uneven_sessions():
    """One class has seven sessions, the other one: the last batches have one class."""
    data = made((7, 1), 7)
    scenario = told_truly(cl.nicv2(data, 1, 2, order="given"))
    assert Counter(len(b.classes) for b in scenario.batches) == {1: 6, 2: 1}


def test_listed():
    data = made((4, 4), 2)
    lists = [np.array([5, 0]), np.array([7, 3, 1], np.int64)]
    scenario = told_truly(cl.listed(data, lists, ["a", "b"]))
    assert [b.samples.tolist() for b in scenario.batches] == [[5, 0], [7, 3, 1]]
    assert [b.name for b in scenario.batches] == ["a", "b"]


def test_equal_seeds_are_equal_scenarios():
    data = made((9,) * 5, 4)
    kinds = [
        ("new_classes", {"tasks": 2, "classes": 2, "order": "shuffled"}),
        ("new_instances", {"batches": 3, "by": "chance"}),
        ("nicv2", {"first": 2, "classes": 2}),
    ]
    found = set()
    for kind, options in kinds:
        for seed in (0, 1):
            digest = cl.make_scenario(data, kind, seed=seed, **options).digest
            assert digest == cl.make_scenario(data, kind, seed=seed, **options).digest
            found.add(digest)
    assert len(found) == 6


def test_pinned():
    """The order that the generator makes, written down."""
    scenario = cl.nicv2(made((4,) * 4, 2, seed=0), 2, 1, seed=9)
    pairs = [(b.classes, b.sessions) for b in scenario.batches]
    assert pairs == PINNED


PINNED = [
    ((2, 3), (0,)),
    ((1,), (1,)),
    ((0,), (0,)),
    ((0,), (1,)),
    ((2,), (1,)),
    ((1,), (0,)),
    ((3,), (1,)),
]

PLAIN, SESSIONS = made(), made(sessions=3)
EMPTY = made((6, 0, 6))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: cl.new_classes(PLAIN, 3, 2), "3 tasks need 6 classes; made has 4"),
        (lambda: cl.new_classes(PLAIN, 2, 2, order=[1, 2, 3]), "need 4 classes; made has 3"),
        (lambda: cl.new_classes(PLAIN, 2, 1, first=4), "need 5 classes"),
        (lambda: cl.new_classes(PLAIN, 0, 2), "tasks must be a whole number 1..4, got 0"),
        (lambda: cl.new_classes(PLAIN, 1, 2.0), "classes must be a whole number 1..4, got 2.0"),
        (lambda: cl.new_classes(PLAIN, True, 2), "tasks must be a whole number"),
        (lambda: cl.new_classes(PLAIN, 1, 1, order="random"), "order must be 'given', 'shuffled'"),
        (lambda: cl.new_classes(PLAIN, 1, 1, order=[1, 1]), "names a class twice: [1, 1]"),
        (lambda: cl.new_classes(PLAIN, 1, 1, order=[4]), "a class of the order must be"),
        (lambda: cl.new_classes(PLAIN, 1, 1, seed=-1), "seed must be a whole number"),
        (lambda: cl.new_classes(PLAIN, 1, 1, seed=2**64), "seed must be a whole number"),
        (lambda: cl.new_classes(EMPTY, 3, 1), "no samples to train class 'class1' with"),
        (lambda: cl.new_instances(PLAIN, 2), "made has no sessions; take by='chance'"),
        (lambda: cl.new_instances(SESSIONS, 4), "4 batches need as many sessions; made has 3"),
        (lambda: cl.new_instances(PLAIN, 7, "chance"), "class 'class0' has 6 samples; 7 batches"),
        (lambda: cl.new_instances(PLAIN, 0, "chance"), "batches must be a whole number"),
        (lambda: cl.new_instances(PLAIN, 2, "luck"), "by must be 'sessions' or 'chance'"),
        (lambda: cl.nicv2(PLAIN, 2), "made has no sessions; say with sessions=K"),
        (lambda: cl.nicv2(SESSIONS, 2, sessions=2), "has sessions of its own; leave sessions out"),
        (lambda: cl.nicv2(PLAIN, 2, sessions=7), "'class0' has 6 samples to train with; it needs"),
        (lambda: cl.nicv2(EMPTY, 1, sessions=2, order="given"), "'class1' has 0 samples to train"),
        (lambda: cl.nicv2(made((6, 0), 3), 1, order="given"), "'class1' has 0 samples"),
        (lambda: cl.nicv2(PLAIN, 4, sessions=1), "nothing is left behind the first batch"),
        (lambda: cl.nicv2(PLAIN, 5, sessions=2), "first must be a whole number 1..4"),
        (lambda: cl.nicv2(SESSIONS, 3, order=[0, 1]), "needs 3 classes; the order names 2"),
        (lambda: cl.nicv2(SESSIONS, 1, 5), "classes must be a whole number 1..4"),
        (lambda: cl.listed(PLAIN, []), "give at least one batch"),
        (lambda: cl.make_scenario(PLAIN, "listed"), "or data that bring some"),
        (lambda: cl.listed(PLAIN, [[0], []]), "batch 1 is empty"),
        (lambda: cl.listed(PLAIN, [[24]]), "batch 0 must be whole numbers (n,) in 0..23"),
        (lambda: cl.listed(PLAIN, [[-1]]), "in 0..23"),
        (lambda: cl.listed(PLAIN, [[0.5]]), "must be whole numbers"),
        (lambda: cl.listed(PLAIN, [[[0]]]), "must be whole numbers"),
        (lambda: cl.listed(PLAIN, [[0]], ["a", "b"]), "1 batches with 2 names"),
        (lambda: cl.new_classes(PLAIN, 1, 1, order=5), "or a list of classes, got 5"),
        (lambda: cl.nicv2(SESSIONS, 1, order=None), "or a list of classes, got None"),
        (lambda: cl.listed(PLAIN, 5), "batches must be a list of lists of samples, got 5"),
        (lambda: cl.listed(PLAIN, "01"), "batches must be a list of lists of samples"),
        (lambda: cl.listed(PLAIN, [[0], [1, [2]]]), "batch 1 must be whole numbers"),
        (lambda: cl.listed(PLAIN, [[0]], 5), "names must be a list of texts, got 5"),
        (lambda: cl.listed(PLAIN, [[0]], "a"), "names must be a list of texts, got 'a'"),
        (lambda: cl.listed(PLAIN, [[0], [1]], ["a", 2]), "names must be a list of texts"),
        (lambda: cl.make_scenario(PLAIN, "nicv2", data=3), "its options are first, classes"),
        (lambda: cl.make_scenario(PLAIN, "x"), "no kind 'x'; choose from new_classes"),
        (
            lambda: cl.make_scenario(PLAIN, "nicv2", clases=2),
            "its options are first, classes, sessions",
        ),
        (lambda: cl.make_scenario(PLAIN, "new_instances"), "missing a required argument"),
    ],
)
def test_odd_input_is_refused(make, told):
    with pytest.raises(ShapeError, match=re.escape(told)) as error:
        make()
    assert str(error.value).startswith("scenario: ")


def test_classes_without_tests_are_refused():
    data = made((3, 3))
    fewer = type(data)(
        "d", data.train_x, data.train_y, data.test_x[:1], data.test_y[:1], data.classes
    )
    with pytest.raises(ShapeError, match="no samples to test class 'class1' with"):
        cl.new_classes(fewer, 2, 1)
    assert len(cl.new_classes(fewer, 1, 1).tasks) == 1
