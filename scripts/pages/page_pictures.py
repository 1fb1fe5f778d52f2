#!/usr/bin/env python3
"""Make the pictures of the listening page for the docs: page_pictures.py PAGE.html [FOLDER].

A headless Chromium shows the page (restorack demo makes one) on a telephone, a desktop and a 4K
screen, in light and in dark. FOLDER is docs/images by default.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from PIL import Image  # comes with matplotlib

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from pages.browser import Browser  # noqa: E402  it is beside the tests

SCREENS = {
    # Name: width, height, device pixels each, width of the picture, whether all of it is shown.
    "phone": (390, 844, 2.0, 390, False),
    "desktop": (1440, 1000, 1.0, 1200, False),
    "4k": (3840, 2160, 1.0, 1600, False),
}
ACT = """
new Promise((done) => {
  const {session} = restorack;
  session.choose(1);
  session.player.seek(0.37 * session.player.length);
  setTimeout(done, 1500);
})
"""


def main(page: Path, folder: Path) -> None:
    """Make every picture."""
    with Browser() as browser, tempfile.TemporaryDirectory() as work:
        for name, (width, height, scale, drawn, whole) in SCREENS.items():
            for theme in ("light", "dark"):
                browser.size(width, height, scale, theme)
                browser.open(page.resolve())
                browser.run(ACT)
                shot = Path(work) / "shot.png"
                browser.picture(shot, whole=whole)
                with Image.open(shot) as image:
                    rows = round(image.height * drawn / image.width)
                    small = image.convert("RGB").resize((drawn, rows), Image.Resampling.LANCZOS)
                    small.save(folder / f"page-{name}-{theme}.webp", quality=80, method=6)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else ROOT / "docs" / "images")
