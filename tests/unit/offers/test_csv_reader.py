"""What a file is read as that is no table at all, or has a row without measure."""

from __future__ import annotations

import json
import tracemalloc

import pytest

from services.contracts.refusals import RefusedError
from services.offers.usecases.csv_reader import LINE_CHARACTERS, decoded
from services.offers.usecases.own_catalogue import described
from tests.unit.offers.test_own_catalogue import PROGRAMME


def test_a_file_of_bytes_that_mean_nothing_needs_no_more_memory_than_a_table() -> None:
    """A picture that was taken for a table: of 8 MB, a list of what is wrong in it would be most of a gigabyte."""
    content = b"\xf1\xff" * 2**17
    tracemalloc.start()
    try:
        decoded(content)
        assert tracemalloc.get_traced_memory()[1] < 20 * len(content)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("length", [4095, 4096, 4097, LINE_CHARACTERS])
def test_an_object_is_read_up_to_the_length_of_a_row(length: int) -> None:
    """Until one value is read no other thread runs: all of a file in one would stop the process."""
    short = json.dumps(PROGRAMME)
    row = short[:-1] + " " * (length - len(short)) + "}"
    read = described(f"[{row}, {short}]".encode(), "2027")
    assert "twice-in-file" in [fault.slug for _, fault in read.faults], "both are read"
    if length == LINE_CHARACTERS:
        with pytest.raises(RefusedError, match="not-a-catalogue-file"):
            described(f"[{row[:-1]} }}, {short}]".encode(), "2027")
