"""benchmark --model: the scores of localize and evaluate, each image encoded once, runs of models, scales and presets, in parts."""

import json
import os
import re

import numpy as np
from osgeo import gdal as gdal_api

from support import scenes
from support.benchmarks import (GROUND, HEIGHT, LAYERS, N_IMAGES, QUERIES, REFERENCE, SMOOTHING, SPECTRAL, TIMES, WIDTH, benchmark, make_set, rows,
                                same, scores)
from support.onnx_file import Bundle, skip_without_runtime
from support.selo import fails, gdal, scratch

gdal_api.UseExceptions()


def by_hand(folder, truth, output, localize, evaluate):
    """The same through files: a map per query of each image, then evaluate on all of them."""
    queries = [part for query in QUERIES for part in ("--query", query)]
    for k in range(N_IMAGES):
        gdal("selo", "localize", folder / f"{k}.tif", folder / f"map_{k}_{{n}}.tif", *queries, *localize, "--overwrite", "-q")
    for n in range(N_IMAGES * len(QUERIES)):
        os.replace(folder / f"map_{n // 3}_{n % 3 + 1}.tif", folder / f"hand_s{n}.tif")
    gdal("selo", "evaluate", folder / "hand_{sample_id}.tif", truth, output, *evaluate, "--overwrite", "-q")


def test_scores_of_localize_and_evaluate():
    """Byte maps in the reference profile, Float32 in the ground profile; v1 and v2; the built-in encoder and a network."""
    for crs, profile in ((True, GROUND), (False, REFERENCE)):
        with scratch() as folder:
            truth = make_set(folder, crs)
            bundle = Bundle(folder / "bundle").folder
            kind = ("--output-data-type", "Float32" if crs else "Byte")
            benchmark(truth, folder / "b.gpkg", "--model", "spectral", "--model", bundle, "--preset", "v1,v2", *SPECTRAL, "-j", "2",
                      profile=profile)
            assert [row["run_id"] for row in rows(folder / "b.gpkg", "selo_run")] == ["spectral/32,64/v1", "spectral/v2", "bundle/32,64/v1",
                                                                                      "bundle/v2"]
            for model, name in (("spectral", "spectral"), (bundle, "bundle")):
                for preset, run_id in ((("--scales", "32px,64px"), f"{name}/32,64/v1"), (("--preset", "v2"), f"{name}/v2")):
                    by_hand(folder, truth, folder / "hand.gpkg", ("--model", model, "--bands", scenes.ROLES, *preset, "--smoothing-size", "9px",
                                                                  *kind), profile)
                    got, expected = scores(folder / "b.gpkg", run_id), scores(folder / "hand.gpkg")
                    assert len(got) == 9 and got == expected, f"{run_id}: {got} {expected}"
                    if run_id == "spectral/32,64/v1":
                        assert min(s[3] for s in got) > 0.5, got
            for layer in LAYERS[1:5]:
                ours = [row for row in rows(folder / "b.gpkg", layer, ("fid", "run_id")) if row["sample_id"] == "s0"]
                assert ours, layer


def encoded(stderr):
    """Windows encoded per model and image, from the debug output."""
    lines = re.findall(r"benchmark: (.*): (\d+) windows encoded of .*/(\d)\.tif", stderr)
    more = re.findall(r"benchmark: (.*): (\d+) windows encoded more", stderr)
    return [(model, image, int(n)) for model, n, image in lines], sum(int(n) for _, n in more)


def n_windows(folder, image, *arguments):
    gdal("selo", "windows", image, folder / "windows.csv", *arguments, "--overwrite", "-q")
    with open(folder / "windows.csv", encoding="utf-8") as file:
        return {line.split(",", 1)[1].strip() for line in file.readlines()[1:]}


def test_each_image_once(folder, truth):
    done = benchmark(truth, folder / "once.gpkg", "--model", "spectral", "--bands", scenes.ROLES, *SMOOTHING, "--scales", "32,64", "--scales", "64,100",
                     "--preset", "v1,v2", env={"CPL_DEBUG": "SELO"})
    first, more = encoded(done.stderr)
    sets = [n_windows(folder, folder / "0.tif", "--scales", s) for s in ("32px,64px", "64px,100px")] + \
        [n_windows(folder, folder / "0.tif", "--preset", "v2")]
    together = len(set.union(*sets))
    assert together < sum(map(len, sets)), "the sets share no window: the test says nothing"
    assert sorted(first) == [("spectral", str(k), together) for k in range(N_IMAGES)], (first, together)
    assert 0 < more < 9 * 200, more
    again = benchmark(truth, folder / "once.gpkg", "--model", "spectral", "--bands", scenes.ROLES, *SMOOTHING, "--scales", "32,64", "--scales", "64,100",
                      "--preset", "v1,v2", "--resume", env={"CPL_DEBUG": "SELO"})
    assert encoded(again.stderr) == ([], 0), again.stderr


