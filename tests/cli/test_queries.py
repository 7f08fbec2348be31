#!/usr/bin/env python3
"""What is looked for, from files of every kind and from hostile ones: the same map as from good ones, or one line and no output."""

import io
import json
import os
import sys
import time

import numpy as np
from osgeo import gdal as gdal_api

from support import scenes
from support.selo import fails, gdal, scratch

SPECTRAL = ("--model", "spectral", "--bands", scenes.ROLES, "--scales", "64px", "--smoothing", "none", "-q")
VECTOR = [0.875, -0.25, 0.5, 0, 0, 0.125, 0, -1, 0, 0.0625, 0, 0, 0.5, 0]    # exact in 16 bits


def names(path):
    dataset = gdal_api.Open(str(path))
    return [dataset.GetRasterBand(b + 1).GetDescription() for b in range(dataset.RasterCount)]


def test_lists_of_texts(folder, image):
    """However a text editor has saved them."""
    texts = ["sea water", "dense green forest", "built-up"]
    expected = None
    for number, content in enumerate(["\n".join(texts), "\r\n".join(texts) + "\r\n", "\ufeff" + "\n".join(texts) + "\n", "\r".join(texts),
                                      "# of a person\r\n\r\n  \t\r\n" + "\n\n".join(f"  {text}\t" for text in texts) + "\n\n\n"]):
        (folder / "q.txt").write_bytes(content.encode())
        out = folder / f"list{number}.tif"
        gdal("selo", "localize", image, out, *SPECTRAL, "--queries", folder / "q.txt")
        assert names(out) == texts, names(out)
        expected = scenes.pixels(out) if expected is None else expected
        np.testing.assert_array_equal(scenes.pixels(out), expected)
    (folder / "q.txt").write_text("sea\nsea\n", encoding="utf-8")
    gdal("selo", "localize", image, folder / "twice.tif", *SPECTRAL, "--queries", folder / "q.txt", "--query", "forest")
    assert names(folder / "twice.tif") == ["forest", "sea", "sea"]
    twice = scenes.pixels(folder / "twice.tif")
    np.testing.assert_array_equal(twice[1], twice[2])


def test_bad_lists(folder, image):
    def bad(message, content):
        (folder / "bad.txt").write_bytes(content)
        fails(("bad.txt", message) if isinstance(message, str) else message, "selo", "localize", image, folder / "out.tif", *SPECTRAL,
              "--queries", folder / "bad.txt")
        assert not (folder / "out.tif").exists()

    bad("no text", b"")
    bad("no text", b"\xef\xbb\xbf\r\n\r\n")
    bad("UTF-8", "Wälder und Seen\n".encode("latin-1"))
    bad("UTF-8", "sea\nforest\n".encode("utf-16"))
    bad("UTF-8", b"sea\0forest\n")
    bad("UTF-8", os.urandom(4096) + b"\xff")
    bad(("海海", "longer than"), b"sea\n" + "海".encode() * 10000 + b"\n")
    start = time.monotonic()
    bad(("300000 queries", "65535"), b"sea\n" * 300000)
    assert time.monotonic() - start < 30, "time with the square of the queries"
    fails("nowhere.txt", "selo", "localize", image, folder / "out.tif", *SPECTRAL, "--queries", folder / "nowhere.txt")
    for argument in ("--queries", "--query-vector"):
        fails((folder.name, "a folder"), "selo", "localize", image, folder / "out.tif", *SPECTRAL, argument, folder)
    with open(folder / "large.txt", "wb") as file:
        file.truncate(17 << 20)
    fails(("large.txt", "larger"), "selo", "localize", image, folder / "out.tif", *SPECTRAL, "--queries", folder / "large.txt")


def npy(array, version=(1, 0)):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asarray(array), version=version)
    return file.getvalue()


def test_vectors_as_others_write_them(folder, image):
    full = np.array(VECTOR)
    expected = None
    for number, content in enumerate([
            json.dumps(VECTOR), "\ufeff" + json.dumps({"query": "x", "vector": VECTOR}), json.dumps([VECTOR]), ",".join(map(str, VECTOR)),
            "\ufeff" + ";".join(map(str, VECTOR)) + "\r\n", "\n".join(map(str, VECTOR)), "name,last\nx," + ",".join(map(str, VECTOR)) + ",\n",
            npy(full), npy(full.astype("<f4"), (2, 0)), npy(full.astype("<f2"), (3, 0)), npy(full[None])]):
        path = folder / "vector"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        gdal("selo", "localize", image, folder / "v.tif", *SPECTRAL, "--query-vector", path, "--overwrite")
        got = scenes.pixels(folder / "v.tif")
        expected = got if expected is None else expected
        assert np.array_equal(got, expected, equal_nan=True), number


