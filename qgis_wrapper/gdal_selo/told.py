"""What a command says, for people: what it says in JSON as tables."""

import html
import json

from .gdal_plugin import tr


def _short(value):
    if value is None or value == "":
        return "–"
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, list):
        return ", ".join(_short(one) for one in value) or tr("none")
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_short(one)}" for name, one in value.items()) or tr("none")
    return str(value)


def _rows(value):
    """Rows of a table, the first with the names of its columns; columns without a value are left out."""
    names = list(dict.fromkeys(name for row in value for name in row))
    names = [name for name in names if any(row.get(name) is not None for row in value)]
    return [names] + [[_short(row.get(name)) for name in names] for row in value]


def _parts(said):
    """(title, text or rows) of what was said."""
    for name, value in said.items():
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            yield name, _rows(value)
        elif isinstance(value, dict) and value:
            yield name, [[key, _short(one)] for key, one in value.items()]
        else:
            yield name, _short(value)


def _text(name, value):
    if isinstance(value, str):
        return [f"{name}: {value}"]
    widths = [max(map(len, column)) for column in zip(*value)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in value]
    return [f"{name}:", *("  " + line for line in lines)]


def _html(name, value):
    if isinstance(value, str):
        return f"{html.escape(name)}: {html.escape(value)}<br>"
    cell = "<td style='padding-right: 1em'>{}</td>"
    rows = "".join("<tr>" + "".join(cell.format(html.escape(one)) for one in row) + "</tr>" for row in value)
    return f"{html.escape(name)}:<table>{rows}</table>"


def push(said, feedback, scores=()):
    """Puts what a command said into the log; where it said `scores`, those of its samples alone."""
    try:
        found = json.loads(said)
        if scores:
            names = ("sample_id", "query", "profile", "status", *scores)
            found = {"samples": [{name: sample.get(name) for name in names} for sample in found.get("samples", ())]}
        parts = list(_parts(found))
    except (ValueError, AttributeError):  # a text
        for line in said.splitlines():
            feedback.pushInfo(line)
        return
    feedback.pushFormattedMessage("".join(_html(*part) for part in parts),
                                  "\n".join(line for part in parts for line in _text(*part)))
