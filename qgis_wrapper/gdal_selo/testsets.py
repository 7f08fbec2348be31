"""A test set is two layers of a file: QGIS shows one of them, and the commands need both."""

from functools import partial

from osgeo import gdal, ogr
from qgis.core import QgsProcessingException

from . import sources
from .gdal_plugin import tr
from .usage import TESTSET


def source(layer, features, narrowed):
    """The test set that a layer is one of the two layers of, or None; with those samples alone that the layer shows:
    `narrowed` says that `features` holds fewer (selected ones, a filter)."""
    if layer is None or layer.providerType() != "ogr":
        return None
    path, parts, options = sources.named(layer, "ogr")
    table = sources.table(layer, parts, False)
    if table not in TESTSET:
        return None
    if not (narrowed or layer.isEditable() or layer.subsetString().strip()):
        return sources.Source(name=path, open_options=options)
    return sources.Source(name=layer.name(), is_part=True, make=partial(
        _copy, (layer.name(), features, layer.dataProvider().crs()), path, table))


def _copy(what, path, table, feedback):
    name, features, crs = what  # the file's: without one it is in pixels, whatever QGIS shows it in
    made = gdal.GetDriverByName("MEM").Create(name, 0, 0, 0, gdal.GDT_Unknown)
    sources.copy_features(made, table, features, crs, feedback)
    opened = gdal.OpenEx(path, gdal.OF_VECTOR)
    other = opened.GetLayerByName((TESTSET - {table}).pop()) if opened else None
    if other is None:
        raise QgsProcessingException(tr("{path}: is no whole test set: it has {table} alone").format(
            path=path, table=table))
    shown = made.GetLayerByName(table)
    samples = {feature["sample_id"] for feature in shown}
    shown.ResetReading()
    target = made.CreateLayer(other.GetName(), other.GetSpatialRef(), other.GetGeomType())
    definition = other.GetLayerDefn()
    for index in range(definition.GetFieldCount()):
        target.CreateField(definition.GetFieldDefn(index))
    for feature in other:
        if feature["sample_id"] in samples:
            copy = ogr.Feature(target.GetLayerDefn())
            copy.SetFrom(feature)
            target.CreateFeature(copy)
    return made


def check(values):
    """Refuses names by number where there are not all samples: a number is that of a sample in the whole test set."""
    if not any(isinstance(value, sources.Source) and value.is_part for value in values.values()):
        return
    for name, value in values.items():
        texts = value if isinstance(value, list) else [value]
        if any("{index" in text for text in texts if isinstance(text, str)):
            raise QgsProcessingException(
                tr("{name}: {{index}} is the number of a sample in the whole test set, of which the layer shows a part:"
                   " show all of it, or use {{sample_id}} or another field").format(
                       name=name.upper().replace("-", "_")))
