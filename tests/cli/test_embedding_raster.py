#!/usr/bin/env python3
"""gdal selo localize --embedding-raster: cosines per pixel in every data type, NoData, strips, and bad input."""

import json
import sys

import numpy as np
from osgeo import gdal as gdal_api

from support import scenes
from support.selo import fails, gdal, scratch


def expected(vectors, query):
    cosine = np.einsum("bhw,b->hw", vectors, query) / np.linalg.norm(vectors, axis=0) / np.linalg.norm(query)
    return (cosine - np.nanmin(cosine)) / (np.nanmax(cosine) - np.nanmin(cosine))


def localize(raster, output, queries, *arguments):
    gdal("selo", "localize", raster, output, "--embedding-raster", "--query-vector", queries, "-q", "--overwrite", *arguments)
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
        test_spectral_text(folder)
        test_bad_input(folder)


if __name__ == "__main__":
    sys.exit(main())
