#!/usr/bin/env python3
"""gdal selo embed: vectors equal an independent computation, each row is read once, interrupted runs go on, changes are noticed."""

import os
import random
import signal
import subprocess
import sys
import time

import numpy as np
from osgeo import gdal as gdal_api
from osgeo import ogr

from support import scenes
from support.onnx_file import Bundle, skip_without_runtime
from support.selo import SKIPPED, fails, gdal, scratch

try:
    from PIL import Image
except ImportError:
    Image = None

ogr.UseExceptions()
SPECTRAL = ("--model", "spectral", "--bands", scenes.ROLES)


def stored(path, field="embedding", kind=np.float32):
    """Windows as [row_start, row_end, col_start, col_end], and their vectors (None where skipped)."""
    dataset = ogr.Open(str(path))
    windows, vectors = [], []
    for feature in dataset.GetLayerByName("selo_win"):
        windows.append([feature[name] for name in ("row_start", "row_end", "col_start", "col_end")])
        raw = feature.GetFieldAsBinary(field) if feature.IsFieldSetAndNotNull(field) else None
        vectors.append(None if raw is None else np.frombuffer(bytes(raw), kind))
    return windows, vectors


def test_spectral_and_maps(folder, image):
    done = gdal("selo", "embed", image, folder / "s.gpkg", *SPECTRAL, "--scales", "32px,64px")
    assert "147 of 147 windows encoded" in done.stdout or "windows encoded" in done.stdout, done.stdout
    windows, vectors = stored(folder / "s.gpkg")
    assert len({v.size for v in vectors}) == 1 and vectors[0].size == 14
    arguments = ("--query", "dense green forest", "--query", "sea", "--smoothing-size", "9px", "-q", "--model", "spectral")
    gdal("selo", "localize", folder / "s.gpkg", folder / "stored.tif", "--like", image, *arguments)
    gdal("selo", "localize", image, folder / "direct.tif", "--bands", scenes.ROLES, "--scales", "32px,64px", *arguments)
    np.testing.assert_array_equal(scenes.pixels(folder / "stored.tif"), scenes.pixels(folder / "direct.tif"))
    gdal("selo", "windows", image, folder / "w.gpkg", "--scales", "32px,64px", "-q")
    gdal("selo", "embed", image, folder / "w_embedded.gpkg", *SPECTRAL, "--windows", folder / "w.gpkg", "-q")
    assert stored(folder / "w_embedded.gpkg")[0] == windows
    for a, b in zip(stored(folder / "w_embedded.gpkg")[1], vectors):
        np.testing.assert_array_equal(a, b)
    gdal("selo", "embed", image, folder / "h.gpkg", *SPECTRAL, "--scales", "32px,64px", "--type", "float16", "-q")
    for a, b in zip(stored(folder / "h.gpkg", "embed_f16", np.float16)[1], vectors):
        np.testing.assert_array_equal(a, b.astype(np.float16))
    gdal("selo", "localize", folder / "h.gpkg", folder / "half.tif", "--like", image, *arguments)
    np.testing.assert_allclose(scenes.pixels(folder / "half.tif"), scenes.pixels(folder / "direct.tif"), atol=2e-3)


def clip_rule(window, side):
    """bands x h x w bytes, as CLIP's own preprocessing makes them side x side."""
    height, width = window.shape[1:]
    least = min(height, width)
    size = (int(side * width / least), int(side * height / least))
    left, top = round((size[0] - side) / 2), round((size[1] - side) / 2)
    box = (left, top, left + side, top + side)
    return np.stack([np.asarray(Image.fromarray(band).resize(size, Image.Resampling.BICUBIC).crop(box)) for band in window])


