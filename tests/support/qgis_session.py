"""What the QGIS tests share: the packaged plugin, a fresh profile, qgis_process, QGIS in this process."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support.selo import BUILD, SKIPPED, SOURCE


def need(*programs, modules=()):
    """Ends the test as skipped where a program or Python module is not there."""
    for program in programs:
        if shutil.which(program) is None:
            print(f"skipped: {program} is not here (Debian packages qgis, python3-qgis, flake8, pylint)")
            sys.exit(SKIPPED)
    for module in modules:
        if importlib.util.find_spec(module) is None:
            print(f"skipped: the Python module {module} is not here")
            sys.exit(SKIPPED)


class Session:
    """A fresh profile with the packaged plugin; a context manager."""

    def __init__(self):
        self.held = tempfile.TemporaryDirectory(prefix="selo qgis é ")
        self.folder = Path(self.held.name)
        (self.folder / "home").mkdir(mode=0o700)
        self.env = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(self.folder / "home"),
                    "XDG_RUNTIME_DIR": str(self.folder / "home"), "QGIS_CUSTOM_CONFIG_PATH": str(self.folder / "profile"),
                    "QGIS_PLUGINPATH": str(self.folder / "plugins"), "GDAL_DRIVER_PATH": str(BUILD / "gdal_plugin")}
        subprocess.run([sys.executable, SOURCE / "qgis_wrapper" / "package.py", self.folder / "plugins", "--zip",
                        self.folder / "gdal_selo.zip"], check=True, env=self.env, stdout=subprocess.DEVNULL)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.held.cleanup()

    def process(self, *arguments, env=None, stdin=None):
        """Runs qgis_process."""
        return subprocess.run(["qgis_process", *map(str, arguments)], capture_output=True, text=True, input=stdin,
                              env={**self.env, **(env or {})}, timeout=300)

    def run(self, algorithm, env=None, **inputs):
        """Runs an algorithm with inputs as JSON; returns the answer of qgis_process."""
        done = self.process("run", algorithm, "-", env=env, stdin=json.dumps({"inputs": inputs}))
        assert done.returncode == 0, done.stderr + done.stdout[-2000:]
        return json.loads(done.stdout)

    def start(self):
        """QGIS in this process, with the plugin; returns (application, provider)."""
        os.environ.update(self.env)
        sys.path[:0] = ["/usr/share/qgis/python", "/usr/share/qgis/python/plugins", str(self.folder / "plugins")]
        from qgis.core import QgsApplication
        application = QgsApplication([], False)
        application.initQgis()
        from processing.core.Processing import Processing
        Processing.initialize()
        from gdal_selo.provider import SeloProvider
        provider = SeloProvider()
        assert QgsApplication.processingRegistry().addProvider(provider)
        return application, provider


def make_map(path, size=120, step=30.0, bumps=((40, 50), (80, 70))):
    """A SeLo map in UTM 25S with one peak a bump, and what GDAL calls its origin."""
    import math
    from osgeo import gdal, osr
    gdal.UseExceptions()
    made = gdal.GetDriverByName("GTiff").Create(str(path), size, size, 1, gdal.GDT_Float32)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(31985)
    made.SetSpatialRef(crs)
    made.SetGeoTransform((290000, step, 0, 9120000, 0, -step))
    import array
    for y in range(size):
        row = array.array("f", (max(math.exp(-((x - bx) ** 2 + (y - by) ** 2) / 60) for bx, by in bumps) for x in range(size)))
        made.GetRasterBand(1).WriteRaster(0, y, size, 1, row.tobytes())
    made = None
    return path


def ring(x, y, half, step=30.0):
    """WKT of a square around a pixel of make_map()."""
    left, top = 290000 + (x - half) * step, 9120000 - (y - half) * step
    right, bottom = left + 2 * half * step, top - 2 * half * step
    return f"POLYGON(({left} {top},{right} {top},{right} {bottom},{left} {bottom},{left} {top}))"
