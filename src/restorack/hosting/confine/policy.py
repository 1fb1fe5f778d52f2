"""A mode's policy, from the parent's request for it to what the child could lay down."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeAlias

from restorack.errors import SandboxError
from restorack.hosting.confine import landlock, limits, seccomp
from restorack.hosting.confine.modes import Mode
from restorack.system.limits import forbid_core_files
from restorack.system.machine import thread_count

Status: TypeAlias = Literal["enforced", "not offered", "off"]

PARTS = {
    "environment": "variables that plugins need, and no others",
    "descriptors": "no open file of the parent",
    "limits": "bounds on memory, files and core dumps",
    "privileges": "no powers of root, no way to new ones",
    "files": "files that plugins need, and no others (Landlock)",
    "network": "no TCP (Landlock)",
    "scopes": "no signals and no nameless sockets to other processes (Landlock)",
    "system_calls": "no calls that reach other processes, the network or the kernel (seccomp)",
}
"""What the confinement consists of."""

_LANDLOCK = {
    "files": (landlock.TRUNCATE_ABI, "Linux 6.2"),
    "network": (landlock.NETWORK_ABI, "Linux 6.7"),
    "scopes": (landlock.SCOPES_ABI, "Linux 6.12"),
}
"""The version of Landlock that each of these parts needs to be whole, and who has it."""

VARIABLE = "RESTORACK_CONFINE"
"""How the parent hands the policy to the child."""


@dataclass(frozen=True)
class Policy:
    """What a child may do.

    Attributes
    ----------
    mode : {"off", "auto", "strict"}
    read : list of str
        Files and folders.
    write : list of str
        Folders.
    devices : list of str
        Files to read and write.
    """

    mode: Mode
    read: list[str]
    write: list[str]
    devices: list[str]

    def to_text(self) -> str:
        """Return it as JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_text(cls, text: str) -> Policy:
        """Return the policy that :meth:`to_text` wrote."""
        fields: dict[str, Any] = json.loads(text)
        return cls(**fields)


def missing_parts() -> dict[str, str]:
    """Return the parts that this system cannot enforce wholly, and what they need."""
    abi = landlock.kernel_abi()
    found = {
        part: f"Landlock ABI {needed} ({system}); this kernel has "
        + (f"ABI {abi}" if abi else "no Landlock, or it is switched off")
        for part, (needed, system) in _LANDLOCK.items()
        if abi < needed
    }
    if not seccomp.is_offered():
        found["system_calls"] = "seccomp filters on x86-64 or AArch64"
    return found


def require_all(mode: Mode) -> None:
    """Raise where a mode wants every part and this system lacks one.

    Raises
    ------
    SandboxError
        For ``strict``; names each part that is missing, and what it needs.
    """
    missing = missing_parts() if mode == "strict" else {}
    if missing:
        raise refusal([f"{part}: {needed}" for part, needed in missing.items()])


def refusal(missing: list[str]) -> SandboxError:
    """Return the error for parts that cannot be enforced."""
    return SandboxError(
        f"cannot be enforced here: {'; '.join(missing)}",
        where="sandbox strict",
        rule="strict hosts plugins only where every part of the sandbox holds",
        remedy="use a newer kernel with these switched on, or --sandbox auto, which takes what "
        "there is",
    )


def lay_down(policy: Policy) -> dict[str, Status]:
    """Confine this process, for good, before it has threads or third-party code.

    Returns
    -------
    dict
        Each part's status.
    """
    forbid_core_files()
    found: dict[str, Status] = dict.fromkeys(PARTS, "off")
    found["descriptors"] = "enforced"
    if policy.mode == "off":
        return found
    found["environment"] = "enforced"
    found["limits"] = _status(limits.set_limits)
    found["privileges"] = _status(limits.drop_privileges)
    abi = landlock.kernel_abi() if thread_count() == 1 else 0
    held = _status(lambda: _close_files(policy), abi >= 1)
    found["files"] = held
    for part in ("network", "scopes"):
        found[part] = held if abi >= _LANDLOCK[part][0] else "not offered"
    found["system_calls"] = _status(lambda: _filter(policy, held == "enforced" and abi >= 3))
    return found


def _close_files(policy: Policy) -> None:
    # Where the filter cannot end what popen forks, libfaust has to get its shell.
    filtered = seccomp.is_offered()
    landlock.restrict(policy.read, policy.write, policy.devices, guards_programs=filtered)


def _filter(policy: Policy, guards_truncate: bool) -> None:
    mode = policy.mode
    seccomp.install(seccomp.rules(mode, os.getpid(), guards_truncate=guards_truncate))


def _status(enforce: Callable[[], None], offered: bool = True) -> Status:
    if not offered:
        return "not offered"
    try:
        enforce()
    except (OSError, ValueError, KeyError):
        return "not offered"
    return "enforced"
