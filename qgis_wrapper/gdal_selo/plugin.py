"""The plugin: registers the Processing provider and nothing else, so that it works without a window."""

from pathlib import Path

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QCoreApplication, QLocale, QSettings, QTranslator

from .provider import SeloProvider


class SeloPlugin:
    """Starts and stops the provider."""

    def __init__(self, iface):
        self.iface = iface
        self.provider = None
        self.translator = None

    def initProcessing(self):
        """Called by qgis_process, and by initGui()."""
        locale = QSettings().value("locale/userLocale", QLocale().name()) or "en"
        translation = Path(__file__).parent / "i18n" / f"gdal_selo_{str(locale)[:2]}.qm"
        if translation.exists():
            self.translator = QTranslator()
            self.translator.load(str(translation))
            QCoreApplication.installTranslator(self.translator)
        self.provider = SeloProvider()
        QgsApplication.processingRegistry().addProvider(self.provider)

    def initGui(self):
        """Called by QGIS with a window."""
        self.initProcessing()

    def unload(self):
        """Called when the plugin is switched off."""
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        if self.translator is not None:
            QCoreApplication.removeTranslator(self.translator)
            self.translator = None
