"""Making maps from the command line: what becomes of awkward similarities, outputs that exist or break off, options."""

import numpy
from osgeo import gdal, osr

from support.selo import fails, gdal as run, scratch, small_disk

gdal.UseExceptions()
NAN = float("nan")
HEAD = "row_start,row_end,col_start,col_end,similarity\n"


def image(folder, width, height, epsg=None, step=1.0, name="image.tif"):
    path = folder / name
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), width, height, 1)
    if epsg:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform((500000, step, 0, 4000000, 0, -step))
    dataset.Close()
    return path


def windows(folder, *rows, head=HEAD):
    path = folder / "windows.csv"
    path.write_text(head + "".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return path


def localize(folder, table, like, *arguments):
    """(values, messages) of an unsmoothed map."""
    done = run("selo", "localize", table, folder / "map.tif", "--like", like, "--overwrite", "--smoothing", "none", *arguments)
    return gdal.Open(str(folder / "map.tif")).ReadAsArray().tolist(), done.stderr


def same(got, expected):
    numpy.testing.assert_allclose(numpy.asarray(got, dtype=float), expected, atol=1e-7)


def test_awkward_similarities(folder):
    like = image(folder, 4, 1)
    halves = windows(folder, (0, 1, 0, 2, -0.5), (0, 1, 1, 3, 0.5))
    values, messages = localize(folder, halves, like)
    same(values, [[0, 0.5, 1, NAN]])
    values, messages = localize(folder, halves, like, "--ot", "Byte")
    same(values, [[0, 0, 0, 0]])
    assert "1 pixels have no window" in messages
    same(localize(folder, halves, like, "--preset", "v2")[0], [[0, 0.5, 1, 0.5]])
    values, messages = localize(folder, windows(folder, (0, 1, 0, 2, "nan"), (0, 1, 0, 1, ""), (0, 1, 0, 4, 1), (0, 1, 2, 4, 3)), like)
    same(values, [[0, 0, 1, 1]])
    assert "2 have no similarity" in messages
    values, messages = localize(folder, windows(folder, (0, 1, 0, 4, 7), (0, 1, 1, 2, 7)), like)
    same(values, [[0, 0, 0, 0]])
    assert "the map is 0 everywhere" in messages
    # A start below 0 counts from the far end, as in the published code: columns 4 - 3 = 1 to 3.
    same(localize(folder, windows(folder, (0, 1, 0, 4, 0), (0, 9, -3, 4, 4)), like)[0], [[0, 1, 1, 1]])


def test_similarities_whose_sum_is_no_number(folder):
    """Sums and ranges of what is far beyond any similarity would be infinite, and the map full of holes."""
    like = image(folder, 4, 1)
    for sign in ("", "-"):
        table = windows(folder, (0, 1, 0, 4, 1), (0, 1, 0, 2, sign + "1.7e308"), (0, 1, 0, 2, sign + "1.7e308"))
        fails(["windows.csv", "row 2", "similarity"], "selo", "localize", table, folder / "map.tif", "--like", like, "--overwrite", "-q")
    same(localize(folder, windows(folder, (0, 1, 0, 4, "-1e300"), (0, 1, 2, 4, "1e300"), (0, 1, 2, 4, "1e300")), like)[0], [[0, 0, 1, 1]])


def test_like_gives_the_place(folder):
    like = image(folder, 6, 5, 32631, 0.5)
    run("selo", "localize", windows(folder, (0, 5, 0, 6, 1), (0, 2, 0, 3, 2)), folder / "placed.tif", "--like", like, "--smoothing-size", "2.6m",
        "--query", "ships & \"boats\" é")
    made = gdal.Open(str(folder / "placed.tif"))
    assert made.GetGeoTransform() == gdal.Open(str(like)).GetGeoTransform()
    assert made.GetSpatialRef().GetAuthorityCode(None) == "32631"
    notes = made.GetMetadata("SELO")
    assert notes["QUERY"] == "ships & \"boats\" é" and notes["SMOOTHING"] == "median" and notes["SMOOTHING_PX"] == "5,5", notes
    assert made.GetRasterBand(1).DataType == gdal.GDT_Float32


def test_formats(folder):
    like, table = image(folder, 600, 300), windows(folder, (0, 300, 0, 600, 1), (0, 200, 100, 300, 2))
    plain, _ = localize(folder, table, like)
    run("selo", "localize", table, folder / "cog.tif", "--like", like, "--smoothing", "none", "-f", "COG", "--co", "COMPRESS=DEFLATE")
    cog = gdal.Open(str(folder / "cog.tif"))
    assert cog.GetMetadataItem("LAYOUT", "IMAGE_STRUCTURE") == "COG" and cog.ReadAsArray().tolist() == plain
    run("selo", "localize", table, folder / "map.png", "--like", like, "--smoothing", "none", "--ot", "Byte")
    assert gdal.Open(str(folder / "map.png")).ReadAsArray().max() == 255
    for options in (("TILED=NO",), ("TILED=NO", "BLOCKYSIZE=7"), ("BLOCKXSIZE=64", "BLOCKYSIZE=32", "TILED=YES"), ("COMPRESS=LZW",)):
        arguments = [part for option in options for part in ("--co", option)]
        assert localize(folder, table, like, *arguments, "-j", "3")[0] == plain, options


def test_outputs_are_kept(folder):
    like, table = image(folder, 4, 4), windows(folder, (0, 4, 0, 4, 1), (0, 2, 0, 2, 2))
    (folder / "there.tif").write_text("mine")
    fails(("there.tif", "--overwrite"), "selo", "localize", table, folder / "there.tif", "--like", like)
    fails(("there.tif", "--overwrite"), "selo", "smooth", like, folder / "there.tif")
    fails(("there.tif", "--overwrite"), "selo", "windows", like, folder / "there.tif", "-f", "CSV")
    assert (folder / "there.tif").read_text() == "mine"
    broken = windows(folder, (0, 4, 0, 4, 1), (0, 4, 0, 4, "much"))
    fails(("windows.csv", "row 2", "'much'"), "selo", "localize", broken, folder / "new.tif", "--like", like)
    assert sorted(path.name for path in folder.iterdir()) == ["image.tif", "there.tif", "windows.csv"]


def test_bad_arguments(folder):
    like, good = image(folder, 4, 4), windows(folder, (0, 4, 0, 4, 1), (0, 2, 0, 2, 2))
    out = folder / "out.tif"
    for words, arguments in ((("absent.tif",), ("localize", good, out, "--like", folder / "absent.tif")),
                             (("smoothing-size", "251"), ("localize", good, out, "--like", like, "--smoothing-size", "251")),
                             (("smoothing-size", "px"), ("localize", good, out, "--like", like, "--smoothing-size", "5m")),
                             (("smoothing-size", "32767"), ("localize", good, out, "--like", like, "--smoothing-size", "99999px")),
                             (("size", "px"), ("smooth", like, out, "--size", "5m")),
                             (("no band 2",), ("smooth", like, out, "--band", "2")),
                             (("scales", "px"), ("windows", like, folder / "out.csv", "--scales", "5m")),
                             (("scales", "v1"), ("windows", like, folder / "out.csv", "--preset", "v2", "--scales", "5"))):
        fails(words, "selo", *arguments)
    for words, rows, head in ((("outside", "image.tif"), [(10, 20, 0, 4, 1)], HEAD), (("no similarity",), [(0, 4, 0, 4, "")], HEAD),
                              (("row_end",), [(0, 0, 4, 1)], "row_start,col_start,col_end,similarity\n"),
                              (("whole number",), [(0.5, 4, 0, 4, 1)], HEAD), (("no row",), [], HEAD)):
        fails(words, "selo", "localize", windows(folder, *rows, head=head), out, "--like", like)
    assert not out.exists() and not (folder / "out.csv").exists()


def test_windows_in_metres(folder):
    """The same plan on two sensors, but for rounding to pixels."""
    fine, coarse = image(folder, 2000, 1600, 32631, 0.5, "fine.tif"), image(folder, 500, 400, 32631, 2.0, "coarse.tif")
    boxes = []
    for like, step in ((fine, 0.5), (coarse, 2.0)):
        run("selo", "windows", like, folder / "plan.gpkg", "--scales", "200m,400m", "--overwrite", "-q")
        plan = gdal.OpenEx(str(folder / "plan.gpkg"))
        boxes.append(sorted((feature["row_start"] * step, feature["row_end"] * step, feature["col_start"] * step, feature["col_end"] * step)
                            for feature in plan.GetLayer("selo_win")))
        plan.Close()
    assert len(boxes[0]) == len(boxes[1]) > 30, [len(part) for part in boxes]
    numpy.testing.assert_allclose(boxes[0], boxes[1], atol=2.1)
    with gdal.Open(str(coarse), gdal.GA_Update) as dataset:
        dataset.SetSpatialRef(osr.SpatialReference('LOCAL_CS["yard",UNIT["metre",1]]'))
    for arguments in (("windows", coarse, folder / "local.csv", "--scales", "200m"), ("smooth", coarse, folder / "local.tif", "--size", "9m")):
        fails(["yard", "sizes in px"], "selo", *arguments, "-q")


def test_layer_to_map(folder):
    """A plan as a layer, filled in with SQL, makes the map that its CSV makes."""
    like = image(folder, 900, 700, 32631)
    run("selo", "windows", like, folder / "plan.gpkg", "--scales", "300", "-q")
    plan = gdal.OpenEx(str(folder / "plan.gpkg"), gdal.OF_UPDATE | gdal.OF_VECTOR)
    rows = [[f[name] for name in ("row_start", "row_end", "col_start", "col_end")] for f in plan.GetLayer("selo_win")]
    plan.ExecuteSQL("UPDATE selo_win SET sim = (row_start * 7 + col_start * 3) % 11")
    plan.Close()
    table = windows(folder, *[(*row, (row[0] * 7 + row[2] * 3) % 11) for row in rows])
    assert localize(folder, folder / "plan.gpkg", like)[0] == localize(folder, table, like)[0]


def test_windows_that_share_no_edges(folder):
    """A lattice as fine as the pixels is smoothed as any map: the same values, and soon."""
    like, random = image(folder, 700, 500), numpy.random.RandomState(3)
    rows = [(0, 500, 0, 700, 0.5)]
    for _ in range(900):
        top, left = random.randint(0, 480), random.randint(0, 680)
        rows.append((top, top + random.randint(1, 200), left, left + random.randint(1, 200), round(random.rand(), 2)))
    table = windows(folder, *rows)
    localize(folder, table, like, "--ot", "Byte")
    run("selo", "smooth", folder / "map.tif", folder / "smooth.tif", "--size", "101px", "-q")
    run("selo", "localize", table, folder / "at once.tif", "--like", like, "--ot", "Byte", "--smoothing-size", "101px", "-q")
    assert (gdal.Open(str(folder / "at once.tif")).ReadAsArray() == gdal.Open(str(folder / "smooth.tif")).ReadAsArray()).all()
    run("selo", "localize", table, folder / "float.tif", "--like", like, "--smoothing-size", "101px", "-q")
    levels = numpy.floor(gdal.Open(str(folder / "float.tif")).ReadAsArray().astype(float) * 255)
    assert numpy.abs(levels - gdal.Open(str(folder / "smooth.tif")).ReadAsArray()).max() <= 1


def test_smooth_keeps_gaps(folder):
    path = folder / "gaps.tif"
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), 5, 1, 1, gdal.GDT_Int16)
    dataset.GetRasterBand(1).SetNoDataValue(-1)
    dataset.WriteArray(numpy.array([[4, -1, 6, 100, 8]], dtype="i2"))
    dataset.Close()
    for method, expected in (("median", [4, NAN, 6, 8, 8]), ("box", [4, NAN, 53, 38, 69.333333])):
        run("selo", "smooth", path, folder / "out.tif", "--method", method, "--size", "3px", "--overwrite", "-q")
        numpy.testing.assert_allclose(gdal.Open(str(folder / "out.tif")).ReadAsArray(), [expected], atol=2e-3 if method == "median" else 1e-5)


