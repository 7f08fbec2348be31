"""Names that stand for several files: map_{n}.tif, map_{query}.tif, map_{sample_id}.tif."""

import re
from pathlib import Path


def files(path, field=r"[^{}]+"):
    """Files that a name with {field} stands for, in order; none for a name without."""
    parts = re.split(r"\{(?:" + field + r")\}", Path(path).name)
    folder = Path(path).parent
    if len(parts) < 2 or not folder.is_dir():
        return []
    mark = re.compile(".+".join(map(re.escape, parts)), re.S)
    return sorted(file for file in folder.iterdir() if mark.fullmatch(file.name))


def written(path):
    """{file: when it was written} of those that a command with several queries writes."""
    return {file: file.stat().st_mtime_ns for file in files(path, "n|query")}
