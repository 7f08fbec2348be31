"""The demo's real scene: a Landsat 7 image of Olinda, a map a query, the truth that the repository holds."""

import subprocess
import sys
from pathlib import Path

from support.selo import SKIPPED, SOURCE, gdal

BANDS = "blue=1,green=2,red=3,nir=4,swir1=5,swir2=6"
QUERIES = {"sea": "sea water along the coast", "forest": "dense green forest"}
SCORED = ("--profile", "ground", "--smoothing", "150m", "--separation", "1000m")  # as scripts/demo scores
TRUTH = SOURCE / "docs" / "demo" / "olinda.geojson"


def image():
    """The scene's file; ends the test as skipped where it is neither here nor to be fetched."""
    done = subprocess.run([SOURCE / "scripts" / "demo-data"], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        print(f"skipped: no scene: {done.stderr.strip()}")
        sys.exit(SKIPPED)
    return Path(done.stdout.strip()) / "L7_ETMs.tif"


def make(folder):
    """scene.tif (red, green, blue), a map per query, truth.gpkg."""
    scene = image()
    gdal("raster", "select", "-q", "--band", "3,2,1", scene, folder / "scene.tif")
    for name, query in QUERIES.items():
        gdal("selo", "localize", "-q", scene, folder / f"{name}.tif", "--model", "spectral", "--bands", BANDS, "--query", query,
             "--scales", "500m", "--smoothing", "gaussian", "--smoothing-size", "500m")
    gdal("vector", "convert", "-q", TRUTH, folder / "truth.gpkg", "--output-layer", "truth")
    return folder
