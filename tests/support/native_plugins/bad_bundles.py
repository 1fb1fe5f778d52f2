"""VST3 bundles that misbehave, compiled from ten lines of C."""

from __future__ import annotations

import subprocess
from pathlib import Path

BODIES = {
    "Aborts": "abort();",
    "Loops": "for (volatile int i = 0;; i++) {}",
    "Exits": "_exit(3);",
    "Shouts": "static char a[60000]; for (int i = 0; i < 999; i++) write(1, a, sizeof a); abort();",
    "Segfaults": "*(volatile int *)0 = 1;",
}

SOURCE = """
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
int ModuleEntry(void *handle) { return 1; }
int ModuleExit(void) { return 1; }
void *GetPluginFactory(void) {
    fprintf(stderr, "last words of %s\\n");
    fflush(stderr);
    %s
    return 0;
}
"""


def compile_bundle(folder: Path, name: str) -> Path:
    """Build ``NAME.vst3`` whose factory does what its name says."""
    inside = folder / f"{name}.vst3" / "Contents" / "x86_64-linux"
    inside.mkdir(parents=True)
    source = folder / f"{name}.c"
    source.write_text(SOURCE % (name, BODIES[name]))
    command = ["gcc", "-shared", "-fPIC", "-o", str(inside / f"{name}.so"), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    return folder / f"{name}.vst3"


def truncated_bundle(folder: Path) -> Path:
    """Build a bundle whose shared object ends in the middle."""
    inside = folder / "Truncated.vst3" / "Contents" / "x86_64-linux"
    inside.mkdir(parents=True)
    whole = Path("/usr/lib/vst3/ZamCompX2.vst3")
    [library] = whole.rglob("*.so")
    data = library.read_bytes()
    (inside / "Truncated.so").write_bytes(data[: len(data) // 3])
    return folder / "Truncated.vst3"