def test_bundle_against_numpy(folder):
    """Three hundred windows and more of a two-tower network: every vector, and the ranking by similarity."""
    bundle = Bundle(folder / "bundle", side=32, size=64)
    pixels = np.random.default_rng(5).integers(0, 256, (3, 333, 401), dtype=np.uint8)
    image = scenes.write(folder / "noise.tif", pixels)
    gdal("selo", "embed", image, folder / "b.gpkg", "--model", bundle.folder, "--scales", "32,48,80", "--batch", "7", "-q")
    windows, vectors = stored(folder / "b.gpkg")
    assert len(windows) > 300, len(windows)
    expected = bundle.image_vectors(np.stack([clip_rule(pixels[:, a:b, c:d], 32) for a, b, c, d in windows]))
    got = np.stack(vectors)
    assert np.abs(got - expected).max() < 1e-4
    cosine = (got * expected).sum(axis=1) / np.linalg.norm(got, axis=1) / np.linalg.norm(expected, axis=1)
    assert cosine.min() >= 0.99999, cosine.min()
    query = np.random.default_rng(6).standard_normal(64)
    ranks, ranks_expected = np.argsort(got @ query), np.argsort(expected @ query)
    assert (ranks == ranks_expected).all() or np.abs(np.sort(got @ query) - (expected @ query)[ranks]).max() < 1e-4
    gdal("selo", "embed", image, folder / "b1.gpkg", "--model", bundle.folder, "--scales", "32,48,80", "--batch", "64", "-j", "2", "-q")
    assert np.abs(np.stack(stored(folder / "b1.gpkg")[1]) - got).max() < 1e-5
    bundle.describe(image__resize="cubic")
    gdal("selo", "embed", image, folder / "c.gpkg", "--model", bundle.folder, "--scales", "32", "-q")
    windows, vectors = stored(folder / "c.gpkg")
    plain = bundle.image_vectors(np.stack([pixels[:, a:b, c:d] for a, b, c, d in windows]))
    assert np.abs(np.stack(vectors) - plain).max() < 1e-4
    return image, bundle


def test_up_to_date_and_changes(folder, image):
    arguments = ("selo", "embed", image, folder / "u.gpkg", *SPECTRAL)
    assert "encoded" in gdal(*arguments, "--scales", "64px").stdout
    before = (folder / "u.gpkg").stat().st_mtime_ns
    assert "up to date" in gdal(*arguments, "--scales", "64px").stdout
    fails(("u.gpkg", "another", "--overwrite"), *arguments, "--scales", "32px")
    assert (folder / "u.gpkg").stat().st_mtime_ns == before
    assert "encoded" in gdal(*arguments, "--scales", "32px", "--overwrite").stdout
    dataset = gdal_api.Open(str(image), gdal_api.GA_Update)
    band = dataset.GetRasterBand(1)
    changed = band.ReadAsArray()
    changed[0, 0] += 1
    band.WriteArray(changed)
    dataset = None
    assert "encoded" in gdal(*arguments, "--scales", "32px", "--overwrite").stdout
    assert "up to date" in gdal(*arguments, "--scales", "32px", "--overwrite").stdout
    assert "encoded" in gdal(*arguments, "--scales", "32px", "--overwrite", "--white", "200").stdout


