"""Every bad input of `gdal selo evaluate`: one line that names the culprit, exit 1, and nothing left behind."""

import os
import shutil
import sys

import numpy as np
from osgeo import gdal as gdal_api
from osgeo import ogr, osr

from support.selo import close, fails, gdal, scratch, small_disk, write_truth_csv

gdal_api.UseExceptions()
ogr.UseExceptions()


def make_map(path, values, epsg=None, driver="GTiff", type_=gdal_api.GDT_Byte, nodata=None, options=()):
    height, width = values.shape
    dataset = gdal_api.GetDriverByName(driver).Create(str(path), width, height, 1, type_, list(options))
    if epsg:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetProjection(crs.ExportToWkt())
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
    if nodata is not None:
        dataset.GetRasterBand(1).SetNoDataValue(nodata)
    dataset.GetRasterBand(1).WriteArray(values)
    dataset = None


def make_truth(path, wkts, epsg=None, driver="GPKG"):
    dataset = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    crs = None
    if epsg:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
    layer = dataset.CreateLayer("regions", crs)
    layer.CreateField(ogr.FieldDefn("name"))
    for wkt in wkts:
        feature = ogr.Feature(layer.GetLayerDefn())
        if wkt:
            feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
        layer.CreateFeature(feature)
    dataset = None


SQUARE = "POLYGON((10 10,40 10,40 40,10 40,10 10))"
UTM_SQUARE = "POLYGON((500100 4999900,500400 4999900,500400 4999600,500100 4999600,500100 4999900))"


def evaluate_fails(message, folder, *arguments, env=None):
    """Fails as it should, with an output asked for, and leaves no trace of it."""
    output = folder / "out" / "scores.gpkg"
    output.parent.mkdir(exist_ok=True)
    fails(message, "selo", "evaluate", *arguments, output, "-q", env=env)
    assert not list(output.parent.iterdir()), list(output.parent.iterdir())


def test_missing(folder):
    evaluate_fails(["map", "nowhere.tif"], folder, folder / "nowhere.tif", folder / "truth.csv")
    evaluate_fails(["truth", "nowhere.shp"], folder, folder / "map.tif", folder / "nowhere.shp")
    evaluate_fails(["map", "truth.csv", "as a raster", "it is vector data"], folder, folder / "truth.csv", folder / "truth.csv")
    evaluate_fails(["truth", "map.tif", "as vector data", "it is a raster"], folder, folder / "map.tif", folder / "map.tif")


def test_truth_contents(folder):
    make_truth(folder / "points.gpkg", ["POINT(3 3)", "LINESTRING(0 0,3 3)"])
    evaluate_fails(["points.gpkg", "no polygons"], folder, folder / "map.tif", folder / "points.gpkg")
    make_truth(folder / "empty.gpkg", [])
    evaluate_fails(["empty.gpkg", "no features"], folder, folder / "map.tif", folder / "empty.gpkg")
    make_truth(folder / "null.gpkg", [None])
    evaluate_fails(["null.gpkg", "no polygons"], folder, folder / "map.tif", folder / "null.gpkg")
    make_truth(folder / "far.gpkg", ["POLYGON((1e300 0,1e300 1,2e300 1,1e300 0))"])
    evaluate_fails(["far.gpkg", "feature 1", "vertex"], folder, folder / "map.tif", folder / "far.gpkg")
    evaluate_fails(["--where", "bogus"], folder, folder / "map.tif", folder / "points.gpkg", "--where", "bogus = 3")
    evaluate_fails(["--query-field", "bogus", "points.gpkg"], folder, folder / "map.tif", folder / "points.gpkg", "--query-field", "bogus")
    evaluate_fails(["layer 'bogus'", "regions"], folder, folder / "map.tif", folder / "points.gpkg", "-l", "bogus")
    evaluate_fails(["no feature", "--where"], folder, folder / "map.tif", folder / "points.gpkg", "--where", "name = 'x'")


