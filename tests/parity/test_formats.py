"""The same map in other containers, the same truth in another CRS: the published figures all the same.

Three samples of AIR-SLT, georeferenced somewhere in UTM 50N, where its scenes are plausible.
"""

import csv
import json

from osgeo import gdal, ogr, osr

from support.selo import close, evaluate, gdal as run, scratch, shared, write_truth_csv

gdal.UseExceptions()
ogr.UseExceptions()
REFERENCE = ("--profile", "reference")
TOLERANCE = 1e-9
SCORES = ("rsu", "rda", "ras", "rmi")
SAMPLES = (0, 3, 31)
GEOTRANSFORM = (403217.25, 0.3245, 0, 4412339.5, 0, -0.3245)


def utm():
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32650)
    return crs


def containers(folder, png):
    """The map as each kind of dataset; names to evaluate."""
    georeferenced = folder / "plain.tif"
    gdal.Translate(str(georeferenced), str(png), outputSRS="EPSG:32650", creationOptions=["TILED=NO"])
    with gdal.Open(str(georeferenced), gdal.GA_Update) as dataset:
        dataset.SetGeoTransform(GEOTRANSFORM)
        width, height = dataset.RasterXSize, dataset.RasterYSize
    yield georeferenced
    for name, driver, options in (
        ("tiled.tif", "GTiff", ["TILED=YES", "COMPRESS=DEFLATE"]),
        ("odd tiles.tif", "GTiff", ["TILED=YES", "BLOCKXSIZE=336", "BLOCKYSIZE=176", "COMPRESS=LZW"]),
        ("cog.tif", "COG", ["COMPRESS=DEFLATE"]),
        ("lossless.jp2", "JP2OpenJPEG", ["QUALITY=100", "REVERSIBLE=YES"]),
        ("map.zarr", "Zarr", []),
    ):
        gdal.Translate(str(folder / name), str(georeferenced), format=driver, creationOptions=options)
        yield folder / name
    pieces = []
    for i, window in enumerate(((0, 0, 1234, 777), (1234, 0, width - 1234, 777), (0, 777, 1234, height - 777),
                                (1234, 777, width - 1234, height - 777))):
        pieces.append(str(folder / f"piece {i}.tif"))
        gdal.Translate(pieces[-1], str(georeferenced), srcWin=window)
    gdal.BuildVRT(str(folder / "mosaic.vrt"), pieces)
    yield folder / "mosaic.vrt"


def to_crs(x, y):
    return GEOTRANSFORM[0] + x * GEOTRANSFORM[1], GEOTRANSFORM[3] + y * GEOTRANSFORM[5]


def write_truth(path, driver, regions, crs, options=()):
    dataset = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    layer = dataset.CreateLayer("truth", crs, ogr.wkbPolygon, list(options))
    to_layer = osr.CoordinateTransformation(utm(), crs)
    for points in regions:
        ring = ogr.Geometry(ogr.wkbLinearRing)
        for x, y in [*points, points[0]]:
            ring.AddPoint_2D(*to_crs(x, y))
        polygon = ogr.Geometry(ogr.wkbPolygon)
        polygon.AddGeometry(ring)
        polygon.Transform(to_layer)
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(polygon)
        layer.CreateFeature(feature)
    dataset = None


def truths(folder, regions):
    geographic = osr.SpatialReference()
    geographic.ImportFromEPSG(4326)
    geographic.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    write_truth(folder / "truth.geojson", "GeoJSON", regions, geographic, ["COORDINATE_PRECISION=15"])
    write_truth(folder / "truth.shp", "ESRI Shapefile", regions, utm())
    return folder / "truth.geojson", folder / "truth.shp"


def check(name, result, case):
    sample = result["samples"][0]
    for score in SCORES:
        assert close(sample[score], float(case[score]), TOLERANCE), f"{name}: {score} is {sample[score]}, not {case[score]}"
    got = [[c["x_px"], c["y_px"]] for c in sample["candidates"]]
    assert got == json.loads(case["centers_xy"]), f"{name}: candidates {got}"


def same_bytes(folder, map_name, truth):
    """Threads, tiling and compression do not change one byte of the summary."""
    texts = set()
    for name in (map_name, folder / "tiled.tif", folder / "odd tiles.tif"):
        for threads in ("1", "2"):
            texts.add(run("selo", "evaluate", name, truth, "--summary", "json", "-q", "-j", threads).stdout)
    assert len(texts) == 1, f"{map_name}: {len(texts)} different summaries"


def main():
    annotations = json.loads(shared("airslt", "anno.json").read_text(encoding="utf-8"))
    with open(shared("golden", "airslt", "cases.csv"), encoding="utf-8") as file:
        cases = list(csv.DictReader(file))
    checked = 0
    for index in SAMPLES:
        with scratch() as folder:
            regions = annotations[index]["points"]
            write_truth_csv(folder / "pixels.csv", [("q", regions)])
            geojson, shapefile = truths(folder, regions)
            for map_name in containers(folder, shared("golden", "airslt", "maps", f"{index:02d}.png")):
                check(f"{index}, {map_name.name}, GeoJSON", evaluate(map_name, geojson, *REFERENCE), cases[index])
                checked += 1
            check(f"{index}, Shapefile", evaluate(folder / "plain.tif", shapefile, *REFERENCE), cases[index])
            check(f"{index}, pixels", evaluate(folder / "plain.tif", folder / "pixels.csv", "--truth-crs", "none", *REFERENCE), cases[index])
            same_bytes(folder, folder / "plain.tif", geojson)
            checked += 2
    print(checked, "runs agree within", TOLERANCE)


if __name__ == "__main__":
    main()
