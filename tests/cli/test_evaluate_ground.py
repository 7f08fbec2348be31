"""The ground profile on the command line: its bad inputs, its warnings, masks, points and lines, gates, both profiles."""

import json

import numpy as np
from osgeo import gdal as gdal_api
from osgeo import ogr, osr

from support.selo import close, evaluate, fails, gdal, scratch

gdal_api.UseExceptions()
ogr.UseExceptions()

SQUARE = "POLYGON((500100 4999900,500400 4999900,500400 4999600,500100 4999600,500100 4999900))"


def crs_of(text):
    crs = osr.SpatialReference()
    crs.SetFromUserInput(text)
    return crs


def make_map(path, values, type_=gdal_api.GDT_Float32, crs="EPSG:32633", geotransform=(500000, 10, 0, 5000000, 0, -10), nodata=None,
             scale=None, alpha=None, options=()):
    height, width = values.shape
    bands = 1 if alpha is None else 2
    dataset = gdal_api.GetDriverByName("GTiff").Create(str(path), width, height, bands, type_, list(options))
    if crs:
        dataset.SetSpatialRef(crs_of(crs))
    if geotransform:
        dataset.SetGeoTransform(geotransform)
    if nodata is not None:
        dataset.GetRasterBand(1).SetNoDataValue(nodata)
    if scale:
        dataset.GetRasterBand(1).SetScale(scale[0])
        dataset.GetRasterBand(1).SetOffset(scale[1])
    dataset.GetRasterBand(1).WriteArray(values)
    if alpha is not None:
        dataset.GetRasterBand(2).SetColorInterpretation(gdal_api.GCI_AlphaBand)
        dataset.GetRasterBand(2).WriteArray(alpha)
    return path


def make_layer(path, wkts, crs="EPSG:32633"):
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(str(path))
    layer = dataset.CreateLayer("regions", crs_of(crs) if crs else None)
    for wkt in wkts:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
        layer.CreateFeature(feature)
    return path


def blob(peak=0.9, low=0.0):
    rows, columns = np.mgrid[0:60, 0:70]
    return (low + (peak - low) * np.exp(-((columns - 25) ** 2 + (rows - 25) ** 2) / 90)).astype(np.float32)


