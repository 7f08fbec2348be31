"""The Processing provider: an algorithm per command of `gdal selo`."""

from pathlib import Path

from processing.core.ProcessingConfig import ProcessingConfig, Setting
from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from . import gdal_plugin
from .algorithm import SeloAlgorithm

ICON = Path(__file__).with_name("icon.svg")


class SeloProvider(QgsProcessingProvider):
    """Asks GDAL for the commands whenever Processing asks for the algorithms."""

    def id(self):
        """Part of the id of each algorithm: never changes."""
        return "gdal_selo"

    def name(self):
        """Name in the toolbox."""
        return "SeLo"

    def longName(self):
        """Name where there is room."""
        return gdal_plugin.tr("SeLo (semantic localization with GDAL)")

    def icon(self):
        """Picture in the toolbox."""
        return QIcon(str(ICON))

    def svgIconPath(self):
        """The same, for pages of help."""
        return str(ICON)

    def load(self):
        """Adds the setting and lists the algorithms."""
        ProcessingConfig.addSetting(Setting(
            self.name(), gdal_plugin.SETTING,
            gdal_plugin.tr("Folder of the GDAL plugin (empty: where GDAL looks itself)"),
            "", valuetype=Setting.FOLDER))
        ProcessingConfig.readSettings()
        self.refreshAlgorithms()
        return True

    def unload(self):
        """Takes the setting away again."""
        ProcessingConfig.removeSetting(gdal_plugin.SETTING)

    def warningMessage(self):
        """Shown in Processing's options."""
        return gdal_plugin.problem() or ""

    def supportedOutputVectorLayerExtensions(self):
        """GeoPackage first: it holds all result layers, with their styles."""
        return ["gpkg", "fgb", "geojson", "shp", "csv", "sqlite", "gdb", "gml", "parquet"]

    def isSupportedOutputValue(self, value, parameter, context):  # pylint: disable=arguments-renamed
        """A fused mask is a raster, though its parameter is one of vector layers; a VRT file is no other raster."""
        algorithm = parameter.algorithm()
        output = algorithm.command.output if isinstance(algorithm, SeloAlgorithm) else None
        target = getattr(value, "sink", None)
        path = str(target.staticValue() if target is not None else value)
        if output is not None and output.key == parameter.name():
            extension = Path(path).suffix[1:].lower()
            if output.role == "new-vrt" and extension not in ("", "vrt"):
                return False, gdal_plugin.tr("{name}: is a VRT file: give it a name that ends with .vrt").format(
                    name=output.key)
            if len(output.datasets) > 1 and extension in self.supportedOutputRasterLayerExtensions():
                return True, ""
        return super().isSupportedOutputValue(value, parameter, context)

    def defaultVectorFileExtension(self, hasGeometry=True):  # pylint: disable=unused-argument
        """GeoPackage, whatever the user's setting."""
        return "gpkg"

    def defaultRasterFileExtension(self):
        """GeoTIFF."""
        return "tif"

    def supportsNonFileBasedOutput(self):
        """Results are files: a database is reached with a file name that GDAL understands."""
        return False

    def loadAlgorithms(self):
        """Called by refreshAlgorithms()."""
        for command in gdal_plugin.commands():
            self.addAlgorithm(SeloAlgorithm(command))
