"""What a counsellor does on the first page: verdicts, history, second verdicts, by keyboard too."""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from playwright.async_api import Browser, Locator, Page, Route, expect
from tests.helpers.alerts import assessed, urgent
from tests.helpers.alerts_app import ADVISOR, COUNSELLOR, OFFICER, SERVICE, World, serving
from tests.helpers.browsing import open_page, shot

from alerts.domain.reasons import Reason
from shared.auth.actor import Actor

pytestmark = pytest.mark.browser
FIRST = replace(COUNSELLOR, id="person_first")
SECOND = replace(COUNSELLOR, id="person_second")
HEALTH = ("phq", "item", "plan_or_means", "gad7", "自杀")


async def an_alert(world: World, student: str = "s1") -> str:
    """Return an alert that rests on a change of pattern and on a screening."""
    await world.place(student)
    now = datetime.now(UTC)  # noqa: TID251 - ages on the page are told by the service's clock
    await world.decide(assessed(0.3, 1, student=student, at=now - timedelta(hours=30)))
    signal = urgent(1, student=student, reason=Reason.PHQ9_ITEM9, at=now - timedelta(hours=2))
    return await world.decide(signal)


async def act(world: World, actor: Actor, path: str, body: Mapping[str, str | None]) -> None:
    """Do something as another person, and leave the page's caller as it was."""
    caller = world.caller.actor
    async with world.client(actor) as client:
        answer = await client.post(f"/v1/alerts/{path}", json=body)
    assert answer.status_code == 200
    world.caller.actor = caller


async def resolved(world: World, student: str = "s1", by: Actor = FIRST) -> str:
    alert = await an_alert(world, student)
    body = {"verdict": "confirmed_need", "note": "talk_held"}
    await act(world, by, f"{alert}/resolve", body)
    return alert


def button(page: Page, act: str) -> Locator:
    return page.locator(f".card [data-act={act}]")


async def is_tidy(page: Page, width: int) -> None:
    """Check that nothing stands out to the right and that the browser complained of nothing."""
    assert await page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.faults == []  # type: ignore[attr-defined]


@pytest.mark.parametrize("width", [1280, 390])
async def test_an_alert_is_resolved_with_a_verdict_and_a_note(
    world: World, browser: Browser, width: int
) -> None:
    """The dialog asks for a verdict, refuses none, and the page says how the alert ended."""
    alert = await an_alert(world)
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=width)
        await button(page, "resolve").click()
        dialog = page.get_by_role("dialog", name="结束预警")
        await dialog.get_by_role("button", name="提交").click()
        await expect(dialog.get_by_role("alert")).to_have_text("请先选择一项结论。")
        await shot(page, f"resolve_zh_{width}")
        await dialog.get_by_role("radio", name="确有需要").check()
        await dialog.get_by_label("备注").select_option("referred")
        await dialog.get_by_role("button", name="提交").click()
        await expect(dialog).to_be_hidden()
        await expect(page.locator("#done")).to_have_text("已结束（确有需要）：s1")
        await expect(page.locator(".card")).to_have_count(0)
        await shot(page, f"resolved_zh_{width}")
        await is_tidy(page, width)
        async with world.client(SERVICE) as client:
            found = (await client.get(f"/v1/alerts/{alert}")).json()
        assert found["history"][-1]["verdict"] == "confirmed_need"
        assert found["history"][-1]["reason"] == "referred"
        await page.context.close()


