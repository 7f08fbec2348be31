"""Maps of windows against the published arithmetic: 59 samples of v1 and six of v2, made through the command line."""

import csv
import json

import numpy
from osgeo import gdal

from support.selo import close, evaluate, gdal as run, scratch, shared, write_truth_csv

gdal.UseExceptions()
SCORES = ("rsu", "rda", "ras", "rmi")


def pixels(path):
    return gdal.Open(str(path)).ReadAsArray()


def localize(windows, like, output, *arguments):
    run("selo", "localize", windows, output, "--like", like, "--overwrite", "-q", *arguments)
    return pixels(output)


def check(name, got, expected, most_off):
    """No pixel more than one grey level off, and at most a share of them off at all."""
    difference = numpy.abs(got.astype(numpy.int16) - expected)
    assert got.shape == expected.shape, f"{name}: {got.shape}, not {expected.shape}"
    assert difference.max() <= 1, f"{name}: off by {difference.max()} levels"
    off = numpy.count_nonzero(difference) / difference.size
    assert off <= most_off, f"{name}: {off:.2%} of pixels off"
    return int(numpy.count_nonzero(difference))


def test_v1(folder):
    annotations = json.loads(shared("airslt", "anno.json").read_text(encoding="utf-8"))
    with open(shared("golden", "airslt", "cases.csv"), encoding="utf-8") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) == 59
    off, differences = 0, []
    for case in cases:
        index = int(case["case"])
        golden = shared("golden", "airslt", "maps", f"{index:02d}.png")
        output = folder / "map.tif"
        made = localize(shared("golden", "airslt", "windows", f"{index:02d}.csv"), golden, output, "--ot", "Byte")
        wrong = check(f"map {index}", made, pixels(golden), 1e-4)
        off += wrong
        if wrong == 0 and index % 10:  # the same map has the same scores: test_reference.py has looked at them
            continue
        truth = folder / "truth.csv"
        write_truth_csv(truth, [(annotations[index]["caption"], annotations[index]["points"])])
        sample = evaluate(output, truth, "--profile", "reference")["samples"][0]
        for score in SCORES:
            assert close(sample[score], float(case[score]), 1e-3), f"map {index}: {score} is {sample[score]}"
        differences.append([sample[score] - float(case[score]) for score in SCORES])
    mean = numpy.abs(numpy.mean(differences, axis=0)).max()
    assert mean <= 1e-4, f"a mean score is off by {mean}"
    print(f"v1: 59 maps, {off} pixels off by one level, mean scores off by at most {mean:.1e}")


def test_v2(folder):
    cases = json.loads(shared("golden", "v2", "cases.json").read_text(encoding="utf-8"))
    assert len(cases) == 6
    off = 0
    for case in cases:
        windows = shared("golden", "v2", f"{case['case']}.csv")
        raw, smooth = (shared("golden", "v2", f"{case['case']}_{kind}.png") for kind in ("raw", "map"))
        arguments = ("--preset", "v2", "--ot", "Byte")
        made = localize(windows, raw, folder / "raw.tif", *arguments, "--smoothing", "none")
        off += check(f"v2 raw {case['case']}", made, pixels(raw), 1e-4)
        off += check(f"v2 map {case['case']}", localize(windows, raw, folder / "map.tif", *arguments), pixels(smooth), 1)
    print(f"v2: 6 maps, {off} pixels off by one level")


def window_set(path, *columns):
    with open(path, encoding="utf-8") as file:
        return [tuple(int(row[name]) for name in columns) for row in csv.DictReader(file)]


def blank(folder, height, width):
    """An image that holds nothing but its size."""
    path = folder / f"{height} {width}.vrt"
    gdal.GetDriverByName("VRT").Create(str(path), width, height, 1)
    return path


def test_windows(folder):
    bounds = ("row_start", "row_end", "col_start", "col_end")
    with open(shared("golden", "airslt", "cases.csv"), encoding="utf-8") as file:
        cases = {(int(c["height"]), int(c["width"]), c["scales"]): int(c["case"]) for c in csv.DictReader(file)}
    for (height, width, scales), index in cases.items():
        output = folder / "windows.csv"
        run("selo", "windows", blank(folder, height, width), output, "--scales", scales.replace("_", ","), "--overwrite")
        got, golden = (window_set(path, *bounds) for path in (output, shared("golden", "airslt", "windows", f"{index:02d}.csv")))
        assert set(got) == set(golden) and len(got) == len(golden), f"v1 windows {height} {width} {scales}"
    for case in json.loads(shared("golden", "v2", "cases.json").read_text(encoding="utf-8")):
        golden = shared("golden", "v2", f"{case['case']}.csv")
        image = blank(folder, case["height"], case["width"])
        first, both = folder / "first.csv", folder / "both.csv"
        run("selo", "windows", image, first, "--preset", "v2", "--overwrite")
        run("selo", "windows", image, both, "--preset", "v2", "--similarities", golden, "--overwrite")
        rows = window_set(golden, "stage", "selected", *bounds)
        assert set(window_set(first, *bounds)) == {row[2:] for row in rows if row[0] == 1}, f"v2 tiles {case}"
        assert set(window_set(both, "stage", "selected", *bounds)) == set(rows), f"v2 windows {case}"
        assert len(window_set(both, "stage")) == len(rows)
    print(f"windows: {len(cases)} plans of v1 and 6 of v2")


def test_float_is_the_same_map(folder):
    """trunc(255 v) of the Float32 map is the 8-bit map, but where rounding to binary32 crosses a level."""
    windows = shared("golden", "airslt", "windows", "07.csv")
    golden = shared("golden", "airslt", "maps", "07.png")
    made = localize(windows, golden, folder / "float.tif")
    assert made.dtype == numpy.float32 and made.min() >= 0 and made.max() <= 1
    difference = numpy.abs(numpy.floor(made.astype(float) * 255) - pixels(golden))
    assert difference.max() <= 1 and numpy.count_nonzero(difference) < 1e-3 * difference.size


if __name__ == "__main__":
    with scratch() as scratch_folder:
        test_windows(scratch_folder)
        test_v1(scratch_folder)
        test_v2(scratch_folder)
        test_float_is_the_same_map(scratch_folder)
