"""qgis_process with a fresh profile: every command, the same numbers as the command line, models, missing plugins."""

import json
import os
import shutil

from support.qgis_session import Session, make_map, need, ring
from support.selo import gdal

need("qgis_process", modules=("osgeo",))
from osgeo import gdal as gdal_module, ogr, osr  # noqa: E402

OTHER = os.environ.get("SELO_OTHER_PLUGIN")


def commands(node, path=()):
    """Names of all commands."""
    below = node.get("sub_algorithms") or ()
    return [name for child in below for name in commands(child, path + (child["name"],))] or ["_".join(path)]


def write_truth(path):
    """Two features with queries."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(31985)
    made = gdal_module.GetDriverByName("GPKG").Create(str(path), 0, 0, 0)
    layer = made.CreateLayer("wahrheit ö", crs, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("query", ogr.OFTString))
    for query, x, y in (("ships", 40, 50), ("docks", 20, 20)):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature["query"] = query
        feature.SetGeometry(ogr.CreateGeometryFromWkt(ring(x, y, 6)))
        layer.CreateFeature(feature)


with Session() as session:
    session.process("plugins", "enable", "gdal_selo")
    listed = session.process("list", env={"PYTHONWARNINGS": "error:::gdal_selo"})
    declared = commands(json.loads(gdal("selo", "--json-usage").stdout))
    missing = [name for name in declared if f"gdal_selo:{name}\t" not in listed.stdout]
    assert not missing and len(declared) > 5, missing
    assert "gdal_selo" not in listed.stderr, listed.stderr

    place = session.folder / "a b \"c\" 'd' é"
    place.mkdir()
    make_map(place / "map ü.tif")
    write_truth(place / "truth ß.gpkg")
    answer = session.run("gdal_selo:evaluate", MAP=str(place / "map ü.tif"), TRUTH=str(place / "truth ß.gpkg"),
                         WHERE="query = 'ships'", QUERY="ships", SMOOTHING=100, SMOOTHING_UNIT="m",
                         OUTPUT=str(place / "out ñ.gpkg"), REPORT=str(place / "report.html"))["results"]
    said = gdal("selo", "evaluate", "-q", place / "map ü.tif", place / "truth ß.gpkg", place / "cli.gpkg", "--where", "query = 'ships'",
                "--query", "ships", "--smoothing", "100m", "--summary", "json").stdout
    assert answer["SUMMARY"] == said and json.loads(said)["samples"][0]["status"] == "ok"
    assert answer["RMI"] == json.loads(said)["mean"]["rmi"] and 0.3 < answer["RMI"] <= 1
    ours, theirs = (gdal_module.OpenEx(str(place / name)) for name in ("out ñ.gpkg", "cli.gpkg"))
    for i in range(theirs.GetLayerCount()):
        layer = theirs.GetLayer(i)
        same = ours.GetLayerByName(layer.GetName())
        assert same.GetFeatureCount() == layer.GetFeatureCount(), layer.GetName()
        if layer.GetName() in ("selo_cand", "selo_circle", "selo_region", "selo_shift"):
            for one, two in zip(layer, same):
                assert one.GetGeometryRef().ExportToWkb() == two.GetGeometryRef().ExportToWkb()
    assert "<html" in (place / "report.html").read_text(encoding="utf-8")

    empty, broken, other = (session.folder / name for name in ("missing", "broken", "other"))
    for folder in (empty, broken, other):
        folder.mkdir()
    (broken / "gdal_SELO.so").write_text("not a library")
    cases = [(empty, ["no command `gdal selo`", "Build or install"]), (broken, ["cannot be loaded", "Build or install"])]
    if OTHER:
        shutil.copy(OTHER, other / "gdal_SELO.so")
        cases.append((other, ["built for GDAL 3.99", "build the plugin again"]))
    for folder, words in cases:
        env = {"GDAL_DRIVER_PATH": str(folder)}
        assert "gdal_selo:evaluate" in session.process("list", env=env).stdout, folder
        done = session.process("run", "gdal_selo:evaluate", "--", f"MAP={place / 'map ü.tif'}", f"TRUTH={place / 'truth ß.gpkg'}", env=env)
        assert done.returncode != 0
        for word in words:
            assert word in done.stderr + done.stdout, (folder, word, done.stderr, done.stdout)
print("qgis_process: passed")