async def test_everything_is_done_by_keyboard_alone(world: World, browser: Browser) -> None:
    """Tab, space and arrows reach and use each control; Escape changes nothing; focus returns."""
    await an_alert(world)
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB")
        await expect(page.locator(".card")).to_have_count(1)
        await page.locator("#show-resolved").focus()
        await page.keyboard.press("Tab")
        await expect(button(page, "details")).to_be_focused()
        await page.keyboard.press("Enter")
        await expect(page.locator(".past li").first).to_be_visible()
        await expect(button(page, "details")).to_be_focused()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("dialog", name="Resolve the alert")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
        await expect(button(page, "resolve")).to_be_focused()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Tab")
        await page.get_by_role("radio", name="confirmed need").focus()
        await page.keyboard.press("Space")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.locator("#done")).to_have_text("Resolved (no need): s1")
        await expect(page.locator("#list")).to_be_focused()
        await is_tidy(page, 1280)
        await page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("actor", [COUNSELLOR, OFFICER], ids=["college", "school"])
async def test_the_history_says_why_without_health_content(
    world: World, browser: Browser, width: int, actor: Actor
) -> None:
    """Each line has its moment, level, kind of reason and tier; no scale, item or rule."""
    alert = await an_alert(world)
    await act(world, OFFICER, f"{alert}/acknowledge", {})
    world.caller.actor = actor
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=width)
        await button(page, "details").click()
        lines = page.locator(".past li")
        await expect(lines).to_have_count(3)
        await expect(lines.nth(0)).to_contain_text("预警产生 · 蓝·提示 · 行为变化")
        await expect(lines.nth(1)).to_contain_text("等级上升 · 橙·预警 · 量表筛查")
        await expect(lines.nth(2)).to_contain_text("已确认 · 由学校")
        await expect(button(page, "details")).to_have_attribute("aria-expanded", "true")
        await shot(page, f"history_{actor.id}_zh_{width}")
        await page.get_by_role("button", name="English").click()
        await expect(lines.nth(1)).to_contain_text("Raised · Orange · warning · screening")
        shown = (await page.locator("body").inner_text()).lower()
        assert [word for word in HEALTH if word in shown] == []
        await is_tidy(page, width)
        await page.context.close()


@pytest.mark.parametrize("width", [1280, 390])
async def test_a_colleague_is_asked_for_a_second_blind_verdict(
    world: World, browser: Browser, width: int
) -> None:
    """What another person resolves appears under 待复核; its verdict shows only afterwards."""
    world.caller.actor = SECOND
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=width)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await expect(page.locator("#waits")).to_be_hidden()
        await resolved(world)
        await page.get_by_role("button", name="待复核 1").click()
        await expect(page.locator(".card dl")).to_contain_text("作出本人的独立判断后显示")
        await button(page, "details").click()
        await expect(page.locator(".past li").last).to_contain_text("已结束")
        await shot(page, f"to_review_zh_{width}")
        shown = await page.locator("main").inner_text()
        assert "确有需要" not in shown
        assert "已谈话" not in shown
        await button(page, "review").click()
        dialog = page.get_by_role("dialog", name="复核预警")
        await expect(dialog.get_by_label("备注")).to_be_hidden()
        await shot(page, f"review_zh_{width}")
        await dialog.get_by_role("radio", name="无需帮助").check()
        await dialog.get_by_role("button", name="提交").click()
        await expect(page.locator("#done")).to_contain_text(
            "已记录您的结论（无需帮助）。首次结论：确有需要"
        )
        await expect(page.locator("#empty-title")).to_have_text("没有等待您复核的预警")
        await shot(page, f"reviewed_zh_{width}")
        await is_tidy(page, width)
        await page.context.close()


async def test_a_review_can_be_declined(world: World, browser: Browser) -> None:
    """Who declines is shown the first verdict, and the alert waits for them no more."""
    await resolved(world)
    world.caller.actor = SECOND
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB")
        await page.get_by_role("button", name="Waits for a second verdict 1").click()
        await button(page, "review").click()
        await page.get_by_role("radio", name="Give none and see the verdict").check()
        await page.get_by_role("button", name="Send").click()
        await expect(page.locator("#done")).to_contain_text("The first one was: confirmed need")
        await expect(page.locator(".card")).to_have_count(0)
        await page.context.close()


