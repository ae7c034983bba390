"""Take the pictures of the documentation: the report and the review page, as Chromium shows them.

    ocrfix run raw/ --out /tmp/reports && python tools/pictures.py /tmp/reports docs/pictures

Run it after a change of the pages.  Pictures are small: one document, the colours reduced.
"""
from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

SIZE: ViewportSize = {"width": 1200, "height": 720}
COLOURS = 48


def keep(page: Page, path: Path) -> None:
    """Take a picture of what is on the screen."""
    image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def opened(browser: Browser, address: str) -> Page:
    page = browser.new_context(viewport=SIZE, locale="en-GB", color_scheme="light").new_page()
    page.goto(address)
    return page


@contextmanager
def reviewing(reports: Path, decisions: Path) -> Iterator[str]:
    """The address of a review that runs meanwhile."""
    command = [sys.executable, "-m", "ocrfix", "review", str(reports), "--no-open", "--reviewer", "ayşe",
               "--decisions", str(decisions)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def take(browser: Browser, reports: Path, out: Path) -> None:
    """Take all pictures."""
    report = next(reports.glob("*/report.html")).resolve().as_uri()
    page = opened(browser, report)
    page.locator("#overview > summary").click()                           # the text comes first
    page.locator("#p-8").evaluate("node => node.scrollIntoView()")
    page.locator("#p-8 ins.w.q").first.click()
    page.wait_for_selector("#why:not([hidden])")
    keep(page, out / "report.png")
    page = opened(browser, report)
    keep(page, out / "overview.png")
    with tempfile.TemporaryDirectory() as folder, reviewing(reports, Path(folder, "decisions.sqlite")) as address:
        page = opened(browser, address)
        page.wait_for_selector("#text .w")
        keep(page, out / "review.png")
        page.locator('[data-language="tr"]').click()
        page.wait_for_selector('html[lang="tr"] #text .w')
        keep(page, out / "review-tr.png")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reports", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        take(browser, arguments.reports, arguments.out)
        browser.close()


if __name__ == "__main__":
    main()
