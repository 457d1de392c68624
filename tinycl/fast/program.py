"""A plan made ready for this machine: memory, kernels, and one program of calls for each body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tinycl.bits import Array
from tinycl.contract import Contract
from tinycl.errors import EnvironmentFault
from tinycl.fast import call, registry
from tinycl.fast.by_sample import SUMS, Group, images_of
from tinycl.fast.choose import choose
from tinycl.fast.crew import crew
from tinycl.fast.extra import NOTHING, Extra
from tinycl.fast.fuse import Fused, fuse, unfused
from tinycl.fast.machine import LINE
from tinycl.fast.micro import LOAD, SGD
from tinycl.fast.run import CURSOR, SOURCE, SOURCE_STEP, TARGET, TARGET_STEP, WORDS
from tinycl.fast.words import operation_words
from tinycl.ops import TABLE
from tinycl.plan import Plan

Words = NDArray[np.int64]
FILLER = 0x57575757


class Program:
    """One plan, one contract, a number of cores: allocated once, run as often as wanted.

    Parameters
    ----------
    plan : Plan
    contract : Contract
    checked : bool
        Keep what each operation wrote; nothing is fused and no memory is shared.
    cores : int
    notify : callable
        Is given the name of each kernel that has to be compiled or loaded.

    Attributes
    ----------
    memory : dict of str to ndarray
        Views of the tensors.
    kernels : dict of str to int
        Kernels by name, and how many calls of each one run of the whole schedule makes.
    """

    def __init__(
        self,
        plan: Plan,
        contract: Contract,
        checked: bool,
        cores: int,
        notify: Callable[[str], None] = lambda name: None,
    ) -> None:
        self.plan, self.contract, self.checked, self.cores = plan, contract, checked, cores
        self.fused = unfused(plan) if checked else fuse(plan, contract, cores)
        self.memory = self._arena(self.fused)
        self.kernels: dict[str, int] = {}
        self._blocks: list[Any] = []  # what native code points to
        self._slices: list[Words] = []
        self._stream_words: dict[str, Words] = {}
        self._notify = notify
        self._scratch_users: list[tuple[Words, int, int]] = []
        self.streams: dict[str, Array] = {}
        self.kept: dict[tuple[str, int, str], Array] = {}
        self.programs = {name: self._body(name) for name in self.fused.plan.bodies}
        self._share_scratch()

    def _arena(self, fused: Fused) -> dict[str, Array]:
        place, brief = fused.place(self.checked), fused.brief()
        block = np.full(place.words + LINE, FILLER, np.uint32)
        skip = -(block.ctypes.data // 4) % LINE
        self.words = place.words
        memory = {}
        for name, start in place.offsets.items():
            tensor = fused.plan.tensors[name]
            if name in brief:
                tensor = replace(tensor, shape=(1, *tensor.shape[1:]))
            memory[name] = tensor.view(block[skip + start : skip + start + tensor.words])
        return memory

    def _body(self, name: str) -> Words:
        body, times = self.fused.plan.bodies[name], self.plan.body_executions(name)
        calls: list[tuple[int, int]] = []
        slices: list[Words] = []

        def follow(words: Words) -> None:
            slices.append(words)
            calls.append(self._entry("copy_slice", words))

        def keep(tensor: str, index: int) -> None:
            words = self.plan.tensors[tensor].words
            room = np.zeros((times, words), np.uint32)
            self.kept[name, index, tensor] = self.plan.tensors[tensor].view(room)
            follow(_slice(self.memory[tensor], room, 0, words))

        for tensor in body.streams:
            follow(self._stream(tensor))
        groups = {g.begin: g for g in self.fused.groups.get(name, ())}
        inside = {i for g in groups.values() for i in range(g.begin, g.end)}
        for index, op in enumerate(body.ops):
            if index in groups:
                calls += self._by_sample(name, groups[index], times)
            elif index not in inside and not self._extra(name, index).done:
                calls.append(self._operation(name, index, times))
            if self.checked:
                for tensor in op.writes:
                    keep(tensor, index)
        for tensor in body.records:
            keep(tensor, -1)
        if slices:
            addresses = [len(slices), *(words.ctypes.data for words in slices)]
            calls.append(self._entry("advance", np.array(addresses, np.int64)))
        self._slices += slices
        return np.array(calls, np.int64).reshape(-1, 2)

    def _stream(self, tensor: str) -> Words:
        """Return the words that load the next slice; one cursor a tensor, in whatever body."""
        if tensor not in self.streams:
            words = self.plan.tensors[tensor].words
            source = np.zeros((self.plan.slices(tensor), words), np.uint32)
            self.streams[tensor] = self.plan.tensors[tensor].view(source)
            self._stream_words[tensor] = _slice(source, self.memory[tensor], words, 0)
        return self._stream_words[tensor]

    def _entry(self, name: str, words: Words) -> tuple[int, int]:
        if not registry.is_compiled(name):
            self._notify(name)
        self._blocks.append(words)
        return registry.kernel(name).address, words.ctypes.data

    def _by_sample(self, name: str, group: Group, times: int) -> list[tuple[int, int]]:
        """Return the entries that let the operations of a group go sample by sample."""
        along = [i for i in range(group.begin, group.end) if not self._extra(name, i).done]
        if group.meet:
            samples = range(group.samples)
            return [self._operation(name, i, times, (s, group)) for s in samples for i in along]
        words = [group.samples, len(along)]
        for core in range(self.cores):
            for sample in range(*call.share.py_func(group.samples, core, self.cores)):
                for index in along:
                    words += self._operation(name, index, times, (sample, group), core)
        return [self._entry("by_sample", np.array(words, np.int64))]

    def _extra(self, body: str, index: int) -> Extra:
        return self.fused.extras.get((body, index), NOTHING)

    def _operation(
        self,
        body: str,
        index: int,
        times: int,
        part: tuple[int, Group] | None = None,
        core: int = 0,
    ) -> tuple[int, int]:
        """Return the entry of an operation, or of what it does with one sample of a group.

        `core` does it alone where cores share the samples.
        """
        op = self.fused.plan.bodies[body].ops[index]
        extra = self._extra(body, index)
        name = choose(op, self.fused.plan, self.contract)
        row = TABLE[op.kind]
        inputs = [*op.inputs, *[None] * (len(row.inputs) - len(op.inputs))]
        memory, flags, update = self.memory, extra.flags, extra.update
        if part is not None:
            sample, group = part
            images = images_of(op, extra)
            one = {n: memory[n][:1] if n in group.brief else memory[n][sample : sample + 1]
                   for n in images}  # fmt: skip
            memory = memory | one
            if op.kind in SUMS and sample > 0:
                flags |= LOAD
            if sample + 1 < group.samples:
                flags, update = flags & ~SGD, None
        tensors = [None if n is None else memory[n] for n in (*inputs, *op.outputs)]
        gate = None if extra.gate is None else memory[extra.gate]
        state = [] if update is None else [memory[n] for n in extra.state]
        bias = None if extra.bias is None else memory[extra.bias]
        block = operation_words(
            row, tensors, op.attrs, self.contract, flags, gate, update, state, bias
        )
        entry = self._entry(name, block)
        shapes = [None if t is None else t.shape for t in tensors]
        values = row.attributes(op.attrs)
        self._scratch_users.append((block, registry.kernel(name).scratch(shapes, values), core))
        self.kernels[name] = self.kernels.get(name, 0) + times
        return entry

    def _share_scratch(self) -> None:
        most = -(-max((need for _, need, _ in self._scratch_users), default=0) // LINE) * LINE
        room = np.zeros(most * self.cores + LINE, np.float32)
        start = room.ctypes.data + -room.ctypes.data % 64
        for block, _, core in self._scratch_users:
            block[call.SCRATCH], block[call.SCRATCH_WORDS] = start + 4 * core * most, most
        self.scratch_words = most * self.cores
        self._blocks.append(room)

    def load(self, data: Mapping[str, Array]) -> None:
        """Put the first values and the streams in; what `check_inputs` returned."""
        for name, value in data.items():
            if name in self.plan.streamed:
                self.streams[name][...] = value
            elif name in self.memory:
                self.memory[name][...] = value
        self.rewind()

    def rewind(self) -> None:
        """Begin all streams and records again."""
        for words in self._slices:
            words[CURSOR] = 0

    def run_body(self, name: str, times: int) -> None:
        """Run a body on all cores."""
        crew(self.cores).run(self.programs[name], times)

    def check_environment(self) -> None:
        """Raise EnvironmentFault unless every core keeps subnormals and rounds to nearest even."""
        numbers = np.array([1, 0x3F800000, 0x33800000], np.uint32)
        results = np.zeros((self.cores, 4), np.float32)
        words = np.zeros(8 + self.cores, np.int64)
        words[3], words[4] = numbers.ctypes.data, results.ctypes.data
        crew(self.cores).run(np.array([self._entry("check_floats", words)], np.int64), 1)
        for core, fault in enumerate(words[8:]):
            if fault:
                told = ("turns subnormal numbers into zeros", "does not round to nearest even")
                raise EnvironmentFault(
                    f"numba: thread {core} {told[int(fault) - 1]}. Some library here was "
                    "built with -ffast-math or changed the mode; run in a process of its own"
                )


def _slice(source: Array, target: Array, source_step: int, target_step: int) -> Words:
    """Return the words of `copy_slice`."""
    words = np.zeros(CURSOR + 1, np.int64)
    words[SOURCE], words[TARGET] = source.ctypes.data, target.ctypes.data
    words[SOURCE_STEP], words[TARGET_STEP] = source_step, target_step
    words[WORDS] = source_step or target_step
    return words
