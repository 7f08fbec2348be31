"""What the Python tests share: where things are, running commands, comparing scores."""

import contextlib
import csv
import ctypes
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(os.environ.get("SELO_SOURCE", Path(__file__).resolve().parents[2]))
BUILD = Path(os.environ.get("SELO_BUILD", SOURCE / "build" / "release"))
SHARED = SOURCE.parent / "shared"
SKIPPED = 77


def shared(*parts):
    """A file of the published annotations and figures; ends the test as skipped where it is not there."""
    path = SHARED.joinpath(*parts)
    if not path.exists():
        print(f"skipped: {path} is not here")
        sys.exit(SKIPPED)
    return path


def gdal(*arguments, env=None, check=True):
    """Runs `gdal ARGUMENTS`; returns the finished process with text output."""
    done = subprocess.run(["gdal", *map(str, arguments)], capture_output=True, text=True, env={**os.environ, **(env or {})})
    if check and done.returncode != 0:
        raise AssertionError(f"gdal {' '.join(map(str, arguments))}\nexit {done.returncode}\n{done.stderr}")
    return done


def evaluate(map_name, truth, *arguments):
    """The JSON summary of `gdal selo evaluate`."""
    return json.loads(gdal("selo", "evaluate", map_name, truth, "--summary", "json", "-q", *arguments).stdout)


def fails(message, *arguments, env=None):
    """Asserts that `gdal ARGUMENTS` fails with exactly one ERROR line, which holds each word of `message`."""
    done = gdal(*arguments, check=False, env=env)
    errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
    assert done.returncode == 1, f"{arguments}: exit {done.returncode}, not 1\n{done.stderr}"
    assert len(errors) == 1, f"{arguments}: {len(errors)} error lines, not one\n{done.stderr}"
    for word in [message] if isinstance(message, str) else message:
        assert word in errors[0], f"{arguments}: no '{word}' in: {errors[0]}"
    return done


def refuses(message, *command, **arguments):
    """As fails(), for `gdal selo COMMAND` in this process, which is a hundred times as fast; arguments by their names."""
    from osgeo import gdal as library  # not every test has GDAL
    errors = []
    with library.ExceptionMgr(useExceptions=False):
        library.PushErrorHandler(lambda kind, number, text: errors.append(text) if kind >= library.CE_Failure else None)
        try:
            library.Run(["gdal", "selo", *command], **arguments)
            raise AssertionError(f"{command} {arguments}: did not fail")
        except RuntimeError:
            pass
        finally:
            library.PopErrorHandler()
    assert len(errors) == 1, f"{command} {arguments}: {len(errors)} errors, not one: {errors}"
    for word in [message] if isinstance(message, str) else message:
        assert word in errors[0], f"{command} {arguments}: no '{word}' in: {errors[0]}"


def ring_wkt(points):
    """A polygon in WKT, closed by repeating its first vertex once, as OGR does."""
    return "POLYGON((" + ",".join(f"{x!r} {y!r}" for x, y in [*points, points[0]]) + "))"


def write_truth_csv(path, samples):
    """Samples: rows of (query, [points of a region, ...]); pixel coordinates, column WKT."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["WKT", "query"])
        for query, regions in samples:
            for points in regions:
                rows.writerow([ring_wkt(points), query])


def close(got, expected, tolerance):
    """Numbers within a tolerance; None and NaN are the same undefined value."""
    undefined = [value is None or math.isnan(value) for value in (got, expected)]
    return all(undefined) if any(undefined) else abs(got - expected) <= tolerance


def scratch(prefix="selo test é "):
    """A temporary folder with an awkward name, as a context manager that gives its Path."""
    class Folder(tempfile.TemporaryDirectory):
        def __enter__(self):
            return Path(super().__enter__())
    return Folder(prefix=prefix)


@contextlib.contextmanager
def small_disk(folder, size):
    """A folder on a file system of its own of `size` (such as "16k"); None where there is no right to mount one."""
    place, libc = folder / "small", ctypes.CDLL(None)
    place.mkdir()
    if libc.mount(b"tmpfs", bytes(place), b"tmpfs", 0, f"size={size}".encode()):
        print("full disk: skipped, no right to mount a tmpfs")
        yield None
        return
    try:
        yield place
    finally:
        assert libc.umount(bytes(place)) == 0