def test_bad_input(folder):
    good, truth = make_map(folder / "map.tif", blob()), make_layer(folder / "truth.gpkg", [SQUARE])

    def refused(message, *arguments, map_name=good, truth_name=truth):
        fails(message, "selo", "evaluate", map_name, truth_name, folder / "out.gpkg", "-q", *arguments)
        assert not (folder / "out.gpkg").exists()

    refused(["smoothing", "'16'", "unit missing"], "--smoothing", "16")
    refused(["separation", "'3ft'", "unknown unit"], "--separation", "3ft")
    refused(["tolerance", "metres"], "--tolerance", "3px")
    refused(["weights", "sum 1"], "--weights", "0.5,0.5,0.5")
    refused(["--threshold", "--profile ground"], "--threshold", "0.3", "--profile", "reference")
    refused(["--fail-below", "'rmi'", "METRIC=VALUE"], "--fail-below", "rmi")
    refused(["--fail-above", "names no score"], "--fail-above", "fun=1")
    refused(["--buffer", "metres"], "--buffer", "3px")
    refused(["--tolerance", "10000 km"], "--tolerance", "1e9m")
    points = make_layer(folder / "wide.gpkg", ["POINT(500250 4999750)"])
    refused(["--buffer", "wide.gpkg", "10000 km"], "--buffer", "1e9m", truth_name=points)
    south = {"crs": "EPSG:32719"}  # where that circle leaves what the CRS can draw
    chile = make_map(folder / "south.tif", blob(), geotransform=(300000, 10, 0, 6000000, 0, -10), **south)
    refused(["--tolerance", "9000000 m"], "--tolerance", "9000km", map_name=chile,
            truth_name=make_layer(folder / "square.gpkg", ["POLYGON((300100 5999900,300400 5999900,300400 5999600,300100 5999900))"], **south))
    refused(["--buffer", "point.gpkg", "9000000 m"], "--buffer", "9000km", map_name=chile,
            truth_name=make_layer(folder / "point.gpkg", ["POINT(300250 5999750)"], **south))

    big = make_map(folder / "big.tif", 3 * blob())
    refused([str(big), "column 23, row 16", "outside 0 to 1", "--value-range", "--normalize"], map_name=big)
    refused(["2,1", "no range"], "--value-range", "2,1", map_name=big)
    whole = make_map(folder / "int.tif", blob() * 100, type_=gdal_api.GDT_Int16)
    refused([str(whole), "Int16", "--value-range"], map_name=whole)
    flat = make_map(folder / "flat.tif", np.full((60, 70), 0.4, np.float32))
    refused([str(flat), "the same", "--normalize"], "--normalize", map_name=flat)

    refused(["--aoi", "no area on map"], "--aoi", make_layer(folder / "far.gpkg", ["POLYGON((0 0,1 0,1 1,0 0))"]))
    refused(["--aoi", "no area on map"], "--aoi", make_layer(folder / "line.gpkg", ["LINESTRING(500100 4999900,500400 4999900)"]))
    plain = make_map(folder / "plain.tif", blob(), crs=None)
    refused([str(plain), "no CRS", "--map-crs"], "--profile", "ground", "--truth-crs", "none", map_name=plain)
    refused([str(good), "do not overlap"], truth_name=make_layer(folder / "away.gpkg", [SQUARE], crs="EPSG:32634"))
    refused([str(truth), "--allow-ballpark"], "--truth-crs", "+proj=utm +zone=33 +ellps=bessel +no_defs")
    refused(["beyond a pole"], map_name=make_map(folder / "pole.tif", blob(), crs="EPSG:4326", geotransform=(10, 1, 0, 100, 0, -1)))
    refused(["no polygons", "--buffer"], truth_name=make_layer(folder / "points.gpkg", ["POINT(500250 4999750)"]))
    local = 'LOCAL_CS["site",UNIT["metre",1]]'
    refused(["no known way to longitude"], "--profile", "ground", "--truth-crs", local, map_name=make_map(folder / "local.tif", blob(), crs=local))


def one(folder, map_name, *arguments, truth="truth.gpkg"):
    return evaluate(map_name, folder / truth, "--smoothing", "30m", "--separation", "150m", *arguments)["samples"][0]


def test_windows_beyond_any_map(folder):
    """A window that is wider than the map is the map, however wide it is."""
    for size in ("--smoothing", "--separation"):
        results = [evaluate(folder / "map.tif", folder / "truth.gpkg", size, length)["samples"][0] for length in ("100km", "1e15m", "1e20px")]
        for result in results:
            del result["smooth_px"], result["apart_px"]
        assert results[0] == results[1] == results[2], results