def test_killed_runs_go_on(folder):
    """A run that is killed leaves its work; the next one takes it over and ends with the same file, byte by byte, where the time is given."""
    given = {"SOURCE_DATE_EPOCH": "1767225600"}
    bundle = Bundle(folder / "slow", side=128, size=512)
    pixels = np.random.default_rng(8).integers(0, 256, (3, 900, 900), dtype=np.uint8)
    image = scenes.write(folder / "big.tif", pixels)
    command = ["selo", "embed", str(image), "--model", str(bundle.folder), "--scales", "48"]
    gdal(*command, folder / "cut.gpkg", env=given)
    (folder / "cut.gpkg").rename(folder / "whole.gpkg")  # the file holds its own command line
    whole = stored(folder / "whole.gpkg")
    part = folder / "cut.gpkg.part"
    resumed = 0
    for _ in range(20):
        child = subprocess.Popen(["gdal", *command, str(folder / "cut.gpkg"), "-q"], stderr=subprocess.DEVNULL, env={**os.environ, **given})
        while child.poll() is None and not (part.exists() and part.stat().st_size > 300000 * (resumed + 1)):
            time.sleep(0.002)
        if child.poll() is not None:
            break
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        assert not (folder / "cut.gpkg").exists()
        resumed += 1
        if resumed == 2:
            break
    assert resumed > 0, "the run was over before it could be killed"
    with open(part, "ab") as file:
        file.write(b"half a record")
    done = gdal(*command, folder / "cut.gpkg", env=given)
    assert "of them before" in done.stdout, done.stdout
    assert not part.exists()
    windows, vectors = stored(folder / "cut.gpkg")
    assert windows == whole[0]
    assert all((a == b).all() for a, b in zip(vectors, whole[1]))
    assert (folder / "cut.gpkg").read_bytes() == (folder / "whole.gpkg").read_bytes()
    part = folder / "other.gpkg.part"
    part.write_bytes(b"selo vectors 1\n" + b"0" * 64 + b"\0")
    done = gdal(*command, folder / "other.gpkg", "-q")
    assert "starting anew" in done.stderr, done.stderr
    for cut in (b"", b"selo vec"):    # killed before its head was written: nothing has changed, so nothing may be said of changes
        (folder / "other.gpkg").unlink()
        part.write_bytes(cut)
        done = gdal(*command, folder / "other.gpkg", "-q")
        assert "anew" not in done.stderr and not part.exists(), done.stderr
    (folder / "other.gpkg").unlink()
    part.write_bytes(b"a download")    # such names are common: what no run has left is no run's to replace
    fails(("other.gpkg.part", "name another output"), *command, folder / "other.gpkg", "-q")
    assert part.read_bytes() == b"a download" and not (folder / "other.gpkg").exists()


def test_kills_at_any_moment(folder):
    """Several formats, killed at random moments, reading, encoding and writing: the windows and vectors of a run that was not."""
    bundle = Bundle(folder / "any", side=64, size=128)
    image = scenes.write(folder / "any.tif", np.random.default_rng(9).integers(0, 256, (3, 600, 600), dtype=np.uint8))
    draw = random.Random(3)
    for extension, more in (("gpkg", ()), ("sqlite", ()), ("half.gpkg", ("--type", "float16"))):
        command = ["gdal", "selo", "embed", str(image), "--model", str(bundle.folder), "--scales", "40", "-q", *more]
        kind = ("embed_f16", np.float16) if more else ("embedding", np.float32)
        start = time.monotonic()
        subprocess.run([*command, str(folder / f"once.{extension}")], check=True)
        whole, once = time.monotonic() - start, stored(folder / f"once.{extension}", *kind)
        output, killed = folder / f"kill.{extension}", 0
        for _ in range(5):
            child = subprocess.Popen([*command, str(output)], stderr=subprocess.DEVNULL)
            time.sleep(draw.uniform(0.2, 1) * whole)
            child.send_signal(signal.SIGKILL)
            killed += child.wait() == -signal.SIGKILL
            if output.exists():    # what has a name is whole
                assert all((a == b).all() for a, b in zip(stored(output, *kind)[1], once[1]))
                output.unlink()
        done = subprocess.run([*command, str(output)], check=True, capture_output=True, text=True)
        assert "anew" not in done.stderr, done.stderr
        windows, vectors = stored(output, *kind)
        assert windows == once[0] and all((a == b).all() for a, b in zip(vectors, once[1]))
        assert not (folder / f"kill.{extension}.part").exists()
        print(f"{extension}: killed {killed} of 5 runs of {whole:.2f} s")


def test_changes_behind_a_killed_run(folder):
    """Another pixel, another model, other windows: what the killed run has left is not taken."""
    pixels = np.random.default_rng(10).integers(0, 256, (3, 500, 500), dtype=np.uint8)
    for change in ("image", "model", "windows"):
        image, model = scenes.write(folder / "c.tif", pixels), Bundle(folder / "changing", side=128, size=256).folder
        out, part = folder / f"changed_{change}.gpkg", folder / f"changed_{change}.gpkg.part"
        command = ["gdal", "selo", "embed", str(image), str(out), "--model", str(model), "--batch", "4", "-q", "--scales"]
        child = subprocess.Popen([*command, "30"], stderr=subprocess.DEVNULL)
        while child.poll() is None and not (part.exists() and part.stat().st_size > 20000):
            time.sleep(0.002)
        child.kill()
        child.wait()
        assert part.exists(), "the run was over before it could be killed"
        if change == "image":
            pixels[2, 499, 499] ^= 1
            scenes.write(image, pixels)
        elif change == "model":
            Bundle(folder / "changing", side=128, size=256, seed=4)
        done = subprocess.run([*command, "31" if change == "windows" else "30"], check=True, capture_output=True, text=True)
        assert "starting anew" in done.stderr, (change, done.stderr)


