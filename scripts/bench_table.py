"""What the sections of scripts/bench share: running a command with its time and peak memory, and the table."""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = int(os.environ.get("SELO_BENCH_RUNS", "3"))
SOURCE = Path(os.environ["SELO_SOURCE"])
BUILD = Path(os.environ["SELO_BUILD"])
SHARED = SOURCE.parent / "shared"

# Sample 31 of the published figures: its windows with similarities, and its map. Where they are beside the checkout.
SAMPLE_31 = (SHARED / "golden/airslt/windows/31.csv", SHARED / "golden/airslt/maps/31.png")


def scratch():
    """A temporary folder with room for large files, as a context manager."""
    return tempfile.TemporaryDirectory(prefix="selo-bench-", dir=os.environ.get("SELO_BENCH_TMP", "/var/tmp"))


# A process starts with the peak memory of the one that made it, so a small one in between makes and measures it.
MEASURE = """
import os, resource, subprocess, sys, time
start = time.perf_counter()
done = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
print(time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
sys.stderr.write(done.stderr.decode(errors="replace"))
sys.exit(done.returncode)
"""


def remove(path):
    """Removes a file where there is one; None: nothing."""
    if path is not None:
        Path(path).unlink(missing_ok=True)


def run_once(command):
    """(seconds, peak resident MiB) of a command, which must end well."""
    command = [str(part) for part in command]
    done = subprocess.run([sys.executable, "-I", "-S", "-c", MEASURE, *command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {done.returncode}: {done.stderr}")
    seconds, mib = done.stdout.split()
    return float(seconds), float(mib)


def median_of(function, runs=RUNS, makes=None):
    """Seconds that a call takes, the median of the runs. The file that it makes is removed before each."""
    seconds = []
    for _ in range(runs):
        remove(makes)
        start = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)[runs // 2]


def opencv_median(values, size):
    """Seconds of OpenCV's median of bytes, the yardstick of medians."""
    try:
        import cv2
    except ImportError:
        sys.exit("bench: OpenCV (python3-opencv) is the yardstick and is not here: scripts/bench runs in the group 'test'")
    return median_of(lambda: cv2.medianBlur(values, size))


class Table:
    """Rows of (name, command); the first row is the yardstick of those that follow until the next yardstick."""

    def __init__(self, runs=RUNS):
        self.runs = runs
        self.rows = {}
        self.yardstick = None
        print(f"{'':44} {'seconds':>9} {'ratio':>7} {'MiB':>7}   (median of {runs}, {os.cpu_count()} processors)")

    def add(self, name, command, yardstick=False, limit_ratio=None, limit_mib=None, makes=None):
        """Measures a command. Returns (seconds, MiB); prints "over" where a limit is not held. The file that it makes is
        removed before each run."""
        return self.add_in_turns({name: (command, limit_ratio)}, yardstick, limit_mib, makes)[name]

    def add_in_turns(self, rows, yardstick=False, limit_mib=None, makes=None):
        """Measures several commands, {name: (command, limit_ratio)}, one run of each after the other, so that what slows the machine
        down for a while slows all of them. Returns {name: (seconds, MiB)}."""
        measured = {name: [] for name in rows}
        for _ in range(self.runs):
            for name, (command, _) in rows.items():
                remove(makes)
                measured[name].append(run_once(command))
        found = {}
        for name, (_, limit_ratio) in rows.items():
            runs = sorted(measured[name])
            found[name] = self.put(name, runs[len(runs) // 2][0], max(mib for _, mib in runs), yardstick, limit_ratio, limit_mib)
        return found

    def put(self, name, seconds, mib, yardstick=False, limit_ratio=None, limit_mib=None):
        """Adds a row that was measured elsewhere."""
        if yardstick or self.yardstick is None:
            self.yardstick = seconds
        ratio = seconds / self.yardstick
        notes = []
        if limit_ratio is not None:
            notes.append(f"{'held' if ratio <= limit_ratio else 'OVER'}: ratio <= {limit_ratio}")
        if limit_mib is not None:
            notes.append(f"{'held' if mib <= limit_mib else 'OVER'}: <= {limit_mib} MiB")
        print(f"{name:44} {seconds:9.3f} {ratio:7.2f} {mib:7.0f}   {', '.join(notes)}", flush=True)
        self.rows[name] = (seconds, mib)
        return seconds, mib
