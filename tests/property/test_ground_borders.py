"""Areas drawn along the borders of pixels hold whole pixels. Their coordinates are rounded, and a share of 1e-10 of the next pixel
is enough to make a score of nothing, or to end in an error once in three times."""

import json
import math
import random
import sys

import numpy
from osgeo import gdal, ogr

from support.ground_scenes import PLACES, Scene, map_dataset, score, truth_dataset
from support.selo import refuses

FINE = (("centimetres", "EPSG:32719", (300000.3, 6000000.7), 0.01, 0), ("fine degrees", "EPSG:4326", (-70.123456, -30.456), 1e-6, 0),
        ("turned degrees", "EPSG:4326", (-70.123456, -30.456), 1e-5, -41.0))
EACH = 12


def scenes(rng):
    for place in PLACES + FINE:
        for _ in range(EACH):
            _, crs, corner, pixel, turn = place
            width, height = rng.randint(6, 40), rng.randint(6, 40)
            cosine, sine = pixel * math.cos(math.radians(turn)), pixel * math.sin(math.radians(turn))
            values = numpy.random.default_rng(rng.getrandbits(32)).random((height, width)).astype(numpy.float32)
            box = rng.randint(1, width - 4), rng.randint(1, height - 4)
            yield Scene(values, (corner[0], cosine, sine, corner[1], sine, -cosine), crs, []), (*box, box[0] + rng.randint(1, 3), box[1] + rng.randint(1, 3))


def corners(scene, box):
    left, top, right, bottom = box
    return [[scene.place(*at) for at in ((left, top), (right, top), (right, bottom), (left, bottom))]]


def score_box(scene, box):
    return score(scene, regions=[corners(scene, box)], smoothing="3px", separation="5px")


def pixels(box):
    left, top, right, bottom = box
    return slice(top, bottom), slice(left, right)


def test_a_region_of_whole_pixels(scene, box):
    region = score_box(scene, box)["regions"][0]
    assert region["area_px"] == (box[2] - box[0]) * (box[3] - box[1]), (scene.geotransform, box, region)


def test_a_region_under_nothing_but_gaps(scene, box):
    hidden = Scene(scene.values.copy(), scene.geotransform, scene.crs, [])
    hidden.values[pixels(box)] = numpy.nan
    sample = score_box(hidden, box)
    assert sample["status"] == "region_hidden" and sample["rsu"] is None and sample["rmi"] is None and sample["ap"] is None, (scene.geotransform, sample)


def test_a_region_that_is_the_map(scene):
    height, width = scene.values.shape
    sample = score_box(scene, (0, 0, width, height))
    assert sample["status"] == "region_everywhere" and sample["rsu"] is None and sample["gt_frac"] == 1, (scene.geotransform, sample)


def test_a_region_beside_the_map(scene):
    height, width = scene.values.shape
    beside = (width, 1, width + 3, height)
    if scene.geotransform[2] == 0:
        refuses("do not overlap", "evaluate", map=map_dataset(scene), truth=truth_dataset([corners(scene, beside)], scene.crs))
    else:  # boxes around turned ones may meet where these do not
        sample = score_box(scene, beside)
        assert sample["status"] == "region_outside" and sample["rsu"] is None, (scene.geotransform, sample)


def test_the_highest_value_under_a_detection(scene, box):
    output = "/vsimem/fused.gpkg"
    gdal.Run(["selo", "fuse"], map=map_dataset(scene), vectors=truth_dataset([corners(scene, box)], scene.crs), output=output, attention="max", overwrite=True)
    dataset = ogr.Open(output)
    row = json.loads(dataset.GetLayerByName("selo_fused").GetNextFeature().ExportToJson())["properties"]
    dataset = None
    gdal.Unlink(output)
    highest = float(scene.values[pixels(box)].max())
    assert abs(row["selo_max"] - highest) < 1e-6 and abs(row["fused"] - math.sqrt(highest)) < 1e-6, (scene.geotransform, box, row, highest)


def main():
    done = 0
    for scene, box in scenes(random.Random(8)):
        test_a_region_of_whole_pixels(scene, box)
        test_a_region_under_nothing_but_gaps(scene, box)
        test_a_region_that_is_the_map(scene)
        test_a_region_beside_the_map(scene)
        test_the_highest_value_under_a_detection(scene, box)
        done += 1
    print(f"{done} scenes: areas along the borders of pixels hold whole pixels")


if __name__ == "__main__":
    sys.exit(main())
