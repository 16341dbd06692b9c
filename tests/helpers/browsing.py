"""The first page of alerts in a browser, with what the browser complained of.

`LANTERN_SCREENSHOTS=folder` keeps a picture of each state at 1280 and 390 pixels.
"""

import os
from pathlib import Path

from playwright.async_api import Browser, Page

SHOTS = os.environ.get("LANTERN_SCREENSHOTS")


async def open_page(
    browser: Browser,
    address: str,
    *,
    width: int = 1280,
    locale: str = "zh-CN",
    hash_: str = "#token=t",
    timezone: str = "Asia/Shanghai",
) -> Page:
    """Open the page; `page.faults` are its errors and those of its console."""
    context = await browser.new_context(
        viewport={"width": width, "height": 900}, locale=locale, timezone_id=timezone
    )
    page = await context.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.faults = faults  # type: ignore[attr-defined]
    await page.goto(f"{address}/{hash_}")
    return page


async def shot(page: Page, name: str) -> None:
    """Keep a picture of the page as it stands, where the environment asks for pictures."""
    if SHOTS:
        await page.wait_for_timeout(400)
        await page.screenshot(path=str(Path(SHOTS) / f"{name}.png"), full_page=True)