def test_warnings(folder):
    empty = make_map(folder / "empty.tif", np.full((60, 70), -1, np.float32), nodata=-1)
    sample = one(folder, empty)
    assert sample["status"] == "no_valid_pixel" and all(sample[s] is None for s in ("rsu", "ras", "rda", "rmi"))
    done = gdal("selo", "evaluate", empty, folder / "truth.gpkg", "-q")
    assert "every pixel is NoData" in done.stderr and "empty.tif" in done.stderr
    two = folder / "two.csv"
    two.write_text("".join(["WKT,sample_id\n", *(f'"{SQUARE}",{name}\n' for name in ("a", "b"))]), encoding="utf-8")
    for name in ("a", "b"):
        make_map(folder / f"empty_{name}.tif", np.full((60, 70), -1, np.float32), nodata=-1)
    done = gdal("selo", "evaluate", folder / "empty_{sample_id}.tif", two, "--truth-crs", "EPSG:32633")
    lines = done.stderr.splitlines()  # a progress bar that a warning interrupts ends its line, and goes on in one of its own
    assert [line.startswith("Warning") for line in lines].count(True) == done.stderr.count("Warning") > 0, done.stderr
    assert any(line.endswith("100 - done.") for line in lines), done.stderr
    values = blob()
    values[5:45, 5:45] = -1
    hidden = make_map(folder / "hidden.tif", values, nodata=-1)
    sample = one(folder, hidden)
    assert sample["status"] == "region_hidden" and sample["rsu"] is None and sample["ras"] is not None
    assert "wholly under excluded pixels" in gdal("selo", "evaluate", hidden, folder / "truth.gpkg", "-q").stderr
    bow = make_layer(folder / "bow.gpkg", ["POLYGON((500100 4999900,500400 4999600,500400 4999900,500100 4999600,500100 4999900))"])
    assert "were repaired: 1, the first in sample '" in gdal("selo", "evaluate", folder / "map.tif", bow, "-q").stderr
    wide = make_map(folder / "wide.tif", blob(), crs="EPSG:4326", geotransform=(10, 0.1, 0, 60, 0, -0.1))
    box = make_layer(folder / "box.gpkg", ["POLYGON((12 57,13 57,13 58,12 58,12 57))"], crs="EPSG:4326")
    assert "varies by" in gdal("selo", "evaluate", wide, box, "-q").stderr


def test_masks_agree(folder):
    """NoData, NaN, an alpha band, a mask band and an area of interest that leave out the same pixels score alike."""
    values, out = blob(low=0.1), np.zeros((60, 70), bool)
    out[:, 28:] = True
    holed = np.where(out, -7, values).astype(np.float32)
    maps = [make_map(folder / "nodata.tif", holed, nodata=-7), make_map(folder / "nan.tif", np.where(out, np.nan, values).astype(np.float32))]
    masked = make_map(folder / "masked.tif", values)
    with gdal_api.config_option("GDAL_TIFF_INTERNAL_MASK", "YES"):
        dataset = gdal_api.Open(str(masked), gdal_api.GA_Update)
        dataset.CreateMaskBand(gdal_api.GMF_PER_DATASET)
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.where(out, 0, 255).astype(np.uint8))
        dataset = None
    expected = one(folder, maps[0])
    assert close(expected["nodata_fr"], 42 / 70, 1e-4) and close(expected["hidden_fr"], 12 / 30, 1e-4)
    for name in [*maps[1:], masked]:
        assert one(folder, name) == expected, name
    interest = make_layer(folder / "aoi.gpkg", ["POLYGON((490000 5100000,500280 5100000,500280 4900000,490000 4900000,490000 5100000))"])
    assert one(folder, make_map(folder / "low.tif", values), "--aoi", interest) == expected
    alpha = make_map(folder / "alpha.tif", 255 * values, type_=gdal_api.GDT_Byte, alpha=np.where(out, 0, 255))
    opaque = make_map(folder / "opaque.tif", 255 * values, type_=gdal_api.GDT_Byte)
    assert one(folder, alpha) == one(folder, opaque, "--aoi", interest)


def test_values_agree(folder):
    """The same attention as bytes, 16 bits, floats, scaled integers and another range."""
    bytes_ = np.round(blob() * 255)
    expected = one(folder, make_map(folder / "byte.tif", bytes_, type_=gdal_api.GDT_Byte))
    same = [(make_map(folder / "u16.tif", bytes_ * 257, type_=gdal_api.GDT_UInt16), ()),
            (make_map(folder / "float.tif", (bytes_ / 255).astype(np.float32)), ()),
            (make_map(folder / "scaled.tif", bytes_ - 100, type_=gdal_api.GDT_Int16, scale=(1 / 255, 100 / 255)), ()),
            (make_map(folder / "range.tif", bytes_ * 4 - 1000, type_=gdal_api.GDT_Int32), ("--value-range=-1000,20",))]
    for name, arguments in same:
        sample = one(folder, name, *arguments)
        for key in ("rsu", "ras", "rda", "rmi", "auc", "ap", "att_in"):
            assert close(sample[key], expected[key], 1e-7), f"{name}: {key} is {sample[key]}, not {expected[key]}"
        assert len(sample["candidates"]) == len(expected["candidates"])
    normal = one(folder, make_map(folder / "normal.tif", blob() * 33 + 5), "--normalize")
    assert close(normal["candidates"][0]["prob"], 1, 1e-6)


