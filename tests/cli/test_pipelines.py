"""The examples of docs/pipelines.md, run as they stand there."""

import json
import os
import re
import shutil
import subprocess

import numpy as np
from osgeo import gdal, ogr, osr

from support.selo import SOURCE, scratch

gdal.UseExceptions()
ogr.UseExceptions()


def make_inputs(folder):
    columns, rows = np.meshgrid(np.arange(600), np.arange(400))
    bump = 250 * np.exp(-((columns - 200) ** 2 + (rows - 150) ** 2) / 5000)
    with gdal.GetDriverByName("GTiff").Create(str(folder / "map.tif"), 600, 400) as dataset:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(32633)
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
        dataset.WriteArray(bump.astype(np.uint8))
    wgs84 = osr.SpatialReference()
    wgs84.ImportFromEPSG(4326)
    wgs84.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    to_wgs84 = osr.CoordinateTransformation(crs, wgs84)
    with ogr.GetDriverByName("GeoJSON").CreateDataSource(str(folder / "truth.geojson")) as dataset:
        layer = dataset.CreateLayer("truth", wgs84)
        layer.CreateField(ogr.FieldDefn("kind"))
        for kind, x in (("pond", 501500), ("wood", 504500)):
            polygon = ogr.CreateGeometryFromWkt(f"POLYGON(({x} 4999000,{x + 1000} 4999000,{x + 1000} 4998000,{x} 4998000,{x} 4999000))")
            polygon.Transform(to_wgs84)
            feature = ogr.Feature(layer.GetLayerDefn())
            feature.SetGeometry(polygon)
            feature["kind"] = kind
            layer.CreateFeature(feature)


def commands(text):
    """The indented shell lines of a page, joined where they end in a backslash."""
    block = "\n".join(line[4:] for line in text.splitlines() if line.startswith("    "))
    return re.sub(r"\\\n\s*", " ", block).splitlines()


def rows(path, layer):
    with gdal.OpenEx(str(path), gdal.OF_VECTOR) as dataset:
        return [feature.items() for feature in dataset.GetLayerByName(layer)]


def main():
    page = (SOURCE / "docs" / "pipelines.md").read_text(encoding="utf-8")
    example = SOURCE / "docs" / "examples" / "evaluate.gdalg.json"
    assert example.read_text(encoding="utf-8").strip() in page
    with scratch() as folder:
        make_inputs(folder)
        shutil.copy(example, folder)
        shown = commands(page)
        assert len(shown) == 4, shown
        for command in shown:
            done = subprocess.run(["sh", "-ec", command], cwd=folder, capture_output=True, text=True, errors="replace", check=False, env=os.environ)
            assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        strong = rows(folder / "strong.gpkg", "selo_cand")
        assert len(strong) == 1 and strong[0]["prob"] >= 0.8, strong
        with gdal.OpenEx(str(folder / "scores.gpkg"), gdal.OF_VECTOR) as dataset:
            names = {dataset.GetLayer(i).GetName() for i in range(dataset.GetLayerCount())}
        assert {"selo_sample", "selo_region", "selo_circle", "selo_cand", "selo_shift", "selo_run"} <= names, names
        assert len(rows(folder / "scores.gpkg", "selo_region")) == 1, "one pond"
        with gdal.OpenEx(str(folder / "first.geojson"), gdal.OF_VECTOR) as dataset:
            assert {(feature["row_start"], feature["scale_px"]) for feature in dataset.GetLayer(0)} == {(0, 200)}
        (folder / "hand.gdalg.json").write_text(json.dumps({"type": "gdal_streamed_alg", "command_line": re.search(
            r"`(gdal selo windows [^`]*stream)`", page)[1]}), encoding="utf-8")
        assert len(rows(folder / "hand.gdalg.json", "selo_win")) > 5
        made = subprocess.run(["gdal", "selo", "evaluate", "map.tif", "truth.geojson", "made.gdalg.json"], cwd=folder, check=False,
                              capture_output=True, text=True, errors="replace")
        assert made.returncode == 0, made.stderr
        assert len(rows(folder / "made.gdalg.json", "selo_region")) == 2


if __name__ == "__main__":
    main()
