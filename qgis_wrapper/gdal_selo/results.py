"""What comes out: layers in a group with their styles, numbers, and pages."""

import html
import json
import re
from pathlib import Path

from osgeo import gdal
from processing.gui.RenderingStyles import RenderingStyles
from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingUtils, QgsProviderRegistry
from qgis.PyQt.QtCore import QThread

from .gdal_plugin import tr
from .styler import Styler, renew, style

EXTENSIONS = {"html": ".html", "markdown": ".md", "csv": ".csv"}  # of reports
MOST_LAYERS = 20  # of one file
MARK = "<!-- written by gdal selo -->"  # in a style; QGIS leaves it out where a user saves it
DATABASE = re.compile(r"(ogr|spatialite|postgis|postgres|mssql|oracle|hana):\s*\w+=")  # tables as QGIS names them
# From top to bottom on the map.
ORDER = ("selo_cand", "selo_shift", "selo_circle", "selo_region", "selo_win", "selo_fused", "selo_sample",
         "selo_curve", "selo_stat", "selo_diff", "selo_run")


def layer_names(path):
    """Layers of a vector output."""
    with gdal.ExceptionMgr(useExceptions=False), gdal.quiet_errors():
        made = gdal.OpenEx(path, gdal.OF_VECTOR)
        names = [made.GetLayer(i).GetName() for i in range(made.GetLayerCount())] if made else []
    return [name for name in names if name != "layer_styles"]  # which is about layers and none itself


def layer_uri(path, name):
    """A layer of a file, as QGIS names it."""
    return f"{path}|layername={name}"


def _set_style(details, command, output, styler):
    """The style of ours, unless the user has chosen one for that output (Edit rendering styles for outputs)."""
    styler.file = RenderingStyles.getStyle(f"gdal_selo:{command.name}", output) or styler.file
    details.setPostProcessor(styler)


def _details(name, output, group, project):
    details = QgsProcessingContext.LayerDetails(name, project, output)
    details.groupName = group
    details.forceName = True
    return details


def replace(path, context, others):
    """Loads, instead of `path`, the layers {uri: details} that others(project) gives; nothing where `path` is not."""
    waiting = context.layersToLoadOnCompletion()
    if path in waiting:
        kept = {uri: details for uri, details in waiting.items() if uri != path}
        context.setLayersToLoadOnCompletion({**kept, **others(waiting[path].project)})


def _load_layers(path, names, command, context, group):
    """Replaces the one layer that Processing would load from `path` by all of its layers, in a group."""
    names = sorted(names, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))

    def layers(project):
        made = {}
        for place, name in enumerate(names):
            made[layer_uri(path, name)] = details = _details(name, name.upper(), group, project)
            details.layerSortKey = len(names) - place
            _set_style(details, command, name.upper(), Styler(name))
        return made

    replace(path, context, layers)


def _range(path):
    """Values of a map that mean no and full attention: 0 and 1, of bytes 0 and 255, else the least and largest; None
    where there are colours in the place of values."""
    with gdal.ExceptionMgr(useExceptions=False), gdal.quiet_errors():
        opened = gdal.Open(path)
        band = opened.GetRasterBand(1) if opened else None
        if band is None:
            return 0, 1
        if band.GetColorInterpretation() not in (gdal.GCI_Undefined, gdal.GCI_GrayIndex):
            return None
        found = band.ComputeRasterMinMax(True)
        if band.DataType == gdal.GDT_Byte and not (found and found[1] <= 1):  # a mask has bytes of 0 and 1
            found = (0, 255)
    scale, offset = band.GetScale() or 1, band.GetOffset() or 0
    low, high = sorted(value * scale + offset for value in found or (0, 1))
    return (0, 1) if low == high or (low >= 0 and high <= 1) else (low, high)


def _style_file(path, context):
    """The QML of a map, beside it where that is a folder. One that somebody else wrote there is kept, and used."""
    qml = style("selo_map")
    file = Path(path).with_suffix(".qml")
    if qml is None or (file.exists() and MARK not in file.read_text(encoding="utf-8", errors="replace")):
        return file if file.exists() else None
    found = _range(path)
    if found is None:
        return None
    low, high = found
    text = re.sub(r'\b((?:value|label|minimumValue|maximumValue|classificationMin|classificationMax)=")([\d.]+)"',
                  lambda found: f'{found[1]}{low + (high - low) * float(found[2]):.6g}"',
                  qml.read_text(encoding="utf-8"))
    if not Path(path).exists():  # in an archive, or on a server
        file = Path(QgsProcessingUtils.generateTempFilename("selo_map.qml", context))
    file.write_text(text.replace("<qgis ", f"{MARK}\n<qgis ", 1), encoding="utf-8")
    return file


