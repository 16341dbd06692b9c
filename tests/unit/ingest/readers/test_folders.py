"""A folder is recognised by its shape, and lookups are read from it."""

from pathlib import Path

import pytest
from tests.helpers.feed_descriptions import a_description

from ingest.domain.mapping_description import FeedDescription, FeedSet, Lookup, SkippedFile, Title
from ingest.domain.mapping_outcome import RowRefusedError
from ingest.readers.folders import match_folder
from ingest.readers.lookups import read_lookup
from shared.kernel.errors import RuleBrokenError

HEADER = "学号,日期,时间,金额,地点\n".encode("gbk")
WORDS = Title(zh="试", en="test")


def a_set(name: str, *descriptions: FeedDescription) -> tuple[FeedSet, list[FeedDescription]]:
    skipped = (SkippedFile(file="totals.csv", reason=WORDS),)
    feeds = tuple(f"{d.feed}.yaml" for d in descriptions)
    return FeedSet(set=name, title=WORDS, feeds=feeds, skipped=skipped), list(descriptions)


def test_a_folder_is_matched_by_files_and_headers(tmp_path: Path) -> None:
    """Files of a known name and header belong to a feed; the others are named."""
    (tmp_path / "shop.csv").write_bytes(HEADER)
    (tmp_path / "totals.csv").write_bytes(b"x")
    (tmp_path / "notes.txt").write_bytes(b"x")
    doors = a_description(feed="doors", file={"glob": "doors*.csv"})
    matched = match_folder(tmp_path, [a_set("campus", a_description(), doors)])
    assert [(d.feed, names) for d, names in matched.feeds] == [("shop", ("shop.csv",))]
    assert matched.absent == ("doors",)
    assert [name for name, _, _ in matched.skipped] == ["totals.csv"]
    assert matched.other == ("notes.txt",)


def test_a_set_that_finds_more_of_its_files_wins(tmp_path: Path) -> None:
    """Two sets that share a file name are told apart by the rest."""
    for name in ("shop.csv", "more.csv"):
        (tmp_path / name).write_bytes(HEADER)
    more = a_description(feed="more", file={"glob": "more.csv", "encoding": "gbk"})
    one, two = a_set("one", a_description()), a_set("two", a_description(), more)
    assert match_folder(tmp_path, [one, two]).feed_set.set == "two"
    with pytest.raises(RuleBrokenError, match="equally well"):
        match_folder(tmp_path, [one, a_set("other", a_description(feed="x"))])


def test_a_file_of_the_right_name_and_the_wrong_header_does_not_fit(tmp_path: Path) -> None:
    """A name alone does not make a feed."""
    (tmp_path / "shop.csv").write_bytes(b"a,b,c\n")
    with pytest.raises(RuleBrokenError, match="no feed set fits"):
        match_folder(tmp_path, [a_set("one", a_description())])


def test_a_feed_without_its_lookup_does_not_fit(tmp_path: Path) -> None:
    """Doors without the table of cards cannot be imported."""
    (tmp_path / "shop.csv").write_bytes(HEADER)
    cards = {"cards": {"name": "card", "file": {"glob": "cards.csv"}, "key": "k", "value": "v"}}
    needy = a_description(lookups=cards, subject={"column": "student", "lookup": "cards"})
    with pytest.raises(RuleBrokenError, match="no feed set fits"):
        match_folder(tmp_path, [a_set("one", needy)])
    (tmp_path / "cards.csv").write_bytes(b"k,v\n")
    assert match_folder(tmp_path, [a_set("one", needy)]).lookups == ("cards.csv",)


def test_a_lookup_is_read_from_all_its_files(tmp_path: Path) -> None:
    """Rows without key or value and broken rows say nothing; two values make a key ambiguous."""
    lines = ["card,who", "1,A", "2,B", "2,B", "3,", ",C", "4", '5,"open', "6,A"]
    (tmp_path / "one.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "two.csv").write_text("card,who\n6,B\n", encoding="utf-8")
    lookup = Lookup.model_validate(
        {"name": "card", "file": {"glob": "*.csv"}, "key": "card", "value": "who"}
    )
    table = read_lookup(lookup, sorted(tmp_path.glob("*.csv")))
    assert dict(table.values) == {"1": "A", "2": "B", "6": "A"}
    assert table.ambiguous == {"6"}
    with pytest.raises(RowRefusedError, match="ambiguous_card"):
        table.find("6", "card")
