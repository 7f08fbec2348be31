"""docs/data-model.md tells every field that is written, and no other."""

import os
import re
import subprocess

import numpy as np
from osgeo import gdal, ogr, osr

from support.selo import SOURCE, evaluate, scratch

gdal.UseExceptions()
COMMON = {"run_id", "sample_id"}
TYPES = {"text": (ogr.OFTString, ogr.OFSTNone), "real": (ogr.OFTReal, ogr.OFSTNone), "integer": (ogr.OFTInteger, ogr.OFSTNone),
         "integer (64)": (ogr.OFTInteger64, ogr.OFSTNone), "flag": (ogr.OFTInteger, ogr.OFSTBoolean),
         "time": (ogr.OFTDateTime, ogr.OFSTNone)}


def documented():
    """{layer: {field: type}} of the page."""
    layers = {}
    for line in (SOURCE / "docs" / "data-model.md").read_text(encoding="utf-8").splitlines():
        heading = re.match(r"## `(selo_\w+)`", line)
        row = re.match(r"\| `(\w+)` \| ([^|]+?) \|", line)
        if heading:
            layers[heading[1]] = {}
        elif row:
            layers[list(layers)[-1]][row[1]] = row[2]
    return layers


def write_inputs(folder):
    """A map with one bright spot in UTM, and a square beside it."""
    columns, rows = np.meshgrid(np.arange(200), np.arange(160))
    dataset = gdal.GetDriverByName("GTiff").Create(str(folder / "map.tif"), 200, 160)
    dataset.GetRasterBand(1).WriteArray((255 * np.exp(-((columns - 90) ** 2 + (rows - 70) ** 2) / 800)).astype(np.uint8))
    dataset.SetGeoTransform([290000, 10, 0, 9120000, 0, -10])
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32725)
    dataset.SetProjection(crs.ExportToWkt())
    dataset = None
    corners = [(290700, 9119400), (291100, 9119400), (291100, 9119000), (290700, 9119000), (290700, 9119400)]
    ring = ",".join(f"{x} {y}" for x, y in corners)
    (folder / "truth.csv").write_text(f'WKT\n"POLYGON(({ring}))"\n')


def check_repeated(folder):
    """With the time given, a run of the same arguments writes the same file; with other arguments, or without, another run."""
    command = ("selo", "evaluate", "map.tif", "truth.csv", "same.gpkg", "--truth-crs", "EPSG:32725", "--profile", "ground", "--overwrite", "-q")
    files, runs = [], set()
    for epoch, query in (("1767225600", "a"), ("1767225600", "a"), ("1767225600", "b"), ("never", "a")):
        subprocess.run(["gdal", *command, "--query", query], cwd=folder, env={**os.environ, "SOURCE_DATE_EPOCH": epoch}, check=True)
        files.append((folder / "same.gpkg").read_bytes())
        dataset = gdal.OpenEx(str(folder / "same.gpkg"))
        run = next(iter(dataset.GetLayerByName("selo_run")))
        runs.add(run["run_id"])
        assert (run["started"] == "2026/01/01 00:00:00+00") == (epoch != "never"), run["started"]
    assert files[0] == files[1], "the same run, another file"
    assert len(runs) == 3, runs


def check_command_lines(folder):
    """selo_run holds the command that was given, whichever command it was."""
    (folder / "boxes.csv").write_text((folder / "truth.csv").read_text())
    scored = ["evaluate", "map.tif", "truth.csv", "scores.gpkg", "--truth-crs", "EPSG:32725", "--query", "a"]
    commands = {"scores.gpkg": scored, "more.gpkg": [*scored[:3], "more.gpkg", *scored[4:], "--threshold", "0.9"],
                "windows.gpkg": ["windows", "map.tif", "windows.gpkg", "--scales", "64"],
                "vectors.gpkg": ["embed", "map.tif", "vectors.gpkg", "--model", "spectral", "--scales", "64px"],
                "fused.gpkg": ["fuse", "map.tif", "boxes.csv", "fused.gpkg", "--vectors-crs", "EPSG:32725"],
                "diff.gpkg": ["compare", "scores.gpkg", "more.gpkg", "--allow-different", "--output", "diff.gpkg"]}
    for output, command in commands.items():
        subprocess.run(["gdal", "selo", *command, "-q"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        dataset = gdal.OpenEx(str(folder / output))
        run = next(iter(dataset.GetLayerByName("selo_run")))
        line = run["cmdline"] or ""
        assert line.startswith(f"gdal selo {command[0]} ") and output in line, f"{output}: cmdline is '{line}'"


def main():
    pages = documented()
    with scratch() as folder:
        write_inputs(folder)
        check_repeated(folder)
        check_command_lines(folder)
        evaluate(folder / "map.tif", folder / "truth.csv", folder / "out.gpkg", "--truth-crs", "EPSG:32725", "--query", "a spot",
                 "--profile", "reference", "--profile", "ground")
        dataset = gdal.OpenEx(str(folder / "out.gpkg"))
        written = {dataset.GetLayer(i).GetName() for i in range(dataset.GetLayerCount())} - {"layer_styles"}
        assert written == set(pages), f"written {sorted(written)}, documented {sorted(pages)}"
        for name, fields in pages.items():
            layer = dataset.GetLayerByName(name)
            definition = layer.GetLayerDefn()
            found = {}
            for i in range(definition.GetFieldCount()):
                field = definition.GetFieldDefn(i)
                found[field.GetName()] = (field.GetType(), field.GetSubType())
                assert field.GetComment(), f"{name}.{field.GetName()} has no comment"
            extra = set(found) - set(fields) - COMMON
            missing = set(fields) - set(found)
            assert not extra and not missing, f"{name}: not documented {sorted(extra)}, not written {sorted(missing)}"
            for field, kind in fields.items():
                assert found[field] == TYPES[kind], f"{name}.{field}: {found[field]}, documented as {kind}"
            assert layer.GetMetadataItem("SELO_SCHEMA") == "1", name
            print(f"{name}: {len(found)} fields, {layer.GetFeatureCount()} rows")
        profiles = sorted(feature["profile"] for feature in dataset.GetLayerByName("selo_region"))
        assert profiles == ["ground", "reference"], profiles


main()
