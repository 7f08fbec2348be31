"""Finds `gdal selo` in the GDAL that this QGIS runs with, and says what to do where it is not there."""

import ctypes
import os
import sys
from pathlib import Path

from osgeo import gdal
from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QCoreApplication

from . import usage

SETTING = "GDAL_SELO_PLUGIN"  # of Processing
SNAPSHOT = Path(__file__).with_name("commands.json")  # made with the zip: what is listed where GDAL has no `selo`
FILE_NAME = f"gdal_SELO.{'dll' if sys.platform == 'win32' else 'so'}"  # CMake calls a module .so on macOS, too
NEEDED = 3130000  # GDAL's own way to write 3.13.0


def tr(text):
    """Translated text."""
    return QCoreApplication.translate("gdal_selo", text)


class Collected:
    """Error handler that keeps what GDAL says in this thread."""

    def __init__(self):
        self.messages = []

    def __call__(self, kind, number, message):
        self.messages.append((kind, message))

    def __enter__(self):
        gdal.PushErrorHandler(self)
        return self

    def __exit__(self, *_):
        gdal.PopErrorHandler()

    def texts(self):
        """Warnings and errors, in order."""
        return [message for kind, message in self.messages if kind >= gdal.CE_Warning]


def is_too_old():
    """Whether this GDAL cannot have `gdal selo`, nor perhaps the functions that are used here."""
    return int(gdal.VersionInfo("VERSION_NUM")) < NEEDED


def algorithm(*path):
    """The GDAL algorithm `gdal selo PATH`, or None."""
    if is_too_old():
        return None
    with gdal.ExceptionMgr(useExceptions=False), Collected():
        node = gdal.GetGlobalAlgorithmRegistry().InstantiateAlg("selo")
        for name in path:
            node = node.InstantiateSubAlgorithm(name) if node else None
    return node


def setting():
    """Folder or file that the user set, or an empty text."""
    return str(QgsSettings().value(f"Processing/Configuration/{SETTING}", "") or "").strip()


def candidates():
    """Files that may be the plugin: the setting's, those of GDAL_DRIVER_PATH, those beside QGIS's own GDAL."""
    places = [setting()] + (gdal.GetConfigOption("GDAL_DRIVER_PATH") or "").split(os.pathsep)
    places += [str(Path(sys.prefix) / "lib" / "gdalplugins"), str(Path(sys.prefix) / "Library" / "lib" / "gdalplugins")]
    seen = []
    for place in filter(None, places):
        path = Path(place)
        path = path / FILE_NAME if path.is_dir() else path
        if path not in seen and (place == setting() or path.name == FILE_NAME or path.is_file()):
            seen.append(path)
    return seen


def load(path):
    """Loads a plugin file into this process's GDAL. Returns None, or why it did not work."""
    if not path.exists():
        return tr("{path} is not there").format(path=path)
    with Collected() as said:
        try:
            register = ctypes.CDLL(str(path)).GDALRegister_SELO
            register.restype = None
            register()
        except (OSError, AttributeError) as error:
            return tr("{path} cannot be loaded: {error}").format(path=path, error=error)
    if algorithm() is not None:
        return None
    if said.texts():
        return f"{path}: {' '.join(said.texts())}"
    return tr("{path} was loaded, but speaks to another GDAL than the {version} of this QGIS").format(
        path=path, version=gdal.VersionInfo("RELEASE_NAME"))


def problem():
    """None where `gdal selo` can run in this process, else one text that says why not and what to do."""
    if algorithm() is not None:
        return None
    if is_too_old():
        return tr("The GDAL {version} of this QGIS is too old: `gdal selo` needs GDAL 3.13 or newer. Install a QGIS "
                  "that comes with it (Help > About says which GDAL runs), or use the command line.").format(
                      version=gdal.VersionInfo("RELEASE_NAME"))
    reasons = []
    for path in candidates():
        reason = load(path)
        if reason is None:
            return None
        reasons.append(reason)
    advice = tr("Build or install the plugin {name} for GDAL {version}, then name its folder in GDAL_DRIVER_PATH or in "
                "Settings > Options > Processing > Providers > SeLo.").format(
                    name=FILE_NAME, version=gdal.VersionInfo("RELEASE_NAME"))
    why = [reason.rstrip(".") + "." for reason in reasons]
    return " ".join([tr("GDAL has no command `gdal selo` here."), *why, advice])


def commands():
    """The commands of the GDAL that runs, or those that were there when the zip was made."""
    if problem() is None:
        return usage.parse(algorithm().GetUsageAsJSON())
    return usage.parse(SNAPSHOT.read_text(encoding="utf-8")) if SNAPSHOT.exists() else []


def command(name):
    """The command of that name in the GDAL that runs, or None."""
    return next((one for one in commands() if one.name == name), None)
