"""What made a file: the hashes of preset and weights, the same wherever it is made."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from restorack.chains import Chain, all_slots
from restorack.core.processor import Processor
from restorack.errors import RestorackError


def process_of(chain: Chain) -> str:
    """Return a chain's name and hash, and that of the weights where its stages may use them.

    Parameters
    ----------
    chain : Chain

    Returns
    -------
    str
        ``78rpm@sha256:...;weights@sha256:...``. Of a chain that no preset can hold, the name alone.
    """
    name = chain.settings.name or "stages"
    found = preset_hash(chain)
    parts = [f"{name}@sha256:{found}" if found else name]
    if any(isinstance(slot.stage, Processor) for slot in all_slots(chain)):
        parts.append(f"weights@sha256:{weights_hash()}")
    return ";".join(parts)


def preset_hash(chain: Chain) -> str:
    """Return the SHA-256 of a chain's whole preset, empty where no preset can hold the chain.

    The contents of the files that it names count in place of their paths.
    """
    from restorack.hosting.bundles import hash_path
    from restorack.presets import dump_preset
    from restorack.render.batch.recipe import files_of

    try:
        text = dump_preset(chain, "/")
        for path in sorted(set(files_of(chain)), key=lambda path: -len(str(path))):
            text = text.replace(str(path).lstrip("/"), f"sha256:{hash_path(path)}")
    except (RestorackError, OSError):
        return ""
    return hashlib.sha256(text.encode()).hexdigest()


@lru_cache(maxsize=1)
def weights_hash() -> str:
    """Return the SHA-256 of the list of all shipped weights with theirs."""
    from restorack.weights.store import read_manifest, weight_names

    lines = [f"{name} {read_manifest(name).sha256}\n" for name in weight_names()]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
