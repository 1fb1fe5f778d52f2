"""What systems do differently: one module per concern, with its implementations side by side.

Nowhere else is the system asked for, or a function used that Linux, macOS and Windows do not all
have (``tests/system/test_portability.py`` sees to it); but for ``hosting/confine``, which is Linux.
Only the standard library is imported here.
"""
