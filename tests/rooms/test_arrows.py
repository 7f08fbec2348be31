"""Rooms call only the rooms below them.

Each room's objects are linked into a shared object together with just the rooms that it may use, and nothing may stay
undefined; so a call upwards does not link. What a room includes is looked at too: kernels and metrics know no library."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE = Path(os.environ["SELO_SOURCE"])
BUILD = Path(os.environ["SELO_BUILD"])
COMPILER = os.environ["SELO_CC"]

# The picture in docs/architecture.md.
MAY_USE = {
    "kernels": [],
    "metrics": [],
    "geometry": ["kernels"],
    "io": ["kernels"],
    "encoders": ["kernels"],
    "tasks": ["io", "encoders", "geometry", "metrics", "kernels"],
}
LIBRARIES = {
    "kernels": [],
    "metrics": [],
    "geometry": ["gdal", "geos", "proj"],
    "io": ["gdal", "yyjson", "libxml-2.0"],
    "encoders": ["gdal", "yyjson"],
    "tasks": ["gdal", "geos", "proj", "yyjson", "libxml-2.0"],
}
FOUNDATION = {"memory.c.o", "status.c.o"}  # of kernels/: memory and status words serve every room
FOREIGN = re.compile(r'#\s*include\s*[<"]((gdal|ogr|cpl_|geos|proj|libxml|yyjson|onnx)[^>"]*)', re.IGNORECASE)


def built_now():
    """What the build makes today; a build folder also holds what it made of sources that are gone."""
    listed = subprocess.run(["ninja", "-C", str(BUILD), "-t", "targets", "all"], capture_output=True, text=True, check=True).stdout
    return [line.split(": ")[0] for line in listed.splitlines()]


TARGETS = built_now()


def objects_of(room):
    folder = f"algorithms/CMakeFiles/selo_{room}.dir/"
    objects = [BUILD / name for name in TARGETS if name.startswith(folder) and name.endswith(".o")]
    assert objects and all(path.exists() for path in objects), f"{room}: not all of it is built in {BUILD}"
    return sorted(str(path) for path in objects)


def link(room, rooms):
    """The linker's complaints about a shared object of these rooms; "" if there are none."""
    objects = [path for name in rooms for path in objects_of(name)]
    objects += [path for path in objects_of("kernels") if Path(path).name in FOUNDATION and path not in objects]
    flags = subprocess.run(["pkg-config", "--libs", *LIBRARIES[room]], capture_output=True, text=True, check=True).stdout.split() \
        if LIBRARIES[room] else []
    with tempfile.TemporaryDirectory() as folder:
        command = [COMPILER, "-shared", "-Wl,-z,defs", "-o", f"{folder}/room.so", *objects, *flags, "-ldl", "-lm", "-lpthread"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stderr


def undefined(message):
    return sorted(set(re.findall(r"undefined reference to [`'‘]([^'’`]+)", message)))


def check_links():
    for room, below in MAY_USE.items():
        message = link(room, [room, *below])
        assert not message, f"{room} may use {below or 'nothing'}, but calls {undefined(message) or message}"
    # The check itself: tasks without the rooms below it must not link.
    assert undefined(link("tasks", ["tasks"])), "tasks call nothing below them? then this test sees nothing"


def check_includes():
    for room in ("kernels", "metrics"):
        for path in sorted((SOURCE / "algorithms" / room).glob("*.[ch]")):
            seen = FOREIGN.findall(path.read_text(encoding="utf-8"))
            assert not seen, f"{path.relative_to(SOURCE)} includes {seen[0][0]}: kernels and metrics include no library's header"
            for header in re.findall(r'#\s*include\s*"selo/([^"]+)"', path.read_text(encoding="utf-8")):
                public = (SOURCE / "algorithms" / "include" / "selo" / header).read_text(encoding="utf-8")
                assert not FOREIGN.findall(public), f"{path.relative_to(SOURCE)} includes selo/{header}, which includes a library's header"


def check_foreign_rooms():
    """No room includes a private header of another one."""
    for room in MAY_USE:
        for path in sorted((SOURCE / "algorithms" / room).glob("*.[ch]")):
            for header in re.findall(r'#\s*include\s*"([^"]+)"', path.read_text(encoding="utf-8")):
                other = [r for r in MAY_USE if r != room and (SOURCE / "algorithms" / r / header).exists()]
                own = (SOURCE / "algorithms" / room / header).exists()
                assert own or not other, f"{path.relative_to(SOURCE)} includes {header}, which is private to {other[0]}"


def main():
    check_includes()
    check_foreign_rooms()
    check_links()
    print(f"{len(MAY_USE)} rooms link with what they may use")


if __name__ == "__main__":
    sys.exit(main())
