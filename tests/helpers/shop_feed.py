"""A made-up feed of one file, for tests of the command line."""

from pathlib import Path

DESCRIPTION = """\
feed: shop
title: {zh: 消费, en: Purchases}
owner: office
cadence: 1d
source: test/shop
file: {glob: shop.csv, encoding: gbk}
columns: {student: 学号, at: 时间}
subject: {column: student}
id: [student, at]
time: {kind: epoch, column: at}
type: lantern.library.loaned.v1
data: {action: loan}
"""
FEED_SET = "set: shops\ntitle: {zh: 店, en: Shops}\nfeeds: [shop.yaml]\n"


def a_folder(tmp_path: Path) -> Path:
    """Write its feed set below `tmp_path`; return the folder of descriptions."""
    folder = tmp_path / "feeds" / "shops"
    folder.mkdir(parents=True)
    (folder / "feed-set.yaml").write_text(FEED_SET, encoding="utf-8")
    (folder / "shop.yaml").write_text(DESCRIPTION, encoding="utf-8")
    return folder.parent
