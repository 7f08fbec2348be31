"""gdal selo in QGIS: semantic localization maps, made and scored from the Processing toolbox."""


def classFactory(iface):  # pylint: disable=invalid-name
    """What QGIS calls to make the plugin. `iface` is None without a window (qgis_process)."""
    from .plugin import SeloPlugin  # pylint: disable=import-outside-toplevel
    return SeloPlugin(iface)
