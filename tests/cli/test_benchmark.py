"""benchmark, merge and compare: published figures, failures, kills, parts, and what must not be compared."""

import contextlib
import csv
import json
import math
import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time

from osgeo import gdal as gdal_api, ogr, osr

from support.selo import close, fails, gdal, scratch, shared

gdal_api.UseExceptions()

SCORES = ["rsu", "ras", "rda", "rmi"]
N_SAMPLES, WIDTH, HEIGHT = 12, 700, 500


def write_map(path, peak_x, peak_y, level=230):
    """An 8-bit map as PGM: a cone around the peak."""
    rows = bytearray(f"P5\n{WIDTH} {HEIGHT}\n255\n".encode())
    for y in range(HEIGHT):
        rows += bytes(max(0, level - int(math.hypot(x - peak_x, y - peak_y) / 2)) for x in range(WIDTH))
    path.write_bytes(rows)


def square(x, y, half):
    return [[x - half, y - half], [x + half, y - half], [x + half, y + half], [x - half, y + half], [x - half, y - half]]


def make_set(folder):
    """Twelve samples on four images; map k peaks ever further from its region."""
    annotation = []
    for k in range(N_SAMPLES):
        x, y = 150 + 30 * k, 120 + 20 * (k % 5)
        annotation.append({"caption": f"query {k}, {'town' if k % 2 else 'field'}", "jpg_name": f"{k % 4}.jpg", "points": [square(x, y, 40)]})
        write_map(folder / f"map_{k:02}.pgm", x + 6 * k, y)
    (folder / "anno.json").write_text(json.dumps(annotation))
    gdal("selo", "testset", "import", folder / "anno.json", folder / "set.gpkg", "-q")
    return folder / "set.gpkg"


def benchmark(testset, output, *arguments, check=True, maps="map_{index:02}.pgm"):
    maps = testset.parent / maps
    return gdal("selo", "benchmark", testset, output, "--maps", maps, "--profile", "reference", "-q", *arguments, check=check)


