"""What `gdal selo --json-usage` says, as commands and arguments. Knows nothing of QGIS or GDAL."""

from __future__ import annotations  # Python 3.9, of QGIS 3.40 on macOS, does not know `float | None`

import json
from dataclasses import dataclass, field

# Arguments that Processing answers itself: destinations are replaced and their format follows from the extension,
# progress and messages go to the log, and what goes to standard output is JSON that is read here.
ANSWERED = {"quiet", "progress", "overwrite", "append", "summary"}
# What the JSON cannot say: layers that are one dataset together, none of which is named alone, and numbers of the mean
# of all samples that a model can branch on.
TESTSET = {"selo_manifest", "selo_truth"}
NUMBERS = {"evaluate": ("rsu", "rda", "ras", "rmi")}


@dataclass(frozen=True)
class Argument:
    """An argument of a command."""

    name: str
    type: str
    description: str = ""
    required: bool = False
    advanced: bool = False
    choices: tuple = ()
    default: object = None
    datasets: tuple = ()  # "raster", "vector"
    role: str = ""        # "layer", "field", "band", "length", "crs", "file", "new-file", "new-vrt"
    parent: str = ""      # the argument that a layer, field or band is of
    minimum: float | None = None
    maximum: float | None = None
    packed: bool = True   # a comma separates values
    metavar: str = ""
    output: bool = False

    @property
    def key(self):
        """Name of the Processing parameter."""
        return self.name.upper().replace("-", "_")

    @property
    def is_list(self):
        """Whether it takes several values."""
        return self.type.endswith("_list")

    @property
    def base_type(self):
        """Type of one value."""
        return self.type.removesuffix("_list")

    @property
    def has_unit(self):
        """Whether it is shown as a number and a unit."""
        return self.role == "length" and not self.is_list

    @property
    def label(self):
        """Name for people: short, the description is its help."""
        words = self.name.replace("-", " ").split()
        words = [{"crs": "CRS", "aoi": "area of interest"}.get(word, word) for word in words]
        return words[0][:1].upper() + " ".join(words)[1:]

    def split_length(self):
        """The default of a length as number and unit."""
        text = str(self.default or "")
        for unit in ("px", "m"):
            if text.endswith(unit):
                return float(text.removesuffix(unit)), unit
        return (float(text), "px") if text else (None, "px")


@dataclass(frozen=True)
class Command:
    """A command below `gdal selo`."""

    path: tuple  # ("testset", "import")
    summary: str = ""
    details: str = ""
    group: str = ""
    url: str = ""
    arguments: tuple = ()
    results: frozenset = field(default_factory=frozenset)  # "output-string", "return-code"

    @property
    def name(self):
        """Id of the algorithm; stays the same between versions."""
        return "_".join(self.path).replace("-", "_")

    @property
    def title(self):
        """Name in the toolbox."""
        return " ".join(self.path).replace("-", " ").capitalize()

    @property
    def paragraphs(self):
        """Of the details."""
        return [text for text in self.details.split("\n\n") if text]

    @property
    def numbers(self):
        """Scores of the JSON summary."""
        return NUMBERS.get(self.name, ())

    @property
    def output(self):
        """The argument that says where results go, or None."""
        return next((arg for arg in self.arguments if arg.output), None)

    def argument(self, name):
        """The argument of that name, or None."""
        return next((arg for arg in self.arguments if arg.name == name), None)

    def layer_of(self, name):
        """The argument that names the layer of the dataset argument `name`, or None."""
        return next((arg for arg in self.arguments if arg.role == "layer" and arg.parent == name), None)

    def free_band_of(self, name):
        """The argument that says which band of the dataset argument `name` counts, where it has no default; or None."""
        return next((arg for arg in self.arguments
                     if arg.role == "band" and arg.parent == name and arg.default is None), None)

    def can_say(self, arg):
        """What the command can be told of a dataset beside its name: which "layer", "where", "options", "crs"."""
        layer = self.layer_of(arg.name)
        first = next(one for one in self.arguments if one.datasets)
        said = {"layer": layer is not None, "crs": self.argument(f"{arg.name}-crs") is not None,
                "where": layer is not None and layer.name == "layer" and self.argument("where") is not None,
                "options": arg is first and self.argument("open-option") is not None}
        return frozenset(name for name, able in said.items() if able)

    def hidden(self, arg):
        """Whether Processing or a layer of the project answers the argument."""
        if arg.name in ANSWERED:
            return True
        if arg.role == "layer":
            return True
        if arg.name == "output-format":
            return not arg.choices or "json" in arg.choices
        return False

    def forced(self):
        """Values of arguments that Processing answers: JSON, where there is a choice."""
        return {arg.name: "json" for arg in self.arguments if self.hidden(arg) and "json" in arg.choices}

    def result_layers(self):
        """Names of the layers that the output holds."""
        arg = self.argument("result-layer")
        return arg.choices if arg else ()


def _argument(entry, output):
    role = ((entry.get("metadata") or {}).get("role") or [""])[0]
    role, _, parent = role.partition(":")
    return Argument(
        name=entry["name"], type=entry["type"], description=entry.get("description", ""),
        required=bool(entry.get("required")), advanced=entry.get("category") in ("Advanced", "Esoteric"),
        choices=tuple(entry.get("choices") or ()), default=entry.get("default"),
        datasets=("raster",) if role == "new-vrt" else tuple(entry.get("dataset_type") or ()), role=role, parent=parent,
        minimum=entry.get("min_value"), maximum=entry.get("max_value"), packed=entry.get("packed_values_allowed", True),
        metavar=entry.get("metavar", ""), output=output or role in ("new-file", "new-vrt"))


def _command(node, path):
    arguments = [_argument(entry, False) for entry in node.get("input_arguments", ())]
    arguments += [_argument(entry, True) for entry in node.get("input_output_arguments", ())]
    return Command(path=path, summary=node.get("description", ""), details=node.get("details", ""),
                   group=node.get("group", ""), url=node.get("url", ""), arguments=tuple(arguments),
                   results=frozenset(entry["name"] for entry in node.get("output_arguments", ())))


def parse(text):
    """Commands of the JSON text, in its order."""
    found = []

    def walk(node, path):
        below = node.get("sub_algorithms") or ()
        if not below and path:
            found.append(_command(node, path))
        for child in below:
            walk(child, path + (child["name"],))

    walk(json.loads(text), ())
    return found