def test_windows_of_the_user(folder, image):
    """Partly outside: what is inside; wholly outside: said, and without a vector; a negative start: what the published code does, said."""
    rows = [(0, 48, 0, 48), (180, 240, 280, 330), (200, 260, 0, 48), (-60, -10, 0, 48), (-10, 38, 0, 48), (9, 9, 0, 48)]
    (folder / "w.csv").write_text("row_start,row_end,col_start,col_end\n" + "".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    done = gdal("selo", "embed", image, folder / "own.gpkg", *SPECTRAL, "--windows", folder / "w.csv")
    assert "3 of 6 windows encoded; 3 lie outside the image" in done.stdout, done.stdout
    assert "w.csv': 2 start at a negative row or column" in done.stderr, done.stderr
    windows, vectors = stored(folder / "own.gpkg")
    assert windows == [list(row) for row in rows] and [v is not None for v in vectors] == [True, True, False, True, False, False]
    (folder / "w.csv").write_text("row_start,row_end,col_start,col_end\n180,200,280,300\n140,190,0,48\n", encoding="utf-8")
    gdal("selo", "embed", image, folder / "same.gpkg", *SPECTRAL, "--windows", folder / "w.csv", "-q")
    for a, b in zip((vectors[1], vectors[3]), stored(folder / "same.gpkg")[1]):
        np.testing.assert_array_equal(a, b)
    (folder / "w.csv").write_text("row_start,row_end,col_start,col_end\n200,248,0,48\n", encoding="utf-8")
    fails(("w.csv", "all lie outside", "300 x 200"), "selo", "embed", image, folder / "none.gpkg", *SPECTRAL, "--windows", folder / "w.csv")
    assert not (folder / "none.gpkg").exists()
    hole = scenes.scene()
    hole[:, :, :150] = 0
    scenes.write(folder / "hole.tif", hole, nodata=0)
    done = gdal("selo", "embed", folder / "hole.tif", folder / "hole.gpkg", *SPECTRAL, "--scales", "64")
    windows, vectors = stored(folder / "hole.gpkg")
    skipped = [min(w[3], 150) - min(w[2], 150) > 32 for w in windows]
    assert [v is None for v in vectors] == skipped and 0 < sum(skipped) < len(skipped)
    assert f"; {sum(skipped)} have too few valid pixels (--min-valid)" in done.stdout, done.stdout


def test_vectors_as_text(folder, image):
    """A text of eight letters is no vector of two numbers."""
    (folder / "text.csv").write_text('row_start,row_end,col_start,col_end,embedding\n0,32,0,32,"0.5,0.25"\n0,32,32,64,"0.1,0.25"\n')
    (folder / "two.csv").write_text("1,0\n")
    fails(("text.csv", "embedding", "String", "binary"), "selo", "localize", folder / "text.csv", folder / "text.tif", "--like", image,
          "--query-vector", folder / "two.csv", "-q")


def test_palettes(folder):
    """Numbers of a palette are taken for brightness, and said; where they are brightness, nothing is."""
    for name, colour, words in (("palette.tif", lambda i: (255 - i, i, 0, 255), "color-map"), ("ramp.tif", lambda i: (i, i, i, 255), "")):
        image = gdal_api.GetDriverByName("GTiff").Create(str(folder / name), 40, 40, 1)
        palette = gdal_api.ColorTable()
        for i in range(256):
            palette.SetColorEntry(i, colour(i))
        image.GetRasterBand(1).SetColorTable(palette)
        image.GetRasterBand(1).WriteArray(np.arange(1600, dtype=np.uint8).reshape(40, 40))
        image.Close()
        done = gdal("selo", "embed", folder / name, folder / (name + ".gpkg"), "--model", "spectral", "--scales", "20px")
        assert done.stderr.count("Warning") == bool(words) and words in done.stderr, done.stderr


def test_shuffles(folder):
    """The published averaging over orders of words, repeatable: this network tells orders apart by where tokens are cut."""
    bundle = Bundle(folder / "shuffles", context=7).folder
    image = scenes.write(folder / "v2.tif", scenes.scene(700, 600))
    maps = {}
    for name, more in (("plain", ()), ("0", ("--shuffles", "4", "--seed", "0")), ("again", ("--shuffles", "4", "--seed", "0")),
                       ("default", ("--shuffles", "4")), ("1", ("--shuffles", "4", "--seed", "1"))):
        gdal("selo", "localize", image, folder / f"v2_{name}.tif", "--model", bundle, "--bands", scenes.ROLES, "--preset", "v2", "--smoothing", "none",
             "--query", "sea the these see the seas", "-q", *more)
        maps[name] = (folder / f"v2_{name}.tif").read_bytes()
    assert maps["0"] == maps["again"] == maps["default"]
    assert len({maps["plain"], maps["0"], maps["1"]}) == 3


def test_bad_input(folder, image, noise, bundle):
    out = folder / "bad" / "out.gpkg"
    out.parent.mkdir()

    def bad(message, *arguments):
        fails(message, "selo", "embed", *arguments, out, "-q")
        assert not list(out.parent.iterdir()), list(out.parent.iterdir())

    bad("nowhere.tif", folder / "nowhere.tif", *SPECTRAL)
    bad(("--bands", "6 bands"), image, "--model", "spectral")
    bad("x.onnx", image, "--model", "x.onnx", "--bands", scenes.ROLES)
    bad("model.json", image, "--model", folder / "none", "--bands", scenes.ROLES)
    bundle.describe(image__channels=["red", "green", "nir"])
    bad(("nir", "--bands"), noise, "--model", bundle.folder, "--scales", "64")
    bundle.describe()
    empty = scenes.write(folder / "empty.tif", np.zeros((6, 100, 100), np.uint8), nodata=0)
    bad("no window has enough valid pixels", empty, *SPECTRAL, "--scales", "32")
    vectors = folder / "b.gpkg"
    out = out.with_suffix(".tif")
    fails(("another model", "spectral"), "selo", "localize", vectors, out, "--like", noise, "--model", "spectral", "--query", "sea", "-q")
    fails("--model", "selo", "localize", vectors, out, "--like", noise, "--query", "sea", "-q")
    fails("--like", "selo", "localize", vectors, out, "--model", bundle.folder, "--query", "sea", "-q")
    fails(("--preset v2", "image"), "selo", "localize", vectors, out, "--like", noise, "--preset", "v2", "--query", "sea", "-q")
    (folder / "short.csv").write_text("1,2,3\n", encoding="utf-8")
    fails(("3 numbers", "64"), "selo", "localize", vectors, out, "--like", noise, "--query-vector", folder / "short.csv", "-q")
    done = gdal("selo", "localize", vectors, out, "--like", noise, "--model", bundle.folder, "--query", "sea " * 200, "-q")
    assert "too long" in done.stderr and "cut to 77" in done.stderr, done.stderr


def main():
    with scratch() as folder:
        image = scenes.write(folder / "scene.tif", scenes.scene())
        test_spectral_and_maps(folder, image)
        test_windows_of_the_user(folder, image)
        test_up_to_date_and_changes(folder, image)
        test_vectors_as_text(folder, image)
        test_palettes(folder)
        skip_without_runtime()
        if Image is None:
            print("skipped from here on: no Pillow (python3-pil) to compare with")
            return SKIPPED
        noise, bundle = test_bundle_against_numpy(folder)
        bundle.describe()
        test_killed_runs_go_on(folder)
        test_kills_at_any_moment(folder)
        test_changes_behind_a_killed_run(folder)
        test_shuffles(folder)
        gdal("selo", "embed", noise, folder / "b.gpkg", "--model", bundle.folder, "--scales", "64", "-q", "--overwrite")
        test_bad_input(folder, image, noise, bundle)
    return 0


if __name__ == "__main__":
    sys.exit(main())
