"""YAML descriptions: inheritance, and faults told with file, line and key."""

from pathlib import Path

import pytest

from ingest.readers.descriptions import load_all, load_description
from shared.kernel.errors import ConfigError

SHIPPED = Path(__file__).parents[4] / "feeds"
GOOD = """\
feed: shop
title: {zh: 消费, en: Purchases}
owner: office
cadence: 1d
source: test/shop
file: {glob: shop.csv}
columns: {student: 1, at: 2}
subject: {column: student}
id: [student, at]
time: {kind: epoch, column: at}
type: lantern.library.loaned.v1
data: {action: loan}
"""


def written(folder: Path, content: str, name: str = "shop.yaml") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def complaint(path: Path) -> str:
    with pytest.raises(ConfigError) as error:
        load_description(path)
    return str(error.value)


def test_a_good_description_is_read(tmp_path: Path) -> None:
    """A shorthand constant and a single glob are understood."""
    description = load_description(written(tmp_path, GOOD))
    assert description.data["action"].constant == "loan"
    assert description.file.glob == ("shop.csv",)


@pytest.mark.parametrize(
    ("change", "where", "words"),
    [
        (("zh: 消费, ", ""), "shop.yaml:2: title.zh", "required"),
        (("cadence: 1d", "cadence: soon"), "shop.yaml:4: cadence", "number"),
        (("column: at}", "colum: at}"), "shop.yaml:10: time.colum", "Extra"),
        (("column: student}", "column: nobody}"), "shop.yaml:1: document", "nobody"),
        (("loaned.v1", "loaned.v7"), "shop.yaml:11: type", "unknown event type"),
        (("at: 2}", "at: 0}"), "shop.yaml:7: columns", "counts from 1"),
        (("{action: loan}", "{action: {}}"), "shop.yaml:12: data.action", "either"),
    ],
)
def test_a_fault_is_told_with_file_line_and_key(
    tmp_path: Path, change: tuple[str, str], where: str, words: str
) -> None:
    """The message leads to the place that has to be changed."""
    text = complaint(written(tmp_path, GOOD.replace(*change)))
    assert where in text
    assert words in text


def test_a_description_extends_another(tmp_path: Path) -> None:
    """Mappings are joined key by key, everything else is replaced."""
    written(tmp_path, GOOD, "base.yaml")
    child = "extends: base.yaml\nfeed: other\nfile: {encoding: gbk}\nid: [at]\n"
    description = load_description(written(tmp_path, child))
    assert description.feed == "other"
    assert (description.file.glob, description.file.encoding) == (("shop.csv",), "gbk")
    assert description.id == ("at",)


def test_a_fault_in_a_base_names_the_base(tmp_path: Path) -> None:
    """An inherited mistake is told where it was written."""
    written(tmp_path, GOOD.replace("1d", "soon"), "base.yaml")
    text = complaint(written(tmp_path, "extends: base.yaml\n"))
    assert "base.yaml:4: cadence" in text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("extends: shop.yaml\n", "circle"),
        ("extends: ../secret.yaml\n", "same folder"),
        ("extends: missing.yaml\n", "cannot be read"),
        ("owner: x\n", "no key `feed`"),
        ("- a\n- b\n", "mapping of keys"),
        ("a: [1\n", "not YAML"),
        ("!!python/object/apply:os.system [ls]\n", "not YAML"),
        ("", "mapping of keys"),
    ],
)
def test_what_is_no_description_is_one_clear_error(
    tmp_path: Path, content: str, words: str
) -> None:
    """Circles, other folders, foreign documents and unsafe tags are refused."""
    assert words in complaint(written(tmp_path, content))


def test_the_shipped_descriptions_are_valid() -> None:
    """Every feed set of the project loads, and no feed is described twice."""
    sets = {feed_set.set: descriptions for feed_set, descriptions in load_all(SHIPPED)}
    assert set(sets) == {"campus_card", "door_access", "lms_log"}
    feeds = [d.feed for descriptions in sets.values() for d in descriptions]
    assert len(set(feeds)) == len(feeds) == 9
    sources = [d.source for descriptions in sets.values() for d in descriptions]
    assert len(set(sources)) == len(sources)
