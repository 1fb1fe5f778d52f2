"""What the child that hosts plugins may do, and how the system is made to hold it to that.

Only the standard library is imported here: the child confines itself before it has threads, and
NumPy's import starts some.
"""
