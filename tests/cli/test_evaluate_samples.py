"""Samples, bands and maps of `gdal selo evaluate`, and what it prints."""

import csv
import json
import os
import re

import numpy as np
from osgeo import gdal as gdal_api
from osgeo import osr

from support.selo import evaluate, fails, gdal, scratch, write_truth_csv

gdal_api.UseExceptions()
LEFT = [(120, 90), (180, 90), (180, 150), (120, 150)]
RIGHT = [(420, 250), (480, 250), (480, 310), (420, 310)]


def blob(x, y):
    columns, rows = np.meshgrid(np.arange(600), np.arange(400))
    return (255 * np.exp(-((columns - x) ** 2 + (rows - y) ** 2) / 5000)).astype(np.uint8)


def write_map(path, *bands, names=()):
    dataset = gdal_api.GetDriverByName("GTiff").Create(str(path), 600, 400, len(bands))
    for i, values in enumerate(bands, 1):
        dataset.GetRasterBand(i).WriteArray(values)
        if names:
            dataset.GetRasterBand(i).SetDescription(names[i - 1])
    dataset = None


def place_map(path, epsg, *bands, names=()):
    write_map(path, *bands, names=names)
    with gdal_api.Open(str(path), gdal_api.GA_Update) as dataset:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))


def test_samples_by_query(folder):
    result = evaluate(folder / "left.tif", folder / "truth.csv", "--query-field", "query")
    assert [s["query"] for s in result["samples"]] == ["left", "right"]
    assert [s["sample_id"] for s in result["samples"]] == ["0", "1"]
    assert result["samples"][0]["rmi"] > 0.8 > 0.4 > result["samples"][1]["rmi"], result
    assert result["mean"]["n"] == 2
    assert abs(result["mean"]["rmi"] - sum(s["rmi"] for s in result["samples"]) / 2) < 1e-15
    together = evaluate(folder / "left.tif", folder / "truth.csv")
    assert len(together["samples"]) == 1 and len(together["samples"][0]["regions"]) == 2


def test_queries_and_ids_are_numbers(folder):
    """Each is its own text: both are made of numbers, one after the other."""
    truth = folder / "numbers.csv"
    header, *rows = (folder / "truth.csv").read_text().splitlines()
    truth.write_text("\n".join([header + ",number,sample_id", *(f"{row},{7 + i},{33 + i}" for i, row in enumerate(rows))]) + "\n")
    truth.with_suffix(".csvt").write_text('"WKT","String","Integer","Integer"\n')
    result = evaluate(folder / "left.tif", truth, "--query-field", "number")
    assert [(s["sample_id"], s["query"]) for s in result["samples"]] == [("33", "7"), ("34", "8")], result["samples"]


def test_query_chooses_a_sample(folder):
    """Where the truth holds queries, --query is one of them, and what it asks of others is not scored."""
    for arguments in (["--query-field", "query"], []):  # or a test set's own layer
        truth = folder / "chosen.csv"
        header, *rows = (folder / "truth.csv").read_text().splitlines()
        truth.write_text("\n".join([header, *rows] if arguments else ["sample_id," + header, *("7," + row for row in rows)]) + "\n")
        assert [s["query"] for s in evaluate(folder / "left.tif", truth, *arguments)["samples"]] == ["left", "right"]
        result = evaluate(folder / "right.tif", truth, *arguments, "--query", "right")
        assert [(s["query"], s["rmi"] > 0.8, len(s["regions"])) for s in result["samples"]] == [("right", True, 1)], result
        fails(["--query", "chosen.csv", "no 'up'", "it has 'left', 'right'"], "selo", "evaluate", folder / "left.tif", truth, "-q", *arguments,
              "--query", "up")


