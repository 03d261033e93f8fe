"""Bytes on disk of a package and everything that it requires, as installed here: python installed_size.py PACKAGE"""

import importlib.metadata as metadata
import os
import re
import sys


def files_of(name, seen):
    """Files of a distribution and, unless seen, of what it requires; extras and what is not installed are left out."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    if key in seen:
        return
    seen.add(key)
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return
    for file in distribution.files or []:
        yield os.path.realpath(distribution.locate_file(file))
    for requirement in distribution.requires or []:
        if "extra ==" not in requirement:
            yield from files_of(re.match(r"[\w.-]+", requirement)[0], seen)


# The package `tensorflow` comes with several distributions, by processor.
distributions = metadata.packages_distributions().get(sys.argv[1], [sys.argv[1]])
seen = set()
paths = {path for name in distributions for path in files_of(name, seen)}
print(sum(os.path.getsize(path) for path in paths if os.path.isfile(path)))