def _queries(path):
    """{band: query} of a file with a band per query."""
    with gdal.ExceptionMgr(useExceptions=False), gdal.quiet_errors():
        opened = gdal.Open(path)
        bands = range(1, opened.RasterCount + 1) if opened else ()
        found = {band: opened.GetRasterBand(band).GetDescription() for band in bands}
    return found if len(found) <= MOST_LAYERS and all(found.values()) else {}


def _load_raster(path, command, query, context):
    """A map gets the colours of a map and the name of its query, below the layers of results."""
    file = _style_file(path, context)
    if path in context.layersToLoadOnCompletion():
        details = context.layerToLoadOnCompletionDetails(path)
        details.layerSortKey = -1
        queries = _queries(path)
        if details.name == tr(command.output.label):  # and not what a model calls it
            names = {band: group_name(command, one) for band, one in queries.items()}
            details.name = names.get(1) or group_name(command, query)
        else:
            names = {band: f"{details.name}: {one}" for band, one in queries.items() if len(queries) > 1}
            details.name = names.get(1) or details.name
        details.layerTypeHint = QgsProcessingUtils.LayerHint.Raster
        if file is not None:
            _set_style(details, command, command.output.key, Styler("selo_map", file, names))


def load_several(path, files, command, context):
    """Replaces a name with {n} or {query} by the maps that were written, in a group."""
    group = group_name(command, "")
    replace(path, context, lambda project: {
        str(file): _details(file.stem, command.output.key, group, project) for file in files})
    for file in files:
        _load_raster(str(file), command, "", context)


def _is_temporary(path, context):
    return Path(path).is_relative_to(QgsProcessingUtils.tempFolder(context))


def reload(paths, context):
    """Lets layers that show files of an older run show those that replaced them."""
    paths = {Path(path) for path in paths}
    if not paths or context.project() is None or QThread.currentThread() != context.project().thread():
        return
    for layer in context.project().mapLayers().values():
        parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
        if layer.isValid() and Path(str(parts.get("path") or "")) in paths:
            renew(layer)
            layer.triggerRepaint()


def load(path, command, query, context):
    """Prepares what an output holds for the map; returns its layers by the names of the command's outputs."""
    datasets = command.output.datasets
    names = layer_names(path) if "vector" in datasets else []
    if names:
        group = group_name(command, query)
        if not _is_temporary(path, context):  # which tells the runs of a batch, or of several models, apart
            group = f"{group} ({Path(path).stem})"
        _load_layers(path, names, command, context, group)
    elif "raster" in datasets:
        _load_raster(path, command, query, context)
    return {name.upper(): layer_uri(path, name) for name in command.result_layers() if name in names}


def _fitting(path, command, values, context):
    if path.startswith("memory:"):  # as scripts call a temporary layer; it is one of several, with styles
        return QgsProcessingUtils.generateTempFilename(f"{command.output.key}.gpkg", context)
    if not _is_temporary(path, context):
        return path
    if command.output.role == "new-vrt":
        return str(Path(path).with_suffix(".vrt"))
    if values.get("output-format") in EXTENSIONS:
        return str(Path(path).with_suffix(EXTENSIONS[values["output-format"]]))
    either = [arg.name for arg in command.arguments if len(arg.datasets) > 1]
    is_raster = any(getattr(values.get(name), "is_raster", False) for name in either)
    return str(Path(path).with_suffix(".tif")) if is_raster and len(command.output.datasets) > 1 else path


def fitting_path(path, command, values, context):
    """Where the output goes: a temporary one is named by what it will be, a raster or vectors, a page or a table."""
    if not path:
        # Another step of a model may take a layer of the results; it does not ask for the file that they are in.
        in_model = command.result_layers() and context.expressionContext().hasVariable("model_name")
        return QgsProcessingUtils.generateTempFilename(f"{command.output.key}.gpkg", context) if in_model else path
    if DATABASE.match(path):
        raise QgsProcessingException(
            tr("{name}: results are written to a file: give the name of one, not of a table").format(
                name=command.output.key))
    fitting = _fitting(path, command, values, context)
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
