"""One scene as different rasters: a fine map of bytes and a coarse one of floats; a mosaic of ten maps in ten UTM zones.

The attention is a formula of longitude and latitude, so every raster shows the same thing and differs only by its pixels.
"""

import math

import numpy
from osgeo import gdal, osr

from support.ground_scenes import SCORES, reference_system, truth_dataset
from support.selo import evaluate, scratch

gdal.UseExceptions()


def attention(blobs, longitude, latitude):
    """Sum of bells at (longitude, latitude, half width in m, height)."""
    value = numpy.zeros_like(longitude)
    for lon, lat, width, height in blobs:
        east = (longitude - lon) * math.cos(math.radians(lat)) * 111320
        north = (latitude - lat) * 111200
        value += height * numpy.exp(-(east**2 + north**2) / (2 * width**2))
    return numpy.clip(value, 0, 1)


def render(path, crs, corner, pixel, size, blobs, bytes_=False):
    """Writes the attention at the pixel centres, strip by strip."""
    width, height = size
    kind = gdal.GDT_Byte if bytes_ else gdal.GDT_Float32
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, 1, kind, ["TILED=YES", "COMPRESS=DEFLATE"])
    dataset.SetGeoTransform((corner[0], pixel, 0, corner[1], 0, -pixel))
    dataset.SetSpatialRef(reference_system(crs))
    # The way back to degrees is smooth: it is computed on a lattice and interpolated between.
    step = 64
    to_degrees = osr.CoordinateTransformation(reference_system(crs), reference_system("EPSG:4326"))
    columns = numpy.arange(0, width + step, step)
    rows = numpy.arange(0, height + step, step)
    lattice = numpy.array([to_degrees.TransformPoints([(corner[0] + c * pixel, corner[1] - r * pixel) for c in columns]) for r in rows])
    for top in range(0, height, 256):
        n = min(256, height - top)
        at_x, at_y = (numpy.arange(width) + 0.5) / step, (top + numpy.arange(n) + 0.5) / step
        i, j = at_x.astype(int), at_y.astype(int)
        u, v = (at_x - i)[None, :, None], (at_y - j)[:, None, None]
        at = (lattice[j][:, i] * (1 - u) * (1 - v) + lattice[j][:, i + 1] * u * (1 - v) + lattice[j + 1][:, i] * (1 - u) * v
              + lattice[j + 1][:, i + 1] * u * v)
        values = attention(blobs, at[..., 0], at[..., 1])
        dataset.GetRasterBand(1).WriteArray(numpy.rint(255 * values).astype(numpy.uint8) if bytes_ else values.astype(numpy.float32), 0, top)
    dataset = None
    return path


def box(lon, lat, half_lon, half_lat):
    return [[(lon - half_lon, lat - half_lat), (lon + half_lon, lat - half_lat), (lon + half_lon, lat + half_lat), (lon - half_lon, lat + half_lat)]]


def write_truth(path, regions):
    gdal.VectorTranslate(str(path), truth_dataset(regions, "EPSG:4326"), format="GPKG")
    return path


def compare(title, first, second, tolerance):
    print(title)
    for name in SCORES:
        print(f"  {name}  {first[name]:.5f}  {second[name]:.5f}  {abs(first[name] - second[name]):.5f}")
        assert abs(first[name] - second[name]) <= tolerance[name], f"{title}: {name}: {first[name]} and {second[name]}"
    assert len(first["candidates"]) == len(second["candidates"]), title


def test_fine_and_coarse(folder):
    """0.3 m bytes and 10 m floats, 1.2 km x 0.9 km: attention that is smooth at 10 m scores within 0.005 (Ras, a position
    on a grid of 10 m against circles of 100 m and more, within 0.05)."""
    blobs = [(15.0030, 52.0030, 80, 0.9), (15.0085, 52.0045, 60, 0.8), (15.0120, 52.0015, 70, 0.7)]
    truth = write_truth(folder / "fine.gpkg", [box(15.0041, 52.0038, 0.0012, 0.0008), box(15.0092, 52.0052, 0.0010, 0.0007)])
    corner = (500000.0, 5762000.0)
    fine = render(folder / "fine.tif", "EPSG:32633", corner, 0.3, (4000, 3600), blobs, bytes_=True)
    coarse = render(folder / "coarse.tif", "EPSG:32633", corner, 10, (120, 108), blobs)
    sizes = ("--smoothing", "30m", "--separation", "150m")
    a, b = (evaluate(path, truth, *sizes)["samples"][0] for path in (fine, coarse))
    assert len(a["candidates"]) == 3
    compare("0.3 m Byte, 10 m Float32", a, b, {"rsu": 0.005, "ras": 0.05, "rda": 0.005, "rmi": 0.02})


def test_ten_zones(folder):
    """Ten maps, each in its UTM zone and of its own pixel size, as one mosaic in degrees, and the same drawn at once."""
    blobs = [(6 * z - 183 + 0.3, 50 + 0.2 * (z % 3), 40000, 0.6 + 0.03 * (z - 28)) for z in range(28, 38)]
    truth = write_truth(folder / "zones.gpkg", [box(lon + 0.9, lat + 0.4, 0.6, 0.4) for lon, lat, _, _ in blobs[::3]])
    parts = []
    for k, zone in enumerate(range(28, 38)):
        part = render(folder / f"zone{zone}.tif", f"EPSG:326{zone}", (270000, 5740000), 1000 + 20 * k, (460, 400), blobs)
        warped = folder / f"zone{zone}.vrt"
        gdal.Warp(str(warped), str(part), format="VRT", dstSRS="EPSG:4326", xRes=0.01, yRes=0.01, targetAlignedPixels=True,
                  resampleAlg="bilinear", errorThreshold=0, dstNodata=-1, outputBounds=(6 * zone - 186, 48.5, 6 * zone - 180, 51.5))
        parts.append(str(warped))
    mosaic = folder / "mosaic.vrt"
    gdal.BuildVRT(str(mosaic), parts, srcNodata=-1, VRTNodata=-1)
    whole = render(folder / "whole.tif", "EPSG:4326", (-18, 51.5), 0.01, (6000, 300), blobs)
    sizes = ("--smoothing", "5000m", "--separation", "60000m")
    a, b = (evaluate(path, truth, *sizes)["samples"][0] for path in (mosaic, whole))
    assert len(a["candidates"]) == 10
    compare("ten UTM zones, drawn at once", a, b, {"rsu": 0.002, "ras": 0.02, "rda": 0.002, "rmi": 0.01})
    copy = folder / "mosaic.tif"
    gdal.Translate(str(copy), str(mosaic))
    assert evaluate(copy, truth, *sizes)["samples"] == [a]  # a mosaic of VRTs and its copy: not one bit


if __name__ == "__main__":
    with scratch() as scratch_folder:
        test_fine_and_coarse(scratch_folder)
        test_ten_zones(scratch_folder)
