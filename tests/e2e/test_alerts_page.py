"""The first page in a real browser: Debian's chromium through Playwright.

`LANTERN_SCREENSHOTS=folder` keeps a picture of each state at 1280 and 390 pixels.
"""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Route, expect
from tests.helpers.alerts import a_policy, assessed, urgent
from tests.helpers.alerts_app import ADVISOR, COUNSELLOR, OFFICER, STUDENT, World, serving
from tests.helpers.browsing import open_page, shot

from alerts.domain.persons import acknowledge, set_level
from alerts.domain.reasons import Reason
from alerts.repository.facts import save_feeds
from alerts.service import AlertService
from shared.auth.actor import Actor
from shared.contracts.feed import FeedStatus
from shared.kernel.clock import SystemClock

pytestmark = pytest.mark.browser


async def a_busy_week(world: World) -> None:
    """Alerts of every level, in two colleges, one acknowledged, one on the red clock."""
    now = datetime.now(UTC)  # noqa: TID251 - ages on the page are the browser's own
    names = [f"p1_{'%032x' % (n * 7919)}" for n in range(1, 8)]
    for number, name in enumerate(names):
        college = "信息科学学院" if number % 2 else "c1"
        await world.place(name, college=college, team="t1")
    await world.decide(assessed(0.12, 1, student=names[0], at=now - timedelta(days=3)))
    await world.decide(
        urgent(1, student=names[1], level="yellow", reason=Reason.REPORT_SOON,
               at=now - timedelta(hours=5)),
        urgent(1, student=names[2], level="yellow", reason=Reason.GAD7_TOTAL,
               at=now - timedelta(hours=26)),
    )  # fmt: skip
    await world.decide(assessed(0.7, 1, student=names[3], at=now - timedelta(minutes=42)))
    await world.decide(
        assessed(0.6, 1, student=names[4], at=now - timedelta(hours=2)),
        urgent(2, student=names[4], reason=Reason.PHQ9_ITEM9_HIGH, red_clock=True,
               at=now - timedelta(minutes=3)),
    )  # fmt: skip
    red = await world.decide(urgent(1, student=names[5], at=now - timedelta(minutes=30)))
    service = AlertService(world.stores, a_policy(), SystemClock(), lambda: None)
    await service.act(red, set_level("red", Reason.PLAN_OR_MEANS), actor="p", tier="school")


@pytest.mark.parametrize("width", [1280, 390])
async def test_alerts_are_listed_with_words_not_colour_alone(
    world: World, browser: Browser, width: int
) -> None:
    """Each level has its word; the page fits its width, in Chinese and in English."""
    await a_busy_week(world)
    status = FeedStatus(
        feed="dorm_gate", owner="it", types=[], cadence_s=60, state="dead",
        at="2026-09-07T01:00:00Z",
    )  # fmt: skip
    async with world.database.write() as connection:
        await save_feeds(connection, [status])
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=width)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await expect(page.locator(".card")).to_have_count(6)
        await expect(page.locator(".card .level").first).to_have_text("红·危机")
        await expect(page.locator("#inhibited")).to_contain_text("dorm_gate")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await shot(page, f"list_zh_{width}")
        await page.get_by_role("button", name="English").click()
        await expect(page.locator(".card .level").first).to_have_text("Red · crisis")
        await expect(page.locator("html")).to_have_attribute("lang", "en")
        await shot(page, f"list_en_{width}")
        assert page.faults == []  # type: ignore[attr-defined]
        await page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
async def test_what_is_overdue_stands_first_and_says_so(
    world: World, browser: Browser, width: int
) -> None:
    """A person who was needed by now is asked for before all else, in words and local time."""
    await a_busy_week(world)
    now = datetime.now(UTC)  # noqa: TID251 - what is overdue is judged by the browser's clock
    for number, hours in ((1, 30), (2, 52)):
        name = f"p1_{900 + number:032x}"
        await world.place(name, team="t1")
        late = urgent(
            number, student=name, reason=Reason.PHQ9_ITEM9_HIGH, red_clock=True,
            at=now - timedelta(hours=hours),
        )  # fmt: skip
        await world.decide(late)
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=width)
        cards = page.locator(".card")
        await expect(cards).to_have_count(8)
        await expect(page.locator(".card.late")).to_have_count(2)
        first = cards.first
        await expect(first.locator("code").first).to_have_text(f"p1_{902:032x}")
        await expect(first.locator(".clock")).to_contain_text("已超时 2 天")
        await expect(first.locator(".clock time")).to_have_text(
            re.compile(r"^\d+月\d+日(周|星期).\s?\d{2}:\d{2}$")
        )
        await expect(cards.nth(2).locator(".level")).to_have_text("红·危机")
        await expect(page.locator(".clock", has_text="还有")).to_have_count(1)
        await expect(page.locator("#counts")).to_contain_text("已超时2")
        assert await page.evaluate("document.documentElement.scrollWidth") <= width
        await shot(page, f"overdue_zh_{width}")
        await page.get_by_role("button", name="English").click()
        await expect(first.locator(".clock")).to_contain_text("Overdue by 2 d")
        await expect(first.locator(".clock time")).to_have_text(
            re.compile(r"^\w{3},? \d+ \w+,? \d{2}:\d{2}$")
        )
        await shot(page, f"overdue_en_{width}")
        assert page.faults == []  # type: ignore[attr-defined]
        await page.context.close()


