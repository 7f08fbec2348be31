"""What comes out: layers in a group with their styles, numbers, and pages."""

import html
import json
import shutil
from pathlib import Path

from osgeo import gdal
from qgis.core import Qgis, QgsProcessingContext, QgsProcessingLayerPostProcessorInterface, QgsProcessingUtils

from .gdal_plugin import tr

STYLES = Path(__file__).with_name("styles")
BUILT_FROM = Path(__file__).parents[2] / "algorithms" / "io" / "styles"  # where the plugin is used from its source
# From top to bottom on the map.
ORDER = ("selo_cand", "selo_shift", "selo_circle", "selo_region", "selo_win", "selo_fused", "selo_sample",
         "selo_curve", "selo_stat", "selo_diff", "selo_run")


def style(name):
    """QML file of a layer, or None."""
    for folder in (STYLES, BUILT_FROM):
        path = folder / f"{name}.qml"
        if path.exists():
            return path
    return None


class Styler(QgsProcessingLayerPostProcessorInterface):
    """Styles one layer after it was added. QGIS does not keep it: the class does, until it has run."""

    kept = set()

    def __init__(self, name):
        super().__init__()
        self.name = name
        Styler.kept.add(self)

    def postProcessLayer(self, layer, context, feedback):  # pylint: disable=unused-argument
        """Called by Processing in the main thread."""
        if layer is not None and layer.isValid():
            is_line = layer.type() == Qgis.LayerType.Vector and layer.geometryType() == Qgis.GeometryType.Line
            path = (style(f"{self.name}_line") if is_line else None) or style(self.name)
            if path is not None:
                layer.loadNamedStyle(str(path))
                layer.triggerRepaint()
        Styler.kept.discard(self)


def layer_names(path):
    """Layers of a vector output."""
    with gdal.ExceptionMgr(useExceptions=False), gdal.quiet_errors():
        made = gdal.OpenEx(path, gdal.OF_VECTOR)
        names = [made.GetLayer(i).GetName() for i in range(made.GetLayerCount())] if made else []
    return [name for name in names if name != "layer_styles"]  # which is about layers and none itself


def layer_uri(path, name):
    """A layer of a file, as QGIS names it."""
    return f"{path}|layername={name}"


def _details(name, group, project, place):
    details = QgsProcessingContext.LayerDetails(name, project, name)
    details.groupName = group
    details.layerSortKey = place
    details.forceName = True
    details.setPostProcessor(Styler(name))
    return details


def _load_layers(path, names, context, group):
    """Replaces the one layer that Processing would load from `path` by all of its layers, in a group."""
    waiting = context.layersToLoadOnCompletion()
    if path not in waiting:
        return
    project = waiting[path].project
    kept = {uri: details for uri, details in waiting.items() if uri != path}
    names = sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    for place, name in enumerate(names):
        kept[layer_uri(path, name)] = _details(name, group, project, len(names) - place)
    context.setLayersToLoadOnCompletion(kept)


def _style_raster(path, context):
    """A map gets the colours of a map, below the layers of results; a QML beside it where it is to stay."""
    qml = style("selo_map")
    if qml is None:
        return
    if path in context.layersToLoadOnCompletion():
        details = context.layerToLoadOnCompletionDetails(path)
        details.layerSortKey = -1
        details.setPostProcessor(Styler("selo_map"))
    if not _is_temporary(path) and Path(path).exists():
        shutil.copyfile(qml, Path(path).with_suffix(".qml"))


def _is_temporary(path):
    return path.startswith(QgsProcessingUtils.tempFolder())


def load(path, command, query, context):
    """Prepares what an output holds for the map; returns its layers by the names of the command's outputs."""
    datasets = command.output.datasets
    names = layer_names(path) if "vector" in datasets else []
    if names:
        _load_layers(path, names, context, group_name(command, query))
    elif "raster" in datasets:
        _style_raster(path, context)
    return {name.upper(): layer_uri(path, name) for name in command.result_layers() if name in names}


def fitting_path(path, command, values, context):
    """Where the output goes: a temporary one that may be raster or vector is named by what its inputs are."""
    if not path or len(command.output.datasets) < 2 or not _is_temporary(path):
        return path
    either = [arg.name for arg in command.arguments if len(arg.datasets) > 1 and not arg.output]
    if not any(getattr(values.get(name), "is_raster", False) for name in either):
        return path
    fitting = str(Path(path).with_suffix(".tif"))
    waiting = context.layersToLoadOnCompletion()
    context.setLayersToLoadOnCompletion({fitting if uri == path else uri: details for uri, details in waiting.items()})
    return fitting


def numbers(command, summary):
    """Mean scores of a JSON summary, by name of the output; an undefined score is left out."""
    try:
        mean = json.loads(summary).get("mean") or {}
    except (ValueError, AttributeError):
        return {}
    return {name.upper(): mean[name] for name in command.numbers if mean.get(name) is not None}


def page(title, summary):
    """The summary as a page, where no report was made."""
    return (f"<!DOCTYPE html><html><head><meta charset='utf-8'><title>{html.escape(title)}</title></head>"
            f"<body><h1>{html.escape(title)}</h1><pre>{html.escape(summary)}</pre></body></html>")


def group_name(command, query):
    """Name of the group of result layers."""
    return f"SeLo {command.name}: {query}" if query else tr("SeLo {name}").format(name=command.name)
