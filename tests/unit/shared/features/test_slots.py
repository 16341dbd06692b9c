"""The layout of a day."""

import numpy as np

from shared.features.slots import (
    DAY,
    LAYOUT,
    LIFE,
    OFFSETS,
    RING_DAYS,
    empty_days,
    layout_text,
    merge_days,
)


def test_a_student_fits_the_memory_target() -> None:
    """A ring of 120 days and the life record leave room for a horizon of duplicates in 16 KiB."""
    assert DAY.itemsize <= 112
    assert DAY.itemsize * RING_DAYS + LIFE.itemsize <= 14 * 1024


def test_every_slot_is_aligned_and_named_in_both_languages() -> None:
    """No word is cut, bitmaps can be read as 64-bit words, and a page can show every slot."""
    for slot in LAYOUT:
        size = np.dtype(slot.dtype).itemsize
        assert OFFSETS[slot.name] % (8 if size == 1 and slot.width > 1 else size) == 0
        assert slot.zh
        assert slot.en


def test_an_empty_day_is_the_identity_of_merging() -> None:
    """Merging an empty day changes nothing, and merging commutes."""
    rng = np.random.default_rng(1)
    first, second = empty_days(3, 5), empty_days(3, 5)
    first.view(np.uint8)[:] = rng.integers(0, 256, first.view(np.uint8).shape)
    second.view(np.uint8)[:] = rng.integers(0, 256, second.view(np.uint8).shape)
    one, other = first.copy(), second.copy()
    merge_days(one, second)
    merge_days(other, first)
    assert one.tobytes() == other.tobytes()
    same = first.copy()
    merge_days(same, empty_days(3, 5))
    assert same.tobytes() == first.tobytes()


def test_the_layout_has_one_text() -> None:
    """The text that is hashed names every slot with its merge."""
    assert all(f"{slot.name}:" in layout_text() for slot in LAYOUT)
