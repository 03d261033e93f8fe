"""Keeps a framework to its number of threads."""

import os


def keep_to(threads):
    """Binds the process to as many processors: frameworks have more pools than they have settings."""
    if hasattr(os, "sched_setaffinity"):
        allowed = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, allowed[:threads])