def test_query_keeps_its_number(folder):
    """A sample that is scored alone has the name, and so the map, that it has among all."""
    for name, map_name in (("left", "map_0.tif"), ("right", "map_1.tif")):
        (folder / map_name).write_bytes((folder / f"{name}.tif").read_bytes())
    arguments = [folder / "map_{sample_id}.tif", folder / "truth.csv", "--query-field", "query"]
    for expected in evaluate(*arguments)["samples"]:
        assert evaluate(*arguments, "--query", expected["query"])["samples"] == [expected]


def test_bands(folder):
    alone = [evaluate(folder / f"{name}.tif", folder / "truth.csv", "--where", f"query = '{name}'")["samples"][0]
             for name in ("left", "right")]
    write_map(folder / "swapped.tif", blob(450, 280), blob(150, 120), names=["right", "left"])
    for arguments in ([], ["-b", "2,1"], ["-b", "2", "-b", "1"]):
        result = evaluate(folder / "swapped.tif", folder / "truth.csv", "--query-field", "query", *arguments)
        assert [s["rmi"] for s in result["samples"]] == [s["rmi"] for s in alone], arguments
    for name, expected in zip(("left", "right"), alone):
        result = evaluate(folder / "swapped.tif", folder / "truth.csv", "--query-field", "query", "--query", name)
        assert [s["rmi"] for s in result["samples"]] == [expected["rmi"]], f"{name}: a sample alone has the band of its query, too"
    fails(["--band", "3 bands", "2 samples"], "selo", "evaluate", folder / "swapped.tif", folder / "truth.csv", "-q", "--query-field",
          "query", "-b", "1,2,1")


def test_map_per_sample(folder):
    result = evaluate(folder / "{query}.tif", folder / "truth.csv", "--query-field", "query")
    assert all(s["rmi"] > 0.8 for s in result["samples"]), result
    fails(["{bogus}", "sample '0'"], "selo", "evaluate", folder / "{bogus}.tif", folder / "truth.csv", "-q", "--query-field", "query")


def write_wkt(path, *regions):
    path.write_text("WKT\n" + "".join(f'"{wkt}"\n' for wkt in regions))
    return path


def rings(*contours):
    return ",".join("(" + ",".join(f"{x} {y}" for x, y in [*points, points[0]]) + ")" for points in contours)


def test_whole_features(folder):
    """A multipolygon is one region in the reference profile, too, and each of its layers says so."""
    truth = write_wkt(folder / "whole.csv", f"MULTIPOLYGON(({rings(LEFT)}),({rings(RIGHT)}))")
    parts = evaluate(folder / "left.tif", truth)["samples"][0]
    gdal("selo", "evaluate", folder / "left.tif", truth, folder / "whole.gpkg", "-q", "--regions", "feature")
    whole = evaluate(folder / "left.tif", truth, "--regions", "feature")["samples"][0]
    centre = np.trunc(np.mean(LEFT + RIGHT, axis=0))
    radius = np.trunc(1.5 * np.mean(np.hypot(*(np.array(LEFT + RIGHT) - centre).T)))
    assert len(parts["regions"]) == 2 and len(whole["regions"]) == 1, whole
    region = whole["regions"][0]
    assert [region["cx_px"], region["cy_px"], region["r_px"]] == [*centre, radius], region
    assert region["area_px"] == sum(r["area_px"] for r in parts["regions"]) and whole["rsu"] == parts["rsu"], region
    with gdal_api.OpenEx(str(folder / "whole.gpkg")) as dataset:
        for layer in ("selo_region", "selo_circle"):
            assert dataset.GetLayerByName(layer).GetFeatureCount() == 1, layer
        row = dataset.GetLayerByName("selo_region").GetNextFeature()
        shape = row.GetGeometryRef()
        assert shape.GetGeometryCount() == 2 and shape.Area() == 2 * 60 * 60, shape.ExportToWkt()


