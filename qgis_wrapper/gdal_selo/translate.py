"""Values of Processing as arguments of a command, and the command line that says the same. Runs nothing."""

import shlex
import subprocess
import sys
from pathlib import Path


def length_text(number, unit):
    """A length as the command takes it: 16, "m" is 16m."""
    return f"{number:.15g}{unit or 'px'}"


def split_list(arg, value):
    """Several values as a list: of a list, or of a text."""
    if value is None or value == "":
        return []
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str):
        parts = value.split("," if arg.packed else "|")
        return [part.strip() if arg.packed else part for part in parts if part.strip()]
    return [value]


def convert(arg, value):
    """A plain value as GDAL's argument takes it; None: not given."""
    types = {"integer": int, "real": float, "string": str, "boolean": bool, "dataset": str}
    make = types[arg.base_type]
    if arg.is_list:
        return [make(one) for one in split_list(arg, value)] or None
    if value is None or value == "" or (arg.base_type == "boolean" and not value):
        return None
    return make(value)


def choice(arg, value):
    """What was chosen; None: nothing, which a dialog says as "" or [""]."""
    if arg.is_list:
        return [one for one in split_list(arg, value) if one not in ("", None)] or None
    return value or None


def is_default(arg, value):
    """Whether a value is what the command takes anyway."""
    if arg.default is None:
        return value is False
    if arg.base_type in ("integer", "real") and not arg.is_list:
        return float(value) == float(arg.default)
    return value == arg.default


def both(first, second):
    """Two attribute filters as one."""
    return f"({first}) AND ({second})" if first and second else first or second


def command_line(command, values, platform=sys.platform):
    """The command in a shell that does what the values say: texts, numbers, lists, objects with a name."""
    words = ["gdal", "selo", *command.path]
    positional = [arg for arg in command.arguments if arg.required and arg.base_type == "dataset" and not arg.output]
    for arg in positional:
        if arg.name in values:
            words.append(str(values[arg.name]))
    for arg in command.arguments:
        if arg in positional or arg.name not in values:
            continue
        value = values[arg.name]
        if value is True:
            words.append(f"--{arg.name}")
        elif value is not False:
            for one in value if isinstance(value, list) else [value]:
                words += [f"--{arg.name}", f"{one:.15g}" if isinstance(one, float) else str(one)]
    return subprocess.list2cmdline(words) if platform == "win32" else shlex.join(words)


def is_html(path):
    """Whether a path is of a page that QGIS shows as a result."""
    return Path(str(path)).suffix.lower() in (".html", ".htm")
