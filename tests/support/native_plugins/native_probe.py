"""A VST3 bundle that leaves a mark as soon as its code is loaded."""

from __future__ import annotations

import subprocess
from pathlib import Path

SOURCE = """
#include <fcntl.h>
#include <unistd.h>
__attribute__((constructor)) static void mark(void) { close(open("%s", O_CREAT | O_RDWR, 0666)); }
int ModuleEntry(void *handle) { return 1; }
int ModuleExit(void) { return 1; }
void *GetPluginFactory(void) { return 0; }
"""


def compile_probe(folder: Path, mark: Path, name: str = "Probe") -> Path:
    """Build ``NAME.vst3``, which makes the file ``mark`` when it is loaded."""
    inside = folder / f"{name}.vst3" / "Contents" / "x86_64-linux"
    inside.mkdir(parents=True, exist_ok=True)
    source = folder / f"{name}.c"
    source.write_text(SOURCE % mark)
    command = ["gcc", "-shared", "-fPIC", "-o", str(inside / f"{name}.so"), str(source)]
    subprocess.run(command, check=True, capture_output=True)
    source.unlink()
    return folder / f"{name}.vst3"