def test_empty_rings(folder):
    """An empty hole, or an empty part of a multipolygon, is legal and changes nothing."""
    expected = evaluate(folder / "left.tif", write_wkt(folder / "plain.csv", f"POLYGON({rings(LEFT)})"))
    for i, wkt in enumerate((f"POLYGON({rings(LEFT)},EMPTY)", f"MULTIPOLYGON(EMPTY,({rings(LEFT)},EMPTY))")):
        truth = write_wkt(folder / f"empty{i}.csv", wkt)
        for regions in ("part", "feature"):
            assert evaluate(folder / "left.tif", truth, "--regions", regions) == expected, (wkt, regions)
    hole = f"(EMPTY,{rings(RIGHT)})"  # of nothing
    for i, wkts in enumerate(((f"POLYGON{hole}", f"POLYGON({rings(LEFT)})"), (f"POLYGON({rings(LEFT)})", f"POLYGON{hole}"),
                              (f"MULTIPOLYGON({hole},({rings(LEFT)}))",), (f"MULTIPOLYGON({hole})", f"POLYGON({rings(LEFT)})"))):
        truth = write_wkt(folder / f"hole{i}.csv", *wkts)
        for regions in ("part", "feature"):
            assert evaluate(folder / "left.tif", truth, "--regions", regions)["samples"] == expected["samples"], (wkts, regions)


def test_wide_types(folder):
    """UInt16 and Float32 become the same 8-bit map."""
    expected = evaluate(folder / "left.tif", folder / "truth.csv")
    for name, type_, factor in (("u16", gdal_api.GDT_UInt16, 257), ("f32", gdal_api.GDT_Float32, 1 / 255)):
        dataset = gdal_api.GetDriverByName("GTiff").Create(str(folder / f"{name}.tif"), 600, 400, 1, type_)
        dataset.GetRasterBand(1).WriteArray(blob(150, 120).astype(np.float64) * factor)
        dataset = None
        assert evaluate(folder / f"{name}.tif", folder / "truth.csv") == expected, name


def test_what_is_printed(folder):
    done = gdal("selo", "evaluate", folder / "left.tif", folder / "truth.csv", "--query-field", "query")
    lines = done.stdout.splitlines()
    assert lines[0].split()[:6] == ["sample", "profile", "Rsu", "Ras", "Rda", "Rmi"] and lines[-1].startswith("mean"), lines
    assert "100 - done." in done.stderr and "100 - done." not in done.stdout
    quiet = gdal("selo", "evaluate", folder / "left.tif", folder / "truth.csv", "-q", "--summary", "json")
    assert quiet.stderr == "", quiet.stderr
    result = json.loads(quiet.stdout)
    assert set(result) >= {"profile", "samples", "mean"}
    assert set(result["samples"][0]) >= {"sample_id", "query", "status", "rsu", "rda", "ras", "rmi", "candidates", "regions"}
    assert set(result["samples"][0]["regions"][0]) >= {"region_id", "cx_px", "cy_px", "r_px", "n_in", "shift_px", "ras_r", "rda_r"}
    assert set(result["samples"][0]["candidates"][0]) >= {"x_px", "y_px", "prob"}
    assert gdal("selo", "evaluate", folder / "left.tif", folder / "truth.csv", "-q", "--summary", "none").stdout.strip() == ""


def test_odd_queries(folder):
    """A query with line breaks is one line of the table; text that is no UTF-8 is refused by name, as no JSON could hold it."""
    text = "left\nof\tthe \x1b[31mroad " + 80 * "äö"
    write_truth_csv(folder / "odd.csv", [(text, [LEFT]), ("right", [RIGHT])])
    done = gdal("selo", "evaluate", folder / "left.tif", folder / "odd.csv", "-q", "--query-field", "query")
    lines = done.stdout.splitlines()
    assert len(lines) == 4 and "left of the  [31mroad äöäö" in lines[1], lines
    assert evaluate(folder / "left.tif", folder / "odd.csv", "--query-field", "query")["samples"][0]["query"] == text
    for name in ("a.gpkg", "b.gpkg"):
        gdal("selo", "evaluate", folder / "left.tif", folder / "odd.csv", folder / name, "-q", "--query-field", "query")
    table = gdal("selo", "compare", folder / "a.gpkg", folder / "b.gpkg", "-q").stdout.splitlines()
    assert len(table) == 1 + 4 + 1 + 1 + 2 and "left of the  [31mroad" in "".join(table[-2:]), table
    (folder / "latin.csv").write_bytes((folder / "truth.csv").read_bytes().replace(b"right", b"caf\xe9"))
    for format_ in ("text", "json"):
        fails(["latin.csv", "no UTF-8", "field 'query' of feature 2"], "selo", "evaluate", folder / "left.tif", folder / "latin.csv", "-q",
              "--query-field", "query", "--summary", format_)
    fails(["--query", "no UTF-8"], "selo", "evaluate", folder / "left.tif", folder / "truth.csv", "-q", "--query", os.fsdecode(b"caf\xe9"))


