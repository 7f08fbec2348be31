"""fuse: attention under detections and roads against GDAL's zonal statistics, and what the map is worth."""

import json
import math
import random
import sqlite3

from osgeo import gdal as gdal_api

from support.selo import close, fails, gdal, scratch

gdal_api.UseExceptions()
WIDTH, HEIGHT = 160, 120
NORTH_UP = (500000.0, 2.0, 0.0, 5000000.0, 0.0, -2.5)  # zonal-stats knows no other
TURNED = (500000.0, 2.0, 0.3, 5000000.0, 0.2, -2.5)


def value(x, y):
    return int(255 * math.exp(-((x - 50) ** 2 + (y - 40) ** 2) / 900))


def write_map(path, geotransform=None, crs=None, function=value):
    dataset = gdal_api.GetDriverByName("GTiff").Create(str(path), WIDTH, HEIGHT, 1, gdal_api.GDT_Byte)
    if geotransform:
        dataset.SetGeoTransform(geotransform)
        dataset.SetProjection(crs)
    dataset.GetRasterBand(1).WriteRaster(0, 0, WIDTH, HEIGHT, bytes(function(x, y) for y in range(HEIGHT) for x in range(WIDTH)))
    dataset.Close()


def to_map(g, x, y):
    return [g[0] + x * g[1] + y * g[2], g[3] + x * g[4] + y * g[5]]


def write_geojson(path, features, crs=None):
    collection = {"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": k, "properties": properties, "geometry": geometry} for k, (geometry, properties) in enumerate(features)]}
    if crs:
        collection["crs"] = {"type": "name", "properties": {"name": crs}}
    path.write_text(json.dumps(collection))


def polygon(ring):
    return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}


def turned_box(cx, cy, a, b, angle):
    c, s = math.cos(angle), math.sin(angle)
    return [[cx + c * x - s * y, cy + s * x + c * y] for x, y in ((-a, -b), (a, -b), (a, b), (-a, b))]


def rows(path, table="selo_fused"):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
        file.row_factory = sqlite3.Row
        return [dict(row) for row in file.execute(f'SELECT * FROM "{table}" ORDER BY fid')]


def coverage_is_that_of_zonal_stats(folder):
    write_map(folder / "map.tif", NORTH_UP, "EPSG:32631")
    draw = random.Random(7)
    boxes = [turned_box(draw.uniform(20, 140), draw.uniform(20, 100), draw.uniform(0.3, 15), draw.uniform(0.3, 15), draw.uniform(0, 3)) for _ in range(40)]
    features = [(polygon([to_map(NORTH_UP, *p) for p in box]), {"score": 0.25, "id": k}) for k, box in enumerate(boxes)]
    write_geojson(folder / "boxes.geojson", features, "urn:ogc:def:crs:EPSG::32631")
    gdal("selo", "fuse", folder / "map.tif", folder / "boxes.geojson", folder / "fused.gpkg", "-q", "--rule", "product")
    gdal("raster", "zonal-stats", folder / "map.tif", "--zones", folder / "boxes.geojson", folder / "zones.csv", "--stat", "mean", "--stat", "max",
         "--pixels", "fractional", "--include-field", "id", "-q")
    header, *lines = [line.replace('"', "").split(",") for line in (folder / "zones.csv").read_text().splitlines()]
    expected = {int(row[header.index("id")]): row for row in lines}
    got = rows(folder / "fused.gpkg")
    assert len(got) == 40
    for row in got:
        zone = expected[row["det_id"]]
        mean, most = zone[header.index("mean")], zone[header.index("max")]
        assert close(row["selo_mean"], float(mean) / 255, 1e-6), (row["det_id"], row["selo_mean"], mean)
        assert close(row["selo_max"], float(most) / 255, 1e-6), (row["det_id"], row["selo_max"], most)
        assert close(row["fused"], 0.25 * row["selo_mean"], 1e-12)
    write_map(folder / "turned.tif", TURNED, "EPSG:32631")
    write_geojson(folder / "turned.geojson", [(polygon([to_map(TURNED, *p) for p in box]), {"score": 0.25}) for box in boxes],
                  "urn:ogc:def:crs:EPSG::32631")
    gdal("selo", "fuse", folder / "turned.tif", folder / "turned.geojson", folder / "turned.gpkg", "-q", "--rule", "product")
    for row, turned in zip(got, rows(folder / "turned.gpkg")):  # the same boxes on the same pixels, elsewhere on the Earth
        assert row["det_id"] == turned["det_id"] and close(row["selo_mean"], turned["selo_mean"], 1e-8)
        assert close(row["selo_share"], turned["selo_share"], 1e-8)
    assert [row["rank"] for row in got] == list(range(1, 41))
    assert [row["fused"] for row in got] == sorted((row["fused"] for row in got), reverse=True)


