"""LV2 plugins by name: their URIs are long, and nobody knows them by heart."""

from __future__ import annotations

from restorack.errors import PluginError
from restorack.hosting.installed import installed_lv2
from restorack.hosting.spec import hosted_name


def lv2_uri(reference: str) -> str:
    """Return the URI of an LV2 plugin.

    Parameters
    ----------
    reference : str
        A URI, or a name in any case: the end of the URI or the bundle's name. What is neither is
        returned as it is; loading it says that it is not installed.

    Raises
    ------
    PluginError
        For a name that several plugins have.
    """
    if ":" in reference:
        return reference
    lowered = reference.lower().removesuffix(".lv2")
    known = installed_lv2()
    found = [uri for uri in known if hosted_name("lv2", uri) == lowered]
    found = found or [uri for uri, bundle in known.items() if bundle.stem.lower() == lowered]
    if len(found) > 1:
        raise PluginError(
            f"stands for {len(found)} plugins",
            where=f"lv2 {reference}",
            rule="a name stands for one plugin",
            remedy=f"name one by its URI: {', '.join(found)}",
        )
    return found[0] if found else reference
