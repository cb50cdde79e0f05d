"""A real browser without a screen: Debian's Chromium, driven by its own driver; nothing is fetched."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

_PROGRAM = Path("/usr/bin/chromium")
_DRIVER = Path("/usr/bin/chromedriver")


def begin(width: int = 1366, height: int = 768, *, dark: bool = False, scale: float = 1.0) -> tuple[webdriver.Chrome, str]:
    """A browser of its own, and the folder that goes with it."""
    folder = tempfile.mkdtemp(prefix="visitapp-chromium-")
    options = Options()
    options.binary_location = str(_PROGRAM)
    told = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-extensions", "--no-first-run"]
    told += ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-features=Translate"]
    told += [f"--user-data-dir={folder}", f"--window-size={width},{height}", f"--force-device-scale-factor={scale}"]
    for word in told:
        options.add_argument(word)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    environment = {**os.environ, "HOME": folder, "SE_OFFLINE": "true", "SE_AVOID_STATS": "true"}
    driver = webdriver.Chrome(options=options, service=Service(str(_DRIVER), env=environment))
    driver.set_page_load_timeout(60)
    driver.implicitly_wait(20)
    if dark:
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": "dark"}]})
    return driver, folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[webdriver.Chrome]:
    """One browser for all tests of a process; each begins without cookies."""
    if not (_PROGRAM.exists() and _DRIVER.exists()):
        pytest.skip("Chromium and its driver are not installed: apt install chromium chromium-driver")
    driver, folder = begin()
    try:
        yield driver
    finally:
        driver.quit()
        shutil.rmtree(folder, ignore_errors=True)
