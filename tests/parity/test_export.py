#!/usr/bin/env python3
"""Networks of real shapes with random weights, exported from PyTorch by scripts/export-model: what embed and localize make of
them, against ONNX Runtime in Python on the same windows, and against PyTorch.

Windows of any size and aspect, every third as the network takes it, the others resized. SELO_TORCH_PYTHON names the Python that has
torch and onnxruntime (default: the one that runs this)."""

import csv
import json
import os
import subprocess
import sys

import numpy as np
from osgeo import ogr

from support import scenes
from support.selo import SKIPPED, SOURCE, gdal, scratch, shared

ogr.UseExceptions()
PYTHON = os.environ.get("SELO_TORCH_PYTHON", sys.executable)
SEED, EVERY, WINDOWS, WIDTH, HEIGHT = 4, 20, 315, 1000, 900


def run(*command):
    done = subprocess.run([PYTHON, *map(str, command)], capture_output=True, text=True)
    assert done.returncode == 0, f"{command}\n{done.stderr[-2000:]}"


def smooth_noise():
    """Bands x height x width bytes: large shapes and fine grain."""
    smooth = np.cumsum(np.random.default_rng(1).normal(size=(3, HEIGHT, WIDTH)), axis=1)
    return ((smooth * 8).astype(int) % 196 + np.random.default_rng(2).integers(0, 60, (3, HEIGHT, WIDTH))).astype(np.uint8)


def write_windows(path, side):
    """Every third is of the network's own size; corners of the image are among them."""
    random = np.random.default_rng(3)
    with open(path, "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["row_start", "row_end", "col_start", "col_end"])
        for i in range(WINDOWS):
            height, width = (side, side) if i % 3 == 0 else map(int, random.integers(40, 500, 2))
            top, left = (int(random.integers(0, end + 1)) for end in (HEIGHT - height, WIDTH - width))
            top, left = (0 if i % 20 == 1 else top), (WIDTH - width if i % 20 == 2 else left)
            rows.writerow([top, top + height, left, left + width])


def embedded(path):
    dataset = ogr.Open(str(path))
    layer = dataset.GetLayerByName("selo_win")
    rows = [([f[n] for n in ("row_start", "row_end", "col_start", "col_end")], np.frombuffer(bytes(f.GetFieldAsBinary("embedding")), "<f4"))
            for f in layer]
    return [row[0] for row in rows], np.stack([row[1] for row in rows])


def compare(what, ours, theirs):
    cosine = (ours * theirs).sum(axis=1) / np.linalg.norm(ours, axis=1) / np.linalg.norm(theirs, axis=1)
    difference = np.abs(ours - theirs).max()
    print(f"{what}: {len(ours)} vectors, largest difference {difference:.2e}, least cosine {cosine.min():.8f}")
    assert difference <= 1e-4 and cosine.min() >= 0.99999


def compare_ranking(what, ours, theirs):
    """The same order, but for windows whose similarities float32 cannot tell apart."""
    order = np.argsort(theirs, kind="stable")
    moved = int((np.argsort(ours, kind="stable") != order).sum())
    print(f"{what}: ranking of {len(ours)}, {moved} places differ, the largest inversion is {max(0, -np.diff(ours[order]).min()):.1e}")
    assert np.diff(ours[order]).min() > -5e-7
    assert np.ptp(theirs) > 1e-3, "the windows are too much alike for a ranking to say anything"


def check(kind, side, queries, vocabulary, folder):
    bundle = folder / kind
    run(SOURCE / "scripts" / "export-model", "random", kind, bundle, "--vocabulary", vocabulary, "--seed", SEED)
    pixels = smooth_noise()
    image = scenes.write(folder / f"{kind}.tif", pixels, options=["TILED=YES"])
    write_windows(folder / "windows.csv", side)
    gdal("selo", "embed", image, folder / f"{kind}.gpkg", "--model", bundle, "--windows", folder / "windows.csv", "-q")
    windows, ours = embedded(folder / f"{kind}.gpkg")
    assert len(windows) == WINDOWS, len(windows)
    np.save(bundle / "image.npy", pixels)
    (bundle / "windows.json").write_text(json.dumps(windows), encoding="utf-8")
    (bundle / "tokens.json").write_text(json.dumps([ids for _, ids in queries]), encoding="utf-8")
    run(SOURCE / "tests" / "support" / "export_reference.py", kind, SEED, bundle, bundle)
    by_onnx, by_torch, onnx_texts, torch_texts = (np.load(bundle / f"{name}.npy")
                                                  for name in ("onnx", "torch", "onnx_texts", "torch_texts"))
    compare(f"{kind}, ONNX Runtime", ours, by_onnx)
    compare(f"{kind}, PyTorch", ours[::EVERY], by_torch)
    compare(f"{kind}, texts of the two", onnx_texts, torch_texts)
    for (query, _), text in zip(queries, onnx_texts):
        compare_ranking(f"{kind}, '{query.strip()}'", ours @ text, by_onnx @ text)
    check_maps(kind, bundle, image, folder, queries, onnx_texts)


def check_maps(kind, bundle, image, folder, queries, texts):
    """Texts through our tokenizer and their vectors from Python make the same maps."""
    np.save(folder / "texts.npy", texts)
    common = ("--like", image, "--smoothing", "none", "-q", "--overwrite")
    named = [part for query, _ in queries for part in ("--query", query)]
    gdal("selo", "localize", folder / f"{kind}.gpkg", folder / "text.tif", *common, "--model", bundle, *named)
    gdal("selo", "localize", folder / f"{kind}.gpkg", folder / "vector.tif", *common, "--query-vector", folder / "texts.npy")
    np.testing.assert_allclose(scenes.pixels(folder / "text.tif"), scenes.pixels(folder / "vector.tif"), atol=1e-4)


def check_vocabulary(folder):
    """A bundle that gdal selo would refuse is not made: said before anything is exported."""
    for arguments, word in (((), "pass --vocabulary"), (("--vocabulary", folder / "none.json"), "there is no file")):
        done = subprocess.run([PYTHON, SOURCE / "scripts" / "export-model", "random", "vit-b-32", folder / "bundle", *arguments],
                              capture_output=True, text=True)
        assert done.returncode == 1 and word in done.stderr and len(done.stderr.splitlines()) == 1, done.stderr
        assert not (folder / "bundle").exists()


def main():
    if subprocess.run([PYTHON, "-c", "import torch, onnxruntime, cv2, PIL"], capture_output=True).returncode != 0:
        print(f"skipped: {PYTHON} lacks one of torch, onnxruntime, cv2 and PIL (packages python3-torch, python3-onnxruntime, …)")
        sys.exit(SKIPPED)
    with scratch() as folder:
        check_vocabulary(folder)
        (folder / "vocabulary.json").write_text(json.dumps(
            {"word2idx": {"a": 1, "green": 2, "forest": 3, "river": 4, "houses": 5, "<unk>": 6}}), encoding="utf-8")
        check("resnet-gru", 256, [("a green forest with a river", [1, 2, 3, 6, 1, 4]), ("houses", [5])],
              folder / "vocabulary.json", folder)
        rows = json.loads(shared("clip", "tokens.json").read_text(encoding="utf-8"))
        check("vit-b-32", 224, [(row["text"], row["context77"] + [0] * (77 - len(row["context77"]))) for row in rows[:5]],
              shared("clip", "bpe_simple_vocab_16e6.txt.gz"), folder)


if __name__ == "__main__":
    main()
