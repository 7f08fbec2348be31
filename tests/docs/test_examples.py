"""Every example on a command's help page runs as it is printed, in a folder that holds the inputs that it names."""

import json
import shlex
import shutil
import subprocess
import sys

import numpy as np
from osgeo import gdal as library
from osgeo import ogr, osr

from support import scenes
from support.onnx_file import Bundle, skip_without_runtime
from support.selo import SOURCE, gdal, scratch

sys.path.insert(0, str(SOURCE / "scripts"))
sys.dont_write_bytecode = True
import docs_commands  # noqa: E402  pylint: disable=wrong-import-position,import-error

WRITTEN = {"benchmark": ("results.gpkg",), "compare": ("diff.gpkg",), "embed": ("vectors.gpkg",), "evaluate": ("scores.gpkg",), "export": ("anno.json",),
           "fuse": ("fused.gpkg",), "import": ("airslt.gpkg",), "localize": ("map.tif", "map_{n}.tif"), "merge": ("results.gpkg",),
           "report": ("report.html",), "smooth": ("smooth.tif", "second.tif"), "template": ("overlay.vrt", "heat.vrt"),
           "windows": ("windows.csv", "windows.gpkg", "tiles.csv")}
WIDTH, HEIGHT = 300, 200
SAMPLES = {"north": (90, 80), "south": (200, 110)}  # where the regions lie, column and row


def box(column, row):
    """A square around a pixel, in the CRS of scenes.write()."""
    points = [(300000 + 10 * (column + dx), 9100000 - 10 * (row + dy)) for dx, dy in ((-20, -20), (20, -20), (20, 20), (-20, 20))]
    return "POLYGON((" + ",".join(f"{x} {y}" for x, y in [*points, points[0]]) + "))"


def attention(column, row):
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.exp(-((columns - column) ** 2 + (rows - row) ** 2) / 800).astype(np.float32)


def write_layer(path, driver, rows):
    dataset = ogr.GetDriverByName(driver).CreateDataSource(str(path))
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32725)
    layer = dataset.CreateLayer(path.stem, reference, ogr.wkbPolygon)
    for name, value in rows[0][1].items():
        layer.CreateField(ogr.FieldDefn(name, ogr.OFTReal if isinstance(value, float) else ogr.OFTString))
    for wkt, values in rows:
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkt(wkt))
        for name, value in values.items():
            feature.SetField(name, value)
        layer.CreateFeature(feature)
    dataset = None


def write_test_set(folder):
    """An annotated list, its test set, two series of maps and the images."""
    annotations = [{"jpg_name": "scene.tif", "caption": f"dense green forest {name}", "points": [[[x - 20, y - 20], [x + 20, y - 20], [x + 20, y + 20]]]}
                   for name, (x, y) in SAMPLES.items()]
    (folder / "anno.json").write_text(json.dumps(annotations), encoding="utf-8")
    gdal("selo", "testset", "import", folder / "anno.json", folder / "airslt.gpkg", "-q")
    for series, shift in (("a", 9), ("b", 3)):
        (folder / series).mkdir()
        for index, (x, y) in enumerate(SAMPLES.values()):
            picture = library.GetDriverByName("MEM").Create("", WIDTH, HEIGHT, 1, library.GDT_Byte)
            picture.GetRasterBand(1).WriteArray(np.rint(255 * attention(x + shift, y)).astype(np.uint8))
            library.GetDriverByName("JPEG").CreateCopy(str(folder / series / f"probmap_{index}.jpg"), picture)
    (folder / "images").mkdir()
    shutil.copy(folder / "image.tif", folder / "images" / "scene.tif")


def write_results(folder):
    """What commands have written that other commands read."""
    maps = ("--maps", str(folder / "a" / "probmap_{index}.jpg"), "-q")
    for name in ("results.gpkg", "last_week.gpkg", "today.gpkg"):
        gdal("selo", "benchmark", folder / "airslt.gpkg", folder / name, *maps)
    for part in (1, 2):
        gdal("selo", "benchmark", folder / "airslt.gpkg", folder / f"part_{part}.gpkg", *maps, "--shard", f"{part}/2")
    for name, plan in (("windows.csv", ("--scales", "64,128")), ("tiles.csv", ("--preset", "v2"))):
        gdal("selo", "windows", folder / "image.tif", folder / name, *plan, "-q")
        header, *lines = (folder / name).read_text(encoding="utf-8").split()
        filled = [f"{header},similarity", *(f"{line},{0.1 * (i % 7)}" for i, line in enumerate(lines))]
        (folder / name).write_text("\n".join(filled) + "\n", encoding="utf-8")


def make_inputs(folder):
    scenes.write(folder / "image.tif", scenes.scene(WIDTH, HEIGHT, bands=3))
    for name, place in SAMPLES.items():
        scenes.write(folder / f"map_{name}.tif", attention(*place)[None])
    shutil.copy(folder / "map_north.tif", folder / "map.tif")
    scenes.write(folder / "maps.tif", np.stack([attention(*place) for place in SAMPLES.values()]))
    rows = [(box(*place), {"sample_id": name, "query": f"court {name}"}) for name, place in SAMPLES.items()]
    write_layer(folder / "truth.gpkg", "GPKG", rows)
    write_layer(folder / "truth.shp", "ESRI Shapefile", [(rows[0][0], {"name": "pond"})])
    write_layer(folder / "detections.geojson", "GeoJSON", [(rows[0][0], {"score": 0.8}), (rows[1][0], {"score": 0.9})])
    (folder / "queries.txt").write_text("the sea\nsea the\n", encoding="utf-8")
    for name in ("remoteclip", "remoteclip-vit-b-32"):
        Bundle(folder / name)
    write_test_set(folder)
    write_results(folder)


def examples(path):
    page = next(text for text in docs_commands.details(gdal(*path, "--help").stdout) if text.startswith("Example"))
    return [line.strip() for line in page.splitlines()[1:]]


def run(line, place, command):
    """Runs an example among the inputs; its output, the first word that may be one, must not be there before, and must be there after."""
    output = next((word for word in shlex.split(line) if word in WRITTEN.get(command, ())), None)
    if output:
        (place / output).unlink(missing_ok=True)
    ran = subprocess.run(line, shell=True, cwd=place, capture_output=True, text=True, check=False)
    assert ran.returncode == 0 and "ERROR" not in ran.stderr, f"{line}\nexit {ran.returncode}\n{ran.stdout}{ran.stderr}"
    assert not output or (place / output.replace("{n}", "1")).exists(), f"{line}\nwrote no {output}"
    return output is not None


def main():
    skip_without_runtime()
    done = written = 0
    with scratch() as folder:
        inputs = folder / "inputs"
        inputs.mkdir()
        make_inputs(inputs)
        for path, _ in docs_commands.commands():
            lines = examples(path)
            assert lines, path
            for number, line in enumerate(lines):
                place = folder / f"{'-'.join(path)} {number}"
                shutil.copytree(inputs, place)
                written += run(line, place, path[-1])
                done += 1
    print(f"{done} examples run as they are printed; {written} of them write a file")


if __name__ == "__main__":
    main()
