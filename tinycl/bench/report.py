"""The measurements as rows, and the rows as a table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from rich.console import Group, RenderableType
from rich.table import Table

from tinycl.bench import int8, kernels, memory, sparse, steps
from tinycl.bench.peak import memory_job, peak_job
from tinycl.bench.timing import Times, interleave

Row = dict[str, Any]
TITLES = (
    "ours ms", "quartiles", "theirs ms", "quartiles", "GFLOP/s", "of peak", "of limit", "ratio",
)  # fmt: skip
SETTLE = 0.3  # seconds, where threads could spin
TOLD = (
    "ratio: their time over ours (above 1: tinycl is faster); medians of rounds in turn\n"
    "limit: the peak, or what far memory allows where each tensor is read or written once"
)
LARGE = 10e6  # operations from which on a product is compared with the peak


def measure(
    parts: Sequence[str], threads: int, batches: tuple[int, ...], seconds: float
) -> Iterator[Row]:
    """Yield one row a comparison.

    Parameters
    ----------
    parts : sequence of {"products", "kernels", "steps", "int8", "sparse", "memory"}
    threads : int
        For both sides.
    batches : tuple of int
    seconds : float
        Budget of each comparison.
    """
    settle = SETTLE if threads > 1 else 0.0
    if "products" in parts:
        yield from _products(seconds)
    if "kernels" in parts:
        for batch in batches:
            if batch <= 8:
                for layer in kernels.layers(batch):
                    yield from _kernels(layer, threads, seconds, settle)
    chosen = steps.steps(batches)
    if "steps" in parts:
        for step in chosen:
            job, program = steps.ours(step, threads)
            jobs = {"ours": job, "theirs": steps.theirs(step, threads)}
            found = interleave(jobs, seconds * 3, settle=settle)
            what = f"step {step.name}, batch {step.shape[0]}"
            fast = sum(n for k, n in program.kernels.items() if not k.startswith("plain_"))
            flops = 2.0 * program.plan.macs()
            yield {**_row(what, threads, found, flops), "fast_kernels": fast,
                   "plain_kernels": sum(program.kernels.values()) - fast}  # fmt: skip
    if "int8" in parts:
        for frozen in int8.comparisons(batches, threads):
            found = interleave({"ours": frozen.int8, "theirs": frozen.f32}, seconds * 3)
            yield _row(frozen.what, threads, found, 2.0 * frozen.macs)
    if "sparse" in parts:
        for one in sparse.comparisons(threads):
            found = interleave({"sparse": one.sparse, "dense": one.dense}, seconds)
            row = {side: times._asdict() for side, times in found.items()}
            share = found["sparse"].median / found["dense"].median
            yield {"what": one.what, "threads": threads, **row, "share": share}
    if "memory" in parts:
        for step in chosen:
            megabytes = {
                s: memory.peak_megabytes(s, step.name, step.shape[0]) for s in ("ours", "theirs")
            }
            yield {
                "what": f"peak memory {step.name}, batch {step.shape[0]}",
                "megabytes": megabytes,
                "ratio": megabytes["theirs"] / megabytes["ours"],
            }


def _row(what: str, threads: int, found: dict[str, Times], flops: float) -> Row:
    row: Row = {"what": what, "threads": threads}
    for side, times in found.items():
        row[side] = times._asdict()
        row[f"{side}_gflops"] = flops / times.median / 1e9
    if "theirs" in found:
        row["ratio"] = found["theirs"].median / found["ours"].median
    return row


def _products(seconds: float) -> Iterator[Row]:
    """Compare NumPy's `@` with a product of ours of the same size, beside the peak."""
    for size in (128, 256, 512):
        job, flops = peak_job()
        layer = kernels.Layer(
            f"{size}^3", "pointwise", (1, size, 1, size), (size, size), (1, size, 1, size),
            (1, 1), (0, 0, 0, 0),
        )  # fmt: skip
        rng = np.random.default_rng(1)
        a, b = rng.standard_normal((2, size, size), np.float32)
        ours = kernels.ours(layer, "forward", 1)
        found = interleave({"ours": ours, "theirs": partial(np.matmul, a, b), "peak": job}, seconds)
        peak = flops / found.pop("peak").median
        row = _row(f"product {size}x{size}x{size} against NumPy's @", 1, found, 2.0 * size**3)
        yield {**row, "share_of_peak": 2.0 * size**3 / found["ours"].median / peak}


def _kernels(layer: kernels.Layer, threads: int, seconds: float, settle: float) -> Iterator[Row]:
    for direction in kernels.DIRECTIONS:
        (job, flops), (stream, stream_bytes) = peak_job(), memory_job()
        found = interleave(
            {
                "ours": kernels.ours(layer, direction, threads),
                "theirs": kernels.theirs(layer, direction, threads),
                "peak": job,
                "memory": stream,
            },
            seconds,
            settle=settle,
        )
        peak = threads * flops / found.pop("peak").median
        bandwidth = threads * stream_bytes / found.pop("memory").median
        work = 2.0 * layer.macs
        row = _row(f"{layer}, {direction}", threads, found, work)
        if layer.kind != "depthwise" and work >= LARGE:
            reached = work / found["ours"].median
            row["share_of_peak"] = reached / peak
            row["share_of_limit"] = reached / min(peak, work * bandwidth / layer.bytes)
        yield row


def render(rows: Sequence[Row]) -> RenderableType:
    """Return the table, and what its columns mean."""
    table = Table(header_style="bold")
    table.add_column("what", overflow="fold")
    for title in TITLES:
        table.add_column(title, justify="right")
    for row in rows:
        if "megabytes" in row:
            ours, theirs = (f"{row['megabytes'][s]:.0f} MB" for s in ("ours", "theirs"))
            table.add_row(row["what"], ours, "", theirs, "", "", "", "", f"{row['ratio']:.2f}")
            continue
        if "share" in row:
            continue
        cells = []
        for side in ("ours", "theirs"):
            t = row[side]
            cells += [f"{t['median'] * 1e3:.3f}", f"{t['low'] * 1e3:.3f}-{t['high'] * 1e3:.3f}"]
        limits = [f"{row[k]:.0%}" if k in row else "" for k in ("share_of_peak", "share_of_limit")]
        gflops = f"{row['ours_gflops']:.1f}" if row["ours_gflops"] else ""
        table.add_row(row["what"], *cells, gflops, *limits, f"{row['ratio']:.2f}")
    parts: list[RenderableType] = []
    if table.row_count:
        parts += [table, TOLD]
    shares = [row for row in rows if "share" in row]
    if shares:
        parts += [_shares(shares), "share: of the time of the layer's dense backward pass"]
    return Group(*parts)


def _shares(rows: Sequence[Row]) -> Table:
    """Return the table of what is compared with a dense backward pass."""
    table = Table(header_style="bold")
    table.add_column("what", overflow="fold")
    for title in ("sparse us", "quartiles", "dense us", "quartiles", "share"):
        table.add_column(title, justify="right")
    for row in rows:
        cells = []
        for side in ("sparse", "dense"):
            t = row[side]
            cells += [f"{t['median'] * 1e6:.1f}", f"{t['low'] * 1e6:.1f}-{t['high'] * 1e6:.1f}"]
        table.add_row(row["what"], *cells, f"{row['share']:.1%}")
    return table
