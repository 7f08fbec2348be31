"""Windows as other programs write them, and inputs that are damaged or belong to something else."""

import csv

from osgeo import gdal

from support.selo import fails, gdal as run, scratch

gdal.UseExceptions()
HEAD = "row_start,row_end,col_start,col_end,similarity"
EXPECTED = [[1, 1, 0, 0]]


def image(folder, width=4, height=1, name="image.tif"):
    path = folder / name
    gdal.GetDriverByName("GTiff").Create(str(path), width, height, 1).Close()
    return path


def table(folder, text, name="windows.csv"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def localize(folder, windows, like):
    run("selo", "localize", windows, folder / "map.tif", "--like", like, "--overwrite", "--smoothing", "none", "-q")
    return gdal.Open(str(folder / "map.tif")).ReadAsArray().tolist()


def test_tables_of_other_programs(folder):
    like = image(folder)
    for name, text in {
            "order": "similarity,colour,col_end,col_start,row_end,row_start\n0.5,x,4,0,1,0\n1,y,2,0,1,0\n",
            "windows": b"\xef\xbb\xbf" + HEAD.encode() + b"\r\n0,1,0,4,0.5\r\n0,1,0,2,1\r\n",
            "semicolons": HEAD.replace(",", ";") + "\n0;1;0;4;0.5\n0;1;0;2;1\n",
            "quotes": '"Row_Start","ROW_END","col_start","col_end","Similarity"\n"0","1"," 0 ","4"," 0.5"\n"0","1","0","2","1"\n',
            "reals": HEAD + "\n0.0,1.0,0.0,4e0,5e-1\n0,1,0,2,1\n",
            "coordinates": "x,y,z,lon,lat," + HEAD + "\n1,2,3,4,5,0,1,0,4,0.5\n1,3,3,4,5,0,1,0,2,1\n",
            "words": HEAD + ",selected\n0,1,0,4,0.5,True\n0,1,0,2,1,true\n0,1,0,4,9,False\n"}.items():
        assert localize(folder, table(folder, text), like) == EXPECTED, name


def test_two_fields_of_similarities(folder):
    """A plan has a field sim, which is empty: a model that adds a field similarity has filled it in all the same."""
    like = image(folder)
    for name, text in {"empty": HEAD + ",sim\n0,1,0,4,0.5,\n0,1,0,2,1,\n", "both": HEAD + ",sim\n0,1,0,4,7,0.5\n0,1,0,2,7,1\n",
                       "mixed": HEAD + ",sim\n0,1,0,4,0.5,\n0,1,0,2,7,1\n"}.items():
        assert localize(folder, table(folder, text), like) == EXPECTED, name
    like = image(folder, 90, 70, "large.tif")
    run("selo", "windows", like, folder / "plan.gpkg", "--scales", "30", "-q")
    with gdal.OpenEx(str(folder / "plan.gpkg"), gdal.OF_UPDATE | gdal.OF_VECTOR) as plan:
        plan.ExecuteSQL("ALTER TABLE selo_win ADD COLUMN similarity REAL")
        plan.ExecuteSQL("UPDATE selo_win SET similarity = row_start")
    run("selo", "localize", folder / "plan.gpkg", folder / "map.tif", "--like", like, "--overwrite", "-q")


def test_windows_without_a_pixel(folder):
    """Outside the image or with an end before the start: such a window takes no part, which is said."""
    like = image(folder)
    windows = table(folder, HEAD + "\n0,1,0,4,0.5\n0,1,0,2,1\n0,1,4,9,3\n0,1,3,1,3\n1,1,0,4,3\n")
    done = run("selo", "localize", windows, folder / "map.tif", "--like", like, "--smoothing", "none")
    assert "3 cover no pixel" in done.stderr and "image.tif" in done.stderr, done.stderr
    made = gdal.Open(str(folder / "map.tif"))
    assert made.ReadAsArray().tolist() == EXPECTED and made.GetMetadata("SELO")["WINDOWS"] == "2"


def test_arguments_of_other_inputs(folder):
    """What an image takes and windows do not is said, not dropped; a pattern names the file of the one query, too."""
    like, windows = image(folder), table(folder, HEAD + "\n0,1,0,4,0.5\n0,1,0,2,1\n")
    arguments = ("selo", "localize", windows, folder / "map.tif", "--like", like, "--overwrite", "-q")
    for name, *value in (("--scales", "64"), ("--bands", "red=1"), ("--embedding-raster",), ("--shuffles", "2"), ("--seed", "3"), ("--white", "9")):
        done = run(*arguments, name, *value)
        assert f"{name} has no meaning for windows with similarities" in done.stderr, done.stderr
    assert not run(*arguments).stderr
    (folder / "queries.txt").write_text("sea\n", encoding="utf-8")
    fails(("--queries", "one query"), *arguments, "--queries", folder / "queries.txt")
    fails(("--query:", "one query"), *arguments, "--query", "sea", "--query", "ships")
    run("selo", "localize", windows, folder / "{n} of {query}.tif", "--like", like, "--query", "a ship?", "-q")
    assert (folder / "1 of a_ship.tif").exists() and not (folder / "{n} of {query}.tif").exists()
    fails(("1 of a_ship.tif", "exists"), "selo", "localize", windows, folder / "{n} of {query}.tif", "--like", like, "--query", "a ship?", "-q")
    for name in ("--like", "--where"):
        done = run("selo", "localize", like, folder / "map.tif", "--model", "spectral", "--query", "sea", "--bands", "red=1,green=1,blue=1", "--scales", "1",
                   "--overwrite", name, like, check=False)
        assert f"{name} has no meaning for an image" in done.stderr, done.stderr


def test_formats_of_layers(folder):
    """A plan with similarities makes the same map from every format that keeps numbers and nulls."""
    like = image(folder, 90, 70)
    run("selo", "windows", like, folder / "plan.gpkg", "--scales", "30", "-q")
    with gdal.OpenEx(str(folder / "plan.gpkg"), gdal.OF_UPDATE | gdal.OF_VECTOR) as plan:
        plan.ExecuteSQL("UPDATE selo_win SET sim = (row_start * 7 + col_start * 3) % 11")
    expected = localize(folder, folder / "plan.gpkg", like)
    for name, driver in (("a.geojson", "GeoJSON"), ("b.shp", "ESRI Shapefile"), ("c.fgb", "FlatGeobuf"), ("d.sqlite", "SQLite"),
                         ("e.csv", "CSV"), ("f.geojsonl", "GeoJSONSeq")):
        gdal.VectorTranslate(str(folder / name), str(folder / "plan.gpkg"), format=driver, layers=["selo_win"]).Close()
        assert localize(folder, folder / name, like) == expected, name


def test_tables_that_say_too_little(folder):
    like, out = image(folder), folder / "out.tif"
    for words, text in ((("row 1", "similarity", "'0,5'"), HEAD.replace(",", ";") + "\n0;1;0;4;0,5\n"),
                        (("row 2", "selected", "'maybe'"), HEAD + ",selected\n0,1,0,4,1,1\n0,1,0,4,1,maybe\n"),
                        (("selected is 0",), HEAD + ",selected\n0,1,0,4,0.5,0\n"),
                        (("windows.csv", "row_start"), "0,1,0,4,0.5\n0,1,0,2,1\n"),
                        (("windows.csv", "cannot be opened"), ""),
                        (("row 1", "col_end", "whole number"), HEAD + "\n0,1,0,99999999999,1\n"),
                        (("row 1", "col_start", "whole number"), HEAD + "\n0,1, ,4,1\n"),
                        (("row 1", "similarity is 'two lines'"), HEAD + '\n0,1,0,4,"two\nlines"\n'),
                        (("row 1", "similarity", "no number"), HEAD + "\n0,1,0,4," + "x" * 100000 + "\n"),
                        (("outside",), HEAD + "\n1,0,4,0,1\n")):
        done = fails(words, "selo", "localize", table(folder, text), out, "--like", like)
        assert len(done.stderr) < 1000 and len(done.stderr.splitlines()) == 1, done.stderr
    assert not out.exists()


def test_blank_similarity(folder):
    """A cell of blanks is as empty as one without."""
    like = image(folder)
    windows = table(folder, HEAD + "\n0,1,0,4,0.5\n0,1,0,2,1\n0,1,2,4,  \n")
    done = run("selo", "localize", windows, folder / "map.tif", "--like", like, "--smoothing", "none")
    assert "1 have no similarity" in done.stderr, done.stderr
    assert gdal.Open(str(folder / "map.tif")).ReadAsArray().tolist() == EXPECTED


def test_tiles_of_another_image(folder):
    """Boxes of v2 lie around tiles of the image; what is not finite is no similarity and is never chosen."""
    like, first, out = image(folder, 600, 400), folder / "first.csv", folder / "out.csv"
    arguments = ("selo", "windows", like, out, "--preset", "v2", "--similarities", first, "-q")
    table(folder, "stage," + HEAD + "\n1,-112,400,0,512,0.5\n1,5000,5512,0,512,0.9\n", first.name)
    fails(("first.csv", "5000 to 5512", "image.tif"), *arguments)
    assert not out.exists()
    run("selo", "windows", like, folder / "v1.csv", "--scales", "128", "-q")
    table(folder, "\n".join(line + (",similarity", ",0.5")[i > 0] for i, line in enumerate((folder / "v1.csv").read_text().split())), first.name)
    fails(("first.csv", "rows 0 to 128", "no tile of v2", "512 x 512", "v1"), *arguments)
    assert not out.exists()
    table(folder, "stage," + HEAD + "\n1,-112,400,0,512,inf\n1,-112,400,88,600,0.9\n", first.name)
    assert "1 windows of stage 1 have none" in run(*arguments).stderr
    with open(out, encoding="utf-8") as file:
        assert [row["selected"] for row in csv.DictReader(file) if row["stage"] == "1"] == ["0", "1"]
    table(folder, "stage," + HEAD + "\n1,-112,400,0,512,nan\n", first.name)
    fails(("first.csv", "no window of stage 1"), *arguments, "--overwrite")
    table(folder, "stage," + HEAD + "\n2,-112,400,0,512,1\n", first.name)
    fails(("first.csv", "no window of stage 1"), *arguments, "--overwrite")


def test_windows_given_twice(folder):
    """In a map each row counts, with a warning; v2 chooses among windows, so there each counts once, and two opinions are an error."""
    like = image(folder)
    twice = table(folder, HEAD + "\n0,1,0,4,0\n0,1,0,2,1\n0,1,0,2,1\n0,1,0,2,nan\n")
    done = run("selo", "localize", twice, folder / "map.tif", "--like", like, "--smoothing", "none", "-q")
    assert "1 rows repeat a window" in done.stderr and "--where" in done.stderr, done.stderr
    assert gdal.Open(str(folder / "map.tif")).ReadAsArray().tolist() == [[1, 1, 0, 0]]
    large, out = image(folder, 2048, 1024, "large.tif"), folder / "out.csv"
    rows = [f"1,{y},{y + 512},{x},{x + 512},{(x + 3 * y) % 7}" for y in (0, 512) for x in (0, 512, 1024, 1536)]
    arguments = ("selo", "windows", large, out, "--preset", "v2", "--overwrite", "--similarities")
    run(*arguments, table(folder, "\n".join(["stage," + HEAD, *rows]) + "\n", "once.csv"))
    expected = out.read_bytes()
    repeated = "\n".join(["stage," + HEAD, *rows, *rows[2:5], rows[0].rsplit(",", 1)[0] + ","]) + "\n"
    done = run(*arguments, table(folder, repeated, "twice.csv"))
    assert out.read_bytes() == expected and "4 rows repeat a window" in done.stderr, done.stderr
    other = repeated + rows[1].rsplit(",", 1)[0] + ",0.123\n"
    fails(("other.csv", "rows 0 to 512 and columns 512 to 1024", "twice", "0.123"), *arguments, table(folder, other, "other.csv"))
    assert out.read_bytes() == expected


def test_where(folder):
    like, out = image(folder), folder / "out.tif"
    several = table(folder, "query," + HEAD + "\nsea,0,1,0,4,0.5\nsea,0,1,0,2,1\nships,0,1,0,4,0.5\nships,0,1,2,4,1\n")
    arguments = ("selo", "localize", several, out, "--like", like, "--smoothing", "none", "-q", "--overwrite")
    for where, more, expected in (("query = 'sea'", (), [[1, 1, 0, 0]]), ("query = 'ships'", (), [[0, 0, 1, 1]]),
                                  ("similarity > 0.4 AND query = 'sea'", ("--oo", "AUTODETECT_TYPE=YES"), [[1, 1, 0, 0]])):
        assert not run(*arguments, "--where", where, *more).stderr
        assert gdal.Open(str(out)).ReadAsArray().tolist() == expected
    fails(("--where", "windows.csv", "AUTODETECT_TYPE=YES"), *arguments, "--where", "similarity > 0.4")
    fails(("--where", "colour"), *arguments, "--where", "colour = 'red'")
    fails(("windows.csv", "no row for which", "query = 'trees'"), *arguments, "--where", "query = 'trees'")
    large, plan = image(folder, 1024, 512, "large.tif"), folder / "plan.csv"
    stage = ("selo", "windows", large, plan, "--preset", "v2", "--overwrite", "-q", "--similarities")
    both = table(folder, "query,stage," + HEAD + "\nsea,1,0,512,0,512,0.5\nsea,1,0,512,512,1024,1\nships,1,0,512,0,512,0.5\nships,1,0,512,512,1024,0\n")
    for query, best in (("sea", "512"), ("ships", "0")):
        run(*stage, both, "--where", f"query = '{query}'")
        with open(plan, encoding="utf-8") as file:
            assert [row["col_start"] for row in csv.DictReader(file) if row["stage"] == "1" and row["selected"] == "1"] == [best]
    fails(("twice", "several queries"), *stage, both)
    fails(("--where", "--similarities"), "selo", "windows", large, plan, "--where", "query = 'sea'")
    layers = folder / "layers.gpkg"
    for layer in ("first", "second"):
        gdal.VectorTranslate(str(layers), str(both), layerName=layer, SQLStatement="SELECT * FROM windows WHERE query = 'ships'",
                             accessMode=None if layer == "first" else "update").Close()
    fails(("2 layers", "--layer"), *stage, layers)
    run(*stage, layers, "--layer", "second")


def test_open_options(folder):
    """Inputs take --if and --oo as those of GDAL's own commands."""
    like, out = image(folder, 30, 20), folder / "out.tif"
    for arguments in (("smooth", like, out, "--size", "3px"), ("windows", like, folder / "out.csv", "--scales", "9")):
        run("selo", *arguments, "--if", "GTiff", "--oo", "NUM_THREADS=2", "--overwrite", "-q")
        fails("image.tif", "selo", *arguments, "--if", "PNG", "--overwrite")


def test_damaged_inputs(folder):
    """Whatever GDAL has to say, it is one line, and that names the file."""
    like, out = image(folder, 300, 300), folder / "out.tif"
    good = table(folder, HEAD + "\n0,1,0,4,0.5\n")
    run("selo", "windows", like, folder / "plan.gpkg", "--scales", "30", "-q")
    (folder / "short.gpkg").write_bytes((folder / "plan.gpkg").read_bytes()[:60000])
    with gdal.GetDriverByName("GTiff").Create(str(folder / "whole.tif"), 300, 300, 1, options=["TILED=YES"]) as whole:
        whole.GetRasterBand(1).Fill(3)
    (folder / "short.tif").write_bytes((folder / "whole.tif").read_bytes()[:70000])
    for words, arguments in ((("short.gpkg",), ("localize", folder / "short.gpkg", out, "--like", like)),
                             (("short.tif", "cannot be read"), ("smooth", folder / "short.tif", out, "--size", "3px")),
                             (("image 'gone.tif'",), ("localize", good, out, "--like", "gone.tif")),
                             (("image", "windows.csv"), ("localize", good, out, "--like", good)),
                             (("image", "plan.gpkg"), ("windows", folder / "plan.gpkg", folder / "out.csv")),
                             (("more than 536870912 px",), ("windows", like, folder / "out.csv", "--scales", "1e12px"))):
        fails(words, "selo", *arguments)
    assert not out.exists() and not (folder / "out.csv").exists()


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of tests of what maps are made from")