def lines_count_by_length(folder):
    """Left half 0, right half 255: a line's mean is its share of length on the right."""
    write_map(folder / "half.tif", function=lambda x, _: 255 if x >= WIDTH // 2 else 0)
    lines = [[[60, 10], [100, 10]], [[70, 20], [100, 60]], [[10, 10], [20, 90.5]], [[-50, 100], [110, 100]], [[79.5, 5.25], [80.5, 5.25], [80.5, 9.25]],
             [[100, 0], [100, 50]]]
    expected = [0.5, 2 / 3, 0.0, 30 / 110, 4.5 / 5, 1.0]
    write_geojson(folder / "roads.geojson", [({"type": "LineString", "coordinates": line}, {}) for line in lines])
    gdal("selo", "fuse", folder / "half.tif", folder / "roads.geojson", folder / "roads.gpkg", "-q", "--vectors-crs", "none", "--rule", "weighted",
         "--weight", "0.25")
    for row in rows(folder / "roads.gpkg"):
        assert close(row["selo_mean"], expected[row["det_id"]], 1e-9), (row["det_id"], row["selo_mean"])
        assert close(row["fused"], 0.75 + 0.25 * row["selo_mean"], 1e-12) and row["selo_share"] is None and row["det_score"] == 1


def rules_and_limits(folder):
    write_geojson(folder / "pair.geojson", [(polygon(turned_box(50, 40, 1, 1, 0)), {"confidence": 0.49, "kind": "a"}),
                                            (polygon(turned_box(150, 110, 4, 4, 0)), {"confidence": 1.0, "kind": "b"}),
                                            (polygon(turned_box(900, 900, 4, 4, 0)), {"confidence": 1.0, "kind": "out"})])
    write_map(folder / "pixels.tif")
    done = gdal("selo", "fuse", folder / "pixels.tif", folder / "pair.geojson", folder / "pair.gpkg", "-q", "--vectors-crs", "none", "--attention", "max",
                "--class-field", "kind", "--summary", "json", "--keep-above", "0.7")
    got = {row["cls"]: row for row in rows(folder / "pair.gpkg")}
    assert close(got["a"]["fused"], 0.7, 1e-12) and got["a"]["keep"] == 1 and got["a"]["rank"] == 1
    assert got["b"]["keep"] == 0 and got["out"]["fused"] is None and got["out"]["rank"] is None and got["out"]["keep"] == 0
    assert json.loads(done.stdout) == {"n": 3, "kept": 1}
    fails("score-nowhere", "selo", "fuse", folder / "pixels.tif", folder / "pair.geojson", folder / "x.gpkg", "--score-field", "score-nowhere")
    fails("exists", "selo", "fuse", folder / "pixels.tif", folder / "pair.geojson", folder / "pair.gpkg", "--vectors-crs", "none", "-q")


def scores_are_numbers(folder):
    """A missing score and a text are no 0."""
    box = polygon(turned_box(50, 40, 1, 1, 0))

    def refused(words, score):
        write_geojson(folder / "s.geojson", [(box, {"score": 0.5}), (box, {"score": score})])
        fails(("s.geojson", "detection 1", *words), "selo", "fuse", folder / "pixels.tif", folder / "s.geojson", folder / "s.gpkg", "--vectors-crs", "none")

    refused(("no score", "--where"), None)
    refused(("no score",), "")
    refused(("n/a",), "n/a")
    refused(("0,9",), "0,9")
    refused(("-0.5", "0..1"), -0.5)
    refused(("1.5", "0..1"), "1.5")
    write_geojson(folder / "s.geojson", [(box, {"score": "0.25 "}), (box, {"score": "1e-1"})])
    gdal("selo", "fuse", folder / "pixels.tif", folder / "s.geojson", folder / "s.gpkg", "--vectors-crs", "none", "-q")
    assert [row["det_score"] for row in rows(folder / "s.gpkg")] == [0.25, 0.1]


def one_line_for_places_and_crs(folder):
    """Detections that have no place in the map's CRS, CRS that are none, and geometries that are not valid."""
    write_geojson(folder / "far.geojson", [(polygon([[1e30, 45], [2e30, 45], [2e30, 46]]), {"score": 1})], "urn:ogc:def:crs:OGC:1.3:CRS84")
    fails(("far.geojson", "detection 0", "--vectors-crs"), "selo", "fuse", folder / "map.tif", folder / "far.geojson", folder / "far.gpkg")
    for more in ((), ("--map-crs", "EPSG:32631")):  # pixels.tif says of no pixel where it is
        fails(("far.geojson", "pixels.tif", "no geotransform", "--vectors-crs none"), "selo", "fuse", folder / "pixels.tif", folder / "far.geojson",
              folder / "far.gpkg", *more)
    fails(("--vectors-crs", "EPSG:99999"), "selo", "fuse", folder / "map.tif", folder / "far.geojson", folder / "far.gpkg", "--vectors-crs", "EPSG:99999")
    write_geojson(folder / "bow.geojson", [(polygon([[10, 10], [30, 30], [30, 10], [10, 30]]), {"score": 1})])
    done = gdal("selo", "fuse", folder / "pixels.tif", folder / "bow.geojson", folder / "bow.gpkg", "--vectors-crs", "none", "-q")
    assert done.stderr == "" and rows(folder / "bow.gpkg")[0]["fused"] > 0, done.stderr


def the_map_tells_look_alikes_apart(folder):
    """Ten samples: two equal boxes, of which the detector likes the wrong one better; the map lies on the right one."""
    detections, truth = [], []
    for k in range(10):
        right, wrong = (40 + 2 * k, 40), (120, 80)
        write_map(folder / f"map_{k}.tif", function=lambda x, y, at=right: int(255 * math.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / 900)))
        for (x, y), score in ((right, 0.6), (wrong, 0.8 if k < 8 else 0.5)):
            detections.append((polygon(turned_box(x + (k % 3), y, 10, 10, 0)), {"score": score, "sample_id": str(k)}))
        truth.append((polygon(turned_box(*right, 10, 10, 0)), {"sample_id": str(k), "query": f"query {k}"}))
    write_geojson(folder / "found.geojson", detections)
    write_geojson(folder / "truth.geojson", truth)
    done = gdal("selo", "fuse", folder / "map_{sample_id}.tif", folder / "found.geojson", folder / "refer.gpkg", "--truth", folder / "truth.geojson",
                "--truth-crs", "none", "--vectors-crs", "none", "--summary", "json", "-q")
    result = json.loads(done.stdout)
    without, with_map = result["without"], result["with"]
    assert without["n"] == with_map["n"] == 10 and without["pr"][0] == 0.2 and with_map["pr"][0] == 1.0, result
    shifts = [k % 3 for k in range(10)]
    ious = [(20 - s) / (20 + s) for s in shifts]
    assert with_map["pr"] == [sum(iou >= t for iou in ious) / 10 for t in (0.5, 0.6, 0.7, 0.8, 0.9)], with_map
    assert close(with_map["mean_iou"], sum(ious) / 10, 1e-12)
    assert close(with_map["cum_iou"], sum(20 - s for s in shifts) / sum(20 + s for s in shifts), 1e-12)
    assert [row["way"] for row in rows(folder / "refer.gpkg", "selo_refer")] == ["without", "with"]
    assert len(rows(folder / "refer.gpkg")) == 20


