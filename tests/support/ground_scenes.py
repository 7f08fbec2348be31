"""Random georeferenced scenes in memory, and scoring them inside this process."""

import json
import math
import random

import numpy
from osgeo import gdal, ogr, osr

gdal.UseExceptions()

SCORES = ("rsu", "ras", "rda", "rmi")

# name, CRS, upper left corner (x, y), pixel size, turn in degrees
PLACES = (
    ("utm", "EPSG:32650", (500000, 4000000), 0.5, 0),
    ("national grid", "EPSG:31370", (150000, 170000), 0.625, 0),
    ("degrees", "EPSG:4326", (13.375, 52.5), 2.0**-17, 0),
    ("web mercator at 60 N", "EPSG:3857", (1070000, 8400000), 1.0, 0),
    ("polar", "EPSG:3031", (400000, -1200000), 3.0, 0),
    ("turned", "EPSG:32650", (500000, 4000000), 0.5, 23.0),
)


class Scene:
    """A map (float32, NaN is NoData) and its regions: lists of rings of (x, y) in the map's CRS."""

    def __init__(self, values, geotransform, crs, regions):
        self.values, self.geotransform, self.crs, self.regions = values, tuple(geotransform), crs, regions

    def place(self, column, row):
        gt = self.geotransform
        return gt[0] + column * gt[1] + row * gt[2], gt[3] + column * gt[4] + row * gt[5]


def reference_system(crs):
    system = osr.SpatialReference()
    system.SetFromUserInput(crs)
    system.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return system


def star(rng, column, row, radius, points=9, hole=True):
    """Rings in pixel coordinates."""
    angles = [2 * math.pi * (i + rng.uniform(0.1, 0.9)) / points for i in range(points)]
    reach = [radius * rng.uniform(0.6, 1) for _ in angles]
    outer = [(column + r * math.cos(a), row + r * math.sin(a)) for a, r in zip(angles, reach)]
    inner = [(column + 0.25 * radius * math.cos(a), row + 0.25 * radius * math.sin(a)) for a in angles]
    return [outer, inner] if hole else [outer]


def random_scene(rng, place, width=None, height=None, radius=(8, 16), blobs=(3, 6), spread=(4, 9), noise=0.05):
    _, crs, corner, pixel, turn = place
    width, height = width or rng.randint(60, 90), height or rng.randint(60, 90)
    rows, columns = numpy.mgrid[0:height, 0:width]
    values = noise * numpy.random.default_rng(rng.getrandbits(32)).random((height, width))
    spots = []
    for _ in range(rng.randint(*blobs)):
        spots.append((rng.uniform(8, width - 8), rng.uniform(8, height - 8)))
        size, peak = rng.uniform(*spread), rng.uniform(0.55, 0.9)
        values += peak * numpy.exp(-((columns + 0.5 - spots[-1][0]) ** 2 + (rows + 0.5 - spots[-1][1]) ** 2) / (2 * size**2))
    values = numpy.clip(values, 0, 1).astype(numpy.float32)
    if rng.random() < 0.3:
        values[rng.randint(0, height - 5):, : rng.randint(1, 12)] = numpy.nan
    cosine, sine = pixel * math.cos(math.radians(turn)), pixel * math.sin(math.radians(turn))
    scene = Scene(values, (corner[0], cosine, sine, corner[1], sine, -cosine), crs, [])
    for column, row in rng.sample(spots, min(len(spots), rng.randint(1, 3))):
        rings = star(rng, column + rng.uniform(-3, 3), row + rng.uniform(-3, 3), rng.uniform(*radius), hole=rng.random() < 0.5)
        scene.regions.append([[scene.place(*point) for point in ring] for ring in rings])
    return scene


def map_dataset(scene):
    height, width = scene.values.shape
    dataset = gdal.GetDriverByName("MEM").Create("", width, height, 1, gdal.GDT_Float32)
    dataset.SetGeoTransform(scene.geotransform)
    dataset.SetSpatialRef(reference_system(scene.crs))
    dataset.GetRasterBand(1).SetNoDataValue(math.nan)
    dataset.GetRasterBand(1).WriteArray(scene.values)
    return dataset


def polygon(rings):
    area = ogr.Geometry(ogr.wkbPolygon)
    for points in rings:
        ring = ogr.Geometry(ogr.wkbLinearRing)
        for x, y in [*points, points[0]]:
            ring.AddPoint_2D(x, y)
        area.AddGeometry(ring)
    return area


def truth_dataset(regions, crs):
    dataset = gdal.GetDriverByName("MEM").Create("", 0, 0, 0, gdal.GDT_Unknown)
    layer = dataset.CreateLayer("truth", reference_system(crs), ogr.wkbPolygon)
    for rings in regions:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(polygon(rings))
        layer.CreateFeature(feature)
    return dataset


def score(scene, truth_crs=None, regions=None, smoothing="3m", separation="9m", **arguments):
    """The sample of the JSON summary."""
    run = gdal.Run(["selo", "evaluate"], map=map_dataset(scene), truth=truth_dataset(regions or scene.regions, truth_crs or scene.crs),
                   smoothing=smoothing, separation=separation, summary="json", **arguments)
    return json.loads(run["output-string"])["samples"][0]


def differences(a, b):
    """Largest difference of each score; undefined ones must be undefined in both."""
    for name in SCORES:
        assert (a[name] is None) == (b[name] is None), f"{name}: {a[name]} and {b[name]}"
    return {name: abs(a[name] - b[name]) if a[name] is not None else 0 for name in SCORES}


def generator(seed):
    return random.Random(seed)