async def test_a_new_alert_arrives_and_is_acknowledged(world: World, browser: Browser) -> None:
    """An alert appears by itself, the button acknowledges it, the token leaves the address."""
    await world.place("s1")
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator("#empty")).to_be_visible()
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await shot(page, "empty_1280")
        assert "token" not in page.url
        await world.decide(urgent(1))
        await expect(page.locator(".card")).to_have_count(1)
        await page.get_by_role("button", name="确认接手").click()
        await expect(page.locator(".card .status")).to_have_text("已确认")
        await expect(page.locator(".card [data-act=acknowledge]")).to_be_hidden()
        await page.reload()
        await expect(page.locator(".card .status")).to_have_text("已确认")
        assert page.faults == []  # type: ignore[attr-defined]
        await page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_team_sees_a_request_only(world: World, browser: Browser, width: int) -> None:
    """The team's page shows what is asked, and no word of a level or reason anywhere."""
    await world.place("s1")
    await world.decide(urgent(1, level="yellow", reason=Reason.REPORT_SOON))
    world.caller.actor = ADVISOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=width, locale="en-GB")
        await expect(page.locator(".card .request")).to_contain_text("within the week")
        await shot(page, f"team_en_{width}")
        shown = (await page.locator("main").inner_text()).lower()
        for word in ("yellow", "orange", "report", "coverage", "level"):
            assert word not in shown
        await page.context.close()


@pytest.mark.parametrize(
    ("actor", "words"), [(None, "需要访问令牌"), (STUDENT, "您的角色不能查看预警")]
)
async def test_what_is_missing_is_said(
    world: World, browser: Browser, actor: Actor | None, words: str
) -> None:
    """Without a token, or with a role that may not, the page says so and shows no list."""
    world.caller.actor = actor or OFFICER
    hash_ = "#token=t" if actor else ""
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=390, hash_=hash_)
        await expect(page.get_by_text(words)).to_be_visible()
        await expect(page.locator("#list")).to_be_hidden()
        await shot(page, f"refused_{'role' if actor else 'token'}_390")
        await page.context.close()


async def test_a_lost_connection_is_shown_and_mended(world: World, browser: Browser) -> None:
    """While the service is away the page says so; afterwards it goes on and misses nothing."""
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await page.context.set_offline(True)
        await page.evaluate("window.stop()")
        await expect(page.locator("#connection")).to_have_attribute("data-state", "lost")
        await world.decide(urgent(1))
        await page.context.set_offline(False)
        await expect(page.locator(".card")).to_have_count(1, timeout=20_000)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await page.context.close()


@pytest.mark.parametrize(
    ("locale", "words"), [("zh-CN", "令牌无效或已过期"), ("en-GB", "The token is not valid")]
)
async def test_an_expired_token_is_said_and_forgotten(
    world: World, browser: Browser, locale: str, words: str
) -> None:
    """A token that runs out while the page is open ends the list and asks for a fresh link."""
    await world.place("s1")
    await world.decide(urgent(1))
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=390, locale=locale)
        await expect(page.locator(".card")).to_have_count(1)
        await page.route("**/acknowledge", lambda route: route.fulfill(status=401, body="{}"))
        await page.locator("[data-act=acknowledge]").click()
        await expect(page.locator("#error")).to_contain_text(words)
        await expect(page.locator("#list")).to_be_hidden()
        await expect(page.locator("#gate")).to_be_visible()
        assert await page.evaluate("sessionStorage.length") == 0
        await shot(page, f"expired_{locale}_390")
        await page.context.close()


async def test_what_could_not_be_sent_is_said(world: World, browser: Browser) -> None:
    """Without a connection the act fails in words, in either language, and can be tried again."""
    await world.place("s1")
    await world.decide(urgent(1))
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator(".card")).to_have_count(1)
        await page.context.set_offline(True)
        await page.locator("[data-act=acknowledge]").click()
        await expect(page.locator("#error")).to_have_text("无法连接服务，操作未成功。请稍后再试。")
        await page.get_by_role("button", name="English").click()
        await expect(page.locator("#error")).to_contain_text("nothing was done")
        await page.context.set_offline(False)
        await page.locator("[data-act=acknowledge]").click()
        await expect(page.locator("#done")).to_have_text("Acknowledged: s1")
        await expect(page.locator("#error")).to_be_hidden()
        await page.context.close()


