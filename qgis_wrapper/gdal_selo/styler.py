"""How layers of results look: their styles, and a layer per band of a map of several queries."""

from pathlib import Path

from qgis.core import Qgis, QgsProcessingLayerPostProcessorInterface

STYLES = Path(__file__).with_name("styles")
BUILT_FROM = Path(__file__).parents[2] / "algorithms" / "io" / "styles"  # where the plugin is used from its source
NAMED, COPY = "gdal_selo/name", "gdal_selo/copy"  # properties of a layer: the name that it got here; one of a band


def style(name):
    """QML file of a layer, or None."""
    for folder in (STYLES, BUILT_FROM):
        path = folder / f"{name}.qml"
        if path.exists():
            return path
    return None


def renew(layer):
    """Lets a layer show what its file holds now."""
    layer.reload()
    if layer.type() == Qgis.LayerType.Vector:
        layer.updateExtents(True)


def _show_bands(layer, bands, project):
    """Lets a layer show a band of its file, and hidden copies below it the others: {band: name}. Those of an older run
    into the same file are used again, unless somebody gave them another name."""
    node = project.layerTreeRoot().findLayer(layer.id())
    if node is None or layer.renderer().inputBand() < 1:  # -1: somebody's style shows several
        return
    shown = {one.renderer().inputBand(): one for one in project.mapLayers().values()
             if one.type() == Qgis.LayerType.Raster and one.source() == layer.source() and one.id() != layer.id()}
    missing = [band for band in bands if band not in shown]
    if missing:
        layer.renderer().setInputBand(missing[0])
        _name(layer, bands[missing[0]])
    for band, one in shown.items():
        if one.name() == one.customProperty(NAMED) and band in bands:
            _name(one, bands[band])
        elif one.name() == one.customProperty(NAMED):
            project.removeMapLayer(one)
    for place, band in enumerate(missing[1:], node.parent().children().index(node) + 1):
        copy = layer.clone()
        copy.setCustomProperty(COPY, True)
        copy.renderer().setInputBand(band)
        _name(copy, bands[band])
        project.addMapLayer(copy, False)
        node.parent().insertLayer(place, copy).setItemVisibilityChecked(False)
    if not missing and layer.customProperty(COPY):  # of a band that is no more: QGIS takes any layer for the result
        project.removeMapLayer(layer)


def _name(layer, name):
    layer.setName(name)
    layer.setCustomProperty(NAMED, name)


class Styler(QgsProcessingLayerPostProcessorInterface):
    """Styles one layer after it was added. QGIS does not keep it: the class does, until it has run."""

    kept = set()

    def __init__(self, name, file=None, bands=None):
        super().__init__()
        self.name = name
        self.file = file
        self.bands = bands or {}
        Styler.kept.add(self)

    def postProcessLayer(self, layer, context, feedback):  # pylint: disable=unused-argument
        """Called by Processing in the main thread."""
        if layer is not None and layer.isValid():
            renew(layer)  # it may be one of an older run into the same file
            is_line = layer.type() == Qgis.LayerType.Vector and layer.geometryType() == Qgis.GeometryType.Line
            path = self.file or (style(f"{self.name}_line") if is_line else None) or style(self.name)
            if path is not None:
                # True: this file, and not what a GeoPackage holds.
                layer.loadNamedStyle(str(path), *([True] if layer.type() == Qgis.LayerType.Vector else []))
                layer.triggerRepaint()
            if self.bands and context.project() is not None:
                _show_bands(layer, self.bands, context.project())
        Styler.kept.discard(self)
