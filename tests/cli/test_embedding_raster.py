#!/usr/bin/env python3
"""gdal selo localize --embedding-raster: cosines per pixel in every data type, NoData, strips, and bad input."""

import json
import subprocess
import sys

import numpy as np
from osgeo import gdal as gdal_api

from support import scenes
from support.selo import fails, gdal, scratch


def expected(vectors, query):
    cosine = np.einsum("bhw,b->hw", vectors, query) / np.linalg.norm(vectors, axis=0) / np.linalg.norm(query)
    return (cosine - np.nanmin(cosine)) / (np.nanmax(cosine) - np.nanmin(cosine))


def localize(raster, output, queries, *arguments):
    done = gdal("selo", "localize", raster, output, "--embedding-raster", "--query-vector", queries, "-q", "--overwrite", *arguments)
    assert done.stderr == "", done.stderr
    return scenes.pixels(output)


def test_types(folder):
    random = np.random.default_rng(2)
    bands = 65
    vectors = random.standard_normal((bands, 37, 53)).astype(np.float32)
    queries = random.standard_normal((2, bands))
    np.save(folder / "q.npy", queries)
    floats = scenes.write(folder / "f.tif", vectors)
    maps = localize(floats, folder / "fm.tif", folder / "q.npy")
    for i in range(2):
        np.testing.assert_allclose(maps[i], expected(vectors, queries[i]), atol=1e-5)
    halves = scenes.write(folder / "h.tif", vectors, type_=gdal_api.GDT_Float16)
    np.testing.assert_allclose(localize(halves, folder / "hm.tif", folder / "q.npy"), maps, atol=2e-3)
    scaled = np.clip(np.rint(vectors * 30), -127, 127).astype(np.int8)
    small = scenes.write(folder / "i.tif", scaled, options=["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"])
    dataset = gdal_api.Open(str(small), gdal_api.GA_Update)
    for band in range(bands):
        dataset.GetRasterBand(band + 1).SetScale(1 / 30 * (1 + band % 3))
        dataset.GetRasterBand(band + 1).SetOffset(0.25)
    dataset = None
    real = scaled * (1 / 30 * (1 + np.arange(bands) % 3))[:, None, None] + 0.25
    got = localize(small, folder / "im.tif", folder / "q.npy")
    for i in range(2):
        np.testing.assert_allclose(got[i], expected(real, queries[i]), atol=1e-5)
    as_bytes = localize(floats, folder / "bm.tif", folder / "q.npy", "--ot", "Byte")
    assert np.abs(as_bytes - 255 * maps).max() <= 1.001


def test_missing_vectors(folder):
    vectors = np.random.default_rng(3).standard_normal((4, 9, 11)).astype(np.float32)
    vectors[2, 3, 4] = -9999
    vectors[:, 5, 6] = 0
    vectors[1, 0, 0] = np.nan
    raster = scenes.write(folder / "n.tif", vectors, nodata=-9999)
    (folder / "q4.json").write_text(json.dumps([1, -2, 3, 0.5]), encoding="utf-8")
    got = localize(raster, folder / "nm.tif", folder / "q4.json")[0]
    missing = np.zeros((9, 11), bool)
    missing[3, 4] = missing[5, 6] = missing[0, 0] = True
    assert (np.isnan(got) == missing).all()
    vectors[2, 3, 4] = np.nan
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(got, expected(vectors, np.array([1, -2, 3, 0.5])), atol=1e-5)


def test_masks(folder):
    """A mask of the dataset; NoData that binary32 does not hold, in whole and in other numbers."""
    random = np.random.default_rng(6)
    vectors = np.rint(random.standard_normal((4, 9, 11)) * 1e6)
    query = np.array([1, -2, 3, 0.5])
    hole = np.zeros((9, 11), bool)
    hole[3:5, 2:7] = True
    for kind, nodata in ((gdal_api.GDT_Int32, 2147483647), (gdal_api.GDT_Int64, -(2 ** 62) - 1), (gdal_api.GDT_Float64, 1e300),
                         (gdal_api.GDT_Float64, -9999.9), (gdal_api.GDT_Float64, None)):
        dataset = gdal_api.GetDriverByName("GTiff").Create(str(folder / "k.tif"), 11, 9, 4, kind)
        filled = vectors.copy()
        if nodata is not None:
            filled[1, hole] = nodata
            dataset.GetRasterBand(1).SetNoDataValue(nodata)
        dataset.WriteArray(filled)
        if nodata is None:
            with gdal_api.config_option("GDAL_TIFF_INTERNAL_MASK", "YES"):
                dataset.CreateMaskBand(gdal_api.GMF_PER_DATASET)
            dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.where(hole, 0, 255).astype(np.uint8))
        dataset = None
        got = localize(folder / "k.tif", folder / "km.tif", folder / "q4.json")[0]
        known = vectors.copy()
        known[:, hole] = np.nan
        assert (np.isnan(got) == hole).all(), (kind, nodata)
        np.testing.assert_allclose(got, expected(known, query), atol=1e-5)


