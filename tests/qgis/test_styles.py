"""QGIS finds the styles in a GeoPackage of results and draws every layer with them."""

import os
import sys
import tempfile
from pathlib import Path

from support.selo import SKIPPED, evaluate

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
try:
    from qgis.core import (QgsApplication, QgsMapRendererSequentialJob, QgsMapSettings, QgsVectorLayer)
    from qgis.PyQt.QtCore import QSize
    from qgis.PyQt.QtGui import QColor
except ImportError:
    print("skipped: QGIS for Python is not here (package python3-qgis)")
    sys.exit(SKIPPED)

import numpy  # noqa: E402
from osgeo import gdal, osr  # noqa: E402

gdal.UseExceptions()

# The colour that tells each layer's symbols from the others: red, green, blue, and how far they may be off.
COLOURS = {"selo_sample": (90, 90, 90), "selo_region": (0, 130, 70), "selo_circle": (0, 130, 70),
           "selo_cand": (255, 212, 0), "selo_shift": (30, 80, 200)}


def make_results(folder, crs):
    """Scores a map with one bright spot beside the middle of a square region; with or without georeference."""
    rows, columns = numpy.mgrid[0:300, 0:400]
    values = (250 * numpy.exp(-((columns - 170) ** 2 + (rows - 130) ** 2) / 5000)).astype("uint8")
    dataset = gdal.GetDriverByName("GTiff").Create(str(folder / "map.tif"), 400, 300)
    dataset.GetRasterBand(1).WriteArray(values)
    place = (lambda x, y: (290000 + 2 * x, 9120000 - 2 * y)) if crs else (lambda x, y: (x, y))
    if crs:
        dataset.SetGeoTransform([290000, 2, 0, 9120000, 0, -2])
        system = osr.SpatialReference()
        system.ImportFromEPSG(32725)
        dataset.SetProjection(system.ExportToWkt())
    dataset = None
    corners = [place(*at) for at in [(110, 110), (190, 110), (190, 190), (110, 190), (110, 110)]]
    truth = folder / "truth.csv"
    truth.write_text("WKT\n\"POLYGON((" + ",".join(f"{x} {y}" for x, y in corners) + "))\"\n")
    options = ["--truth-crs", "EPSG:32725"] if crs else []
    evaluate(folder / "map.tif", truth, folder / "out.gpkg", "--query", "a bright spot", *options)
    return folder / "out.gpkg"


def pixels_of(layer, colour):
    """How many pixels of a picture of this layer alone have the colour."""
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    extent = layer.extent()
    extent.grow(max(extent.width(), extent.height(), 10) * 0.2)
    settings.setExtent(extent)
    settings.setOutputSize(QSize(400, 400))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererSequentialJob(settings)
    job.start()
    job.waitForFinished()
    assert not job.errors(), [error.message for error in job.errors()]
    image = job.renderedImage()
    found = 0
    for y in range(image.height()):
        for x in range(image.width()):
            at = image.pixelColor(x, y)
            found += max(abs(at.red() - colour[0]), abs(at.green() - colour[1]), abs(at.blue() - colour[2])) <= 12
    return found


def check(folder, crs):
    """Each layer loads its own style by itself and shows its colour."""
    path = make_results(folder, crs)
    for name, colour in COLOURS.items():
        layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
        assert layer.isValid(), name
        assert layer.crs().isValid() == crs, f"{name}: CRS {layer.crs().description()!r}"
        message, loaded = layer.loadDefaultStyle()
        assert loaded, f"{name}: {message}"
        assert layer.labelsEnabled() == (name in ("selo_sample", "selo_cand")), name
        assert layer.renderer().type() == ("RuleRenderer" if name == "selo_shift" else "singleSymbol"), name
        found = pixels_of(layer, colour)
        assert found > 20, f"{name}: {found} pixels of {colour}"
        print(f"{name}: {found} pixels of its colour")


def main():
    application = QgsApplication([], False)
    application.initQgis()
    for crs in (True, False):
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder), crs)
    application.exitQgis()


main()