def test_samples_of_one_image_are_one_cluster(folder, truth):
    """A truth that names no images: what --images names, or the one file of all maps, is what intervals are clustered by."""
    (folder / "nameless.geojson").write_text(truth.read_text().replace('"image":', '"scene":'))
    for name, images, n_images in (("one", "0.tif", 1), ("each", "{scene}", N_IMAGES)):
        benchmark(folder / "nameless.geojson", folder / f"{name}.gpkg", "--model", "spectral", *SPECTRAL, "--keep-maps", folder / name, images=images)
        (mean,) = (row for row in rows(folder / f"{name}.gpkg", "selo_stat") if row["metric"] == "rmi")
        assert (mean["n"], mean["n_image"], mean["ci_lo"] is None) == (9, n_images, n_images == 1), mean
    for name, maps, n_images in (("file", f"{folder}/one/spectral/32,64/v1/0.tif", 1), ("files", f"{folder}/one/spectral/32,64/v1/{{index}}.tif", 9)):
        gdal("selo", "benchmark", folder / "nameless.geojson", folder / f"{name}.gpkg", "--maps", maps, "--summary", "none", "-q", *GROUND)
        (mean,) = (row for row in rows(folder / f"{name}.gpkg", "selo_stat") if row["metric"] == "rmi")
        assert (mean["n"], mean["n_image"]) == (9, n_images), mean
    gdal("selo", "compare", folder / "one.gpkg", folder / "files.gpkg", "-q", "--summary", "none")  # still one test set


def test_runs_and_their_times(folder, truth):
    bundle = Bundle(folder / "bundle").folder
    output = folder / "runs.gpkg"
    benchmark(truth, output, "--model", "spectral", "--model", f"net={bundle}", "--scales", "32,64", "--scales", "100", "--bands", scenes.ROLES,
              *SMOOTHING, "--group-by", "cover", "-j", "2", "--keep-maps", folder / "kept")
    runs = rows(output, "selo_run", leave_out=("fid",))
    assert [run["run_id"] for run in runs] == ["spectral/32,64/v1", "spectral/100/v1", "net/32,64/v1", "net/100/v1"]
    assert [run["provider"] for run in runs] == ["built-in"] * 2 + ["CPUExecutionProvider"] * 2
    assert all(len(run["model_sha"]) == 64 and "benchmark" in run["cmdline"] for run in runs) and runs[0]["model_sha"] != runs[2]["model_sha"]
    samples = rows(output, "selo_sample", leave_out=("fid",))
    assert len(samples) == 4 * 9 and {row["model"] for row in samples} == {"spectral", str(bundle)}
    for run in runs:
        for time_of in TIMES[1:]:
            parts = [row[time_of] for row in samples if row["run_id"] == run["run_id"]]
            assert min(parts) >= 0 and abs(sum(parts) - run[time_of]) <= 0.5, (run["run_id"], time_of, sum(parts), run[time_of])
        assert sum(row["t_sim_ms"] for row in samples if row["run_id"] == run["run_id"]) > 0
    groups = {row["grp"] for row in rows(output, "selo_stat")}
    assert groups == {"all", "cover=sea", "cover=forest", "cover=town"}
    assert not {row["metric"] for row in rows(output, "selo_stat")} & set(TIMES)
    kept = gdal_api.Open(samples[0]["map_uri"])
    assert kept.GetMetadata("SELO")["QUERY"] == QUERIES[0] and len(list((folder / "kept").rglob("*.tif"))) == 36
    again = folder / "again.gpkg"
    gdal("selo", "benchmark", truth, again, "--maps", f"kept={folder}/kept/spectral/100/v1/{{index}}.tif", *GROUND, "-q")
    assert scores(again) == scores(output, "spectral/100/v1")
    return output


def test_compare_and_report(folder, output):
    result = json.loads(gdal("selo", "compare", output, "--summary", "json", "-q").stdout)
    assert {row["run_b"] for row in result["diff"]} == {"spectral/100/v1", "net/32,64/v1", "net/100/v1"}
    gdal("selo", "report", output, folder / "r.html", "--images", folder / "{image}", "-q")
    html = (folder / "r.html").read_text(encoding="utf-8")
    assert "Time by stage" in html and "map not found" not in html and "spectral/32,64/v1" in html
    said = gdal("selo", "report", output, folder / "r2.html", "--images", folder / "elsewhere" / "{image}", "-q").stderr
    assert said.count("Warning") == 1 and "--images" in said and re.search(r"(\d+) of the \1 images .*elsewhere/\d.tif", said), said
    fails(("--images", "no value for {field}"), "selo", "report", output, folder / "r3.html", "--images", folder / "{field}", "-q")
    assert not (folder / "r3.html").exists()
    fails(("r.pdf", "html, markdown or csv"), "selo", "report", output, folder / "r.pdf", "-q")
    gdal("selo", "report", output, folder / "r.md", "-q")
    times = (folder / "r.md").read_text(encoding="utf-8").split("## Seconds by stage")[1].split("##")[0]
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in times.strip().splitlines() if line.startswith("|")]
    assert len(table) == 6 and all(cell for row in table[2:] for cell in row), table


