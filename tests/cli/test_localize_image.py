#!/usr/bin/env python3
"""gdal selo localize IMAGE with the built-in encoder: queries land where they belong, and every bad input is one line."""

import json
import sys

import numpy as np
from osgeo import gdal as gdal_api

from support import scenes
from support.selo import fails, gdal, scratch

COMMON = ("--model", "spectral", "--bands", scenes.ROLES, "--scales", "32px,64px", "--smoothing-size", "9px", "-q")
QUERIES = {"sea": "sea water along the coast", "forest": "dense green forest", "town": "built-up residential area"}


def thirds(band):
    """Means of the left, middle and right third, edges left out."""
    width = band.shape[1]
    return [float(np.nanmean(band[:, i * width // 3 + 20:(i + 1) * width // 3 - 20])) for i in range(3)]


def localize(image, output, *arguments):
    gdal("selo", "localize", image, output, *COMMON, *arguments)
    return scenes.pixels(output)


def test_bands_per_query(folder, image):
    queries = [part for text in QUERIES.values() for part in ("--query", text)]
    maps = localize(image, folder / "maps.tif", *queries)
    assert maps.shape == (3, 200, 300), maps.shape
    for i, band in enumerate(maps):
        means = thirds(band)
        assert int(np.argmax(means)) == i and means[i] > 0.8, (i, means)
        assert np.nanmin(band) >= 0 and np.nanmax(band) <= 1
    dataset = gdal_api.Open(str(folder / "maps.tif"))
    assert dataset.GetRasterBand(2).GetDescription() == QUERIES["forest"]
    notes = dataset.GetMetadata("SELO")
    assert notes["MODEL"] == "spectral" and notes["QUERY_3"] == QUERIES["town"] and len(notes["MODEL_SHA"]) == 64, notes


def test_file_per_query(folder, image):
    maps = scenes.pixels(folder / "maps.tif")
    gdal("selo", "localize", image, folder / "{n}_{query}.tif", *COMMON, "--query", QUERIES["sea"], "--query", QUERIES["forest"])
    for i, name in enumerate(["1_sea_water_along_the_coast.tif", "2_dense_green_forest.tif"]):
        np.testing.assert_array_equal(scenes.pixels(folder / name)[0], maps[i])


def test_queries_file_and_vectors(folder, image):
    maps = scenes.pixels(folder / "maps.tif")
    (folder / "queries.txt").write_text("# of a person\n\n" + "\n".join(QUERIES.values()) + "\n", encoding="utf-8")
    np.testing.assert_array_equal(localize(image, folder / "q.tif", "--queries", folder / "queries.txt"), maps)
    vector = [0.0] * 14
    vector[0] = 2.0    # ndvi alone
    (folder / "vector.json").write_text(json.dumps(vector), encoding="utf-8")
    means = thirds(localize(image, folder / "v.tif", "--query-vector", folder / "vector.json")[0])
    assert np.argmax(means) == 1, means
    np.save(folder / "vector.npy", np.array(vector, np.float32))
    np.testing.assert_array_equal(localize(image, folder / "n.tif", "--query-vector", folder / "vector.npy"),
                                  scenes.pixels(folder / "v.tif"))


def test_tiling_does_not_matter(folder, image):
    maps = scenes.pixels(folder / "maps.tif")
    queries = [part for text in QUERIES.values() for part in ("--query", text)]
    tiled = scenes.write(folder / "tiled.tif", scenes.pixels(image),
                         options=["TILED=YES", "BLOCKXSIZE=64", "BLOCKYSIZE=128", "COMPRESS=DEFLATE"])
    np.testing.assert_array_equal(localize(tiled, folder / "t.tif", *queries), maps)
    np.testing.assert_array_equal(localize(image, folder / "j.tif", *queries, "-j", "2"), maps)


def test_v2(folder):
    image = scenes.write(folder / "large.tif", scenes.scene(1600, 1100))
    arguments = ("--model", "spectral", "--bands", scenes.ROLES, "--preset", "v2", "--query", QUERIES["forest"], "-q")
    gdal("selo", "localize", image, folder / "v2.tif", *arguments)
    means = thirds(scenes.pixels(folder / "v2.tif")[0])
    assert np.argmax(means) == 1, means
    gdal("selo", "localize", image, folder / "v2s.tif", *arguments, "--shuffles", "4", "--seed", "7")
    np.testing.assert_allclose(scenes.pixels(folder / "v2s.tif"), scenes.pixels(folder / "v2.tif"), atol=1e-5)


def test_no_data_windows_take_no_part(folder):
    image = scenes.scene()
    image[:, :, 100:200] = 0
    scenes.write(folder / "hole.tif", image, nodata=0)
    done = gdal("selo", "localize", folder / "hole.tif", folder / "h.tif", *COMMON, "--smoothing", "none", "--query", "sea")
    assert "too few valid pixels" in done.stderr, done.stderr
    band = scenes.pixels(folder / "h.tif")[0]
    assert np.isnan(band[:, 140:160]).all() and not np.isnan(band[:, :64]).any()
    image[:] = 0
    scenes.write(folder / "empty.tif", image, nodata=0)
    fails("no window has enough valid pixels", "selo", "localize", folder / "empty.tif", folder / "e.tif", *COMMON, "--query", "sea")


def test_data_types_and_descriptions(folder):
    """Scaled reflectance of 16 bits and floats with band names give what bytes give."""
    image = scenes.scene()
    scenes.write(folder / "f.tif", (image / 255).astype(np.float32))
    dataset = gdal_api.Open(str(folder / "f.tif"), gdal_api.GA_Update)
    for i, name in enumerate(["Red", "Green", "Blue", "NIR", "SWIR 1", "SWIR_2"]):
        dataset.GetRasterBand(i + 1).SetDescription(name)
    dataset = None
    arguments = [part for part in COMMON if part not in ("--bands", scenes.ROLES)]
    gdal("selo", "localize", folder / "f.tif", folder / "fm.tif", *arguments, "--query", QUERIES["forest"])
    np.testing.assert_allclose(scenes.pixels(folder / "fm.tif")[0], scenes.pixels(folder / "maps.tif")[1], atol=1e-4)


def test_bad_input(folder, image):
    out = folder / "bad" / "map.tif"
    out.parent.mkdir()

    def bad(message, *arguments, source=image):
        fails(message, "selo", "localize", source, out, "-q", *arguments)
        assert not list(out.parent.iterdir())

    spectral = ("--model", "spectral", "--bands", scenes.ROLES, "--scales", "64px")
    sea = ("--query", "sea")
    bad("--model", *sea)
    bad(("--bands", "6 bands"), "--model", "spectral", *sea)
    bad(("--query", "nothing to look for"), *spectral)
    bad("empty", *spectral, "--query", " ")
    bad("'zebra'", *spectral, "--query", "zebra")
    bad(("--bands", "'red=7'", "bands 1 to 6"), "--model", "spectral", "--bands", "red=7,green=1,blue=2", *sea)
    bad(("--bands", "'mauve=1'"), "--model", "spectral", "--bands", "mauve=1", *sea)
    bad(("--bands", "second time"), "--model", "spectral", "--bands", "red=1,red=2", *sea)
    bad(("--scales", "'big'"), "--model", "spectral", "--bands", scenes.ROLES, "--scales", "big", *sea)
    bad(("--scales", "v2"), *spectral, "--preset", "v2", *sea)
    bad(("nowhere", "model.json"), "--model", folder / "nowhere", "--bands", scenes.ROLES, *sea)
    bad(("x.onnx", "bundle"), "--model", "x.onnx", "--bands", scenes.ROLES, *sea)
    bad("none.json", *spectral, "--query-vector", folder / "none.json")
    (folder / "short.json").write_text("[1, 2, 3]", encoding="utf-8")
    bad(("short.json", "3 numbers", "14"), *spectral, "--query-vector", folder / "short.json")
    (folder / "zero.json").write_text(json.dumps([0] * 14), encoding="utf-8")
    bad(("zero.json", "without length"), *spectral, "--query-vector", folder / "zero.json")
    (folder / "no.txt").write_text("# nothing\n", encoding="utf-8")
    bad(("no.txt", "no text"), *spectral, "--queries", folder / "no.txt")
    bad("nowhere.tif", *spectral, *sea, source=folder / "nowhere.tif")


def test_no_folder_is_said_before_encoding(folder, image):
    """Not after an hour of encoding."""
    for name in ("nowhere/map.tif", "nowhere/map_{n}.tif"):
        done = gdal("selo", "localize", image, folder / name, *COMMON, "--query", "sea", env={"CPL_DEBUG": "SELO"}, check=False)
        assert done.returncode == 1 and "nowhere does not exist" in done.stderr and "ms encoding" not in done.stderr, done.stderr
    assert "ms encoding" in gdal("selo", "localize", image, folder / "here.tif", *COMMON, "--query", "sea", env={"CPL_DEBUG": "SELO"}).stderr


def test_images_that_break_off(folder, image):
    """A truncated file, and a mosaic with a source that is gone: one line that names the image and its rows, and no output."""
    whole = image.read_bytes()
    (folder / "cut.tif").write_bytes(whole[:len(whole) * 2 // 3])
    mosaic, part = folder / "mosaic.vrt", folder / "part.tif"
    part.write_bytes(whole)
    gdal("raster", "mosaic", part, mosaic)
    part.unlink()
    for name in ("cut.tif", "mosaic.vrt"):
        fails((name, "rows", "cannot be read"), "selo", "localize", folder / name, folder / "none.tif", *COMMON, "--query", "sea")
        assert not (folder / "none.tif").exists()


def test_warnings(folder, image):
    done = gdal("selo", "localize", image, folder / "w.tif", *COMMON, "--query", "zebras in the sea")
    assert "zebras" in done.stderr, done.stderr
    small = scenes.write(folder / "small.tif", scenes.scene(60, 40))
    arguments = ("--model", "spectral", "--bands", scenes.ROLES, "--query", "sea", "-q")
    done = gdal("selo", "localize", small, folder / "s.tif", *arguments, "--scales", "64px", "--smoothing", "none")
    assert "larger than the image" in done.stderr, done.stderr


def main():
    with scratch() as folder:
        image = scenes.write(folder / "scene.tif", scenes.scene())
        test_bands_per_query(folder, image)
        test_file_per_query(folder, image)
        test_queries_file_and_vectors(folder, image)
        test_tiling_does_not_matter(folder, image)
        test_v2(folder)
        test_no_data_windows_take_no_part(folder)
        test_data_types_and_descriptions(folder)
        test_bad_input(folder, image)
        test_no_folder_is_said_before_encoding(folder, image)
        test_images_that_break_off(folder, image)
        test_warnings(folder, image)


if __name__ == "__main__":
    sys.exit(main())