async def test_who_resolved_it_is_not_asked(world: World, browser: Browser) -> None:
    """The resolver has nothing to review, and sees the verdict among what is resolved."""
    await resolved(world)
    world.caller.actor = FIRST
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator("#connection")).to_have_attribute("data-state", "live")
        await expect(page.locator("#waits")).to_be_hidden()
        await page.get_by_label("显示已结束").check()
        await expect(page.locator(".card dl")).to_contain_text("确有需要")
        for deed in ("acknowledge", "resolve", "review"):
            await expect(button(page, deed)).to_be_hidden()
        await page.context.close()


@pytest.mark.parametrize(
    ("actor", "offered"),
    [
        (COUNSELLOR, {"details", "acknowledge", "resolve"}),
        (ADVISOR, {"details", "acknowledge"}),
        (SERVICE, {"details"}),
    ],
    ids=["college", "team", "service"],
)
async def test_only_what_the_caller_may_is_offered(
    world: World, browser: Browser, actor: Actor, offered: set[str]
) -> None:
    """A button stands for each act that the API grants, and for no other."""
    await world.place("s1")
    await world.decide(urgent(1, level="yellow", reason=Reason.REPORT_SOON))
    world.caller.actor = actor
    async with serving(world.app) as address:
        page = await open_page(browser, address)
        await expect(page.locator(".card")).to_have_count(1)
        seen = page.locator(".card button:visible")
        shown = [await each.get_attribute("data-act") for each in await seen.all()]
        assert set(shown) == offered
        await button(page, "details").click()
        await expect(page.locator(".past li").first).to_be_visible()
        await page.context.close()


@pytest.mark.parametrize(
    ("locale", "sentences"),
    [
        ("zh-CN", ("这条预警已经结束。", "您的角色不能进行此操作。")),
        ("en-GB", ("This alert has been resolved already.", "Your role may not do this.")),
    ],
)
async def test_a_refusal_is_a_sentence(
    world: World, browser: Browser, locale: str, sentences: tuple[str, str]
) -> None:
    """Resolved by another person meanwhile, or a role that lost the right: said in words."""
    alert = await an_alert(world)
    await an_alert(world, "s2")
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, width=390, locale=locale)
        await page.locator(".card", has_text="s1").locator("[data-act=resolve]").click()
        dialog = page.get_by_role("dialog")
        await act(world, FIRST, f"{alert}/resolve", {"verdict": "no_need", "note": None})
        await dialog.get_by_role("radio").first.check()
        await dialog.locator("#judge-send").click()
        await expect(dialog.get_by_role("alert")).to_have_text(sentences[0])
        await shot(page, f"refusal_{locale}_390")
        await dialog.locator("#judge-cancel").click()
        await expect(page.locator(".card")).to_have_count(1)
        world.caller.actor = SERVICE
        await button(page, "acknowledge").click()
        await expect(page.locator("#error")).to_have_text(sentences[1])
        await expect(button(page, "acknowledge")).to_be_hidden()
        await page.context.close()


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Shanghai"])
async def test_times_are_the_campus_s_wherever_the_browser_is(
    world: World, browser: Browser, zone: str
) -> None:
    """The browser's zone moves nothing, and the page says which zone it shows."""
    await world.place("s1")
    at = datetime(2026, 9, 7, 17, 30, tzinfo=UTC)  # 01:30 of the next campus day
    await world.decide(urgent(1, at=at))
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB", timezone=zone)
        await expect(page.locator("dl time")).to_contain_text("8 Sep")
        await expect(page.locator("dl time")).to_contain_text("01:30")
        await expect(page.locator("#zone")).to_have_text(
            "All times are campus time: Asia/Shanghai (UTC+8)"
        )
        await page.get_by_role("button", name="中文").click()
        await expect(page.locator("#zone")).to_have_text("时间均为校园时间：Asia/Shanghai（UTC+8）")
        await page.context.close()


