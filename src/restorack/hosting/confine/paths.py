"""Which files plugins may read: the system's, Python's, the plugins' own; never the whole home."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from restorack.hosting import installed
from restorack.hosting.confine.modes import Mode
from restorack.hosting.spec import BY_PATH, PluginSpec
from restorack.system import plugin_folders as kept

EXTRA = "RESTORACK_SANDBOX_READ"
"""Names further files and folders that plugins may read, with colons between."""

SYSTEM = (
    "/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin", "/opt", "/nix/store",
    "/gnu/store", "/var/cache/fontconfig", "/sys/devices/system",
    "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/version",
    "/proc/filesystems", "/proc/sys/kernel", "/proc/sys/vm",
    "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom",
)  # fmt: skip

ETC = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "alternatives", "fonts",
    "localtime", "timezone", "passwd", "group", "nsswitch.conf", "hosts", "host.conf",
    "machine-id", "os-release", "debian_version", "locale.conf", "locale.alias", "default/locale",
    "environment", "xdg", "alsa", "asound.conf", "mime.types", "vulkan", "OpenCL", "lv2.conf",
)  # fmt: skip
"""Names in ``/etc``: not the passwords, keys and settings of services, which root could read."""

DEVICES = ("/dev/null",)

SECRETS = frozenset({
    "1Password", "Bitwarden", "Bitwarden CLI", "BraveSoftware", "Code", "Nextcloud", "Signal",
    "Slack", "TelegramDesktop", "Thunderbird", "Trash", "VSCodium", "age", "aws", "azure", "borg",
    "chromium", "configstore", "containers", "discord", "docker", "doctl", "evolution", "filezilla",
    "gcloud", "geary", "gh", "git", "github-copilot", "glab-cli", "goa-1.0", "google-chrome",
    "hcloud", "helm", "heroku", "hub", "keepassxc", "keyrings", "kube", "kwalletd", "lftp",
    "microsoft-edge", "mozilla", "msmtp", "mutt", "neomutt", "nix", "npm", "op", "openvpn", "opera",
    "password-store", "pip", "pulse", "pypoetry", "rclone", "recently-used.xbel", "remmina",
    "rustic", "sops", "ssh", "stripe", "syncthing", "uv", "vivaldi", "zulip",
})  # fmt: skip
"""Names in the configuration and data folders that other programs keep passwords or mail under."""


def readable(mode: Mode, extra: Iterable[str] = ()) -> list[str]:
    """Return the real paths of files and folders that the child may read.

    Parameters
    ----------
    mode : {"auto", "strict"}
        ``auto`` adds what the home folder holds of settings and data of programs.
    extra : iterable of str
        Paths of plugins, and what else a request needs.
    """
    home = home_folder()
    found = [part for folder in SYSTEM for part in _around(folder, home)]
    found += [f"/etc/{name}" for name in ETC]
    found += _python_folders(home)
    listed = os.environ.get(EXTRA, "").split(os.pathsep)
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    folders = list(plugin_folders())
    links = [str(e) for f in folders for e in _entries(Path(f)) if e.is_symlink()]
    found += [*folders, *links, *filter(None, libraries), *extra]
    if mode == "auto":
        found += ["/sys", *_settings()]
    found = [path for path in found if not _holds(path, home)]
    found += [os.path.expanduser(path) for path in listed if path]
    # "self" has to stay a word until the child itself resolves it.
    real = (p if p.startswith("/proc/self") else os.path.realpath(p) for p in found)
    return [path for path in dict.fromkeys(real) if os.path.lexists(path)]


def home_folder() -> str:
    """Return the real path of the user's home folder; empty where there is none."""
    try:
        return os.path.realpath(Path.home())
    except (RuntimeError, KeyError):
        return ""


def plugin_folders() -> Iterator[str]:
    """Yield the folders of plugins that exist."""
    named = [*installed.VST3_FOLDERS, *installed.LV2_FOLDERS, *installed.CLAP_FOLDERS, *kept.OTHERS]
    for variable in ("VST3_PATH", "LV2_PATH", "CLAP_PATH"):
        named += os.environ.get(variable, "").split(os.pathsep)
    yield from filter(os.path.isdir, (os.path.expanduser(name) for name in named if name))


def needed_by(spec: PluginSpec) -> list[str]:
    """Return the real paths that a plugin needs beside the system's: plugin folders, its bundle."""
    found = [folder for folder in plugin_folders() if not folder.startswith("/usr/")]
    if spec.kind in BY_PATH and os.sep in spec.reference:
        bundle = os.path.realpath(spec.reference)
        if bundle.endswith(BY_PATH[spec.kind]) or os.path.isfile(bundle):
            found.append(bundle)
    return [path for path in map(os.path.realpath, found) if os.path.exists(path)]


def is_within(path: str, folders: Iterable[str]) -> bool:
    """Return whether a real path is one of some files and folders, or inside one."""
    return any(path == folder or path.startswith(f"{folder.rstrip('/')}/") for folder in folders)


def _holds(path: str, home: str) -> bool:
    """Return whether a path is the home folder or holds it: it would open all of it."""
    return bool(home) and is_within(home, [os.path.realpath(path)])


def _around(folder: str, home: str) -> list[str]:
    """Return a folder, or the parts of it that are not the home folder."""
    real = os.path.realpath(folder)
    if not home or home == real or not is_within(home, [real]):
        return [folder]
    return [part for entry in _entries(Path(real)) if str(entry) != home
            for part in _around(str(entry), home)]  # fmt: skip


def _python_folders(home: str) -> list[str]:
    """Return where the interpreter, its libraries and this package lie."""
    found = []
    for prefix in dict.fromkeys((sys.prefix, sys.base_prefix, sys.exec_prefix)):
        found += [f"{prefix}/{name}" for name in ("lib", "lib64", "bin", "pyvenv.cfg")]
    for entry in sys.path:
        # A script's own folder is in this list too, and may be anyone's.
        holds_hosts = any(os.path.isdir(f"{entry}/{name}") for name in ("numpy", "pedalboard"))
        if entry and not _holds(entry, home) and (holds_hosts or entry.endswith(".zip")):
            found.append(entry)
    for name, module in list(sys.modules.items()):
        if name == "restorack" or (name.startswith("restorack.") and name.count(".") == 1):
            found += [str(path) for path in getattr(module, "__path__", ())]
    return found


def _settings() -> Iterator[str]:
    """Yield what the home folder holds of settings and data, but known stores of secrets."""
    for variable, standard in (
        ("XDG_CONFIG_HOME", "~/.config"),
        ("XDG_DATA_HOME", "~/.local/share"),
    ):
        folder = Path(os.environ.get(variable) or os.path.expanduser(standard))
        yield from (str(entry) for entry in _entries(folder) if entry.name not in SECRETS)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
