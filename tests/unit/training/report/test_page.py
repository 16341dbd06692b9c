"""`report.html`: whole in itself, in two languages, on a telephone too."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from training.evaluation.metrics import evaluate
from training.report import files, write
from training.report.context import Context, Part, Words
from training.report.limits import TABLE

pytest.importorskip("matplotlib", reason="the page is drawn in .venv-training: make test-training")
pytest.importorskip("jinja2", reason="the page is drawn in .venv-training: make test-training")

CHROMIUM = Path("/usr/bin/chromium")
VOID = {"meta", "input", "br", "link", "img", "hr"}


class Tree(HTMLParser):
    """Collects ids, addresses and tags, and insists that tags close."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.addresses: list[str] = []
        self.tags: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(value or "")
            if name in {"src", "href", "xlink:href", "action", "data"}:
                self.addresses.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.fixture(scope="module")
def folder(evaluation: Any, context: Context, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a report."""
    to: Path = tmp_path_factory.mktemp("report")
    write([evaluation], context, to)
    return to


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def tree(page: str) -> Tree:
    parser = Tree()
    parser.feed(page)
    return parser


def test_every_tag_closes_and_every_id_is_alone(tree: Tree) -> None:
    """The page is well-formed, plots and all."""
    assert tree.open == []
    assert len(tree.ids) == len(set(tree.ids))


def test_asks_nobody_and_runs_nothing(page: str, tree: Tree) -> None:
    """Every address stays in the page, and there is no script."""
    assert all(address.startswith("#") for address in tree.addresses)
    assert {"script", "iframe", "object", "link", "img"} & set(tree.tags) == set()
    hosts = set(re.findall(r"https?://[^\s\"'<]+", page))
    assert all(host.startswith("http://www.w3.org/") for host in hosts)  # names of namespaces
    assert "@import" not in page
    assert "url(" not in re.sub(r"url\(#", "", page)


def test_names_of_groups_are_text(page: str) -> None:
    """A college named like a script is printed, not run."""
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_each_text_is_in_both_languages(page: str) -> None:
    """As many Chinese texts as English ones, and none of them empty."""
    zh = re.findall(r'<span class="zh" lang="zh">(.*?)</span>', page)
    en = re.findall(r'<span class="en" lang="en">(.*?)</span>', page)
    assert len(zh) == len(en) > 100
    assert all(zh)
    assert all(en)
    assert page.count('<div class="zh">') == page.count('<div class="en">') > 8


@pytest.mark.parametrize(
    "said",
    [
        "模拟数据",
        "数据是模拟的。",
        "没有胜过逻辑回归",
        "does not beat logistic regression",
        "模型不知道什么",
        "One term only",
        "2025-09-01",
        "32,000",
        "What “97.6 %” would mean",
        "few students, not published",
        "早餐率",
        "own_column",
    ],
)
def test_says_plainly(page: str, said: str) -> None:
    """Data, limits, baselines, the claim, small cells, missing inputs: all are named."""
    assert said in page


def said_in(page: str) -> str:
    """Return what a person reads, without tags, styles and the texts of plots' programs."""
    return re.sub(r"<style.*?</style>|<[^>]*>", " ", page, flags=re.DOTALL)


STUDENTS_ALONE = ("student", "学生", "alerted", "提醒", "need", "suicide", "97.6", "Period", "talk")


@pytest.mark.parametrize("rows_a_group", [1, 3])
def test_a_plain_table_knows_no_students(rows_a_group: int, tmp_path: Path) -> None:
    """Rows, labels and groups are what they are: nobody is alerted, talked with or in need."""
    random = np.random.default_rng(3)
    said, group = random.random(300), np.arange(300) // rows_a_group
    truth = (random.random(300) < said / 4).astype(int)
    inputs = (["length"], np.where(random.random((300, 1)) < 0.5, np.nan, 1.0))
    made = evaluate(
        truth, said, group, groups={"kind": np.array(["a", "b"])[group % 2]}, inputs=inputs,
        thresholds={"high": 0.8}, baselines={"logistic": said}, data="table", replicates=20,
    )  # fmt: skip
    known = None if rows_a_group == 1 else 100
    context = Context(
        title=Words("表", "Table"), model="t", data="table", parts=(Part("train", known, 300, 0.1),)
    )
    write([made], context, tmp_path)
    text = said_in((tmp_path / "report.html").read_text(encoding="utf-8"))
    unknown = [sentence for one in TABLE for sentence in (one.zh, one.en)]  # these speak of them
    for sentence in unknown:
        text = text.replace(sentence, "")
    assert not [word for word in STUDENTS_ALONE if word in text]
    assert ("Groups that never had it" in text) == (rows_a_group > 1)
    assert "Share of rows without it" in text


def test_groups_have_the_names_that_people_use(evaluation: Any, context: Context) -> None:
    """A group is called by its name in either language; one without a name by what rows say."""
    named = replace(context, names={"f": Words("女生", "Women")})
    page = files([evaluation], named)["report.html"].decode()
    assert page.count('<th scope="row"><span class="zh" lang="zh">女生</span>') == 1
    assert page.count('lang="en">Women</span>') > 1  # the table, and among the gaps
    assert ">m</span>" in page


def test_same_report_same_bytes(
    evaluation: Any, context: Context, folder: Path, tmp_path: Path
) -> None:
    """A second run writes the same files."""
    for one in write([evaluation], context, tmp_path):
        assert one.read_bytes() == (folder / one.name).read_bytes()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_fits_the_screen_and_switches_language(folder: Path, width: int) -> None:
    """Nothing scrolls sideways, text is at least 10 px high, and the switch shows one language."""
    api = pytest.importorskip("playwright.sync_api")
    if not CHROMIUM.exists():
        pytest.skip("no Chromium: apt-get install chromium")
    with api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        view = browser.new_page(viewport={"width": width, "height": 900})
        asked: list[str] = []
        view.on("request", lambda request: asked.append(request.url))
        view.goto((folder / "report.html").as_uri())
        for shown, other in (("zh", "en"), ("en", "zh")):
            view.click(f"label[for={shown}]")
            assert view.locator(f"main .{shown}:visible").count() > 50
            assert view.locator(f"main .{other}:visible").count() == 0
            assert view.evaluate("document.documentElement.scrollWidth") <= width
            heights = view.evaluate(
                "[...document.querySelectorAll('svg text')].map(t => t.getBoundingClientRect())"
                ".filter(b => b.height > 0).map(b => Math.max(b.height, b.width))"
            )
            assert min(heights) >= 6
        assert len(asked) == 1
        browser.close()