async def test_ages_are_told_by_the_service_s_clock(world: World, browser: Browser) -> None:
    """A browser whose clock is a day off calls nothing overdue that is not."""
    await world.place("s1")
    now = datetime.now(UTC)  # noqa: TID251 - the service's own clock
    await world.decide(urgent(1, reason=Reason.PHQ9_ITEM9_HIGH, red_clock=True, at=now))
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, hash_="#")
        await page.clock.install(time=now + timedelta(days=1))
        await page.goto(f"{address}/?#token=t")
        await expect(page.locator(".clock")).to_contain_text("还有 1")
        await expect(page.locator(".card.late")).to_have_count(0)
        await page.context.close()


async def held(page: Page, path: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold requests to a path back; returns what says that one came, and what lets them go."""
    came, go = asyncio.Event(), asyncio.Event()

    async def hold(route: Route) -> None:
        came.set()
        await go.wait()
        await route.continue_()

    await page.route(path, hold)
    return came, go


async def test_a_verdict_on_its_way_keeps_its_dialog(world: World, browser: Browser) -> None:
    """Cancel is off and Escape does nothing meanwhile; a refusal stands where it was given."""
    alert = await an_alert(world)
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB")
        came, go = await held(page, "**/resolve")
        await button(page, "resolve").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("radio", name="confirmed need").check()
        await dialog.get_by_role("button", name="Send").click()
        await came.wait()
        await expect(dialog.get_by_role("button", name="Cancel")).to_be_disabled()
        await page.keyboard.press("Escape")
        await expect(dialog).to_be_visible()
        await act(world, FIRST, f"{alert}/resolve", {"verdict": "no_need"})
        world.caller.actor = COUNSELLOR
        go.set()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await expect(dialog.get_by_role("button", name="Cancel")).to_be_enabled()
        await page.context.close()


async def test_a_refusal_that_finds_no_dialog_is_told_by_the_page(
    world: World, browser: Browser
) -> None:
    """Where the browser closed the dialog all the same, nobody believes that a verdict was kept."""
    await an_alert(world)
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB")
        came, go = asyncio.Event(), asyncio.Event()

        async def fail(route: Route) -> None:
            came.set()
            await go.wait()
            await route.abort()

        await page.route("**/resolve", fail)
        await button(page, "resolve").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("radio", name="confirmed need").check()
        await dialog.get_by_role("button", name="Send").click()
        await came.wait()
        await page.evaluate("document.getElementById('judge').close()")
        go.set()
        await expect(page.locator("#error")).to_be_visible()
        await expect(page.locator("#done")).to_be_hidden()
        await expect(page.locator(".card")).to_have_count(1)
        await page.context.close()


async def test_a_history_that_does_not_come_can_be_asked_for_again(
    world: World, browser: Browser
) -> None:
    """The page says that it did not come, the card folds, and the next try shows it."""
    await an_alert(world)
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB")
        pattern = re.compile(r"/v1/alerts/(?!stream)[^/?]+$")
        await page.route(pattern, lambda route: route.abort())
        await button(page, "details").click()
        await expect(page.locator("#error")).to_be_visible()
        await expect(button(page, "details")).to_have_attribute("aria-expanded", "false")
        await page.unroute(pattern)
        await button(page, "details").click()
        await expect(page.locator(".past li").first).to_be_visible()
        await page.context.close()


async def test_each_tier_may_take_an_alert_up(world: World, browser: Browser) -> None:
    """The button is there for a tier that has not yet, though another has."""
    alert = await an_alert(world)
    await act(world, OFFICER, f"{alert}/acknowledge", {})
    world.caller.actor = COUNSELLOR
    async with serving(world.app) as address:
        page = await open_page(browser, address, locale="en-GB")
        await button(page, "acknowledge").click()
        await expect(page.locator("#done")).to_be_visible()
        await expect(button(page, "acknowledge")).to_be_hidden()
        await page.context.close()