def test_threads_parts_and_mixed(folder, truth):
    arguments = ("--model", "spectral", *SPECTRAL, "--scales", "100", "--preset", "v1,v2")
    benchmark(truth, folder / "j1.gpkg", *arguments, "-j", "1")
    benchmark(truth, folder / "j3.gpkg", *arguments, "-j", "3")
    same(folder / "j1.gpkg", folder / "j3.gpkg")
    for part in (1, 2):
        benchmark(truth, folder / f"part{part}.gpkg", *arguments, "--shard", f"{part}/2")
    images = [{row["image"] for row in rows(folder / f"part{part}.gpkg", "selo_sample")} for part in (1, 2)]
    assert sum(map(len, images)) == N_IMAGES, images
    gdal("selo", "merge", folder / "part2.gpkg", folder / "part1.gpkg", folder / "merged.gpkg", "-q")
    same(folder / "j1.gpkg", folder / "merged.gpkg")
    whole, parts = (rows(folder / name, "selo_run", leave_out=())[0] for name in ("j1.gpkg", "merged.gpkg"))
    assert whole["model_sha"] == parts["model_sha"] and whole["provider"] == parts["provider"] and whole["params"] == parts["params"], parts
    for part in (1, 2):
        benchmark(truth, folder / f"other{part}.gpkg", "--model", f"net={Bundle(folder / 'other', seed=part).folder}", "--bands", scenes.ROLES,
                  "--scales", "64", *SMOOTHING, "--shard", f"{part}/2")
    fails(("other2.gpkg", "another model"), "selo", "merge", folder / "other1.gpkg", folder / "other2.gpkg", folder / "no.gpkg", "-q")
    benchmark(truth, folder / "mixed.gpkg", *SPECTRAL, "--model", "spectral", "--maps", f"old={folder}/kept/spectral/32,64/v1/{{index}}.tif")
    assert [row["run_id"] for row in rows(folder / "mixed.gpkg", "selo_run")] == ["old", "spectral/32,64/v1"]
    assert scores(folder / "mixed.gpkg", "old") == scores(folder / "mixed.gpkg", "spectral/32,64/v1")


def test_failures_are_rows(folder, truth):
    changed = json.loads(truth.read_text(encoding="utf-8"))
    changed["features"][1]["properties"]["query"] = "xyzzy plugh"
    changed["features"][2]["properties"]["query"] = ""
    odd = truth.parent / "odd.geojson"
    odd.write_text(json.dumps(changed), encoding="utf-8")
    (folder / "2.tif").rename(folder / "away.tif")
    benchmark(odd, folder / "odd.gpkg", "--model", "spectral", *SPECTRAL)
    (folder / "away.tif").rename(folder / "2.tif")
    got = rows(folder / "odd.gpkg", "selo_sample")
    assert [row["status"] for row in got] == ["ok", "failed", "failed"] + ["ok"] * 3 + ["failed"] * 3, got
    assert "xyzzy" in got[1]["message"] and "no query" in got[2]["message"] and "2.tif" in got[6]["message"]
    assert all(row["model"] == "spectral" for row in got)
    benchmark(odd, folder / "odd.gpkg", "--model", "spectral", *SPECTRAL, "--resume")
    got = rows(folder / "odd.gpkg", "selo_sample")
    assert [row["status"] for row in got] == ["ok", "failed", "failed"] + ["ok"] * 6
    scenes.write(folder / "grey.tif", np.full((1, HEIGHT, WIDTH), 7, np.uint8), nodata=7)
    fails("none of the 9 samples", "selo", "benchmark", truth, folder / "grey.gpkg", "--model", "spectral", "--scales", "32", "--images",
          folder / "grey.tif", "-q")
    assert {row["message"] for row in rows(folder / "grey.gpkg", "selo_sample")} and \
        all("valid pixels" in row["message"] for row in rows(folder / "grey.gpkg", "selo_sample"))
    huge = benchmark(truth, folder / "large.gpkg", "--model", "spectral", "--bands", scenes.ROLES, "--scales", "350", *SMOOTHING)
    assert "larger than the image" in huge.stderr and huge.stderr.count("Warning") == 1, huge.stderr


def test_arguments(folder, truth):
    def refused(message, *arguments):
        fails(message, "selo", "benchmark", truth, folder / "no.gpkg", "-q", *arguments)
        assert not (folder / "no.gpkg").exists()
    refused("--model", )
    refused(("--images", "--model"), "--maps", "x", "--images", "y")
    refused(("--scales", "v2"), "--model", "spectral", "--preset", "v2", "--scales", "64")
    refused("two runs are called 'spectral/64/v1'", "--model", "spectral", "--model", "spectral", "--scales", "64")
    refused("nowhere", "--model", folder / "nowhere")


skip_without_runtime()
test_scores_of_localize_and_evaluate()
print("test_scores_of_localize_and_evaluate: ok", flush=True)
with scratch() as scratch_folder:
    test_truth = make_set(scratch_folder)
    test_each_image_once(scratch_folder, test_truth)
    test_compare_and_report(scratch_folder, test_runs_and_their_times(scratch_folder, test_truth))
    for test in (test_samples_of_one_image_are_one_cluster, test_threads_parts_and_mixed, test_failures_are_rows, test_arguments):
        test(scratch_folder, test_truth)
        print(f"{test.__name__}: ok", flush=True)