def test_smooth_survives_what_is_infinite(folder):
    """An infinite pixel is one without a value for means; it does not spread beyond its window, nor does NaN."""
    path, values = folder / "infinite.tif", numpy.random.default_rng(4).random((60, 50)).astype("f4")
    values[20, 30], values[40, 10], values[5, 5] = numpy.inf, -numpy.inf, NAN
    with gdal.GetDriverByName("GTiff").Create(str(path), 50, 60, 1, gdal.GDT_Float32) as dataset:
        dataset.WriteArray(values)
    odd = ~numpy.isfinite(values)
    padded = numpy.pad(numpy.where(odd, NAN, values.astype(float)), 1, constant_values=NAN)
    around = numpy.stack([padded[y:y + 60, x:x + 50] for y in range(3) for x in range(3)])
    expected = numpy.where(odd, NAN, numpy.nanmean(around, axis=0))
    for method in ("box", "gaussian", "median"):
        run("selo", "smooth", path, folder / "out.tif", "--method", method, "--size", "3px", "--overwrite", "-q")
        made = gdal.Open(str(folder / "out.tif"))
        array = made.ReadAsArray()
        if method == "median":
            assert numpy.isnan(array[5, 5]) and numpy.isfinite(array).sum() > 2990
        else:
            assert (numpy.isnan(array) == odd).all() and numpy.isnan(made.GetRasterBand(1).GetNoDataValue()), method
        if method == "box":
            numpy.testing.assert_allclose(array[1:-1, 1:-1], expected[1:-1, 1:-1], atol=1e-5)


