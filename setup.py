"""Build the native core; all else is in pyproject.toml."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

FOLDERS = sorted(
    path for path in Path("native").iterdir() if path.is_dir() and path.name != "tests"
)
SOURCES = sorted(path.as_posix() for folder in FOLDERS for path in folder.glob("*.c"))
HEADERS = sorted(path.as_posix() for folder in FOLDERS for path in folder.glob("*.h"))
# Sums become fused multiply-adds wherever the processor has them, in every tile; loops with choices
# become vectors, as nothing here traps.
GCC_LIKE = ["-std=c11", "-O3", "-ffp-contract=fast", "-fno-trapping-math", "-fno-math-errno"]
GCC_LIKE += ["-fvisibility=hidden", "-g0"]
MISSING = (
    "restorack is built with a C compiler and Python's headers, and one of them is missing here: "
    "on Debian and Ubuntu, apt install gcc libc6-dev python3-dev; on macOS, xcode-select "
    "--install; a wheel needs neither"
)


class Build(build_ext):
    """Compile as the compiler at hand likes it; say in one line what is missing."""

    def build_extensions(self) -> None:
        """Choose the options, and compile."""
        gcc_like = self.compiler.compiler_type != "msvc"
        if gcc_like and not (self._has_compiler() and self._has_headers()):
            raise SystemExit(MISSING)
        for extension in self.extensions:
            extension.extra_compile_args = GCC_LIKE if gcc_like else ["/std:c11", "/O2"]
        super().build_extensions()

    def _has_compiler(self) -> bool:
        return shutil.which(self.compiler.compiler[0]) is not None

    def _has_headers(self) -> bool:
        return any((Path(folder) / "Python.h").exists() for folder in self.include_dirs)


setup(
    ext_modules=[
        Extension(
            "restorack.dsp._core",
            sources=SOURCES,
            depends=HEADERS,
            include_dirs=[folder.as_posix() for folder in FOLDERS],
            define_macros=[("Py_LIMITED_API", "0x030B0000")],
            py_limited_api=True,
        )
    ],
    cmdclass={"build_ext": Build},
    options={"bdist_wheel": {"py_limited_api": "cp311"}},
)
