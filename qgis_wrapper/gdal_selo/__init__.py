"""gdal selo in QGIS: semantic localization maps, made and scored from the Processing toolbox."""


def _register_quietly():
    """Lets osgeo.gdal_array register GDAL's plugins while errors are no exceptions: it does so on its first import, and
    one broken plugin file would otherwise keep all of Processing, and this plugin's advice, from loading."""
    from osgeo import gdal  # pylint: disable=import-outside-toplevel
    if not hasattr(gdal, "ExceptionMgr") or not hasattr(gdal, "quiet_errors"):
        return  # a GDAL that is too old, and cannot have the plugin
    with gdal.ExceptionMgr(useExceptions=False), gdal.quiet_errors():
        try:
            from osgeo import gdal_array  # noqa: F401 pylint: disable=import-outside-toplevel,unused-import
        except ImportError:  # no NumPy: nothing to register twice
            pass


def classFactory(iface):
    """What QGIS calls to make the plugin. `iface` is None without a window (qgis_process)."""
    _register_quietly()
    from .plugin import SeloPlugin  # pylint: disable=import-outside-toplevel
    return SeloPlugin(iface)