def test_help(_folder):
    assert "selo:" in gdal("--help").stdout
    assert "evaluate:" in gdal("selo", "--help").stdout
    page = gdal("selo", "evaluate", "--help").stdout
    assert "gdal selo evaluate map.tif truth.shp" in page and "--query-field" in page
    usage = json.loads(gdal("selo", "evaluate", "--json-usage").stdout)
    arguments = usage["input_arguments"] + usage["output_arguments"] + usage["input_output_arguments"]
    assert {"map", "truth", "output", "profile", "query-field"} <= {a["name"] for a in arguments}
    assert all(a["description"] for a in arguments)


def test_run_is_recorded(folder):
    """The run's command line and parameters, and truth in pixels drawn where the map lies."""
    with gdal_api.Open(str(folder / "left.tif"), gdal_api.GA_Update) as dataset:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(32633)
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
    gdal("selo", "evaluate", folder / "left.tif", folder / "truth.csv", folder / "out.gpkg", "--truth-crs", "none", "--profile",
         "reference", "-q")
    with gdal_api.OpenEx(str(folder / "out.gpkg")) as dataset:
        run = next(iter(dataset.GetLayerByName("selo_run"))).items()
        feature = dataset.GetLayerByName("selo_region").GetNextFeature()
        region = feature.GetGeometryRef().GetEnvelope()
        sample = next(iter(dataset.GetLayerByName("selo_sample"))).items()
    assert run["cmdline"].startswith("gdal selo evaluate ") and "--truth-crs none" in run["cmdline"], run
    assert json.loads(run["params"])["profile"] == "reference", run
    assert region == (501200, 501800, 4998500, 4999100), region
    assert sample["t_ms"] is not None and sample["t_ms"] >= 0, sample


def test_profiles_stay_apart(folder):
    """What scored in both profiles is compared and reported profile by profile; samples on one map are on one image."""
    place_map(folder / "placed.tif", 32633, blob(150, 120))
    arguments = ["selo", "evaluate", folder / "placed.tif", folder / "truth.csv", "--truth-crs", "none", "--query-field", "query", "-q"]
    both = ["--profile", "reference", "--profile", "ground"]
    for name in ("a.gpkg", "b.gpkg"):
        gdal(*arguments, folder / name, *both)
    gdal(*arguments, folder / "one.gpkg", "--profile", "ground")
    means = json.loads(gdal(*arguments, *both, "--summary", "json").stdout)["means"]
    with open(folder / "stat.csv", "w", encoding="utf-8") as file:
        file.write(gdal("selo", "report", folder / "a.gpkg", "/vsistdout/", "-f", "csv", "-q").stdout)
    with open(folder / "stat.csv", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["metric"] == "rmi"]
    assert len(rows) == 2 and [(row["n"], row["n_image"], row["ci_lo"]) for row in rows] == 2 * [("2", "1", "")], rows
    for row, profile in zip(rows, ("reference", "ground")):
        assert row["run_id"].endswith(f" ({profile})") and abs(float(row["mean"]) - means[profile]["rmi"]) < 1e-12, row
    diff = json.loads(gdal("selo", "compare", folder / "a.gpkg", folder / "b.gpkg", folder / "one.gpkg", "-q", "--summary", "json").stdout)["diff"]
    for run_a, run_b in {(row["run_a"], row["run_b"]) for row in diff}:
        assert run_a.endswith("(reference)") == run_b.endswith("(reference)"), (run_a, run_b)
    rmi = [row for row in diff if row["metric"] == "rmi"]
    assert [(row["n"], row["n_image"], row["diff"]) for row in rmi] == 3 * [(2, 1, 0)], rmi
    assert all(row["n"] == 2 for row in diff), diff
    fails("only one run", "selo", "compare", folder / "a.gpkg")
    page = gdal("selo", "report", folder / "a.gpkg", "/vsistdout/", "-q").stdout
    assert "Profile: reference, ground." in page and page.count("1 circles, 1 candidates") == page.count("<figure>") == 4, page[-3000:]


