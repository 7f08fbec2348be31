"""benchmark --model once more: what changed is done again and nothing else, progress is seen within an image, a kill leaves no half output."""

import json
import os
import random
import signal
import subprocess
import time

from osgeo import gdal as gdal_api

from support import scenes
from support.benchmarks import GROUND, HEIGHT, SMOOTHING, SPECTRAL, TIMES, WIDTH, benchmark, make_set, rows, same
from support.onnx_file import Bundle, skip_without_runtime
from support.selo import scratch

gdal_api.UseExceptions()


def write_scene(folder, k, seed):
    scenes.write(folder / f"{k}.tif", scenes.scene(WIDTH, HEIGHT, seed=seed))


def test_nothing_stale(folder, truth):
    output = folder / "renewed.gpkg"
    bundle = Bundle(folder / "renewed").folder
    arguments = ("--model", "spectral", "--model", bundle, *SPECTRAL)

    def renewed(*changed):
        """Renews the output; which (run, sample) were done again, by their times."""
        before = {(row["run_id"], row["sample_id"]): [row[t] for t in TIMES] for row in rows(output, "selo_sample", leave_out=())}
        benchmark(truth, output, *arguments, "--resume", *changed)
        benchmark(truth, folder / "fresh.gpkg", *arguments, "--overwrite", *changed)
        same(folder / "fresh.gpkg", output)
        return {(row["run_id"], row["sample_id"]) for row in rows(output, "selo_sample", leave_out=())
                if before.get((row["run_id"], row["sample_id"])) != [row[t] for t in TIMES]}
    benchmark(truth, output, *arguments)
    assert renewed() == set(), "something was done twice"
    write_scene(folder, 1, 9)
    assert renewed() == {(f"{m}/32,64/v1", f"s{n}") for m in ("spectral", "renewed") for n in (3, 4, 5)}
    Bundle(folder / "renewed", seed=8)
    assert renewed() == {("renewed/32,64/v1", f"s{n}") for n in range(9)}
    text = truth.read_text(encoding="utf-8")
    truth.write_text(text.replace("dense green forest", "green forest", 1), encoding="utf-8")
    assert renewed() == {(f"{m}/32,64/v1", "s1") for m in ("spectral", "renewed")}
    truth.write_text(text, encoding="utf-8")
    assert renewed() == {(f"{m}/32,64/v1", "s1") for m in ("spectral", "renewed")}
    dataset = gdal_api.Open(str(folder / "0.tif"))
    crs = dataset.GetSpatialRef()
    (folder / "0.tif.aux.xml").write_text('<PAMDataset><GeoTransform>300000,20,0,9100000,0,-20</GeoTransform></PAMDataset>')
    assert crs and len(renewed()) == 6, "an image that was moved was not noticed"
    (folder / "0.tif.aux.xml").unlink()
    assert len(renewed("--map-smoothing", "gaussian")) == 18
    assert len(renewed("--keep-maps", folder / "kept2")) == 18
    (folder / "kept2" / "spectral" / "32,64" / "v1" / "4.tif").unlink()
    assert renewed("--keep-maps", folder / "kept2") == {("spectral/32,64/v1", "s4")}
    for east in (303000, 302800):
        ring = [[300000, 9100000], [east, 9100000], [east, 9098000], [300000, 9098000], [300000, 9100000]]
        (folder / "area.geojson").write_text(json.dumps({**json.loads(text), "features": [
            {"type": "Feature", "properties": {}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]}), encoding="utf-8")
        assert len(renewed("--aoi", folder / "area.geojson")) == 18, "an area of interest that changed was not noticed"
    write_scene(folder, 1, 2)


def progress_of(*words, stop_at=2.0):
    """What a run that shows progress shows, up to where it is stopped; and whether it ended well."""
    shown = []
    algorithm = gdal_api.GetGlobalAlgorithmRegistry().InstantiateAlg("selo").InstantiateSubAlgorithm("benchmark")
    assert algorithm.ParseCommandLineArguments([str(word) for word in words])

    def progress(done, _message, _data):
        shown.append(done)
        return done < stop_at
    with gdal_api.ExceptionMgr(useExceptions=False), gdal_api.quiet_errors():
        return shown, algorithm.Run(progress)


def test_progress_within_an_image(folder, truth):
    """One large image: it is seen how far it is, and it can be stopped, while its windows are encoded and its map is made and scored."""
    scenes.write(folder / "large.tif", scenes.scene(3000, 2000))
    for preset in (("--scales", "30,40"), ("--preset", "v2")):
        command = (truth, folder / "large.gpkg", "--images", folder / "large.tif", "--model", "spectral", "--bands", scenes.ROLES, *preset,
                   *SMOOTHING, *GROUND, "--summary", "none", "--shard", "1/3")
        shown, ended = progress_of(*command, "--overwrite")
        within = sorted({done for done in shown if 0 < done < 0.98})
        assert ended and shown == sorted(shown) and shown[-1] == 1, shown
        assert len(within) >= 3, f"stands still: {shown}"
        shown, ended = progress_of(*command, "--overwrite", stop_at=within[0] / 2)
        assert not ended and max(shown) < 0.98, shown


def test_kills_do_no_harm(folder, truth):
    arguments = ("--model", "spectral", "--bands", scenes.ROLES, "--scales", "32,64", "--scales", "100", "--preset", "v1,v2", *SMOOTHING, "-j", "2")
    once, output, draw = folder / "whole.gpkg", folder / "killed.gpkg", random.Random(6)
    started = time.monotonic()
    benchmark(truth, once, *arguments)
    whole = time.monotonic() - started
    command = ["gdal", "selo", "benchmark", truth, output, "--images", folder / "{image}", "-q", *GROUND, *arguments, "--resume"]
    killed = 0
    for _ in range(10):
        child = subprocess.Popen([*map(str, command)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(draw.uniform(0.05, 0.95) * whole)
        child.send_signal(signal.SIGKILL)
        killed += child.wait() == -signal.SIGKILL
        if output.exists():
            same(once, output)  # what has a name is whole
            output.unlink()
    subprocess.run([*map(str, command)], check=True, capture_output=True)
    same(once, output)
    assert not [name for name in os.listdir(folder) if name.startswith(".killed.gpkg")]
    print(f"killed {killed} of 10 runs of {whole:.2f} s")


skip_without_runtime()
with scratch() as scratch_folder:
    test_truth = make_set(scratch_folder)
    for test in (test_nothing_stale, test_progress_within_an_image, test_kills_do_no_harm):
        test(scratch_folder, test_truth)
        print(f"{test.__name__}: ok", flush=True)