def test_crs(folder):
    make_map(folder / "utm.tif", np.full((60, 60), 200, np.uint8), 32633)
    make_truth(folder / "none.gpkg", [UTM_SQUARE])
    make_truth(folder / "utm.gpkg", [UTM_SQUARE], 32633)
    make_truth(folder / "elsewhere.gpkg", ["POLYGON((100 10,101 10,101 11,100 10))"], 4326)
    evaluate_fails(["none.gpkg", "no CRS", "utm.tif", "--truth-crs"], folder, folder / "utm.tif", folder / "none.gpkg")
    make_map(folder / "nameless.tif", np.full((60, 60), 200, np.uint8), 32633)
    dataset = gdal_api.Open(str(folder / "nameless.tif"), gdal_api.GA_Update)
    dataset.SetProjection("")
    dataset = None
    evaluate_fails(["utm.gpkg", "nameless.tif", "has none", "--map-crs"], folder, folder / "nameless.tif", folder / "utm.gpkg")
    for more in ((), ("--map-crs", "EPSG:32633")):  # a CRS does not help a map that says of no pixel where it is
        evaluate_fails(["utm.gpkg", "map.tif", "no geotransform", "--truth-crs none"], folder, folder / "map.tif", folder / "utm.gpkg", *more)
    evaluate_fails(["elsewhere.gpkg", "utm.tif", "overlap"], folder, folder / "utm.tif", folder / "elsewhere.gpkg")
    evaluate_fails(["--truth-crs", "EPSG:nonsense"], folder, folder / "utm.tif", folder / "none.gpkg", "--truth-crs", "EPSG:nonsense")
    moon = "+proj=longlat +R=1737400 +no_defs"
    for profile in ("reference", "ground"):
        evaluate_fails(["transformation", "none.gpkg", "utm.tif"], folder, folder / "utm.tif", folder / "none.gpkg", "--truth-crs", moon, "--profile", profile)
    fails(["transformation", "none.gpkg", "utm.tif"], "selo", "fuse", folder / "utm.tif", folder / "none.gpkg", folder / "fused.gpkg", "--vectors-crs", moon, "-q")
    gdal("selo", "evaluate", folder / "utm.tif", folder / "none.gpkg", "--truth-crs", "EPSG:32633", "-q")


def test_pixels(folder):
    ones = np.full((60, 60), 0.5, np.float32)
    for name, value, word in (("nan", np.nan, "NaN"), ("infinite", np.inf, "infinite"), ("large", 7.5, "7.5"), ("negative", -0.1, "-0.1")):
        values = ones.copy()
        values[20, 30] = value
        make_map(folder / f"{name}.tif", values, type_=gdal_api.GDT_Float32)
        evaluate_fails([f"{name}.tif", word, "column 30, row 20"], folder, folder / f"{name}.tif", folder / "truth.csv")
    make_map(folder / "complex.tif", ones, type_=gdal_api.GDT_CFloat32)
    evaluate_fails(["complex.tif", "complex"], folder, folder / "complex.tif", folder / "truth.csv")
    make_map(folder / "hidden.tif", np.zeros((60, 60), np.uint8), nodata=0)
    evaluate_fails(["hidden.tif", "NoData"], folder, folder / "hidden.tif", folder / "truth.csv")
    evaluate_fails(["map.tif", "band 7", "1 to 1"], folder, folder / "map.tif", folder / "truth.csv", "-b", "7")


