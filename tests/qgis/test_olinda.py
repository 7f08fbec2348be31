"""The real scene of Olinda through qgis_process, with the plugin unpacked from its zip: the same bytes and layers as the command line."""

import json
import zipfile

from support import olinda
from support.qgis_session import Session, need
from support.selo import gdal

need("qgis_process", "gdal", modules=("osgeo",))
from osgeo import gdal as gdal_api  # noqa: E402

gdal_api.UseExceptions()

GEOMETRIES = ("selo_sample", "selo_cand", "selo_circle", "selo_region", "selo_shift")


def rows(path, name):
    """Geometries and attributes of a layer; without what says when, how long and where from."""
    dataset = gdal_api.OpenEx(str(path))
    found = []
    for feature in dataset.GetLayerByName(name):
        values = {key: value for key, value in feature.items().items() if key not in ("run_id", "started", "cmdline", "params", "t_ms")}
        found.append((bytes(feature.GetGeometryRef().ExportToWkb()), values))
    return found


with Session() as session:
    place = session.folder / "Bildmaterial \"ö\" o'Neill 日本"
    place.mkdir()
    olinda.make(place)
    plugins = session.folder / "profile" / "profiles" / "default" / "python" / "plugins"
    with zipfile.ZipFile(session.folder / "gdal_selo.zip") as archive:
        archive.extractall(plugins)
    env = {"QGIS_PLUGINPATH": "", "PYTHONWARNINGS": "error:::gdal_selo"}
    session.process("plugins", "enable", "gdal_selo", env=env)
    for name, query in olinda.QUERIES.items():
        where = f"query = '{query}'"
        done = session.process("--json", "run", "gdal_selo:evaluate", "--", f"MAP={place / f'{name}.tif'}", f"TRUTH={place / 'truth.gpkg'}",
                               f"WHERE={where}", f"QUERY={query}", "PROFILE=ground", "SMOOTHING=150", "SMOOTHING_UNIT=m", "SEPARATION=1000",
                               "SEPARATION_UNIT=m", f"OUTPUT={place / f'{name} qgis.gpkg'}", env=env)
        assert done.returncode == 0, done.stderr + done.stdout[-2000:]
        assert "gdal_selo" not in done.stderr, done.stderr
        answer = json.loads(done.stdout)["results"]
        said = gdal("selo", "evaluate", "-q", place / f"{name}.tif", place / "truth.gpkg", place / f"{name} cli.gpkg", "--where", where,
                    "--query", query, *olinda.SCORED, "--summary", "json").stdout
        assert answer["SUMMARY"] == said, f"{name}: the summary differs"
        mean = json.loads(said)["mean"]
        assert 0.2 < mean["rmi"] < 1 and [answer[metric.upper()] for metric in mean if metric != "n"] == [
            value for metric, value in mean.items() if metric != "n"]
        for layer in GEOMETRIES:
            assert rows(place / f"{name} qgis.gpkg", layer) == rows(place / f"{name} cli.gpkg", layer), f"{name}: {layer} differs"
            assert answer[layer.upper()].endswith(f"|layername={layer}")
        print(f"{name}: Rmi {mean['rmi']:.3f}, {len(said)} bytes equal")