def test_points_and_lines(folder):
    make_layer(folder / "flat.gpkg", ["POLYGON((500100 4999900,500400 4999900,500100 4999900))"])
    fails(["flat.gpkg", "no region has an area"], "selo", "evaluate", folder / "map.tif", folder / "flat.gpkg", "-q")
    mixed = make_layer(folder / "mixed.gpkg", ["POINT(500250 4999750)", "LINESTRING(500100 4999500,500300 4999500)", SQUARE])
    sample = one(folder, folder / "map.tif", "--buffer", "25m", truth="mixed.gpkg")
    areas = [region["area_m2"] for region in sample["regions"]]
    assert mixed.exists() and len(areas) == 3
    assert close(areas[0] / (np.pi * 625), 1, 1e-3) and close(areas[1] / (np.pi * 625 + 50 * 200 / 0.9996), 1, 1e-3)
    multi = make_layer(folder / "multi.gpkg", ["MULTIPOLYGON(((500100 4999900,500200 4999900,500200 4999800,500100 4999900)),"
                                               "((500300 4999900,500400 4999900,500400 4999800,500300 4999900)))"])
    assert len(one(folder, folder / "map.tif", truth=multi.name)["regions"]) == 2
    assert len(one(folder, folder / "map.tif", "--regions", "feature", truth=multi.name)["regions"]) == 1


def test_both_profiles_and_gates(folder):
    arguments = ("selo", "evaluate", folder / "map.tif", folder / "truth.gpkg", "--profile", "reference", "--profile", "ground", "-q",
                 "--smoothing", "30m", "--separation", "150m", "--summary", "json")
    both = json.loads(gdal(*arguments).stdout)
    assert [sample["profile"] for sample in both["samples"]] == ["reference", "ground"] and set(both["means"]) == {"reference", "ground"}
    assert both["samples"][1] == one(folder, folder / "map.tif")
    assert both["samples"][0] == evaluate(folder / "map.tif", folder / "truth.gpkg", "--profile", "reference")["samples"][0]
    rmi = both["samples"][1]["rmi"]
    assert gdal(*arguments, "--fail-below", f"ground.rmi={rmi - 0.01}", "--fail-above", "ground.ras=0.9").returncode == 0
    done = gdal(*arguments, "--fail-below", f"ground.rmi={rmi + 0.01}", check=False)
    assert done.returncode == 3 and "--fail-below" in done.stderr and json.loads(done.stdout) == both
    for threads in ("1", "2", "4"):
        assert json.loads(gdal(*arguments, "-j", threads).stdout) == both
    tiled = make_map(folder / "tiled.tif", blob(), options=("TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=32", "COMPRESS=DEFLATE"))
    assert evaluate(tiled, folder / "truth.gpkg", "--smoothing", "30m", "--separation", "150m")["samples"] == both["samples"][1:]


def test_curves(folder):
    """selo_curve agrees with the scores that stand for it, alone and pooled."""
    two = folder / "two.gpkg"
    layer = ogr.GetDriverByName("GPKG").CreateDataSource(str(two))
    truth = layer.CreateLayer("regions", crs_of("EPSG:32633"))
    truth.CreateField(ogr.FieldDefn("query"))
    for query, shift in (("a", 0), ("b", 100)):
        feature = ogr.Feature(truth.GetLayerDefn())
        feature["query"] = query
        feature.SetGeometry(ogr.CreateGeometryFromWkt(SQUARE.replace("500400", str(500400 - shift))))
        truth.CreateFeature(feature)
    del feature, truth, layer
    result = evaluate(folder / "byte.tif", two, folder / "curves.gpkg", "--query-field", "query", "--band", "1")
    dataset, found = ogr.Open(str(folder / "curves.gpkg")), {}
    for row in dataset.GetLayerByName("selo_curve"):
        found.setdefault(row["sample_id"], []).append((row["thr"], row["prec"], row["recall"], row["f1"], row["iou"]))
    assert set(found) == {"0", "1", None}
    for sample, curve in [*zip(result["samples"], (found["0"], found["1"])), (result["pooled"], found[None])]:
        assert curve == sorted(curve) and curve[0][2] == 1
        assert close(max(point[3] for point in curve), sample["f1_best"], 1e-12)
        ap = sum((point[2] - after[2]) * point[1] for point, after in zip(curve, [*curve[1:], (0, 0, 0)]))
        assert close(ap, sample["ap"], 1e-9), f"{ap}, not {sample['ap']}"
        assert close(next(point[4] for point in curve if point[0] >= 0.5), sample["iou_50"], 1e-12)


