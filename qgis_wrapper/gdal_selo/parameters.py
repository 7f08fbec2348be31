"""Processing parameters made of a command's arguments."""

from qgis.core import (
    Qgis, QgsProcessingParameterBand, QgsProcessingParameterBoolean, QgsProcessingParameterCrs,
    QgsProcessingParameterEnum, QgsProcessingParameterFeatureSource, QgsProcessingParameterField,
    QgsProcessingParameterFile, QgsProcessingParameterFileDestination, QgsProcessingParameterMapLayer,
    QgsProcessingParameterMultipleLayers, QgsProcessingParameterNumber, QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer, QgsProcessingParameterString, QgsProcessingParameterVectorDestination)

from .gdal_plugin import tr

UNITS = ("px", "m")


def _any_file():
    """Also a folder, or a name without extension: QGIS's own filter (*.*) refuses them."""
    return tr("All files (*)")


def _dataset(arg, command):
    parts = {"name": arg.key, "description": tr(arg.label), "optional": not arg.required}
    if set(arg.datasets) == {"raster"}:
        return QgsProcessingParameterRasterLayer(**parts)
    if set(arg.datasets) == {"vector"} and (command.layer_of(arg.name) or arg.name == "aoi"):
        return QgsProcessingParameterFeatureSource(types=[Qgis.ProcessingSourceType.Vector], **parts)
    if "raster" in arg.datasets and command.layer_of(arg.name):
        return QgsProcessingParameterMapLayer(
            types=[Qgis.ProcessingSourceType.Raster, Qgis.ProcessingSourceType.Vector], **parts)
    return QgsProcessingParameterFile(fileFilter=_any_file(), **parts)  # of several layers, all of which matter


def _destination(arg):
    parts = {"name": arg.key, "description": tr(arg.label), "optional": not arg.required, "createByDefault": True}
    if set(arg.datasets) == {"raster"}:
        return QgsProcessingParameterRasterDestination(**parts)
    if arg.datasets:
        return QgsProcessingParameterVectorDestination(type=Qgis.ProcessingSourceType.Vector, **parts)
    filters = [name for mark, name in ((".html", "HTML (*.html)"), (".md", "Markdown (*.md)"), (".csv", "CSV (*.csv)"),
                                       ("GeoPackage", "GeoPackage (*.gpkg)"), ("JSON", "JSON (*.json)"))
               if mark in arg.description]
    return QgsProcessingParameterFileDestination(fileFilter=";;".join(filters + [_any_file()]), **parts)


def _number(arg):
    kind = Qgis.ProcessingNumberParameterType
    number = QgsProcessingParameterNumber(
        arg.key, tr(arg.label), kind.Integer if arg.base_type == "integer" else kind.Double, arg.default,
        _optional(arg))
    if arg.minimum is not None:
        number.setMinimum(arg.minimum)
    if arg.maximum is not None:
        number.setMaximum(arg.maximum)
    return number


def _length(arg):
    value, unit = arg.split_length()
    kind = Qgis.ProcessingNumberParameterType.Double
    number = QgsProcessingParameterNumber(arg.key, tr(arg.label), kind, value, _optional(arg), 0)
    units = QgsProcessingParameterEnum(f"{arg.key}_UNIT", tr("{name}: unit").format(name=tr(arg.label)), list(UNITS),
                                       False, unit, False, True)
    return [number, units]


def _file(arg, optional):
    if arg.is_list:
        return QgsProcessingParameterMultipleLayers(arg.key, tr(arg.label), Qgis.ProcessingSourceType.File,
                                                    optional=optional)
    behavior = Qgis.ProcessingFileParameterBehavior
    behavior = behavior.Folder if "FOLDER" in arg.metavar else behavior.File
    return QgsProcessingParameterFile(arg.key, tr(arg.label), behavior, optional=optional, fileFilter=_any_file())


def _optional(arg):
    """Whether a dialog may leave it empty: what has a default always has a value."""
    return not arg.required and arg.default is None


def _value(arg, command):
    optional = _optional(arg)
    if arg.datasets:
        return _dataset(arg, command)
    if arg.base_type == "boolean":
        return QgsProcessingParameterBoolean(arg.key, tr(arg.label), bool(arg.default), optional)
    if arg.choices:
        return QgsProcessingParameterEnum(arg.key, tr(arg.label), list(arg.choices), arg.is_list, arg.default, optional,
                                          True)
    if arg.role == "band" and arg.parent.upper().replace("-", "_"):
        return QgsProcessingParameterBand(arg.key, tr(arg.label), arg.default, arg.parent.upper().replace("-", "_"),
                                          optional, arg.is_list)
    if arg.role == "field" and command.layer_of(arg.parent):
        return QgsProcessingParameterField(arg.key, tr(arg.label), arg.default, arg.parent.upper().replace("-", "_"),
                                           allowMultiple=arg.is_list, optional=optional)
    if arg.role == "crs":
        return QgsProcessingParameterCrs(arg.key, tr(arg.label), arg.default, optional)
    if arg.base_type in ("integer", "real") and not arg.is_list:
        return _number(arg)
    if arg.role == "file":
        return _file(arg, optional)
    return QgsProcessingParameterString(arg.key, tr(arg.label), arg.default, False, optional)


def help_text(arg):
    """What --help says of the argument, and how several values are written in a text."""
    text = tr(arg.description)
    if arg.is_list and not arg.choices and arg.role not in ("band", "field", "file"):
        text += " " + (tr("(several: separated by commas)") if arg.packed else tr("(several: separated by |)"))
    return text


def shown(command):
    """Arguments that become parameters, in the order of the table, outputs last."""
    return sorted((arg for arg in command.arguments if not command.hidden(arg)), key=lambda one: one.output)


def parameters(command):
    """Parameters of the command."""
    made = []
    for arg in shown(command):
        if arg.output:
            group = [_destination(arg)]
        else:
            group = _length(arg) if arg.has_unit else [_value(arg, command)]
        for parameter in group:
            parameter.setHelp(help_text(arg))
            # Options of files and formats are the layer's business; they stay reachable.
            if arg.advanced or arg.name in ("creation-option", "layer-creation-option", "num-threads"):
                parameter.setFlags(parameter.flags() | Qgis.ProcessingParameterFlag.Advanced)
            made.append(parameter)
    return made