def test_gallery_shows_what_was_scored(folder):
    """Each sample over its own band, and outlines where they lie on its own map, whatever CRS the first one has."""
    place_map(folder / "two.tif", 32633, blob(150, 120), blob(450, 280), names=["left", "right"])
    arguments = [folder / "truth.csv", "--truth-crs", "none", "--query-field", "query", "-q"]

    def figures(name, *more):
        gdal("selo", "evaluate", folder / name, *arguments, folder / "shown.gpkg", "--overwrite", *more)
        page = gdal("selo", "report", folder / "shown.gpkg", "/vsistdout/", "-q").stdout
        found = re.findall(r"<figure>.*?</figure>", page, re.S)
        return {re.search(r"<b>(\w+)</b>", figure)[1]: figure for figure in found}

    def picture(figure):
        return re.search(r'href="(data:[^"]*)"', figure)[1]

    by_query, swapped = figures("two.tif"), figures("two.tif", "--band", "2,1")
    assert picture(by_query["left"]) == picture(swapped["right"]) != picture(by_query["right"]) == picture(swapped["left"])
    second = figures("two.tif", "--band", "2")
    assert picture(second["left"]) == picture(second["right"]) == picture(by_query["right"])
    place_map(folder / "zone_0.tif", 32633, blob(150, 120))
    place_map(folder / "zone_1.tif", 32635, blob(450, 280))
    for profile in ("reference", "ground"):
        for query, figure in figures("zone_{sample_id}.tif", "--profile", profile).items():
            outline = re.search(r'class="truth" d="M([^"]*)Z"', figure)[1]
            corners = {tuple(round(float(v)) for v in point.split()) for point in outline.split("L")}
            assert set({"left": LEFT, "right": RIGHT}[query]) <= corners, (profile, query, corners)


def test_python_api(folder):
    algorithm = gdal_api.Run(["selo", "evaluate"], map=str(folder / "left.tif"), truth=str(folder / "truth.csv"))
    by_name = json.loads(algorithm["output-string"])
    assert by_name == evaluate(folder / "left.tif", folder / "truth.csv")
    with gdal_api.Open(str(folder / "left.tif")) as map_, gdal_api.OpenEx(str(folder / "truth.csv"), gdal_api.OF_VECTOR) as truth:
        algorithm = gdal_api.Run(["selo", "evaluate"], map=map_, truth=truth)
        assert json.loads(algorithm["output-string"]) == by_name
        assert map_.GetRasterBand(1).Checksum() > 0, "the caller's dataset is still open"


if __name__ == "__main__":
    for test in [value for name, value in list(globals().items()) if name.startswith("test_")]:
        with scratch() as scratch_folder:
            write_map(scratch_folder / "left.tif", blob(150, 120))
            write_map(scratch_folder / "right.tif", blob(450, 280))
            write_truth_csv(scratch_folder / "truth.csv", [("left", [LEFT]), ("right", [RIGHT])])
            test(scratch_folder)
            print("ok", test.__name__)
