"""Where each system keeps plugins.

``VST3`` and ``CLAP``: where they are found by name, the user's own first. ``LV2``: where DawDreamer
looks, which does not heed ``LV2_PATH``. ``OTHERS``: of kinds that cannot be hosted here (Audio
Units), where plugins look for each other.
"""

from __future__ import annotations

import os
import sys

if sys.platform == "win32":
    _COMMON = os.environ.get("COMMONPROGRAMFILES") or r"C:\Program Files\Common Files"
    _LOCAL = os.environ.get("LOCALAPPDATA") or r"~\AppData\Local"
    _ROAMING = os.environ.get("APPDATA") or r"~\AppData\Roaming"

    VST3: tuple[str, ...] = (rf"{_LOCAL}\Programs\Common\VST3", rf"{_COMMON}\VST3")
    LV2: tuple[str, ...] = (rf"{_ROAMING}\LV2", rf"{_COMMON}\LV2")
    CLAP: tuple[str, ...] = (rf"{_LOCAL}\Programs\Common\CLAP", rf"{_COMMON}\CLAP")
    OTHERS: tuple[str, ...] = ()

elif sys.platform == "darwin":
    _OWN, _ALL = "~/Library/Audio/Plug-Ins", "/Library/Audio/Plug-Ins"

    VST3: tuple[str, ...] = (f"{_OWN}/VST3", f"{_ALL}/VST3")
    LV2: tuple[str, ...] = (
        "~/.lv2", f"{_OWN}/LV2", f"{_ALL}/LV2", "/usr/local/lib/lv2", "/usr/lib/lv2",
    )  # fmt: skip
    CLAP: tuple[str, ...] = (f"{_OWN}/CLAP", f"{_ALL}/CLAP")
    OTHERS: tuple[str, ...] = (f"{_OWN}/Components", f"{_ALL}/Components")

else:
    VST3: tuple[str, ...] = ("~/.vst3", "/usr/local/lib/vst3", "/usr/lib/vst3")
    LV2: tuple[str, ...] = ("~/.lv2", "/usr/lib/lv2", "/usr/local/lib/lv2")
    CLAP: tuple[str, ...] = ("~/.clap", "/usr/local/lib/clap", "/usr/lib/clap")
    OTHERS: tuple[str, ...] = ()
