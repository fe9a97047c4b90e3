"""What a file is read as that is no table at all."""

from __future__ import annotations

import tracemalloc

from services.offers.usecases.csv_reader import decoded


def test_a_file_of_bytes_that_mean_nothing_needs_no_more_memory_than_a_table() -> None:
    """A picture that was taken for a table: of 8 MB, a list of what is wrong in it would be most of a gigabyte."""
    content = b"\xf1\xff" * 2**17
    tracemalloc.start()
    try:
        decoded(content)
        assert tracemalloc.get_traced_memory()[1] < 20 * len(content)
    finally:
        tracemalloc.stop()