def the_order_of_regions_does_not_matter(folder):
    """A detection beside all regions of its sample: the one that stands for them must not be the first in the file."""
    regions = [(polygon(turned_box(40, 40, half, half, 0)), {"sample_id": name, "query": name}) for name in ("0", "1") for half in (5, 15)]
    for name, order in (("up", regions), ("down", regions[::-1])):
        write_geojson(folder / f"{name}.geojson", order)
    overlapping = [(polygon(turned_box(40, 40, 5, 5, 0)), {"score": 0.9, "sample_id": "1"})]
    write_geojson(folder / "beside.geojson", [(polygon(turned_box(130, 90, 10, 10, 0)), {"score": 0.6, "sample_id": "0"}), *overlapping])
    for name in ("up", "down"):
        done = gdal("selo", "fuse", folder / "map_{sample_id}.tif", folder / "beside.geojson", folder / f"{name}.gpkg", "--truth", folder / f"{name}.geojson",
                    "--truth-crs", "none", "--vectors-crs", "none", "--summary", "json", "-q", "--overwrite")
        assert close(json.loads(done.stdout)["with"]["cum_iou"], 100 / (100 + 400 + 100), 1e-12), (name, done.stdout)


def a_mask_becomes_a_fused_raster(folder):
    dataset = gdal_api.GetDriverByName("GTiff").Create(str(folder / "mask.tif"), WIDTH, HEIGHT, 1, gdal_api.GDT_Byte)
    dataset.GetRasterBand(1).WriteRaster(0, 0, WIDTH, HEIGHT, bytes(int(x % 7 == 0) for _ in range(HEIGHT) for x in range(WIDTH)))
    dataset.Close()
    gdal("selo", "fuse", folder / "pixels.tif", folder / "mask.tif", folder / "fused.tif", "--rule", "product", "-q")
    fused = gdal_api.Open(str(folder / "fused.tif")).ReadAsArray()
    for x, y in ((49, 40), (50, 40), (56, 30), (0, 0)):
        assert close(float(fused[y][x]), (x % 7 == 0) * value(x, y) / 255, 1e-6), (x, y, fused[y][x])
    other = gdal_api.GetDriverByName("GTiff").Create(str(folder / "small.tif"), 10, 10, 1, gdal_api.GDT_Byte)
    other.Close()
    fails("same pixels", "selo", "fuse", folder / "pixels.tif", folder / "small.tif", folder / "no.tif", "-q")