def box(west, east, south=-80, north=80):
    return f"(({west} {north},{east} {north},{east} {south},{west} {south},{west} {north}))"


def test_maps_of_the_world(folder):
    """Where a map of the world begins is no matter to what lies on it, nor is how a region across the antimeridian is written."""
    values = np.full((60, 120), 0.1, np.float32)
    values[10:20, 55:65] = 0.9  # around Greenwich
    values[20:30, 0:5] = values[20:30, 115:120] = 0.9  # around the antimeridian, 15 degrees to each side
    for name, west, order in (("west.tif", -180, values), ("east.tif", 0, np.roll(values, 60, axis=1))):
        make_map(folder / name, order, crs="EPSG:4326", geotransform=(west, 3, 0, 90, 0, -3))
    north = {"south": 0, "north": 30}
    truths = {"greenwich": f"POLYGON{box(-15, 15, 30, 60)}", "beyond": f"POLYGON{box(165, 195, **north)}",
              "back": f"POLYGON{box(165, -165, **north)}", "split": f"MULTIPOLYGON({box(165, 180, **north)},{box(-180, -165, **north)})",
              "belt": f"POLYGON{box(-180, 180, **north)}", "halves": f"POLYGON{box(-180, 180, **north).replace('180 30,180', '180 30,0 30,180')}"}
    found, sizes = {}, ("--smoothing", "3px", "--separation", "9px")
    for name, wkt in truths.items():
        make_layer(folder / f"{name}.gpkg", [wkt], crs="EPSG:4326")
        west, east = (evaluate(folder / f"{side}.tif", folder / f"{name}.gpkg", *sizes, "--regions", "feature")["samples"][0]
                      for side in ("west", "east"))
        found[name] = west
        for key in ("status", "rsu", "gt_frac", "att_in", "ap"):
            assert west[key] == east[key] or close(west[key], east[key], 1e-9), (name, key, west[key], east[key])
    for name in ("beyond", "back", "split"):
        assert close(found[name]["gt_frac"], 30 / 360 * 0.25, 1e-4) and found[name]["rsu"] > 0.9, (name, found[name])
        assert close(found[name]["regions"][0]["cx_px"] % 120, 0, 1e-9), (name, found[name]["regions"])
    assert close(found["belt"]["gt_frac"], 0.25, 1e-3) and found["halves"]["gt_frac"] == found["belt"]["gt_frac"]
    for name, hidden in (("belt", 0.75), ("back", 1 - 30 / 360 / 4)):
        for side in ("west", "east"):
            sample = evaluate(folder / f"{side}.tif", folder / "back.gpkg", *sizes, "--aoi", folder / f"{name}.gpkg")["samples"][0]
            assert close(sample["nodata_fr"], hidden, 0.01) and sample["regions"][0]["hidden_fr"] < 1e-6, (name, side, sample)


if __name__ == "__main__":
    with scratch() as scratch_folder:
        for test in (test_bad_input, test_windows_beyond_any_map, test_warnings, test_masks_agree, test_values_agree, test_points_and_lines,
                     test_both_profiles_and_gates, test_curves, test_maps_of_the_world):
            test(scratch_folder)
            print("ok", test.__name__)
