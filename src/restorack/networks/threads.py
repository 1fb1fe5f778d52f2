"""Run small networks on one thread: the same bits on every machine, and no waiting for others."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Compute on the calling thread alone while the context lasts.

    Sums are then in one order, whatever the number of cores; and layers that take less than a
    millisecond do not spend twenty on meeting threads whose cores are busy.
    """
    before = torch.get_num_threads()
    if before == 1:
        yield
        return
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
