"""docs/demo/README.md states the scores that scripts/demo prints, without a warning."""

import re
import shutil
import subprocess
import sys

from support import olinda
from support.selo import SOURCE, gdal, scratch

PROFILES = ("ground", "reference")


def stated():
    """(sample, profile) -> its figures, from the table in the docs."""
    rows = {}
    for line in (SOURCE / "docs" / "demo" / "README.md").read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 7 and cells[1] in PROFILES:
            rows[cells[0], cells[1]] = [float(cell) for cell in cells[2:] if cell]
    return rows


def printed(folder):
    """The same from what the demo's script prints."""
    done = subprocess.run([SOURCE / "scripts" / "demo-maps", olinda.image().parent, folder], capture_output=True, text=True)
    assert done.returncode == 0 and "Warning" not in done.stderr, done.stderr
    rows = {}
    for line in done.stdout.splitlines():
        found = re.match(r"(\S+) +(ground|reference) +([0-9. ]+)", line)
        if found:
            rows[found[1], found[2]] = [float(number) for number in found[3].split()]
    return rows


def truth_is_clean(folder):
    """As the README makes a test set of it."""
    (folder / "mine").mkdir()
    gdal("raster", "select", "-q", "--band", "3,2,1", olinda.image(), folder / "mine" / "olinda.tif")
    shutil.copy(olinda.TRUTH, folder / "mine")
    gdal("selo", "testset", "import", folder / "mine", folder / "mine.gpkg", "-q")
    done = gdal("selo", "testset", "validate", folder / "mine.gpkg", check=False)
    assert done.returncode == 0, f"the demo's own truth has defects:\n{done.stdout}{done.stderr}"


def main():
    with scratch() as folder:
        truth_is_clean(folder)
        docs, demo = stated(), printed(folder)
    assert len(docs) == 8 and docs.keys() == demo.keys(), (docs.keys(), demo.keys())
    for key, figures in demo.items():
        assert len(docs[key]) == len(figures) and all(abs(a - b) < 5e-4 for a, b in zip(docs[key], figures)), \
            f"{key}: docs/demo/README.md states {docs[key]}, the demo prints {figures}"


if __name__ == "__main__":
    sys.exit(main())
