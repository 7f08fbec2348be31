#!/usr/bin/env python3
"""A run that is killed leaves its temporary folder; the next one in that place removes it, and none that is in use."""

import signal
import subprocess
import sys
import time

import numpy as np

from support import scenes
from support.selo import gdal, scratch


def stages(folder):
    return {path for path in folder.iterdir() if path.name.startswith(".selo-")}


def start(folder, image, output):
    """A run that has begun to write, stopped there."""
    before = stages(folder)
    run = subprocess.Popen(["gdal", "selo", "smooth", image, output, "--size", "31px", "--method", "median", "-q"])
    while run.poll() is None and not any(any(stage.iterdir()) for stage in stages(folder) - before):
        time.sleep(0.001)
    run.send_signal(signal.SIGSTOP)
    assert run.poll() is None and stages(folder) != before, "the run was over before it could be stopped"
    return run


def short(folder, image, name):
    gdal("selo", "windows", image, folder / name, "--scales", "64px", "-q")


def test_in_use(folder, image):
    """Another run beside one that stands still: both end well."""
    first = start(folder, image, folder / "first.tif")
    held = stages(folder)
    assert len(held) == 1, held
    short(folder, image, "beside.csv")
    assert stages(folder) == held, "the folder of a run that goes on was removed"
    first.send_signal(signal.SIGCONT)
    assert first.wait() == 0 and (folder / "first.tif").stat().st_size > 1000
    assert not stages(folder)


def test_killed(folder, image):
    """Whatever the output of the next run; what is not of this machine's runs, or may hold what was replaced, stays."""
    for name, next_one in (("killed.tif", "next.csv"), ("again.tif", "again.gpkg")):
        run = start(folder, image, folder / name)
        run.kill()
        run.wait()
        left = stages(folder)
        assert len(left) == 1, left
        short(folder, image, next_one)
        assert not stages(folder), "what a killed run has left is still there"
        assert not (folder / name).exists()
    run = start(folder, image, folder / "killed.tif")
    run.kill()
    run.wait()
    ours, = stages(folder)
    (ours / ".replaced").mkdir()
    (ours / ".replaced" / "old.shp").write_text("what the user had")
    other = folder / ".selo-0123456789abcdef-12-340"
    other.mkdir()
    (folder / ".selo-notes").mkdir()
    kept = stages(folder)
    short(folder, image, "kept.csv")
    assert stages(folder) == kept and (ours / ".replaced" / "old.shp").exists()
    (ours / "killed.tif").unlink()  # then the new ones are all in their places, and what was replaced may go
    short(folder, image, "done.csv")
    assert stages(folder) == kept - {ours}


if __name__ == "__main__":
    with scratch() as place:
        pixels = np.random.default_rng(5).integers(0, 256, (1, 1500, 1500), dtype=np.uint8)
        source = scenes.write(place / "map.tif", pixels)
        for part in (test_in_use, test_killed):
            work = place / part.__name__
            work.mkdir()
            part(work, source)
            print(f"{part.__name__}: passed")
    sys.exit(0)
