#!/usr/bin/env python3
"""Networks of real shapes, exported from PyTorch: what embed and localize make of them against PyTorch itself.

SELO_TORCH_PYTHON names a Python that has torch and numpy; without it there is nothing to compare with. Windows are as large as
the networks take them, so that only the networks are compared (tests/parity/test_resize.py has the rest)."""

import json
import os
import subprocess
import sys

import numpy as np
from osgeo import ogr

from support import scenes
from support.selo import SKIPPED, SOURCE, gdal, scratch, shared

ogr.UseExceptions()
PYTHON = os.environ.get("SELO_TORCH_PYTHON")
QUERIES = ["a green forest with a river", "houses"]


def torch(*arguments):
    subprocess.run([PYTHON, SOURCE / "tests" / "support" / "torch_reference.py", *map(str, arguments)], check=True,
                   stderr=subprocess.DEVNULL)


def embedded(path):
    dataset = ogr.Open(str(path))
    layer = dataset.GetLayerByName("selo_win")
    rows = [([f[n] for n in ("row_start", "row_end", "col_start", "col_end")], np.frombuffer(bytes(f.GetFieldAsBinary("embedding")), "<f4"))
            for f in layer]
    return [row[0] for row in rows], np.stack([row[1] for row in rows])


def check(kind, side, shape, tokens, vocabulary, folder):
    bundle = folder / kind
    torch("bundle", kind, 4, bundle, vocabulary)
    smooth = np.cumsum(np.random.default_rng(1).normal(size=(3, *shape)), axis=1)
    noise = np.random.default_rng(2).integers(0, 60, (3, *shape))
    pixels = ((smooth * 8).astype(int) % 196 + noise).astype(np.uint8)
    image = scenes.write(folder / f"{kind}.tif", pixels)
    gdal("selo", "embed", image, folder / f"{kind}.gpkg", "--model", bundle, "--scales", side, "-q")
    windows, got = embedded(folder / f"{kind}.gpkg")
    np.save(bundle / "pixels.npy", np.stack([pixels[:, a:b, c:d] for a, b, c, d in windows]))
    (bundle / "tokens.json").write_text(json.dumps(tokens), encoding="utf-8")
    torch("vectors", kind, 4, bundle)
    vectors, texts = np.load(bundle / "vectors.npy"), np.load(bundle / "texts.npy")
    cosine = (got * vectors).sum(axis=1)
    print(kind, len(windows), "windows: largest difference", np.abs(got - vectors).max(), "least cosine", cosine.min())
    assert np.abs(got - vectors).max() <= 1e-4 and cosine.min() >= 0.99999
    for query, text in zip(QUERIES, texts):
        ours, theirs = got @ text, vectors @ text
        order = np.argsort(theirs)
        inversions = np.diff(ours[order])
        print(kind, "ranking:", int((np.argsort(ours) != order).sum()), "places differ, none by more than", max(0, -inversions.min()))
        assert -inversions.min() < 2e-6
        common = ("--like", image, "--smoothing", "none", "-q", "--overwrite")
        gdal("selo", "localize", folder / f"{kind}.gpkg", folder / "text.tif", *common, "--model", bundle, "--query", query)
        np.save(folder / "text.npy", text)
        gdal("selo", "localize", folder / f"{kind}.gpkg", folder / "vector.tif", *common, "--query-vector", folder / "text.npy")
        np.testing.assert_allclose(scenes.pixels(folder / "text.tif"), scenes.pixels(folder / "vector.tif"), atol=1e-4)


def padded(ids):
    return ids + [0] * (77 - len(ids))


def main():
    if not PYTHON:
        print("skipped: SELO_TORCH_PYTHON names no Python with torch")
        sys.exit(SKIPPED)
    with scratch() as folder:
        (folder / "vocabulary.json").write_text(json.dumps(
            {"word2idx": {"a": 1, "green": 2, "forest": 3, "river": 4, "houses": 5, "<unk>": 6}}), encoding="utf-8")
        check("resnet-gru", 256, (1300, 1300), [[1, 2, 3, 6, 1, 4], [5]], folder / "vocabulary.json", folder)
        vocabulary = shared("clip", "bpe_simple_vocab_16e6.txt.gz")
        tokens = [padded([49406, 320, 1901, 4167, 593, 320, 2473, 49407]), padded([49406, 7791, 49407])]
        check("vit-b-32", 224, (2700, 2800), tokens, vocabulary, folder)


if __name__ == "__main__":
    main()