def test_bad_vectors(folder, image):
    full = np.array(VECTOR)

    def bad(message, content):
        path = folder / "bad.vector"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        fails(("bad.vector", message), "selo", "localize", image, folder / "out.tif", *SPECTRAL, "--query-vector", path)
        assert not (folder / "out.tif").exists()

    whole = npy(full)
    bad("UTF-8", b"\x93NUMPX" + whole[6:])
    bad("little-endian", npy(full.astype(">f8")))
    bad("little-endian", npy(full.astype("<i8")))
    bad("little-endian", npy(full.astype(complex)))
    bad("Fortran", npy(np.asfortranarray(np.stack([full, full]))))
    bad("shorter", whole[:-1])
    bad("longer", whole + b"\0")
    bad("longer", whole + whole)
    bad("cut off", whole[:50])
    bad("version", whole[:6] + b"\x07" + whole[7:])
    bad("dimensions", npy(full[None, None]))
    bad("dimensions", npy(np.float32(3)))
    bad("no vector", npy(np.zeros((0, 14))))
    bad("empty", npy(np.zeros((3, 0))))
    bad("13 numbers", npy(full[:13]))
    bad("without length", npy(full * 0))
    bad("not finite", npy(np.where(full == 0, np.nan, full)))
    bad("not finite", npy(full * 1e300))
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    bad("little-endian", file.getvalue())
    bad("sizes that memory holds", whole.replace(b"(14,), }", b"(9999999999999999999, 14)}"))
    bad("UTF-8", os.urandom(3000) + b"\xff")
    bad("take a point", ";".join(str(v).replace(".", ",") for v in VECTOR))
    bad("lacks a number", "1,2,,4,5,6,7,8,9,10,11,12,13,14\n")
    bad("has 13 numbers", "a;" + ";".join(map(str, VECTOR)) + "\nb;" + ";".join(map(str, VECTOR[1:])))
    bad("no number", "[" * 100000 + "]" * 100000)
    bad("JSON", "[" * 100000)
    bad("JSON", "[1, 2")
    bad("JSON", "[NaN]")
    bad("not finite", "[1e300]")
    start = time.monotonic()
    bad("600000 numbers", "1," * 599999 + "1")
    assert time.monotonic() - start < 30


def test_names_of_files(folder, image):
    """Queries whose files would be one, or are there already: said before an image is encoded."""
    place = folder / "maps"
    place.mkdir()

    def bad(message, pattern, *queries):
        fails(message, "selo", "localize", image, place / pattern, *SPECTRAL, *(part for query in queries for part in ("--query", query)))
        assert not list(place.iterdir()), list(place.iterdir())

    bad(("m_sea.tif", "{n}"), "m_{query}.tif", "sea", "forest", "sea")
    bad(("m_sea_water.tif", "{n}"), "m_{query}.tif", "sea, water", "sea/water")
    (folder / "v.json").write_text(json.dumps([VECTOR, VECTOR]), encoding="utf-8")
    fails(("m_.tif", "{n}"), "selo", "localize", image, place / "m_{query}.tif", *SPECTRAL, "--query-vector", folder / "v.json")
    (place / "2.tif").write_bytes(b"mine")
    fails(("2.tif", "exists"), "selo", "localize", image, place / "{n}.tif", *SPECTRAL, "--query", "sea", "--query", "forest")
    assert (place / "2.tif").read_bytes() == b"mine" and len(list(place.iterdir())) == 1
    (place / "2.tif").unlink()
    long = "sea " + "海" * 40    # cut to a file's name, but not within a character
    done = gdal("selo", "localize", image, place / "{query}_{n}.tif", *SPECTRAL[:-1], "--query", long, "--query", long)
    assert "does not know: 海" in done.stderr, done.stderr
    assert sorted(path.name for path in place.iterdir()) == [f"sea_{'海' * 18}_{n}.tif" for n in (1, 2)]
    gdal("selo", "localize", image, place / "{n}.tif", *SPECTRAL, "--query-vector", folder / "v.json")


def main():
    with scratch() as folder:
        image = scenes.write(folder / "scene.tif", scenes.scene(150, 100))
        for test in (test_lists_of_texts, test_bad_lists, test_vectors_as_others_write_them, test_bad_vectors, test_names_of_files):
            test(folder, image)
            print(f"{test.__name__}: ok", flush=True)


if __name__ == "__main__":
    sys.exit(main())