def rows(path, table, leave_out=("fid", "ogc_fid", "t_ms")):
    """A layer's rows without what differs between runs; geometries as they are stored."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
        file.row_factory = sqlite3.Row
        return [{k: row[k] for k in row.keys() if k not in leave_out} for row in file.execute(f'SELECT * FROM "{table}" ORDER BY fid')]


LAYERS = ["selo_sample", "selo_region", "selo_circle", "selo_cand", "selo_shift", "selo_stat"]


def same(one, other):
    for layer in LAYERS:
        a, b = rows(one, layer), rows(other, layer)
        different = [(x, y) for x, y in zip(a, b) if x != y]
        assert a == b, f"{layer} differs between {one.name} ({len(a)} rows) and {other.name} ({len(b)}): {different[:1]}"


def published_figures():
    annotation, cases = shared("airslt", "anno.json"), shared("golden", "airslt", "cases.csv")
    with open(cases, newline="") as file:
        expected = list(csv.DictReader(file))
    with scratch() as folder:
        gdal("selo", "testset", "import", annotation, folder / "set.gpkg", "-q")
        gdal("selo", "benchmark", folder / "set.gpkg", folder / "out.gpkg", "--profile", "reference", "-j", "2", "-q", "--maps",
             cases.parent / "maps" / "{index:02}.png")
        samples = rows(folder / "out.gpkg", "selo_sample")
        stat = {(row["grp"], row["metric"]): row for row in rows(folder / "out.gpkg", "selo_stat")}
    assert len(samples) == len(expected) == 59
    for got, case in zip(samples, expected):
        for score in SCORES:
            assert close(got[score], float(case[score]), 1e-9), f"{case['case']} {score}: {got[score]} {case[score]}"
    for score in SCORES:
        mean = math.fsum(float(case[score]) for case in expected) / 59
        row = stat["all", score]
        assert close(row["mean"], mean, 1e-12), f"{score}: {row['mean']} {mean}"
        assert row["n"] == 59 and row["n_image"] == 22 and row["ci_lo"] < row["mean"] < row["ci_hi"]


def threads_do_not_matter(testset, once):
    other = once.parent / "other.gpkg"
    benchmark(testset, other, "-j", "3", "--group-by", "image")
    same(once, other)
    groups = {row["grp"] for row in rows(once, "selo_stat")}
    assert groups == {"all", *(f"image={k}.jpg" for k in range(4))}, groups
    for seed in "23":  # few images: only inner quantiles depend on the draws
        benchmark(testset, once.parent / f"seed{seed}.gpkg", "--seed", seed, "--confidence", "0.5")
    assert rows(once.parent / "seed2.gpkg", "selo_stat") != rows(once.parent / "seed3.gpkg", "selo_stat")


def parts_make_the_whole(testset, once):
    folder = once.parent
    for part in (1, 2, 3):
        benchmark(testset, folder / f"part{part}.gpkg", "--group-by", "image", "--shard", f"{part}/3")
    images = [{row["image"] for row in rows(folder / f"part{part}.gpkg", "selo_sample")} for part in (1, 2, 3)]
    assert sum(map(len, images)) == 4, "an image is in two parts"
    gdal("selo", "merge", folder / "part3.gpkg", folder / "part1.gpkg", folder / "part2.gpkg", folder / "merged.gpkg", "-q")
    same(once, folder / "merged.gpkg")
    fails("both hold sample", "selo", "merge", folder / "part1.gpkg", folder / "part1.gpkg", folder / "twice.gpkg", "-q")
    benchmark(testset, folder / "seeded.gpkg", "--seed", "3", "--shard", "2/3")
    fails("other parameters", "selo", "merge", folder / "part1.gpkg", folder / "seeded.gpkg", folder / "mixed.gpkg", "-q")
    fails("--shard", "selo", "benchmark", testset, folder / "no.gpkg", "--maps", "x", "--shard", "4/3")
    plain = ["--interval", "percentile", "--confidence", "0.6"]  # at 0.95, intervals of so few images are their range, both ways
    for name, part in (("plain", []), ("plain1", ["--shard", "1/2"]), ("plain2", ["--shard", "2/2"]), ("bca", [])):
        benchmark(testset, folder / f"{name}.gpkg", *(["--confidence", "0.6"] if name == "bca" else plain), *part)
    gdal("selo", "merge", folder / "plain1.gpkg", folder / "plain2.gpkg", folder / "joined.gpkg", "-q")
    same(folder / "plain.gpkg", folder / "joined.gpkg")
    assert rows(folder / "plain.gpkg", "selo_stat") != rows(folder / "bca.gpkg", "selo_stat")
    short = gdal("selo", "merge", folder / "part1.gpkg", folder / "part2.gpkg", folder / "short.gpkg")
    assert "are all parts there?" in short.stderr, short.stderr


def a_failure_is_a_row(testset, once):
    folder = once.parent
    (folder / "map_05.pgm").rename(folder / "away.pgm")
    done = benchmark(testset, folder / "hole.gpkg", "--group-by", "image")
    assert re.search("samples that could not be scored: 1, the first '[^']+' of run '[^']+': .*map_05.pgm", done.stderr), done.stderr
    (folder / "away.pgm").rename(folder / "map_05.pgm")
    got = rows(folder / "hole.gpkg", "selo_sample")
    assert [row["status"] for row in got] == ["failed" if k == 5 else "ok" for k in range(N_SAMPLES)]
    assert "map_05.pgm" in got[5]["message"] and got[5]["rmi"] is None
    assert rows(folder / "hole.gpkg", "selo_stat")[0]["n"] == N_SAMPLES - 1
    benchmark(testset, folder / "hole.gpkg", "--group-by", "image", "--resume")  # the map is back: only this sample is scored
    same(once, folder / "hole.gpkg")
    fails("group-by", "selo", "benchmark", testset, folder / "no.gpkg", "--maps", "x", "--group-by", "season")
    fails(("none of the 12 samples", "no.gpkg"), "selo", "benchmark", testset, folder / "no.gpkg", "--maps", "{nothing}.pgm")
    assert len(rows(folder / "no.gpkg", "selo_sample")) == N_SAMPLES
    assert "{nothing}" in rows(folder / "no.gpkg", "selo_sample")[0]["message"]


def times(path):
    return [row["t_ms"] for row in rows(path, "selo_sample", leave_out=())]


def resume_keeps_nothing_stale(testset, once):
    folder = once.parent
    output = folder / "renewed.gpkg"
    benchmark(testset, output, "--group-by", "image")
    before = times(output)
    benchmark(testset, output, "--group-by", "image", "--resume")
    assert times(output) == before, "something was computed twice"
    write_map(folder / "map_03.pgm", 600, 400)
    benchmark(testset, output, "--group-by", "image", "--resume")
    benchmark(testset, folder / "fresh.gpkg", "--group-by", "image")
    same(folder / "fresh.gpkg", output)
    assert rows(output, "selo_sample")[3]["rmi"] != rows(once, "selo_sample")[3]["rmi"]
    write_map(folder / "map_03.pgm", 150 + 90 + 18, 180)
    fails("exists", "selo", "benchmark", testset, output, "--maps", "x")


def a_changed_crs_is_a_changed_truth(_testset, once):
    """The same numbers in another CRS are other regions."""
    folder = once.parent
    gdal_api.Translate(str(folder / "zone.tif"), str(folder / "map_00.pgm"), outputSRS="EPSG:32633", outputBounds=[500000, 5000000, 507000, 4995000])
    ring = [[x, y] for x, y in ((501100, 4999200), (501900, 4999200), (501900, 4998400), (501100, 4998400), (501100, 4999200))]
    feature = {"type": "Feature", "properties": {"query": "a"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    for epsg, status in ((32633, "ok"), (32634, "failed")):
        crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{epsg}"}}
        (folder / "zone.json").write_text(json.dumps({"type": "FeatureCollection", "crs": crs, "features": [feature]}))
        gdal("selo", "benchmark", folder / "zone.json", folder / "zone.gpkg", "--maps", folder / "zone.tif", "--query-field", "query", "-q",
             "--resume", check=False)
        assert [row["status"] for row in rows(folder / "zone.gpkg", "selo_sample")] == [status], epsg


def a_long_crs_is_kept(_testset, once):
    """What a finished output says of its CRS is as long as it is: a run that goes on from there leaves the rows where they were."""
    folder = once.parent
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32633)
    crs = osr.SpatialReference(crs.ExportToWkt(["FORMAT=WKT1"]).replace("WGS 84 / UTM zone 33N", "a long name " * 900).replace(',AUTHORITY["EPSG","32633"]', ""))
    gdal_api.Translate(str(folder / "long.tif"), str(folder / "map_00.pgm"), outputBounds=[500000, 5000000, 507000, 4995000])
    gdal_api.Translate(str(folder / "long.vrt"), str(folder / "long.tif"), format="VRT", outputSRS=crs.ExportToWkt())
    with gdal_api.GetDriverByName("GPKG").CreateVector(str(folder / "long_truth.gpkg")) as dataset:
        layer = dataset.CreateLayer("truth", crs)
        layer.CreateField(ogr.FieldDefn("query", ogr.OFTString))
        for k, (query, x) in enumerate((("a", 501100), ("b", 503100))):
            feature = ogr.Feature(layer.GetLayerDefn())
            feature["query"] = query
            feature.SetGeometry(ogr.CreateGeometryFromWkt(f"POLYGON(({x} 4999200,{x + 800} 4999200,{x + 800} 4998400,{x} 4998400,{x} 4999200))"))
            layer.CreateFeature(feature)
    command = ("selo", "benchmark", folder / "long_truth.gpkg", folder / "long.gpkg", "--maps", folder / "{query}.vrt", "--query-field", "query", "-q")
    shutil.copy(folder / "long.vrt", folder / "a.vrt")
    gdal(*command)
    before = rows(folder / "long.gpkg", "selo_region")
    shutil.copy(folder / "long.vrt", folder / "b.vrt")
    gdal(*command, "--resume")
    after = rows(folder / "long.gpkg", "selo_region")
    assert before and after[:len(before)] == before and len(after) == 2 * len(before), (len(before), len(after))
    with ogr.Open(str(folder / "long.gpkg")) as dataset:
        assert dataset.GetLayer("selo_region").GetSpatialRef().GetName().startswith("a long name a long name")


def long_ids_are_told_apart(testset, once):
    """Ids that differ only behind some thousand characters."""
    folder = once.parent
    shutil.copy(testset, folder / "long_ids.gpkg")
    with contextlib.closing(sqlite3.connect(folder / "long_ids.gpkg")) as file, file:
        tables = [name for name, in file.execute("select table_name from gpkg_contents")]
        for name, in file.execute("select name from sqlite_master where type = 'trigger'").fetchall():
            file.execute(f'drop trigger "{name}"')
        for table in tables:
            file.execute(f'update "{table}" set sample_id = ? || sample_id', ("x" * 9000,))
    for more in ((), ("--resume",)):
        benchmark(folder / "long_ids.gpkg", folder / "long_ids_scored.gpkg", "--group-by", "image", *more)
        for layer in LAYERS:
            a, b = (rows(path, layer, ("fid", "t_ms", "sample_id", "run_id", "input_sha", "gt_uri")) for path in (once, folder / "long_ids_scored.gpkg"))
            assert a == b, (layer, len(a), len(b), [{key: (x[key], y.get(key)) for key in x if x[key] != y.get(key)} for x, y in zip(a, b)][:1])


def kills_do_no_harm(testset, once):
    folder = once.parent
    output, draw = folder / "killed.gpkg", random.Random(6)
    command = ["gdal", "selo", "benchmark", testset, output, "--maps", folder / "map_{index:02}.pgm", "--profile", "reference", "-q",
               "--group-by", "image", "-j", "2"]
    started = time.monotonic()
    subprocess.run(list(map(str, command)), check=True, capture_output=True)
    whole = time.monotonic() - started
    output.unlink()
    killed = 0
    for _ in range(10):
        child = subprocess.Popen([*map(str, command), "--resume"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.05, 0.95) * whole)
        child.send_signal(signal.SIGKILL)
        killed += child.wait() == -signal.SIGKILL
        if not output.exists():
            continue
        same(once, output)  # what has a name is whole
        output.unlink()
    benchmark(testset, output, "--group-by", "image", "--resume")
    same(once, output)
    left = [name for name in os.listdir(folder) if name.startswith(".killed.gpkg.draft")]
    assert not left, left
    print(f"killed {killed} of 10 runs of {whole:.2f} s")


def comparisons(testset, once):
    folder = once.parent
    for k in range(N_SAMPLES):
        write_map(folder / f"better_{k:02}.pgm", 150 + 30 * k, 120 + 20 * (k % 5))
    benchmark(testset, folder / "better.gpkg", maps="better_{index:02}.pgm")
    result = json.loads(gdal("selo", "compare", once, folder / "better.gpkg", "-o", folder / "diff.gpkg", "--summary", "json", "-q").stdout)
    rmi = next(row for row in result["diff"] if row["metric"] == "rmi")
    a, b = rows(once, "selo_sample"), rows(folder / "better.gpkg", "selo_sample")
    differences = [y["rmi"] - x["rmi"] for x, y in zip(a, b)]
    assert close(rmi["diff"], sum(differences) / N_SAMPLES, 1e-12) and rmi["n"] == N_SAMPLES and rmi["n_image"] == 4
    assert rmi["higher"] == sum(d > 0 for d in differences) and rmi["equal"] == sum(d == 0 for d in differences)
    images = [sum(differences[i::4]) for i in range(4)]
    flipped = [abs(sum(v if way >> i & 1 else -v for i, v in enumerate(images))) for way in range(16)]
    assert close(rmi["p_value"], sum(f >= abs(sum(images)) - 1e-12 for f in flipped) / 16, 1e-12)
    assert rmi["p_holm"] >= rmi["p_value"]
    assert abs(result["most"][0]["diff"]) == max(map(abs, differences))
    assert len(rows(folder / "diff.gpkg", "selo_diff")) == 4
    fails("only one run", "selo", "compare", once)
    changed = json.loads((folder / "anno.json").read_text())
    changed[0]["points"][0][1][0] += 5
    (folder / "anno2.json").write_text(json.dumps(changed))
    gdal("selo", "testset", "import", folder / "anno2.json", folder / "set2.gpkg", "-q")
    benchmark(folder / "set2.gpkg", folder / "of2.gpkg")
    fails("test sets", "selo", "compare", once, folder / "of2.gpkg")
    gdal("selo", "compare", once, folder / "of2.gpkg", "--allow-different", "-q")


def names_are_told_apart(_testset, once):
    """Samples of one name would be each other's rows: a benchmark refuses them, an evaluation says so."""
    folder = once.parent
    box = "POLYGON((110 80,190 80,190 160,110 160,110 80))"
    (folder / "twice.csv").write_text("WKT,sample_id,query\n" + "".join(f'"{box}",{name},{query}\n' for name, query in ("sa", "sb", "tc")))
    fails(["twice.csv", "called 's'"], "selo", "benchmark", folder / "twice.csv", folder / "twice.gpkg", "--maps", folder / "map_00.pgm", "-q")
    assert not (folder / "twice.gpkg").exists()
    done = gdal("selo", "evaluate", folder / "map_00.pgm", folder / "twice.csv", "-q")
    assert "called 's'" in done.stderr and len(done.stdout.splitlines()) == 5, done