def outlines_that_cross_themselves(folder):
    """Both halves of a bow tie count, also where GEOS cannot intersect it as it is."""
    write_map(folder / "bow.tif")
    bow = polygon([[10, 10], [50, 50], [50, 10], [10, 50]])
    write_geojson(folder / "bows.geojson", [(bow, {"score": 0.5})])
    write_geojson(folder / "half.geojson", [(polygon([[10, 10], [30, 30], [10, 50]]), {})])
    for truth, iou in (("bows.geojson", 1), ("half.geojson", 0.5)):
        done = gdal("selo", "fuse", folder / "bow.tif", folder / "bows.geojson", folder / "bows.gpkg", "--truth", folder / truth, "--truth-crs", "none",
                    "--vectors-crs", "none", "-q", "--overwrite", "--summary", "none")
        assert "ERROR" not in done.stderr, done.stderr
        assert [close(row["mean_iou"], iou, 1e-12) for row in rows(folder / "bows.gpkg", "selo_refer")] == [True, True], rows(folder / "bows.gpkg", "selo_refer")


def masks_lie_on_the_same_pixels(folder):
    """Not only the same first pixel: also the last one, in the same CRS."""
    def mask(name, geotransform, crs, ones=True):
        dataset = gdal_api.GetDriverByName("GTiff").Create(str(folder / name), WIDTH, HEIGHT, 1, gdal_api.GDT_Byte)
        dataset.SetGeoTransform(geotransform)
        dataset.SetProjection(crs)
        if not ones:
            dataset.GetRasterBand(1).SetNoDataValue(0)
        dataset.GetRasterBand(1).Fill(int(ones))
        dataset.Close()
        return "selo", "fuse", folder / "map.tif", folder / name, folder / f"fused_{name}", "-q"

    def stretched(factor):
        return (NORTH_UP[0], NORTH_UP[1] * factor, 0, NORTH_UP[3], 0, NORTH_UP[5] * factor)

    fails(("zone.tif", "same pixels"), *mask("zone.tif", NORTH_UP, "EPSG:32632"))
    fails(("wide.tif", "same pixels"), *mask("wide.tif", stretched(1.009), "EPSG:32631"))
    gdal(*mask("rounded.tif", stretched(1 + 1e-6), "EPSG:32631"))
    gdal(*mask("other_words.tif", NORTH_UP, "+proj=tmerc +lon_0=3 +k=0.9996 +x_0=500000 +datum=WGS84"))
    done = gdal(*mask("nothing.tif", NORTH_UP, "EPSG:32631", ones=False))
    assert done.stderr == "", done.stderr


with scratch() as scratch_folder:
    for check in (coverage_is_that_of_zonal_stats, lines_count_by_length, rules_and_limits, scores_are_numbers, one_line_for_places_and_crs,
                  the_map_tells_look_alikes_apart, the_order_of_regions_does_not_matter, a_mask_becomes_a_fused_raster,
                  outlines_that_cross_themselves, masks_lie_on_the_same_pixels):
        check(scratch_folder)
        print(f"{check.__name__}: ok", flush=True)
