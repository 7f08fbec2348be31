"""Every text that people see, as a file for translators: translations.py COMMANDS.json FILE.ts

COMMANDS.json is what `gdal selo --json-usage` says. Translated and compiled (lrelease), FILE.ts becomes
gdal_selo/i18n/gdal_selo_LANGUAGE.qm, which the plugin loads where QGIS speaks that language."""

import ast
import sys
from pathlib import Path
from xml.etree import ElementTree

PLUGIN = Path(__file__).resolve().parent / "gdal_selo"
sys.path.insert(0, str(PLUGIN))
import usage  # noqa: E402 pylint: disable=wrong-import-position,import-error
sys.path.pop(0)


def of_code():
    """Texts that the plugin itself says: what tr() is called with."""
    for file in sorted(PLUGIN.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "tr" \
                    and isinstance(node.args[0], ast.Constant):
                yield node.args[0].value


def of_commands(text):
    """Texts of the commands and their arguments."""
    for command in usage.parse(text):
        yield from (command.title, command.group, command.summary, *command.paragraphs)
        for arg in command.arguments:
            if not command.hidden(arg):
                yield from (arg.label, arg.description)


def write(text, path):
    """Writes the file for translators; `text`: what --json-usage says."""
    root = ElementTree.Element("TS", version="2.1", sourcelanguage="en")
    context = ElementTree.SubElement(root, "context")
    ElementTree.SubElement(context, "name").text = "gdal_selo"
    for source in dict.fromkeys([*of_code(), *of_commands(text)]):
        if source:
            message = ElementTree.SubElement(context, "message")
            ElementTree.SubElement(message, "source").text = source
            ElementTree.SubElement(message, "translation", type="unfinished")
    ElementTree.indent(root)
    text = ElementTree.tostring(root, encoding="unicode")
    Path(path).write_text(f'<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE TS>\n{text}\n', encoding="utf-8")


if __name__ == "__main__":
    write(Path(sys.argv[1]).read_text(encoding="utf-8"), sys.argv[2])
