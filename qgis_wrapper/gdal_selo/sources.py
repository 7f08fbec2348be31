"""Layers of QGIS as datasets of GDAL: by name where GDAL reads what QGIS shows, else as a dataset in memory."""

from dataclasses import dataclass, field
from functools import partial, reduce

from osgeo import gdal, ogr, osr
from qgis.core import (
    Qgis, QgsCoordinateReferenceSystem, QgsDataProvider, QgsProcessingException, QgsProviderRegistry,
    QgsRasterBlockFeedback, QgsRectangle)
from qgis.PyQt.QtCore import QByteArray, QDate, QDateTime, QMetaType, Qt, QTime

from . import nodata
from .gdal_plugin import tr

BLOCK = 1024  # pixels a side, of rasters that only QGIS can read


@dataclass
class Source:
    """What a dataset argument gets: a name and what other arguments say of it, or a dataset that `make` makes."""

    name: str = ""
    layer: str = ""
    where: str = ""
    open_options: list = field(default_factory=list)
    crs: str = ""         # the layer's, where the user set another than the data's
    is_raster: bool = False
    is_part: bool = False  # a test set without some of its samples
    band: int = 0         # of a raster: the one that the layer shows, see _shown_band()
    make: object = None   # makes the dataset; called with the feedback in the thread of the run
    made: object = None   # the dataset, kept as long as GDAL reads it

    def __str__(self):
        return self.name

    @property
    def in_memory(self):
        """Whether GDAL gets a dataset and no name."""
        return self.make is not None


def crs_text(crs):
    """A CRS as GDAL reads it; the names of a user's own CRSs are QGIS's alone."""
    name = crs.authid()
    return name if name and not name.upper().startswith("USER:") else crs.toWkt(Qgis.CrsWktVariant.Preferred)


def _set_crs(layer):
    provider = layer.dataProvider()
    return crs_text(layer.crs()) if layer.crs().isValid() and layer.crs() != provider.crs() else ""


def named(layer, key):
    """The layer as GDAL opens it."""
    parts = QgsProviderRegistry.instance().decodeUri(key, layer.source())
    name = parts.get("path") or layer.source()
    if parts.get("vsiPrefix") and not str(name).startswith("/vsi"):
        name = f"{parts['vsiPrefix']}{name}{parts.get('vsiSuffix', '')}"
    if key == "gdal" and parts.get("layerName"):
        name = layer.source().split("|")[0]
        if not name.upper().startswith("GPKG:"):
            name = f'GPKG:{name}:{parts["layerName"]}' if name.lower().endswith(".gpkg") else name
    options = parts.get("openOptions") or []
    return name, parts, [options] if isinstance(options, str) else list(options)


def raster(layer, can_say):
    """A raster layer; `can_say`: what the command can be told of it, see usage.Command.can_say()."""
    key, crs, band = layer.providerType(), _set_crs(layer), _shown_band(layer)
    if key != "gdal":
        return Source(name=layer.name(), is_raster=True, band=band, make=partial(_copy_raster, _pixels(layer)))
    name, _, options = named(layer, key)
    gaps = nodata.of_layer(layer.dataProvider())
    if gaps or (options and "options" not in can_say) or (crs and "crs" not in can_say):
        return Source(name=name, is_raster=True, band=band, make=partial(_view, name, options, crs, gaps))
    return Source(name=name, open_options=options, crs=crs, is_raster=True, band=band)


def _shown_band(layer):
    """The one of several bands that the user chose to see, or 0. A band with a description is chosen by that."""
    bands, renderer = range(1, layer.bandCount() + 1), layer.renderer()
    if len(bands) < 2 or renderer is None or any(layer.dataProvider().bandDescription(band) for band in bands):
        return 0
    return max(renderer.inputBand(), 0)  # -1: several


def _pixels(layer):
    provider = layer.dataProvider()
    if provider.xSize() <= 0 or provider.ySize() <= 0:
        raise QgsProcessingException(
            tr("layer '{name}' ({key}) has no pixels of its own: export it to a file").format(
                name=layer.name(), key=layer.providerType()))
    return layer.name(), provider.clone(), layer.crs(), nodata.of_layer(provider)  # which not every clone knows


