#!/usr/bin/env python3
"""--overwrite replaces an output when the new one is complete: where a run fails or is cancelled, the old one stays, byte for byte."""

import json
import os
import stat
import zipfile

from osgeo import gdal as gdal_api

from support import scenes
from support.selo import SOURCE, fails, gdal, scratch

gdal_api.DontUseExceptions()
SPECTRAL = ("--model", "spectral", "--bands", scenes.ROLES)


def inputs(folder):
    """An image, its map, a truth, windows and vectors of the image, and what cannot be read in their places."""
    scenes.write(folder / "image.tif", scenes.scene(96, 64))
    corners = [[300050, 9099900], [300300, 9099900], [300300, 9099600], [300050, 9099600], [300050, 9099900]]
    (folder / "truth.geojson").write_text(json.dumps({
        "type": "FeatureCollection", "crs": {"type": "name", "properties": {"name": "EPSG:32725"}}, "features": [
            {"type": "Feature", "properties": {"q": "sea"}, "geometry": {"type": "Polygon", "coordinates": [corners]}}]}))
    (folder / "windows.csv").write_text("row_start,row_end,col_start,col_end\n0,32,0,32\n")
    whole = (folder / "image.tif").read_bytes()
    (folder / "cut.tif").write_bytes(whole[:len(whole) * 2 // 3])  # opens, and fails while it is read
    gdal("selo", "localize", folder / "image.tif", folder / "map.tif", *SPECTRAL, "--query", "sea", "--scales", "32", "-q")
    whole = (folder / "map.tif").read_bytes()
    (folder / "cut_map.tif").write_bytes(whole[:len(whole) - 2000])


def commands(folder):
    """Per command: its arguments with {} for the image or map, the good one, one that fails early, one that fails late; the output."""
    truth, image = folder / "truth.geojson", ("image.tif", "absent.tif", "cut.tif")
    maps = ("map.tif", "absent.tif", "cut_map.tif")
    return [
        (("evaluate", "{}", truth), maps, "scores.gpkg"),
        (("evaluate", "{}", truth, "--result-layer", "selo_cand"), maps, "scores.geojson"),
        (("evaluate", "{}", truth, "-f", "ESRI Shapefile"), maps, "shapes"),
        (("localize", "{}", *SPECTRAL, "--query", "sea", "--scales", "32"), image, "made.tif"),
        (("localize", "{}", *SPECTRAL, "--query", "sea", "--scales", "32", "-f", "COG"), image, "made_cog.tif"),
        (("smooth", "{}", "--size", "9px"), maps, "smooth.tif"),
        (("embed", "{}", *SPECTRAL, "--scales", "32px"), image, "vectors.gpkg"),
        (("windows", "{}", "--scales", "32px"), (image[0], image[1], None), "plan.gpkg"),
        (("windows", "{}", "--scales", "32px"), (image[0], image[1], None), "plan.csv"),
        (("benchmark", "{}", "--query-field", "q", "--maps", folder / "map.tif"), (truth.name, "absent.gpkg", None), "bench.gpkg"),
        (("fuse", "{}", truth), maps, "fused.gpkg"),
    ]


def run(folder, command, file, output, *more):
    """The command line of one run; positional inputs first, the output behind them."""
    return ["selo", *[folder / file if word == "{}" else word for word in command], "--output", output, "-q", *more]


def listed(folder):
    """Names in the folder; hidden ones too."""
    return sorted(path.name for path in folder.iterdir() if not path.name.endswith(".aux.xml"))


def content(output):
    """The bytes of a file, or of each file in a folder."""
    return {path.name: path.read_bytes() for path in (output.iterdir() if output.is_dir() else [output])}


def test_failing_runs(folder, command, files, output):
    """Fails before and while it computes; both leave what was there, and nothing else."""
    good, *bad = files
    gdal(*run(folder, command, good, output))
    before, names = content(output), listed(folder)
    if command[0] != "embed":  # which finds its output up to date
        said = fails((output.name, "exist"), *run(folder, command, good, output)).stderr
        assert "--overwrite" in said and ("--append" in said) <= (command[0] == "evaluate"), said
    assert content(output) == before, f"{command[0]}: an existing output was changed without --overwrite"
    for file in filter(None, bad):
        done = gdal(*run(folder, command, file, output, "--overwrite"), check=False)
        assert done.returncode == 1 and file in done.stderr, done.stderr
        assert content(output) == before, f"{command[0]}: {file} lost the output that was there"
        assert listed(folder) == names, f"{command[0]}: {set(listed(folder)) ^ set(names)} is new or gone"


def test_cancelled_run(folder, command, files, output):
    """Cancel at the first progress, through the API, as QGIS does."""
    before, names = content(output), listed(folder)
    algorithm = gdal_api.GetGlobalAlgorithmRegistry().InstantiateAlg("selo").InstantiateSubAlgorithm(command[0])
    other = ("--scales", "16px") if command[0] == "embed" else ()  # else it is up to date
    words = run(folder, command, files[0], output, "--overwrite", *other)[2:]
    assert algorithm.ParseCommandLineArguments([str(word) for word in words]), command
    with gdal_api.quiet_errors():
        assert not algorithm.Run(lambda done, message, data: 0), f"{command[0]} does not stop"
    assert content(output) == before, f"{command[0]}: cancel lost the output that was there"
    work = {f"{output.name}.part", f".{output.name}.draft.gpkg"} if command[0] in ("embed", "benchmark") else set()  # to go on from
    assert set(listed(folder)) ^ set(names) <= work, f"{command[0]}: {set(listed(folder)) ^ set(names)} is new or gone"


def test_input_as_output(folder):
    """What was read is not what is replaced, under this name or another."""
    image, before = folder / "map.tif", (folder / "map.tif").read_bytes()
    (folder / "link.tif").symlink_to(image)
    (folder / "vectors.csv").write_text("row_start,row_end,col_start,col_end,sim\n0,32,0,32,1\n")
    for output in (image, folder / "link.tif"):
        fails((output.name, "is the map itself"), "selo", "smooth", image, output, "--size", "9px", "--overwrite")
    fails("is the truth itself", "selo", "evaluate", image, folder / "truth.geojson", folder / "truth.geojson", "--overwrite")
    fails("is the like itself", "selo", "localize", folder / "vectors.csv", image, "--like", image, "--overwrite")
    gdal("raster", "convert", image, folder / "through.vrt", "--overwrite", "-q")
    os.link(image, folder / "hard.tif")
    for name in (folder / "through.vrt", f"GTIFF_DIR:1:{image}", f"vrt://{image}?bands=1"):
        fails((image.name, "is read through"), "selo", "smooth", name, image, "--size", "9px", "--overwrite")
        fails((image.name, "is read through"), "selo", "localize", folder / "vectors.csv", image, "--like", name, "--overwrite")
        fails(("'map'", "output"), "selo", "template", "heatmap", image, "--param", f"map={name}", "--overwrite")
    for name in (folder / "link.tif", folder / "hard.tif", folder / "." / ".." / folder.name / image.name):
        fails(("'map'", "is the output itself"), "selo", "template", "heatmap", image, "--param", f"map={name}", "--overwrite")
    assert image.read_bytes() == before
    (folder / "own.xml").write_bytes((SOURCE / "vrt_templates" / "heatmap.vrt").read_bytes())
    (folder / "vector.json").write_text("[1]")
    fails("is the template itself", "selo", "template", folder / "own.xml", folder / "own.xml", "--param", f"map={image}", "--overwrite")
    fails(("'vector'", "is the output itself"), "selo", "template", "similarity", folder / "vector.json", "--param", f"embedding={image}",
          "--param", f"vector=@{folder / 'vector.json'}", "--overwrite")
    assert (folder / "vector.json").read_text() == "[1]" and (folder / "own.xml").read_bytes().startswith(b"<SeloTemplate>")


def test_pipes(folder):
    """A device or a pipe cannot be replaced; a file in its place would break what reads it, /dev/null for the whole machine."""
    pipe, link = folder / "pipe.csv", folder / "link to pipe.tif"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    for more in ((), ("--overwrite",)):
        for output in (pipe, link, "/proc/self/fd/1"):
            fails((str(output), "not a file", "/vsistdout/"), "selo", "windows", folder / "image.tif", output, "-f", "CSV", "--scales", "32", *more)
            fails((str(output), "not a file", "/vsistdout/"), "selo", "windows", folder / "image.tif", output, "-f", "GPKG", "--scales", "32", *more)
            fails((str(output), "not a file", "/vsistdout/"), "selo", "smooth", folder / "map.tif", output, "-f", "GTiff", "--size", "9px", *more)
    assert stat.S_ISFIFO(pipe.stat().st_mode) and link.is_symlink()
    pipe.unlink()
    link.unlink()


def test_replaced(folder, command, files, output):
    """A run that succeeds replaces, whatever was there."""
    if not output.is_dir():
        output.write_bytes(b"not a dataset")
    before = content(output)
    gdal(*run(folder, command, files[0], output, "--overwrite"))
    assert all(made != before.get(name) and len(made) > 50 for name, made in content(output).items() if name == output.name)


def test_names_beside(folder):
    """A file beside an output, under a name that a program could choose for its work, stays."""
    foreign = folder / "notes.csv.part"
    foreign.write_text("a download of somebody else")
    names = listed(folder)
    command = ("selo", "windows", folder / "image.tif", "--scales", "32px", "-q", "--output")
    gdal(*command, folder / "notes.csv")
    assert listed(folder) == sorted([*names, "notes.csv"]), listed(folder)
    gdal(*command, folder / "notes.csv", "--overwrite")
    fails(("absent", "exist"), *command, folder / "absent" / "notes.csv")
    fails((folder.name, "is a folder"), *command[:-1], "--output-format", "CSV", "--output", folder, "--overwrite")
    assert foreign.read_text() == "a download of somebody else" and listed(folder) == sorted([*names, "notes.csv"]), listed(folder)
    gdal(*command, f"/vsizip/{folder / 'packed.zip'}/notes.csv")
    with zipfile.ZipFile(folder / "packed.zip") as packed:
        assert packed.read("notes.csv") == (folder / "notes.csv").read_bytes() and packed.namelist() == ["notes.csv"]


with scratch() as place:
    inputs(place)
    test_names_beside(place)
    for words, names_of, target in commands(place):
        test_failing_runs(place, words, names_of, place / target)
        if words[0] != "windows":  # which is done before one could cancel it
            test_cancelled_run(place, words, names_of, place / target)
        test_replaced(place, words, names_of, place / target)
    test_input_as_output(place)
    test_pipes(place)
print("overwrite: passed")
