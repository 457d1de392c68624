"""Small files in the true formats, written by hand."""

import gzip
import struct
from pathlib import Path

import numpy as np

RNG = np.random.default_rng(5)


def idx(values: np.ndarray) -> bytes:
    """An IDX file of unsigned bytes."""
    head = struct.pack(">4B", 0, 0, 8, values.ndim)
    return head + struct.pack(f">{values.ndim}I", *values.shape) + values.astype(np.uint8).tobytes()


def mnist(folder: Path, train=7, test=3, size=(5, 4), mark="-", packed=False):
    """The four files of MNIST; return images and labels of both splits."""
    made = []
    for split, count in (("train", train), ("t10k", test)):
        images = RNG.integers(0, 256, (count, *size), np.uint8)
        labels = RNG.integers(0, 10, count, np.uint8)
        for stem, value in ((f"{split}-images", images), (f"{split}-labels", labels)):
            name = f"{stem}{mark}idx{value.ndim}-ubyte"
            data = idx(value)
            path = folder / (f"{name}.gz" if packed else name)
            path.write_bytes(gzip.compress(data, mtime=0) if packed else data)
        made += [images, labels]
    return made


def cifar_records(count: int, labels: tuple[int, ...], first: int = 0):
    """Records of CIFAR: label bytes below `labels`, then three planes."""
    heads = [RNG.integers(0, most, count, np.uint8) for most in labels]
    images = RNG.integers(0, 256, (count, 3, 32, 32), np.uint8)
    data = b"".join(bytes(int(h[i]) for h in heads) + images[i].tobytes() for i in range(count))
    return data, heads, images


def cifar10(folder: Path, batches=(2, 1), test=2):
    """Some of CIFAR-10's files."""
    names = "\n".join(f"class{i}" for i in range(10)) + "\n\n"
    (folder / "batches.meta.txt").write_text(names)
    made = []
    for number, count in enumerate(batches, 1):
        data, (labels,), images = cifar_records(count, (10,))
        (folder / f"data_batch_{number}.bin").write_bytes(data)
        made.append((images, labels))
    data, (labels,), images = cifar_records(test, (10,))
    (folder / "test_batch.bin").write_bytes(data)
    return made, (images, labels)


def har(folder: Path, train=5, test=3, wide=4):
    """UCI HAR as published: fixed-width numbers, labels from 1."""
    (folder / "activity_labels.txt").write_text("1 WALKING\n2 SITTING\n3 LAYING\n")
    made = []
    for split, count in (("train", train), ("test", test)):
        (folder / split).mkdir()
        x = RNG.uniform(-1, 1, (count, wide))
        y = np.array([3, 1, 2, 3, 1, 2][:count])
        rows = "".join("".join(f"{v: 16.7e}" for v in row) + "\n" for row in x)
        (folder / split / f"X_{split}.txt").write_text(rows)
        (folder / split / f"y_{split}.txt").write_text("".join(f"{v}\n" for v in y))
        made += [np.array([[float(f"{v:.7e}") for v in row] for row in x]), y]
    return made