def test_many_bands(folder):
    """More than a thousand; however they lie in the file, and however many threads there are, the same pixels."""
    random = np.random.default_rng(7)
    vectors, query = random.standard_normal((1030, 70, 90)).astype(np.float32), random.standard_normal(1030)
    np.save(folder / "q1030.npy", query)
    tiles = ["TILED=YES", "BLOCKXSIZE=32", "BLOCKYSIZE=16"]
    first = None
    for options in (["INTERLEAVE=BAND"], ["INTERLEAVE=PIXEL"], [*tiles, "INTERLEAVE=BAND"], [*tiles, "INTERLEAVE=PIXEL", "COMPRESS=DEFLATE"]):
        raster = scenes.write(folder / "many.tif", vectors, options=options)
        got = localize(raster, folder / "m1.tif", folder / "q1030.npy", "-j", "1")
        localize(raster, folder / "m2.tif", folder / "q1030.npy", "-j", "2")
        assert (folder / "m1.tif").read_bytes() == (folder / "m2.tif").read_bytes()
        first = got if first is None else first
        assert (got == first).all(), options
    np.testing.assert_allclose(first[0], expected(vectors, query), atol=1e-5)


def test_memory(folder):
    """Many queries of few bands take no more memory than few queries of many."""
    raster = scenes.write(folder / "few.tif", np.random.default_rng(8).standard_normal((3, 1000, 1000)).astype(np.float32))
    np.save(folder / "q100.npy", np.random.default_rng(9).standard_normal((100, 3)))
    measured = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); " \
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", measured, "gdal", "selo", "localize", raster, folder / "hundred.tif", "--embedding-raster",
                           "--query-vector", folder / "q100.npy", "--ot", "Byte", "-q", "--config", "GDAL_CACHEMAX=64"],
                          capture_output=True, text=True, check=True)
    assert int(done.stdout) < 700 * 1024, f"{int(done.stdout) // 1024} MiB"


def test_spectral_text(folder):
    """The built-in encoder's vectors as a raster, and a text."""
    raster = scenes.write(folder / "v.tif", np.random.default_rng(4).standard_normal((14, 8, 9)).astype(np.float32))
    gdal("selo", "localize", raster, folder / "t.tif", "--embedding-raster", "--model", "spectral", "--query", "green forest", "-q")
    assert gdal_api.Open(str(folder / "t.tif")).GetMetadata("SELO")["QUERY"] == "green forest"


def test_bad_input(folder):
    raster, out = folder / "n.tif", folder / "bad.tif"
    (folder / "q3.json").write_text("[1, 2, 3]", encoding="utf-8")
    common = ("selo", "localize", raster, out, "--embedding-raster", "-q")
    fails(("q3.json", "3 numbers", "4"), *common, "--query-vector", folder / "q3.json")
    fails(("bad_{n}.tif", "a band for each query"), "selo", "localize", raster, folder / "bad_{n}.tif", "--embedding-raster", "--query-vector",
          folder / "q4.json", "-q")
    fails("--query", *common)
    fails("--model", *common, "--query", "sea")
    fails(("4 bands", "spectral"), *common, "--query", "sea", "--model", "spectral")
    fails(("--smoothing", "gdal selo smooth"), *common, "--query-vector", folder / "q4.json", "--smoothing", "median")
    empty = scenes.write(folder / "z.tif", np.zeros((4, 5, 5), np.float32))
    fails("no pixel has a vector", "selo", "localize", empty, out, "--embedding-raster", "--query-vector", folder / "q4.json", "-q")
    assert not out.exists()


def main():
    with scratch() as folder:
        test_types(folder)
        test_missing_vectors(folder)
        test_masks(folder)
        test_many_bands(folder)
        test_memory(folder)
        test_spectral_text(folder)
        test_bad_input(folder)


if __name__ == "__main__":
    sys.exit(main())