def _readable(layer, can_say, is_file):
    """Whether GDAL, opening the layer by name, sees the features that QGIS shows."""
    if layer.providerType() != "ogr" or layer.isEditable() or layer.vectorJoins():
        return False
    _, parts, options = named(layer, "ogr")
    subset = layer.subsetString().strip().lower()
    asked = {"where": subset, "options": options, "crs": _set_crs(layer),
             "layer": layer.dataProvider().subLayerCount() > 1 and (parts.get("layerName") or not is_file),
             "geometry type": parts.get("geometryType")}
    return not subset.startswith("select ") and layer.fields().count() == layer.dataProvider().fields().count() \
        and not [what for what, value in asked.items() if value and what not in can_say]


def table(layer, parts, is_file):
    """The layer's name in its file: the source says it, or it is the one that QGIS shows of several."""
    if parts.get("layerName") or is_file or layer.dataProvider().subLayerCount() < 2:
        return parts.get("layerName") or ""
    below = [one.split(QgsDataProvider.sublayerSeparator()) for one in layer.dataProvider().subLayers()]
    return next((name for number, name, *_ in below if number == str(parts.get("layerId") or 0)), "")


def vector(layer, features, can_say, *, narrowed=False, is_file=False):
    """A vector layer; `features`: its feature source, `narrowed`: which holds fewer (selected ones, a filter),
    `is_file`: the user named a file; which of its layers is meant is the command's to judge."""
    if narrowed or layer is None or not _readable(layer, can_say, is_file):
        name = layer.name() if layer is not None else features.sourceName()
        return Source(name=name, make=partial(_copy_features, (name, features)))
    name, parts, options = named(layer, "ogr")
    return Source(name=name, layer=table(layer, parts, is_file) if "layer" in can_say else "",
                  where=layer.subsetString(), open_options=options, crs=_set_crs(layer))


def _reference(crs):
    if not isinstance(crs, QgsCoordinateReferenceSystem) or not crs.isValid():
        return None
    reference = osr.SpatialReference()
    reference.ImportFromWkt(crs.toWkt(Qgis.CrsWktVariant.Preferred))
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def _field(shown):
    """A field of QGIS as one of GDAL. By its type: the type's name is the provider's, and empty in virtual layers."""
    kind = QMetaType.Type
    made = ogr.FieldDefn(shown.name(), {kind.Double: ogr.OFTReal, kind.Float: ogr.OFTReal, kind.Bool: ogr.OFTInteger,
                                        kind.QByteArray: ogr.OFTBinary}.get(
                                            shown.type(), ogr.OFTInteger64 if shown.isNumeric() else ogr.OFTString))
    if shown.type() == kind.Bool:
        made.SetSubType(ogr.OFSTBoolean)
    return made


def _plain(value):
    """A value of an attribute as GDAL takes it; None: null."""
    if isinstance(value, (QDate, QDateTime, QTime)):
        return value.toString(Qt.DateFormat.ISODate) if value.isValid() else None
    if isinstance(value, QByteArray):
        return None if value.isNull() else bytes(value)
    if isinstance(value, (bool, int)):
        return int(value)
    if isinstance(value, (float, str)):
        return value
    return None if value is None or (hasattr(value, "isNull") and value.isNull()) else str(value)


def _view(name, options, crs, gaps, feedback):
    """A raster file as GDAL opens it with options, with another CRS, without some values; nothing is copied."""
    opened = gdal.OpenEx(name, gdal.OF_RASTER, open_options=options)
    if opened is None:
        raise QgsProcessingException(f"{name}: {gdal.GetLastErrorMsg()}")
    made = gdal.Translate("", opened, format="VRT", outputSRS=crs or None)
    if made is not None and gaps:
        feedback.pushInfo(tr("{name}: NoData as in the layer's properties, which the command line cannot say").format(
            name=name))
        made = nodata.without(made, gaps)
    if made is None:
        raise QgsProcessingException(f"{name}: {gdal.GetLastErrorMsg()}")
    return made


