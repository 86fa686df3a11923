"""A page as a picture, by a Chromium that is installed here, in twice as many pixels as CSS counts."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.pictures.page import Theme, page
from tests.pictures.parts import Part

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
TIMEOUT = 60  # seconds a run; it takes one
_MEASURED = re.compile(r'<html[^>]* data-height="(\d+)" data-wide="(\d+)"')


class PictureError(Exception):
    """Says in one sentence why there is no picture, or what is wrong with it."""


class NoBrowser(PictureError):
    """Nothing here can draw."""


class TooWide(PictureError):
    """The picture is drawn, but what is in it reaches over its right edge."""


def draw(payload: Part, file: Path, *, width: int = 700, theme: Theme = "dark", private: bool = False, used: str = "") -> None:
    """Write the picture, a PNG 2 * width pixels wide. For the rest see `page`.

    Raises:
        NoBrowser: no Chromium is installed.
        TooWide: the picture is written, but something in it is wider than `width`.
        PictureError: Chromium failed.
    """
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise NoBrowser(f"No browser to draw with: install one of {', '.join(BROWSERS)}. On Debian: apt-get install chromium")
    file.unlink(missing_ok=True)
    with TemporaryDirectory() as folder:
        html = Path(folder) / "page.html"
        html.write_text(page(payload, width=width, theme=theme, private=private, used=used), encoding="utf-8")
        measured = _MEASURED.search(_run(browser, folder, "--dump-dom", html.as_uri()))
        if measured is None:
            raise PictureError(f"{browser} did not measure the page.")
        height, wide = int(measured[1]), int(measured[2])
        _run(browser, folder, f"--window-size={width},{height}", f"--screenshot={file.absolute()}", html.as_uri())
    if not file.is_file():
        raise PictureError(f"{browser} wrote no picture.")
    if wide > width:
        raise TooWide(f"{file} is drawn, but its content is {wide} CSS pixels wide, {wide - width} more than it has.")


def _run(browser: str, folder: str, *arguments: str) -> str:
    """What Chromium prints. It runs without its sandbox, which containers do not allow: the page has no script but ours."""
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--force-device-scale-factor=2"]
    command = [browser, *options, f"--user-data-dir={folder}/profile", *arguments]
    try:
        ran = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=TIMEOUT, check=True)
    except (OSError, subprocess.SubprocessError) as failure:
        raise PictureError(f"{browser} failed: {failure}") from failure
    return ran.stdout