def test_smooth_keeps_what_values_mean(folder):
    """Numbers of a band with scale and offset are smoothed as they are stored, so the result needs both, too."""
    path = folder / "scaled.tif"
    for kind, nodata in ((gdal.GDT_Byte, None), (gdal.GDT_Byte, 0), (gdal.GDT_Int16, -1)):
        with gdal.GetDriverByName("GTiff").Create(str(path), 20, 10, 2, kind) as dataset:
            band = dataset.GetRasterBand(2)
            band.SetScale(0.5), band.SetOffset(-3), band.SetUnitType("dB"), band.Fill(8)
            if nodata is not None:
                band.SetNoDataValue(nodata)
        for name in ("out.tif", "cog.tif", "out.nc"):
            form = ["-f", "COG"] if name == "cog.tif" else []
            run("selo", "smooth", path, folder / name, "--band", "2", "--size", "3px", "--overwrite", "-q", *form)
            made = gdal.Open(str(folder / name))
            band = made.GetRasterBand(1)
            assert (band.GetScale(), band.GetOffset(), band.GetUnitType()) == (0.5, -3, "dB"), (name, kind)
            assert (band.ReadAsArray() == 8).all()
        gdal.Unlink(str(path))
    with gdal.GetDriverByName("GTiff").Create(str(path), 20, 10, 1, gdal.GDT_Byte):
        pass
    run("selo", "smooth", path, folder / "plain.tif", "--size", "3px", "-q")
    made = gdal.Open(str(folder / "plain.tif"))
    band = made.GetRasterBand(1)
    assert band.GetScale() is None and band.GetOffset() is None and not band.GetUnitType()