def the_query_names_the_band(testset, once):
    """All samples' maps as bands of one file, last sample first, each described by its query."""
    folder = once.parent
    stack = gdal_api.GetDriverByName("GTiff").Create(str(folder / "stack.tif"), WIDTH, HEIGHT, N_SAMPLES, gdal_api.GDT_Byte)
    for k in range(N_SAMPLES):
        band = stack.GetRasterBand(N_SAMPLES - k)
        band.WriteRaster(0, 0, WIDTH, HEIGHT, gdal_api.Open(str(folder / f"map_{k:02}.pgm")).ReadRaster())
        band.SetDescription(f"query {k}, {'town' if k % 2 else 'field'}")
    stack.Close()
    benchmark(testset, folder / "stack.gpkg", maps="stack.tif")
    assert [row["rmi"] for row in rows(folder / "stack.gpkg", "selo_sample")] == [row["rmi"] for row in rows(once, "selo_sample")]


def several_runs_in_one_output(testset, once):
    folder = once.parent
    output = folder / "two.gpkg"
    gdal("selo", "benchmark", testset, output, "--maps", f"old={folder}/map_{{index:02}}.pgm", "--maps",
         f"new={folder}/better_{{index:02}}.pgm", "--profile", "reference", "-q")
    assert [row["run_id"] for row in rows(output, "selo_run")] == ["old", "new"]
    assert [row["rmi"] for row in rows(output, "selo_sample")] == [row["rmi"] for path in (once, folder / "better.gpkg")
                                                                   for row in rows(path, "selo_sample")]
    text = gdal("selo", "compare", output, "-q").stdout
    assert text.splitlines()[1].split()[:2] == ["old", "new"], text
    gdal("selo", "report", output, folder / "two.html", "-q")
    html = (folder / "two.html").read_text()
    assert html.count("<figure>") == 16 and "map not found" not in html and "://" not in html.replace("http-equiv", "")
    fails("two runs are called", "selo", "benchmark", testset, folder / "no.gpkg", "--maps", "a=x", "--maps", "a=y")


with scratch() as scratch_folder:
    test_set = make_set(scratch_folder)
    whole_run = scratch_folder / "once.gpkg"
    benchmark(test_set, whole_run, "-j", "1", "--group-by", "image")
    for check in (threads_do_not_matter, parts_make_the_whole, a_failure_is_a_row, resume_keeps_nothing_stale, a_changed_crs_is_a_changed_truth,
                  a_long_crs_is_kept, long_ids_are_told_apart, names_are_told_apart, kills_do_no_harm, comparisons, the_query_names_the_band, several_runs_in_one_output):
        check(test_set, whole_run)
        print(f"{check.__name__}: ok", flush=True)
published_figures()
print("published figures: ok")
