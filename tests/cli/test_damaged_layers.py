"""Layers that cannot be read to their end: no command goes on with the rows that it got. A page of a GeoPackage is overwritten, as a bad
disk or a copy that broke off leaves it, in the middle of a layer's rows: its driver says so and then has no more rows, as at the end."""

import json
import shutil
import sqlite3
import sys

import numpy as np
from osgeo import gdal as gdal_api
from osgeo import ogr

from support.selo import SKIPPED, fails, gdal, scratch

gdal_api.UseExceptions()
ogr.UseExceptions()
DAMAGE = "malformed"


def damage(path, table):
    with sqlite3.connect(path) as database:
        size = database.execute("PRAGMA page_size").fetchone()[0]
        try:
            pages = database.execute("SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path", (table,)).fetchall()
        except sqlite3.OperationalError as error:
            print(f"skipped: this SQLite does not say where a table's pages are: {error}")
            sys.exit(SKIPPED)
    database.close()
    assert len(pages) > 2, (path, table, pages)
    with open(path, "r+b") as file:
        file.seek((pages[len(pages) // 2][0] - 1) * size)
        file.write(b"\xff" * size)


def damaged(folder, name, table):
    path = folder / f"damaged_{name}"
    shutil.copy(folder / name, path)
    damage(path, table)
    return path


def refused(folder, path, layer, *command, out=None):
    """One line that names the file and the layer, and no output."""
    output = [folder / f"out.{out}"] if out else []
    fails([path.name, f"layer '{layer}'", DAMAGE], "selo", *command, *output)
    assert not list(folder.glob("out.*")), list(folder.glob("out.*"))


def write_image(path, bands):
    rows, columns = np.mgrid[:300, :300]
    blob = (255 * np.exp(-((rows - 90) ** 2 + (columns - 120) ** 2) / 3000)).astype(np.uint8)
    with gdal_api.GetDriverByName("GTiff").Create(str(path), 300, 300, bands) as dataset:
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
        dataset.SetProjection("EPSG:32633")
        for band in range(bands):
            dataset.GetRasterBand(band + 1).WriteArray(blob)


def write_squares(path, count):
    with gdal_api.GetDriverByName("GPKG").Create(str(path), 0, 0, 0, 0) as dataset:
        layer = dataset.CreateLayer("squares", geom_type=ogr.wkbPolygon)
        layer.CreateField(ogr.FieldDefn("score", ogr.OFTReal))
        dataset.StartTransaction()
        for i in range(count):
            feature = ogr.Feature(layer.GetLayerDefn())
            feature["score"] = 0.5
            x, y = 10 * (i % 29), i // 29 % 290
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON(({x} {y},{x + 9} {y},{x + 9} {y + 9},{x} {y + 9},{x} {y}))"))
            layer.CreateFeature(feature)
        dataset.CommitTransaction()


def test_windows(folder):
    gdal("selo", "windows", folder / "image.tif", folder / "plan.gpkg", "--scales", "16", "-q")
    with gdal_api.OpenEx(str(folder / "plan.gpkg"), gdal_api.OF_VECTOR | gdal_api.OF_UPDATE) as plan:
        plan.ExecuteSQL("UPDATE selo_win SET sim = row_start % 7")
    windows = damaged(folder, "plan.gpkg", "selo_win")
    refused(folder, windows, "selo_win", "localize", windows, "--like", folder / "image.tif", "--query", "sea", "-q", out="tif")
    refused(folder, windows, "selo_win", "windows", folder / "image.tif", "--preset", "v2", "--similarities", windows, "-q", out="csv")
    refused(folder, windows, "selo_win", "embed", folder / "image.tif", "--windows", windows, "--model", "spectral", "-q", out="gpkg")
    gdal("selo", "embed", folder / "image.tif", folder / "vectors.gpkg", "--scales", "16", "--model", "spectral", "-q")
    vectors = damaged(folder, "vectors.gpkg", "selo_win")
    refused(folder, vectors, "selo_win", "localize", vectors, "--like", folder / "image.tif", "--query", "sea", "--model", "spectral", "-q", out="tif")


def test_filter(folder):
    """A filter that the driver takes, and finds out only when it reads that it makes no sense, is named as one of CSV files is."""
    gdal("selo", "embed", folder / "image.tif", folder / "filtered.gpkg", "--scales", "64", "--model", "spectral", "-q")
    fails(["--where 'bogus'", "filtered.gpkg", "no such column"], "selo", "localize", folder / "filtered.gpkg", folder / "map_of_none.tif",
          "--like", folder / "image.tif", "--query", "sea", "--model", "spectral", "--where", "bogus", "-q")
    write_squares(folder / "some.gpkg", 3)
    fails(["--where 'bogus'", "some.gpkg", "no such column"], "selo", "fuse", folder / "map.tif", folder / "some.gpkg", folder / "none.gpkg",
          "--vectors-crs", "none", "--where", "bogus", "-q")


def test_testset(folder):
    for layer in ("selo_manifest", "selo_truth"):
        testset = damaged(folder, "testset.gpkg", layer)
        for command in ("info", "validate"):
            refused(folder, testset, layer, "testset", command, testset)
        refused(folder, testset, layer, "testset", "export", testset, "-q", out="json")
    testset = damaged(folder, "testset.gpkg", "selo_manifest")
    refused(folder, testset, "selo_manifest", "benchmark", testset, "--maps", folder / "map.tif", "-q", out="gpkg")


def test_results(folder):
    samples = damaged(folder, "results.gpkg", "selo_sample")
    refused(folder, samples, "selo_sample", "report", samples, "-q", out="html")
    refused(folder, samples, "selo_sample", "compare", folder / "results.gpkg", samples)
    refused(folder, samples, "selo_sample", "merge", samples, "-q", out="gpkg")
    shutil.copy(folder / "results.gpkg", folder / "changed.gpkg")
    with sqlite3.connect(folder / "changed.gpkg") as database:
        database.execute("ALTER TABLE selo_shift DROP COLUMN run_id")
    database.close()
    fails(["changed.gpkg", "selo_shift", "run_id"], "selo", "merge", folder / "changed.gpkg", folder / "out.gpkg", "-q")
    for layer in ("selo_region", "selo_circle", "selo_cand"):
        results = damaged(folder, "results.gpkg", layer)
        refused(folder, results, layer, "report", results, "-q", out="html")
        refused(folder, results, layer, "merge", results, "-q", out="gpkg")


def test_resume(folder):
    """A benchmark does not go on with half of an earlier one, and leaves no work file."""
    results = damaged(folder, "results.gpkg", "selo_sample")
    done = gdal("selo", "benchmark", folder / "testset.gpkg", results, "--maps", folder / "map.tif", "--profile", "reference", "--replicates", "99",
                "--summary", "none", "--resume", "-q")
    assert "--resume" in done.stderr and "anew" in done.stderr and "ERROR" not in done.stderr, done.stderr
    with gdal_api.OpenEx(str(results), gdal_api.OF_VECTOR) as dataset:
        assert dataset.GetLayer("selo_sample").GetFeatureCount() == 400
    assert not list(folder.glob(".*")), list(folder.glob(".*"))


def test_beginnings(folder):
    """What cannot be opened at all is one line, too, that names it."""
    path, output = folder / "beginning.gpkg", folder / "out.gpkg"
    path.write_bytes((folder / "results.gpkg").read_bytes()[:8192] + b"\xff" * 8192)
    for command in (("report", path, folder / "out.html"), ("compare", path, path), ("merge", path, output), ("testset", "info", path),
                    ("benchmark", path, output, "--maps", folder / "map.tif"), ("evaluate", folder / "map.tif", path, output),
                    ("fuse", folder / "map.tif", path, output), ("localize", path, folder / "out.tif", "--like", folder / "image.tif", "--query", "sea"),
                    ("embed", folder / "image.tif", output, "--model", "spectral", "--windows", path),
                    ("evaluate", folder / "map.tif", folder / "testset.gpkg", "--profile", "ground", "--aoi", path, "--truth-crs", "none")):
        fails("beginning.gpkg", "selo", *command)
        assert not list(folder.glob("out.*")), list(folder.glob("out.*"))


def test_vectors(folder):
    write_squares(folder / "squares.gpkg", 2000)
    squares = damaged(folder, "squares.gpkg", "squares")
    refused(folder, squares, "squares", "fuse", folder / "map.tif", squares, "--vectors-crs", "none", "-q", out="gpkg")
    fails(["--aoi", squares.name, DAMAGE], "selo", "evaluate", folder / "map.tif", folder / "testset.gpkg", "--profile", "ground", "--aoi", squares,
          "--where", "sample_id = '7'", "--truth-crs", "none", "-q")


def main():
    with scratch() as folder:
        write_image(folder / "image.tif", 3)
        write_image(folder / "map.tif", 1)
        annotations = [{"caption": f"sea {i}", "jpg_name": "image.tif", "points": [[[x, y], [x + 9, y], [x + 9, y + 9], [x, y + 9]]]}
                       for i, (x, y) in enumerate((10 * (i % 29), 13 * (i // 29)) for i in range(400))]
        (folder / "annotations.json").write_text(json.dumps(annotations))
        gdal("selo", "testset", "import", folder / "annotations.json", folder / "testset.gpkg", "-q")
        gdal("selo", "benchmark", folder / "testset.gpkg", folder / "results.gpkg", "--maps", folder / "map.tif", "--profile", "reference",
             "--replicates", "99", "--summary", "none", "-q")
        for test in (test_windows, test_filter, test_testset, test_results, test_resume, test_beginnings, test_vectors):
            test(folder)
            print("ok", test.__name__)


if __name__ == "__main__":
    main()
