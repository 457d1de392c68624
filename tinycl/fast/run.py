"""Running a program: each core calls each kernel in turn, and waits for the others in between."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import carray, njit

from tinycl.fast.call import share
from tinycl.fast.copies import copy_vector, prefetch
from tinycl.fast.native import (
    atomic_add,
    atomic_load,
    call,
    pointer,
    read_byte,
    write_byte,
    yield_core,
)
from tinycl.fast.vectors import LANES, VECTOR

SPINS = 2000  # looks at the other cores before the processor is offered to somebody else
PATIENCE = 100_000  # looks for the next call, some 0.1 ms, before a thread goes to sleep
AHEAD = 1024  # bytes that a slice is read ahead
CREW, BED = 16, 3  # words of a crew, and of each of its cores behind them
ARRIVED, ROUNDS, CALLS, DONE, PROGRAM, LENGTH, TIMES, CORES = range(8)
ASLEEP, EAR, MOUTH = range(BED)
SOURCE, TARGET, WORDS, SOURCE_STEP, TARGET_STEP, CURSOR = range(6)


@njit(nogil=True)
def interpret(program: Any, times: int, core: int, cores: int, sync: int) -> None:
    """Run a program `times` times on one core of several.

    Parameters
    ----------
    program : ndarray of int64, shape (calls, 2)
        Addresses of kernels and of their words.
    times, core, cores : int
    sync : int
        Address of two int64: cores that have ARRIVED, ROUNDS.
    """
    for _ in range(times):
        for i in range(len(program)):
            call(program[i, 0], program[i, 1], core, cores)
            if cores > 1:
                wait(cores, sync)


@njit
def wait(cores: int, sync: int) -> None:
    """Return when all cores have come here."""
    rounds = atomic_load(sync + 8)
    if atomic_add(sync, 1) == cores - 1:
        atomic_add(sync, -cores)
        atomic_add(sync + 8, 1)
        return
    spins = 0
    while atomic_load(sync + 8) == rounds:
        spins += 1
        if spins > SPINS:
            yield_core()


@njit(inline="always")
def bed(core: int, crew: int) -> int:
    """Return the address of a core's own words in a crew's block."""
    return crew + 8 * (CREW + BED * core)


@njit(nogil=True)
def serve(core: int, crew: int) -> None:
    """Wait for work and do core's share of it, for ever; `crew` is the address of the block.

    A waiting thread looks out for PATIENCE rounds, then sleeps in `read` until a byte comes. Each
    has a pipe of its own, so that none takes the byte that should wake another.
    """
    words = carray(pointer(crew), (CREW,), np.int64)
    own = bed(core, crew)
    ear = carray(pointer(own), (BED,), np.int64)[EAR]
    seen = 0
    while True:
        rounds = 0
        while atomic_load(crew + 8 * CALLS) == seen:
            rounds += 1
            if rounds > PATIENCE:
                atomic_add(own + 8 * ASLEEP, 1)
                if atomic_add(crew + 8 * CALLS, 0) == seen:
                    read_byte(ear)
                atomic_add(own + 8 * ASLEEP, -1)
                rounds = 0
        seen += 1
        program = carray(pointer(words[PROGRAM]), (words[LENGTH], 2), np.int64)
        interpret(program, words[TIMES], core, words[CORES], crew)
        atomic_add(crew + 8 * DONE, 1)


@njit(nogil=True)
def lead(program: Any, times: int, cores: int, crew: int) -> None:
    """Run a program with all cores of a crew; return when each has finished."""
    words = carray(pointer(crew), (CREW,), np.int64)
    if cores > 1:
        words[PROGRAM], words[LENGTH] = program.ctypes.data, len(program)
        words[TIMES], words[CORES], words[DONE] = times, cores, 0
        atomic_add(crew + 8 * CALLS, 1)
        for core in range(1, cores):
            own = bed(core, crew)
            if atomic_add(own + 8 * ASLEEP, 0):
                write_byte(carray(pointer(own), (BED,), np.int64)[MOUTH])
    interpret(program, times, 0, cores, crew)
    spins = 0
    while cores > 1 and atomic_load(crew + 8 * DONE) < cores - 1:
        spins += 1
        if spins > SPINS:
            yield_core()


def by_sample(p: Any, core: int, cores: int) -> None:
    """Let p[1] kernels do p[0] samples, some on each core; behind: address and words of each."""
    begin, end = share(p[0], core, cores)
    for k in range(2 * begin * p[1], 2 * end * p[1], 2):
        call(p[2 + k], p[3 + k], 0, 1)


def copy_slice(p: Any, core: int, cores: int) -> None:
    """Copy WORDS words from SOURCE to TARGET, each moved on by its step times the cursor."""
    begin = p[WORDS] * core // cores
    end = p[WORDS] * (core + 1) // cores
    source = p[SOURCE] + 4 * (p[CURSOR] * p[SOURCE_STEP] + begin)
    target = p[TARGET] + 4 * (p[CURSOR] * p[TARGET_STEP] + begin)
    whole = (end - begin) // LANES * LANES
    for k in range(0, 4 * whole, VECTOR):
        prefetch(source + k + AHEAD)
        copy_vector(source + k, target + k)
    a = carray(pointer(source), (end - begin,), np.uint32)
    b = carray(pointer(target), (end - begin,), np.uint32)
    for i in range(whole, end - begin):
        b[i] = a[i]


def advance(p: Any, core: int, cores: int) -> None:
    """Move the cursors of p[0] slices on; p[1..] are the addresses of their words."""
    if core == 0:
        for i in range(p[0]):
            words = carray(pointer(p[1 + i]), (CURSOR + 1,), np.int64)
            words[CURSOR] += 1


def check_floats(p: Any, core: int, cores: int) -> None:
    """Write 1 to p[8 + core] where this core flushes subnormals, 2 where it rounds otherwise.

    p[0..2] hold the bits of 2^-149, 1 and 2^-24: as data, so that nothing is computed in advance.
    """
    bits = carray(pointer(p[3]), (3,), np.uint32)
    numbers = carray(pointer(p[3]), (3,), np.float32)
    results = carray(pointer(p[4] + 16 * core), (4,), np.float32)
    seen = carray(pointer(p[4] + 16 * core), (4,), np.uint32)
    results[0] = numbers[0] * numbers[1]
    results[1] = numbers[1] + numbers[2]
    results[2] = numbers[1] + (numbers[2] + numbers[2] + numbers[2])
    results[3] = -numbers[1] - numbers[2] - numbers[2] - numbers[2]
    fault = 0
    if seen[0] != bits[0]:
        fault = 1
    elif seen[1] != bits[1] or seen[2] != bits[1] + np.uint32(2):
        fault = 2
    p[8 + core] = fault