def test_truncated(folder):
    noise = np.random.default_rng(1).integers(0, 256, (600, 600), dtype=np.uint8)
    make_map(folder / "whole.tif", noise, options=["TILED=YES", "COMPRESS=DEFLATE"])
    data = (folder / "whole.tif").read_bytes()
    (folder / "cut.tif").write_bytes(data[: len(data) * 2 // 3])
    evaluate_fails(["cut.tif"], folder, folder / "cut.tif", folder / "truth.csv")
    (folder / "nothing.tif").write_bytes(b"")
    evaluate_fails(["nothing.tif"], folder, folder / "nothing.tif", folder / "truth.csv")


def test_region_outside(folder):
    """In pixel coordinates that is a result: the published code gives NaN for it."""
    write_truth_csv(folder / "outside.csv", [("q", [[(200, 200), (300, 200), (300, 300)]])])
    done = gdal("selo", "evaluate", folder / "map.tif", folder / "outside.csv", "--summary", "json", "-q")
    assert '"status": "region_outside"' in done.stdout and '"rsu": null' in done.stdout
    assert "outside.csv" in done.stderr and "map.tif" in done.stderr


def test_output(folder):
    output = folder / "scores.gpkg"
    arguments = ["selo", "evaluate", folder / "map.tif", folder / "truth.csv"]
    gdal(*arguments, output, "-q")
    before = output.read_bytes()
    fails(["scores.gpkg", "--overwrite"], *arguments, output, "-q")
    assert output.read_bytes() == before
    gdal(*arguments, output, "-q", "--overwrite")
    fails(["missing", "scores.gpkg"], *arguments, folder / "missing" / "scores.gpkg", "-q")
    fails(["scores.txt"], *arguments, folder / "scores.txt", "-q")
    if os.geteuid() != 0:
        (folder / "locked").mkdir(mode=0o500)
        fails(["locked", "scores.gpkg"], *arguments, folder / "locked" / "scores.gpkg", "-q")


def test_disk_full(folder):
    with small_disk(folder, "16k") as small:
        if small:
            gdal("selo", "evaluate", folder / "map.tif", folder / "truth.csv", folder / "there.gpkg", "-q")
            for name, *command in (("scores.gpkg", "evaluate", folder / "map.tif", folder / "truth.csv"),
                                   ("report.html", "report", folder / "there.gpkg"),
                                   ("diff.gpkg", "compare", folder / "there.gpkg", folder / "there.gpkg", "-o"),
                                   ("results.gpkg", "benchmark", folder / "truth.csv", "--truth-crs", "none", "--maps", folder / "map.tif", "-o")):
                fails([name, "the disk is full"], "selo", *command, small / name, "-q")
                assert not list(small.iterdir()), list(small.iterdir())


def test_disk_full_later(folder):
    """The work file of a benchmark is begun, and the disk full when a sample is done: one line, and half of nothing."""
    benchmark = ["selo", "benchmark", folder / "truth.csv", "-q", "--truth-crs", "none", "--maps", folder / "map.tif", "-o"]
    n_failed = 0
    for size in range(140, 320, 20):
        place = folder / f"disk{size}"
        place.mkdir()
        with small_disk(place, f"{size}k") as small:
            done = small and gdal(*benchmark, small / "results.gpkg", check=False)
            if done and done.returncode:
                assert len([line for line in done.stderr.splitlines() if "ERROR" in line]) == 1, (size, done.stderr)
                assert not (small / "results.gpkg").exists() and "disk is full" in done.stderr, (size, done.stderr)
                n_failed += 1
    assert not small or n_failed > 2, n_failed


def test_disk_full_unsaid(folder):
    """Drivers that lose rows on a full disk without an error; what they wrote is counted then. A format that cannot be read cannot be."""
    plan = ["selo", "windows", folder / "map.tif", "-q", "--scales", "4px"]
    for format_, name in (("KML", "plan.kml"), ("ODS", "plan.ods"), ("PGDUMP", "plan.sql"), ("GeoJSON", "plan.json")):
        place = folder / f"disk {format_}"
        place.mkdir()
        if gdal_api.GetDriverByName(format_):
            gdal(*plan, place / name, "-f", format_)
            with small_disk(place, "4k" if format_ == "ODS" else "40k") as small:
                if small:
                    assert (place / name).stat().st_size > 4096, (place / name).stat().st_size
                    fails([name, "the disk is full"], *plan, small / name, "-f", format_)
                    assert not list(small.iterdir()), list(small.iterdir())


def test_cancel(folder):
    """A progress function that says no half-way, through the API."""
    make_map(folder / "tall.tif", np.zeros((40000, 1000), np.uint8), options=["SPARSE_OK=YES", "COMPRESS=DEFLATE", "TILED=YES"])
    seen = []

    def progress(done, _message, _data):
        seen.append(done)
        return done < 0.3

    output = folder / "cancelled.gpkg"
    try:
        gdal_api.Run(["selo", "evaluate"], progress=progress, map=str(folder / "tall.tif"), truth=str(folder / "truth.csv"),
                     output=str(output))
        raise AssertionError("not cancelled")
    except RuntimeError as error:
        assert "cancel" in str(error), error
    assert 0.3 <= seen[-1] < 1, seen
    assert not list(folder.glob("cancelled*")), list(folder.glob("cancelled*"))


def test_wrong_gdal(folder):
    """A plugin built for another GDAL says so and stays out of the way."""
    other = os.environ.get("SELO_OTHER_PLUGIN")
    assert other and os.path.exists(other), "the build makes gdal_SELO_other.so for this test"
    plugins = folder / "plugins"
    plugins.mkdir()
    shutil.copy(other, plugins / "gdal_SELO.so")
    done = gdal("selo", "evaluate", "--help", check=False, env={"GDAL_DRIVER_PATH": str(plugins)})
    assert done.returncode != 0 and "built for GDAL 3.99" in done.stderr + done.stdout, done.stderr + done.stdout
    assert gdal("--version", env={"GDAL_DRIVER_PATH": str(plugins)}).returncode == 0


if __name__ == "__main__":
    assert close(None, float("nan"), 0)
    tests = [value for name, value in list(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            make_map(scratch_folder / "map.tif", np.full((60, 60), 200, np.uint8))
            write_truth_csv(scratch_folder / "truth.csv", [("q", [[(10, 10), (40, 10), (40, 40), (10, 40)]])])
            test(scratch_folder)
            print("ok", test.__name__)
    sys.exit(0)