def test_a_full_disk_is_said_before_the_work(folder):
    """A plain GeoTIFF's length is known, so its room is asked for first; a compressed one may fit."""
    like = image(folder, 1000, 1000)
    table = windows(folder, (0, 1000, 0, 500, 1), (0, 1000, 500, 1000, 2))
    with small_disk(folder, "400k") as small:
        if small:
            fails(["map.tif", "no room", "COMPRESS"], "selo", "localize", table, small / "map.tif", "--like", like, "--ot", "Byte", "-q")
            assert not list(small.iterdir())
            run("selo", "localize", table, small / "map.tif", "--like", like, "--ot", "Byte", "-q", "--co", "COMPRESS=DEFLATE")


def test_outputs_of_somebody_else(folder):
    """What another program has written while a map was made stays."""
    like, out = image(folder, 3000, 3000), folder / "out.tif"

    def disturb(done, message, data):
        out.write_bytes(b"of another run")
        return True

    try:
        gdal.Run(["gdal", "selo", "smooth"], map=str(like), output=str(out), size="5px", progress=disturb)
        raise AssertionError("it was replaced")
    except RuntimeError as error:
        assert "out.tif was made by somebody else" in str(error), error
    assert out.read_bytes() == b"of another run" and sorted(path.name for path in folder.iterdir()) == ["image.tif", "out.tif"]


def test_cancelled_runs_leave_nothing(folder):
    like = image(folder, 9000, 9000)
    table = windows(folder, (0, 9000, 0, 9000, 1), (0, 200, 0, 200, 2))

    def stop(done, message, data):
        return done < 0.3

    for name, inputs in (("localize", {"windows": str(table), "like": str(like)}), ("smooth", {"map": str(like), "size": "5px"})):
        try:
            gdal.Run(["gdal", "selo", name], output=str(folder / "out.tif"), progress=stop, **inputs)
            raise AssertionError(f"{name} was not cancelled")
        except RuntimeError as error:
            assert "ancel" in str(error), error
        assert sorted(path.name for path in folder.iterdir()) == ["image.tif", "windows.csv"], name


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of map tests")
