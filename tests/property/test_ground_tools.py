"""The ground profile against independent tools: gdal raster zonal-stats, scikit-learn."""

import math
import sys

import numpy
from osgeo import gdal, ogr

from support.selo import SKIPPED, close
from support.ground_scenes import PLACES, Scene, generator, map_dataset, polygon, random_scene, score, truth_dataset


def zonal_stats(scene):
    """Sum and number of pixels by covered fraction, per region."""
    zones = truth_dataset(scene.regions, scene.crs)
    out = gdal.Run(["raster", "zonal-stats"], input=map_dataset(scene), zones=zones, stat=["sum", "count"], pixels="fractional",
                   output="", output_format="MEM")
    result = out.Output()
    return [(feature["sum"], feature["count"]) for feature in result.GetLayer(0)]


def test_zonal_stats():
    """50 polygons with holes in places where the pixel area hardly varies: their sums over pixels are sums over areas."""
    rng, done, worst = generator(3), 0, 0
    while done < 50:
        scene = random_scene(rng, PLACES[done % 2], width=70, height=60)
        scene.values = numpy.nan_to_num(scene.values, nan=0.0)
        sample, total = score(scene), float(scene.values.sum(dtype=float))
        for region, (mass, count) in zip(sample["regions"], zonal_stats(scene), strict=True):
            worst = max(worst, abs(region["area_px"] / count - 1), abs(region["mass_in"] * total / mass - 1))
            done += 1
    assert worst <= 1e-6, worst
    print(f"zonal-stats: {done} regions, at most {worst:.1e} relative")


def covered_by_whole_pixels(rng, scene):
    """A random set of pixels as truth: 0 or 1 everywhere."""
    height, width = scene.values.shape
    inside = numpy.random.default_rng(rng.getrandbits(32)).random((height, width)) < 0.05 + 0.4 * scene.values
    pixels = ogr.Geometry(ogr.wkbMultiPolygon)
    for row, column in zip(*numpy.nonzero(inside)):
        pixels.AddGeometry(polygon([[scene.place(column + dx, row + dy) for dx, dy in ((0, 0), (1, 0), (1, 1), (0, 1))]]))
    return inside, pixels


def test_scikit_learn():
    try:
        from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score
    except ImportError:
        print("skipped: python3-sklearn is not here")
        sys.exit(SKIPPED)
    rng, worst = generator(4), 0
    for i in range(20):
        scene = random_scene(rng, PLACES[0], width=60, height=50, noise=0.3 if i % 2 else 0)
        scene.values = numpy.nan_to_num(scene.values, nan=0.0)
        if i % 4 == 0:  # ties, as in 8-bit maps
            scene.values = (numpy.round(scene.values * 255) / 255).astype(numpy.float32)
        inside, pixels = covered_by_whole_pixels(rng, scene)
        whole = pixels.UnionCascaded()
        parts = [whole.GetGeometryRef(k) for k in range(whole.GetGeometryCount())]
        regions = [[[ring.GetPoint_2D(j) for j in range(ring.GetPointCount() - 1)] for ring in part] for part in parts]
        sample = score(Scene(scene.values, scene.geotransform, scene.crs, regions))
        truth, values = inside.ravel(), scene.values.ravel()
        precision, recall, _ = precision_recall_curve(truth, values)
        f1 = numpy.max(2 * precision * recall / numpy.maximum(precision + recall, 1e-300))
        at_half = values >= 0.5
        iou = (at_half & truth).sum() / (at_half | truth).sum()
        for name, expected in (("auc", roc_auc_score(truth, values)), ("ap", average_precision_score(truth, values)), ("f1_best", f1),
                               ("iou_50", iou)):
            assert close(sample[name], expected, 1e-6), f"map {i}: {name} is {sample[name]}, not {expected}"
            worst = max(worst, abs(sample[name] - expected))
    print(f"scikit-learn: 20 maps, at most {worst:.1e}")


def test_pointing():
    """The maximum inside a region, outside it, and outside but within the tolerance."""
    values = numpy.zeros((40, 50), numpy.float32)
    values[20, 30] = 0.9
    scene = Scene(values, (500000, 2, 0, 4000000, 0, -2), "EPSG:32650", [])
    box = [scene.place(*p) for p in ((25, 15), (35, 15), (35, 25), (25, 25))]
    away = [scene.place(*p) for p in ((5, 15), (20, 15), (20, 25), (5, 25))]
    assert score(scene, regions=[[box]])["pointing"] == 1
    assert score(scene, regions=[[away]])["pointing"] == 0
    assert score(scene, regions=[[away]], tolerance="20m")["pointing"] == 0  # the maximum is 10.5 pixels off: 21 m
    assert score(scene, regions=[[away]], tolerance="22m")["pointing"] == 1
    values[20, 10] = 0.9  # tied: half of the maximum's area
    assert math.isclose(score(scene, regions=[[box]])["pointing"], 0.5, abs_tol=1e-6)


def blank(height, width, rows, columns, background=0.0):
    values = numpy.full((height, width), background, numpy.float32)
    values[rows, columns] = 0.8
    return values


def test_far_places():
    """Over the antimeridian, over a pole, and a map of the world whose corners are off the Earth."""
    dateline = Scene(blank(100, 200, slice(40, 50), slice(95, 110)), (179, 0.01, 0, 10, 0, -0.01), "EPSG:4326",
                     [[[(-180.0, 9.5), (-179.9, 9.5), (-179.9, 9.6), (-180.0, 9.6)]]])
    sample = score(dateline, smoothing="5px", separation="15px")
    assert close(sample["regions"][0]["cx_px"], 105, 1e-9) and close(sample["att_in"], 10 / 15, 1e-9) and sample["regions"][0]["n_in"] == 1
    pole = Scene(blank(100, 100, slice(45, 55), slice(45, 55)), (-50000, 1000, 0, 50000, 0, -1000), "EPSG:3031",
                 [[[(-6000, -6000), (6000, -6000), (6000, 6000), (-6000, 6000)]]])
    sample = score(pole, smoothing="5px", separation="15px")
    assert close(sample["att_in"], 1, 1e-12) and sample["ras"] < 1e-3 and sample["rda"] == 1
    world = Scene(blank(90, 180, slice(30, 40), slice(60, 80), 0.2), (-18040096, 200445.5, 0, 9020048, 0, -200445.5), "ESRI:54009",
                  [[[(-6e6, 1e6), (-2e6, 1e6), (-2e6, 3e6), (-6e6, 3e6)]]])
    sample = score(world, smoothing="5px", separation="15px")
    assert sample["status"] == "ok" and 0.98 < sample["area_m2"] / 5.10065621724e14 < 1  # but for pixels on the rim


if __name__ == "__main__":
    test_far_places()
    test_pointing()
    test_zonal_stats()
    test_scikit_learn()
