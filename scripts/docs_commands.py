"""The reference pages of `gdal selo`, from --json-usage (arguments) and --help (spelling, what it does, example)."""

import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path

HEAD = "<!-- Made by scripts/docs-commands: change the argument table of the command, not this page. -->\n\n"


def gdal(*arguments):
    return subprocess.run(["gdal", *arguments], capture_output=True, text=True, check=True).stdout


def commands():
    """(path without "gdal", usage) of every command that does something, in the order of the help page."""
    def walk(node):
        if not node["sub_algorithms"]:
            yield node["full_path"][1:], node
        for child in node["sub_algorithms"]:
            yield from walk(child)
    return list(walk(json.loads(gdal("selo", "--json-usage"))))


def spellings(help_text):
    """{name: how the help page spells the option}, e.g. "map": "-i, --input, --map <MAP>"."""
    found = {}
    for line in help_text.splitlines():
        match = re.match(r"^ {2}((?:-\w, )?(?:--[\w-]+, )*--([\w-]+)(?: <.*?>(?:\.\.\.)?)?)(?:  |$)", line)
        if match:
            found[match.group(2)] = match.group(1)
    return found


def details(help_text):
    """The paragraphs between the options and GDAL's closing words."""
    body = help_text.split("\nFor more details, consult")[0]
    paragraphs = [p.strip("\n") for p in re.split(r"\n\s*\n", body)]
    last = max(i for i, p in enumerate(paragraphs) if re.search(r"^ {2}-", p, re.MULTILINE) or "arguments:" in p or p.endswith("ptions:"))
    return paragraphs[last + 1:]


def describe(argument):
    text = argument["description"].rstrip(".")
    notes = []
    if argument.get("choices") and "category" in argument and len(argument["choices"]) <= 20:
        notes.append("one of " + ", ".join(f"`{c}`" for c in argument["choices"]))
    if "min_value" in argument and "max_value" in argument:
        notes.append(f"{argument['min_value']:g} to {argument['max_value']:g}")
    if "default" in argument and argument["default"] not in ("", [], False):
        value = argument["default"]
        notes.append("default `" + (",".join(map(str, value)) if isinstance(value, list) else str(value)) + "`")
    if argument.get("repeated_arg_allowed") and argument.get("max_count", 1) > 1:
        notes.append("may be repeated")
    if argument["required"]:
        notes.append("required")
    return (text + (f" ({'; '.join(notes)})" if notes else "")).replace("|", "\\|").replace("\n", " ")


def table(title, arguments, spelled):
    if not arguments:
        return ""
    rows = [f"| `{spelled.get(a['name'], '--' + a['name'])}` | {describe(a)} |" for a in arguments]
    return f"\n## {title}\n\n| argument | meaning |\n|---|---|\n" + "\n".join(rows) + "\n"


def page(path, usage):
    help_text = gdal(*path, "--help")
    spelled = spellings(help_text)
    arguments = [a for a in usage["input_arguments"] + usage["input_output_arguments"] if a["name"] in spelled]
    first_line = help_text.splitlines()[0].removeprefix("Usage: ")
    text = f"{HEAD}# gdal {' '.join(path)}\n\n{usage['description'].rstrip('.')}.\n\n```\n{first_line}\n```\n"
    for paragraph in details(help_text):
        example = re.match(r"^(Examples?):\n(.*)", paragraph, re.DOTALL)
        text += f"\n**{example.group(1)}**\n\n```\n{textwrap.dedent(example.group(2))}\n```\n" if example else f"\n{paragraph}\n"
    text += table("Arguments", [a for a in arguments if a["category"] == "Base"], spelled)
    text += table("Advanced", [a for a in arguments if a["category"] == "Advanced"], spelled)
    text += table("Further arguments", [a for a in arguments if a["category"] not in ("Base", "Advanced")], spelled)
    if usage.get("supports_streamed_output"):
        text += "\nCan be the first step of a pipeline, through a `.gdalg.json` file: see [pipelines](../pipelines.md).\n"
    return text + "\nArguments that every `gdal` command takes (`--help`, `--json-usage`, `--config`, `--quiet`) are GDAL's own.\n"


def main(folder):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("*.md"):
        stale.unlink()
    index = f"{HEAD}# Commands\n\n| command | what it does |\n|---|---|\n"
    for path, usage in commands():
        name = "-".join(path[1:])
        (folder / f"{name}.md").write_text(page(path, usage), encoding="utf-8")
        index += f"| [gdal {' '.join(path)}]({name}.md) | {usage['description'].rstrip('.')} |\n"
    (folder / "README.md").write_text(index, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
