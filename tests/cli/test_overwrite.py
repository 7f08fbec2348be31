#!/usr/bin/env python3
"""--overwrite replaces an output when the new one is complete: where a run fails or is cancelled, the old one stays, byte for byte."""

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

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
            fails((str(output), "not a file", "/vsistdout/"), "selo", "embed", folder / "image.tif", output, "-f", "GPKG", *SPECTRAL, "--scales", "32px", *more)
            fails((str(output), "not a file", "/vsistdout/"), "selo", "smooth", folder / "map.tif", output, "-f", "GTiff", "--size", "9px", *more)
    assert stat.S_ISFIFO(pipe.stat().st_mode) and link.is_symlink()
    pipe.unlink()
    link.unlink()


def test_streams(folder):
    """Archives and standard output: the file and nothing else, or one line and nothing; what needs a work file beside it goes there at once, or says so."""
    jobs = (("evaluate", "evaluate", folder / "map.tif", folder / "truth.geojson"), ("fuse", "fuse", folder / "map.tif", folder / "truth.geojson"),
            ("windows", "windows", folder / "image.tif", "--scales", "32px"), ("embed", "embed", folder / "image.tif", *SPECTRAL, "--scales", "32px"))
    for name, *words in jobs:
        with open(folder / f"stream_{name}.gpkg", "wb") as file:
            done = subprocess.run(["gdal", "selo", *map(str, words), "--output", "/vsistdout/", "-f", "GPKG"], stdout=file, stderr=subprocess.PIPE, text=True, check=True)
        pages, rest = divmod((folder / f"stream_{name}.gpkg").stat().st_size, 4096)
        assert pages > 10 and rest == 0 and not [line for line in done.stderr.splitlines() if "ERROR" in line], (name, rest, done.stderr)
        gdal("selo", *words, "--output", f"/vsizip/{folder}/stream_{name}.zip/out.gpkg", "-q")
        with zipfile.ZipFile(folder / f"stream_{name}.zip") as packed:
            assert packed.namelist() == ["out.gpkg"] and packed.testzip() is None, name
        with open("/dev/full", "wb") as full:
            done = subprocess.run(["gdal", "selo", *map(str, words), "--output", "/vsistdout/", "-f", "GPKG", "-q"], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert done.returncode == 1 and done.stderr.count("ERROR") == 1 and ".selo-" not in done.stderr, (name, done.stderr)
    fails("work file", "selo", "benchmark", folder / "truth.geojson", f"/vsizip/{folder}/bench.zip/out.gpkg", "--query-field", "q", "--maps", folder / "map.tif")
    assert not (folder / "bench.zip").exists()


def test_links(folder):
    """What a link leads to is written, in one step as ever, and the link stays; one that leads to nothing yet, too."""
    away = folder / "away"
    away.mkdir()
    (away / "made").mkdir()
    jobs = ((("smooth", "map.tif", "--size", "9px"), "alias.tif"), (("windows", "image.tif", "--scales", "32px"), "alias.csv"),
            (("windows", "image.tif", "--scales", "32px"), "alias.gpkg"), (("windows", "image.tif", "--scales", "32px"), "alias.shp"),
            (("template", "heatmap", "--param", "map=map.tif"), "alias.vrt"))
    for (command, *words), name in jobs:
        link, hop, target = folder / name, away / f"hop {name}", away / "made" / f"target{Path(name).suffix}"
        link.symlink_to(Path("away") / hop.name)
        hop.symlink_to(Path("made") / target.name)
        words = [folder / word if (folder / str(word)).is_file() else str(word).replace("=", f"={folder}/") for word in words]
        for more in ((), ("--overwrite",)):
            gdal("selo", command, *words, "--output", link, *(() if command == "template" else ("-q",)), *more)
            assert link.is_symlink() and hop.is_symlink() and target.is_file() and not target.is_symlink(), name
            assert not [path for path in (*folder.iterdir(), *away.iterdir()) if path.name.startswith((".selo", "alias.")) and not path.is_symlink()], name
            number = target.stat().st_ino
        before = target.read_bytes()
        fails((name, "exist"), "selo", command, *words, "--output", link)
        assert target.read_bytes() == before and target.stat().st_ino == number
    for name in (folder / "alias.vrt", away / "made" / "target.vrt"):  # GDAL looks for the map from where the link leads to
        assert gdal_api.Open(str(name)).ReadAsArray().any(), name
    (folder / "round.csv").symlink_to("round.csv")
    fails(("round.csv", "leads back to itself"), "selo", "windows", folder / "image.tif", folder / "round.csv", "--scales", "32px", "--overwrite")
    (folder / "lost.csv").symlink_to("no such folder/lost.csv")
    fails(("lost.csv", "no such folder", "does not exist"), "selo", "windows", folder / "image.tif", folder / "lost.csv", "--scales", "32px", "--overwrite")
    (folder / "out.csv").symlink_to("/dev/stdout")
    fails(("out.csv", "not a file"), "selo", "windows", folder / "image.tif", folder / "out.csv", "--scales", "32px", "--overwrite")
    assert (folder / "round.csv").is_symlink() and (folder / "lost.csv").is_symlink() and (folder / "out.csv").is_symlink()


def leave_journal(database, mode):
    """A program writes to a database, and is killed: what it leaves behind is played back by whoever opens the database next."""
    subprocess.run([sys.executable, "-c", """
import os, sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("pragma cache_size = 5")
database.execute("pragma journal_mode = " + sys.argv[2])
database.execute("create table foreign_rows (text)")
database.execute("begin")
database.executemany("insert into foreign_rows values (?)", [("x" * 1000,)] * 300)
if sys.argv[2] == "wal":
    database.execute("commit")
os._exit(0)""", str(database), mode], check=True)
    assert (database.parent / f"{database.name}-{'wal' if mode == 'wal' else 'journal'}").stat().st_size > 1000


def test_files_of_the_old_output(folder):
    """What says something of the old output, and would be taken to speak of the new one, goes with it."""
    table = ("selo", "windows", folder / "image.tif", "--scales", "32px", "-q", "--overwrite", "--output")
    for stale, name in (("table.csvt", "table.csv"), ("shape.cpg", "shape.shp"), ("shape.qpj", "shape.shp"), ("shape.sbn", "shape.shp"),
                        ("table.gpkg.aux.xml", "table.gpkg")):
        gdal(*table, folder / name)
        before = listed(folder)
        (folder / stale).write_text('"String","Integer"')
        gdal(*table, folder / name)
        made = (folder / stale).read_text() if (folder / stale).exists() else ""
        assert "String" not in made and set(listed(folder)) - {"table.csvt", "shape.qpj", "shape.sbn", "table.gpkg.aux.xml"} == set(before), stale
    (folder / "mine.csvt").write_text("mine")  # without a table it is not known whose it is
    gdal(*table, folder / "mine.csv")
    assert (folder / "mine.csvt").read_text() == "mine"
    database = folder / "table.gpkg"
    for mode in ("delete", "wal"):
        for lost in (False, True):
            gdal(*table, database)
            leave_journal(database, mode)
            if lost:
                database.unlink()
            gdal(*table, database)
            with contextlib.closing(sqlite3.connect(database)) as opened:
                assert opened.execute("pragma integrity_check").fetchall() == [("ok",)], (mode, lost)
                tables = {name for name, in opened.execute("select name from sqlite_master")}
                assert "selo_win" in tables and "foreign_rows" not in tables, (mode, lost, tables)
            assert not [name for name in listed(folder) if name.startswith("table.gpkg-")], (mode, lost, listed(folder))


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
    test_streams(place)
    test_links(place)
    test_files_of_the_old_output(place)
print("overwrite: passed")