async def test_the_link_of_a_message_shows_a_resolved_alert_too(
    world: World, browser: Browser
) -> None:
    """Who opens an old message finds its alert and how it ended, before all others."""
    for student in ("s1", "s2"):
        await world.place(student)
    alert = await world.decide(urgent(1))
    await world.decide(urgent(1, student="s2"))
    async with world.client(COUNSELLOR) as client:
        await client.post(f"/v1/alerts/{alert}/resolve", json={"verdict": "already_in_care"})
    async with serving(world.app) as address:
        page = await open_page(browser, address, hash_=f"#token=t&alert={alert}")
        await expect(page.locator(".card")).to_have_count(2)
        await expect(page.locator(".card").first).to_contain_text("已在帮扶")
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.locator("#list")).to_be_focused()
        await page.context.close()


async def test_an_old_grave_alert_is_never_pushed_off_the_page(
    world: World, browser: Browser
) -> None:
    """More newer blue alerts than a page holds leave the old orange one on top."""
    now = datetime.now(UTC)  # noqa: TID251 - ages on the page are the browser's own
    await world.decide(urgent(1, student="old", at=now - timedelta(days=20)))
    newer = [assessed(0.12, 1, student=f"s{n}", at=now - timedelta(hours=1)) for n in range(120)]
    await world.decide(*newer)
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator(".card")).to_have_count(101)
        await expect(page.locator(".card .level").first).to_have_text("橙·预警")
        await page.context.close()


async def test_a_list_that_breaks_off_leaves_what_was_shown(world: World, browser: Browser) -> None:
    """A reload that fails midway takes nothing away, and says that it failed."""
    await a_busy_week(world)
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        shown = await page.locator(".card").count()
        assert shown > 0
        await page.route(re.compile(r"/v1/alerts\?.*level=orange"), lambda route: route.abort())
        await page.locator("#show-resolved").check()
        await expect(page.locator("#error")).to_be_visible()
        await expect(page.locator(".card")).to_have_count(shown)
        await page.context.close()


async def test_what_is_heard_while_the_list_comes_is_newer(world: World, browser: Browser) -> None:
    """An answer from before a change does not undo what the stream said since."""
    await world.place("s1")
    alert = await world.decide(urgent(1))
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB")
        await expect(page.locator(".card .status")).to_have_text("Open")
        came, go, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def hold(route: Route) -> None:
            answer = await route.fetch()
            came.set()
            await go.wait()
            await route.fulfill(response=answer)
            gone.set()

        await page.route(re.compile(r"/v1/alerts\?status=all"), hold)
        await page.locator("#show-resolved").check()
        await came.wait()
        service = AlertService(world.stores, a_policy(), SystemClock(), lambda: None)
        await service.act(alert, acknowledge, actor="p", tier="school")
        await expect(page.locator(".card .status")).to_have_text("Acknowledged")
        go.set()
        await gone.wait()
        await page.wait_for_timeout(200)
        await expect(page.locator(".card .status")).to_have_text("Acknowledged")
        await page.context.close()


async def test_an_overtaken_list_changes_nothing(world: World, browser: Browser) -> None:
    """Of two lists asked for one after the other, the first one's late answer is dropped."""
    await a_busy_week(world)
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator(".card")).to_have_count(6)
        came, go, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def late(route: Route) -> None:
            came.set()
            await go.wait()
            await route.fulfill(json={"alerts": [], "next": None})
            gone.set()

        await page.route(re.compile(r"/v1/alerts\?status=all"), late)
        await page.locator("#show-resolved").check()
        await came.wait()
        await page.locator("#show-resolved").uncheck()
        await page.wait_for_timeout(300)
        go.set()
        await gone.wait()
        await page.wait_for_timeout(300)
        await expect(page.locator(".card")).to_have_count(6)
        await page.context.close()


async def test_nothing_is_promised_before_the_list_is_there(world: World, browser: Browser) -> None:
    """That nobody needs anything is said once the list has come, never while it is awaited."""
    world.caller.actor = OFFICER
    async with serving(world.app) as address:
        context = await browser.new_context()
        page = await context.new_page()
        go = asyncio.Event()

        async def hold(route: Route) -> None:
            await go.wait()
            await route.continue_()

        await page.route(re.compile(r"/v1/alerts\?"), hold)
        await page.goto(f"{address}/#token=t")
        await page.wait_for_timeout(300)
        await expect(page.locator("#board")).to_be_visible()
        await expect(page.locator("#empty")).to_be_hidden()
        go.set()
        await expect(page.locator("#empty")).to_be_visible()
        await context.close()