def _copy_features(what, feedback):
    name, features = what
    made = gdal.GetDriverByName("MEM").Create(name, 0, 0, 0, gdal.GDT_Unknown)
    copy_features(made, name, features, features.sourceCrs(), feedback)
    return made


def copy_features(made, name, features, crs, feedback):
    """Adds a layer with the features to a dataset."""
    has_geometry = features.wkbType() != Qgis.WkbType.NoGeometry
    layer = made.CreateLayer(name, _reference(crs),
                             ogr.wkbUnknown if has_geometry else ogr.wkbNone)
    for one in features.fields():
        layer.CreateField(_field(one))
    definition = layer.GetLayerDefn()
    for feature in features.getFeatures():
        if feedback.isCanceled():
            break
        copy = ogr.Feature(definition)
        for index, value in enumerate(feature.attributes()):
            value = _plain(value)
            if value is not None:
                copy.SetField(index, value)
        if feature.hasGeometry():
            copy.SetGeometryDirectly(ogr.CreateGeometryFromWkb(bytes(feature.geometry().asWkb())))
        layer.CreateFeature(copy)


def _kind(provider, band):
    kind = provider.dataType(band)
    return int(getattr(kind, "value", kind))  # QGIS and GDAL number them alike


def _blocks(provider):
    """(x, y, width, height, extent) of the blocks of a raster."""
    extent = provider.extent()
    x_step, y_step = extent.width() / provider.xSize(), extent.height() / provider.ySize()
    for y in range(0, provider.ySize(), BLOCK):
        for x in range(0, provider.xSize(), BLOCK):
            n_x, n_y = min(BLOCK, provider.xSize() - x), min(BLOCK, provider.ySize() - y)
            yield x, y, n_x, n_y, QgsRectangle(
                extent.xMinimum() + x * x_step, extent.yMaximum() - (y + n_y) * y_step,
                extent.xMinimum() + (x + n_x) * x_step, extent.yMaximum() - y * y_step)


def _copy_band(provider, band, target, gaps, feedback):
    """Copies the pixels of a band; `gaps`: what nodata.of_layer() says of it."""
    kind = _kind(provider, band)
    ranges, own = gaps
    none = provider.sourceNoDataValue(band) if own and provider.sourceHasNoDataValue(band) else None
    if none is None:
        none = nodata.value_of(nodata.ranges_of(ranges, kind), kind)
    if none is not None:
        target.SetNoDataValue(none)
    for x, y, n_x, n_y, place in _blocks(provider):
        if feedback.isCanceled():
            return
        block = provider.block(band, place, n_x, n_y, QgsRasterBlockFeedback())
        if ranges and none is not None:
            block.setNoDataValue(none)
            block.applyNoDataValues(ranges)
        target.WriteRaster(x, y, n_x, n_y, bytes(block.data()), n_x, n_y, kind)


def _copy_raster(what, feedback):
    name, provider, crs, gaps = what
    bands = range(1, provider.bandCount() + 1)
    kind = reduce(gdal.DataTypeUnion, [_kind(provider, band) for band in bands])
    extent, width, height = provider.extent(), provider.xSize(), provider.ySize()
    made = gdal.GetDriverByName("MEM").Create(name, width, height, len(bands), kind)
    if made is None:
        raise QgsProcessingException(tr("layer '{name}' cannot be copied into memory").format(name=name))
    made.SetGeoTransform((extent.xMinimum(), extent.width() / width, 0,
                          extent.yMaximum(), 0, -extent.height() / height))
    made.SetSpatialRef(_reference(crs))
    for band in bands:
        _copy_band(provider, band, made.GetRasterBand(band), gaps.get(band, ([], True)), feedback)
    return made


def dataset(source, feedback):
    """The source as a dataset in memory; the caller keeps the source as long as GDAL reads it."""
    if source.made is None:
        with gdal.ExceptionMgr(useExceptions=False):
            source.made = source.make(feedback)
    return source.made
