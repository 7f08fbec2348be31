"""Where maps go: metadata in every kind of format, standard output, archives, files that lie beside them."""

import functools
import subprocess
import zipfile

import numpy
from osgeo import gdal, osr

from support.selo import fails, gdal as run, refuses, scratch, small_disk

gdal.UseExceptions()


def inputs(folder):
    """Arguments of a small map, all but its output."""
    gdal.GetDriverByName("GTiff").Create(str(folder / "image.tif"), 60, 40, 1).Close()
    (folder / "windows.csv").write_text("row_start,row_end,col_start,col_end,similarity\n0,40,0,60,0.5\n0,40,0,30,1\n", encoding="utf-8")
    return folder / "windows.csv", ("--like", folder / "image.tif", "--query", "ships", "--smoothing-size", "5px", "-q")


def test_metadata_in_every_format(folder):
    windows, arguments = inputs(folder)
    for name, format_, kind in (("a.tif", "GTiff", "Float32"), ("b.tif", "COG", "Float32"), ("c.png", "PNG", "Byte"),
                                ("d.asc", "AAIGrid", "Float32"), ("e.img", "ENVI", "Float32"), ("f.nc", "netCDF", "Float32")):
        run("selo", "localize", windows, folder / name, "-f", format_, "--ot", kind, *arguments)
        notes = gdal.Open(str(folder / name)).GetMetadata("SELO")
        assert notes.get("QUERY") == "ships" and notes.get("SMOOTHING_PX") == "5,5", (name, notes)
    run("selo", "localize", windows, folder / "plain.tif", "-f", "COG", "--co", "COPY_SRC_MDD=NO", *arguments)
    assert not gdal.Open(str(folder / "plain.tif")).GetMetadata("SELO")


def placed_inputs(folder):
    """A placed image of 60 x 40 pixels, and windows that leave its last ten columns free."""
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32631)
    with gdal.GetDriverByName("GTiff").Create(str(folder / "placed.tif"), 60, 40, 1) as dataset:
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform((500000, 10, 0, 4000000, 0, -10))
    (folder / "gaps.csv").write_text("row_start,row_end,col_start,col_end,similarity\n0,40,0,50,0.5\n0,40,0,30,1\n", encoding="utf-8")
    return {"input": str(folder / "gaps.csv"), "like": str(folder / "placed.tif"), "query": ["ships"], "smoothing": "none"}


def values(path):
    with gdal.Open(str(path)) as dataset:
        band = dataset.GetRasterBand(1)
        array = band.ReadAsArray().astype(float)
        if band.GetNoDataValue() is not None:
            array[array == band.GetNoDataValue()] = numpy.nan
        return array, dataset.GetGeoTransform(can_return_null=True), dataset.GetMetadata("SELO").get("QUERY")


def localize(output, inputs, **more):
    """Errors and warnings of a run in this process."""
    said = []
    gdal.PushErrorHandler(lambda kind, number, text: said.append((kind, text)))
    try:
        gdal.Run(["gdal", "selo", "localize"], output=str(output), **inputs, **more)
    finally:
        gdal.PopErrorHandler()
    return said


def test_common_formats(folder):
    """The values, the place and the metadata, without a word; or one line on what the format cannot do."""
    inputs_ = placed_inputs(folder)
    expected = numpy.full((40, 60), 0.0)
    expected[:, :30] = 1
    with_gaps = expected.copy()
    with_gaps[:, 50:] = numpy.nan
    for name, format_ in (("a.tif", "GTiff"), ("b.tif", "COG"), ("c.ntf", "NITF"), ("d.img", "HFA"), ("e.dat", "ENVI"), ("f.nc", "netCDF"),
                          ("g.gpkg", "GPKG"), ("h.pix", "PCIDSK"), ("i.kea", "KEA"), ("j.asc", "AAIGrid"), ("k.bil", "EHdr")):
        if gdal.GetDriverByName(format_):
            said = localize(folder / name, inputs_, output_format=format_)
            array, place, query = values(folder / name)
            numpy.testing.assert_array_equal(array, with_gaps, err_msg=format_)
            assert query == "ships" and not said, (format_, query, said)
            numpy.testing.assert_allclose(place, (500000, 10, 0, 4000000, 0, -10), atol=0.5 if format_ == "NITF" else 1e-6, err_msg=format_)
    reference = None
    for name, format_, worst in (("a8.tif", "GTiff", 0), ("b8.tif", "COG", 0), ("c8.ntf", "NITF", 0), ("d8.png", "PNG", 0), ("e8.jpg", "JPEG", 40),
                                 ("f8.img", "HFA", 0), ("g8.gpkg", "GPKG", 0), ("h8.jp2", "JP2OpenJPEG", 10), ("i8.gif", "GIF", 0), ("j8.nc", "netCDF", 0)):
        if gdal.GetDriverByName(format_):
            said = localize(folder / name, inputs_, output_format=format_, output_data_type="Byte", preset="v2")
            array, _, query = values(folder / name)
            assert query == "ships" and not said, (format_, query, said)
            reference = array if format_ == "GTiff" else reference
            assert sorted(set(reference.ravel())) == [0, 170, 255] and numpy.abs(array - reference).max() <= worst, (format_, array)
    for format_, kind, words in (("PNG", "Float32", "cannot hold Float32"), ("JPEG", "Float32", "cannot hold Float32"), ("MBTiles", "Float32", "cannot hold"),
                                 ("WEBP", "Byte", "bands"), ("CALS", "Byte", "cannot hold Byte"), ("DTED", "Byte", "")):
        if gdal.GetDriverByName(format_):
            refuses(("bad.out", format_, words), "localize", output=str(folder / "bad.out"), output_format=format_, output_data_type=kind, **inputs_)
    refuses(("bad.png", "cannot hold Float32", "--output-data-type"), "localize", output=str(folder / "bad.png"), output_format="PNG", **inputs_)
    done = run("selo", "smooth", folder / "a.tif", folder / "bad.png", check=False)  # it has no such argument
    assert "cannot hold Float32" in done.stderr and "--output-format" in done.stderr and "data-type" not in done.stderr, done.stderr
    unplaced = {**inputs_, "like": str(folder / "unplaced.tif")}
    gdal.GetDriverByName("GTiff").Create(unplaced["like"], 60, 40, 1).Close()
    for format_ in ("GPKG", "MBTiles"):
        kind = "Float32" if format_ == "GPKG" else "Byte"
        refuses(("bad.out", format_), "localize", output=str(folder / "bad.out"), output_format=format_, output_data_type=kind, **unplaced)
    assert not [path for path in folder.iterdir() if path.name.startswith((".selo", "bad"))]


def waves(folder, kind):
    """A placed raster that no format finds easy: other values everywhere."""
    y, x = numpy.mgrid[0:300, 0:280]
    array = (127.5 + 135 * numpy.sin(x / 20) * numpy.cos(y / 15)).clip(0, 255)  # both ends too, which some formats take for NoData
    array = array.astype(numpy.uint8) if kind == "Byte" else (array / 255).astype(numpy.float32)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(4326)
    with gdal.GetDriverByName("GTiff").Create(str(folder / f"{kind}.tif"), 280, 300, 1, gdal.GDT_Byte if kind == "Byte" else gdal.GDT_Float32) as dataset:
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform((2, 0.001, 0, 40, 0, -0.001))
        dataset.WriteArray(array)
    return array


def kept(path, array):
    """How far the values of a file are from those that were written at most; None: it is another raster, or none."""
    try:
        with gdal.Open(str(path)) as dataset:
            found = dataset.GetRasterBand(1).ReadAsArray().astype(float)
            mask = dataset.GetRasterBand(1).GetMaskBand().ReadAsArray()
    except RuntimeError:
        return None
    if found.shape != array.shape:
        return None
    return numpy.inf if (mask == 0).any() else numpy.abs(found - array).max()


def test_every_format(folder):
    """No format changes a map without a word: it keeps the values, or says itself that its compression has losses, or a warning or an error
    does."""
    said_something = set()
    for kind in ("Byte", "Float32"):
        array = waves(folder, kind)
        for number in range(gdal.GetDriverCount()):
            driver = gdal.GetDriver(number)
            made = driver.GetMetadataItem("DCAP_CREATE") or driver.GetMetadataItem("DCAP_CREATECOPY")
            if not driver.GetMetadataItem("DCAP_RASTER") or not made or driver.ShortName in ("MEM", "WMS", "NGW", "PostGISRaster"):
                continue
            place = folder / f"{driver.ShortName} {kind}"
            place.mkdir()
            said = []
            gdal.PushErrorHandler(lambda level, number, text, said=said: said.append(text))
            try:
                out = place / f"map.{(driver.GetMetadataItem('DMD_EXTENSIONS') or 'dat').split()[0]}"
                with gdal.ExceptionMgr(useExceptions=False):
                    gdal.Run(["gdal", "selo", "smooth"], map=str(folder / f"{kind}.tif"), output=str(out), method="box", size="1px",
                             output_format=driver.ShortName)
                failed = False
            except RuntimeError:
                failed = True
            finally:
                gdal.PopErrorHandler()
            if failed:
                assert len(said) == 1 and not list(place.iterdir()), (driver.ShortName, kind, said)
                continue
            with gdal.quiet_errors():
                error = kept(out, array)
            telling = [text for text in said if "values" in text and "map." in text]
            if telling:
                said_something.add((driver.ShortName, kind))
            limit = {"JPEG": 12, "JP2OpenJPEG": 12}.get(driver.ShortName, 1e-6)
            assert len(telling) == (error is None or error > limit), (driver.ShortName, kind, error, said)
    assert {format_ for format_, _ in said_something} <= {"AVIF", "HEIF", "HF2", "ISIS3", "KMLSUPEROVERLAY", "MBTiles", "NWT_GRD", "PDF", "RMF",
                                                          "SAGA", "SIGDEM"}, said_something


def test_options_that_change_values(folder):
    """Options that round values are what they were asked to be; those that make another map of it are refused."""
    waves(folder, "Byte")
    waves(folder, "Float32")
    for kind, format_, *options in (("Byte", "GTiff", "NBITS=1"), ("Byte", "GTiff", "NBITS=4"), ("Byte", "HFA", "NBITS=4"), ("Byte", "COG", "NBITS=4"),
                                    ("Byte", "PCRaster")):
        if gdal.GetDriverByName(format_):
            refuses(("bad.out", format_, "cannot hold Byte values"), "smooth", map=str(folder / f"{kind}.tif"), output=str(folder / "bad.out"),
                    method="box", size="1px", output_format=format_, creation_option=options)
    for kind, *options in (("Byte", "COMPRESS=JPEG"), ("Float32", "NBITS=16"), ("Byte", "DISCARD_LSB=2"), ("Float32", "COMPRESS=DEFLATE", "PREDICTOR=3")):
        done = run("selo", "smooth", folder / f"{kind}.tif", folder / "good.tif", "--method", "box", "--size", "1px", "-q", "--overwrite",
                   *[word for option in options for word in ("--co", option)])
        assert not done.stderr, done.stderr
    assert sorted(path.name for path in folder.iterdir()) == ["Byte.tif", "Float32.tif", "good.tif"]


def test_full_disk(folder):
    """GDAL loses the last writes of a GeoTIFF on a full disk without a word, and exits with 0: here the file is whole or there is none."""
    noise = numpy.random.default_rng(1).integers(0, 256, (260, 300), dtype=numpy.uint8)
    gdal.GetDriverByName("GTiff").Create(str(folder / "noise.tif"), 300, 260, 1).WriteArray(noise)
    outcomes = set()
    for options, sizes in ((("COMPRESS=LZW",), range(304, 376, 8)), (("SPARSE_OK=TRUE",), range(240, 284, 8)), ((), (64, 128))):
        for size in sizes:
            place = folder / f"{options} {size}"
            place.mkdir()
            with small_disk(place, f"{size}k") as small:
                if small is None:
                    return
                command = ("selo", "smooth", folder / "noise.tif", small / "out.tif", "--size", "1px", "-q", *[word for option in options for word in ("--co", option)])
                whole = run(*command, check=False).returncode == 0
                if whole:
                    with gdal.Open(str(small / "out.tif")) as dataset:
                        assert (dataset.ReadAsArray() == noise).all(), (options, size)
                else:
                    fails(("out.tif", "the disk is full"), *command)
                    assert not list(small.iterdir()), (options, size)
                outcomes.add((options, whole))
    assert len(outcomes) == 5, outcomes  # of either size there was none too small or too large


def test_folders(folder):
    """Zarr's dataset is a folder, which may be replaced; another folder may not. It has no place for the metadata, and says so."""
    inputs_ = placed_inputs(folder)
    if not gdal.GetDriverByName("Zarr"):
        return
    for overwrite in (False, True):
        said = localize(folder / "map.zarr", inputs_, output_format="Zarr", overwrite=overwrite)
        assert len(said) == 1 and "Zarr" in said[0][1] and "SELO" in said[0][1], said
        assert numpy.nanmax(values(folder / "map.zarr")[0]) == 1
    refuses(("map.zarr", "--overwrite"), "localize", output=str(folder / "map.zarr"), output_format="Zarr", **inputs_)
    (folder / "mine.zarr").mkdir()
    (folder / "mine.zarr" / "letter.txt").write_text("mine", encoding="utf-8")
    refuses(("mine.zarr", "folder"), "localize", output=str(folder / "mine.zarr"), output_format="Zarr", overwrite=True, **inputs_)
    assert (folder / "mine.zarr" / "letter.txt").read_text(encoding="utf-8") == "mine"


def test_copies_tell_and_stop(folder):
    """A format that is copied in the end tells how far that is, and can be cancelled then; the old output stays."""
    gdal.GetDriverByName("GTiff").Create(str(folder / "image.tif"), 3000, 2500, 1).Close()
    (folder / "windows.csv").write_text("row_start,row_end,col_start,col_end,similarity\n0,2500,0,3000,0.5\n7,2000,50,900,1\n", encoding="utf-8")
    jobs = {"localize": {"input": str(folder / "windows.csv"), "like": str(folder / "image.tif"), "smoothing_size": "5px", "output_data_type": "Byte"},
            "smooth": {"map": str(folder / "image.tif"), "size": "3px"}}
    for command, arguments in jobs.items():
        for format_ in ("COG", "PNG", "JPEG"):
            told = []
            out = folder / f"{command}.{format_}"
            gdal.Run(["gdal", "selo", command], output=str(out), output_format=format_, progress=lambda done, *_: told.append(done) or True, **arguments)
            copied = [done for done in told if 0.6 < done < 1]
            assert told == sorted(told) and told[-1] == 1 and len(copied) > 2, (command, format_, told)
            before = out.read_bytes()
            for stop in (0.3, 0.61, 0.9):
                try:
                    gdal.Run(["gdal", "selo", command], output=str(out), output_format=format_, overwrite=True,
                             progress=lambda done, *_, limit=stop: done < limit, **arguments)
                    raise AssertionError(f"{command} {format_} was not cancelled at {stop}")
                except RuntimeError as error:
                    assert "cancelled; no output was written" in str(error), error
                assert out.read_bytes() == before and not [path for path in folder.iterdir() if path.name.startswith(".selo")], (command, format_, stop)


def test_formats_without_pixels(folder):
    windows, arguments = inputs(folder)
    fails(("map.vrt", "VRT"), "selo", "localize", windows, folder / "map.vrt", "-f", "VRT", *arguments)
    fails("map.vrt", "selo", "localize", windows, folder / "map.vrt", *arguments)
    assert not (folder / "map.vrt").exists()


def test_standard_output(folder):
    """The bytes of the file and nothing else; what would lie beside the file has no place there."""
    windows, arguments = inputs(folder)
    for format_, kind, name in (("GTiff", "Float32", "map.tif"), ("PNG", "Byte", "map.png")):
        run("selo", "localize", windows, folder / name, "-f", format_, "--ot", kind, *arguments)
        words = ("gdal", "selo", "localize", windows, "/vsistdout/", "-f", format_, "--ot", kind, *arguments)
        done = subprocess.run([str(word) for word in words], capture_output=True, check=True)
        assert done.stdout == (folder / name).read_bytes() and not done.stderr, done.stderr


def test_archives(folder):
    windows, arguments = inputs(folder)
    run("selo", "localize", windows, f"/vsizip/{folder}/maps.zip/map.png", "--ot", "Byte", *arguments)
    assert sorted(zipfile.ZipFile(folder / "maps.zip").namelist()) == ["map.png", "map.png.aux.xml"]
    run("selo", "windows", arguments[1], f"/vsizip/{folder}/maps.zip/plan.csv", "--scales", "9", "-q")
    run("selo", "windows", arguments[1], f"/vsizip/{folder}/maps.zip/plan.gpkg", "--scales", "9", "-q")
    before = (folder / "maps.zip").read_bytes()
    for more in ((), ("--overwrite",)):
        words = ("exists", "in an archive")
        fails(words, "selo", "localize", windows, f"/vsizip/{folder}/maps.zip/map.png", "--ot", "Byte", *arguments, *more)
        for name in ("plan.csv", "plan.gpkg"):
            fails((name, *words), "selo", "windows", arguments[1], f"/vsizip/{folder}/maps.zip/{name}", "--scales", "9", *more)
    assert (folder / "maps.zip").read_bytes() == before


def test_options_of_lists(folder):
    """A list of windows has columns of its own, which GDAL's CSV driver and its options would change: who gives some hears that."""
    _, arguments = inputs(folder)
    for option in ("--lco", "--co"):
        done = run("selo", "windows", arguments[1], folder / "plan.csv", "--scales", "9", "--overwrite", option, "SEPARATOR=TAB")
        assert "SEPARATOR=TAB is ignored" in done.stderr, done.stderr
        assert (folder / "plan.csv").read_text(encoding="utf-8").startswith("stage,row_start,")


def test_copies_into_archives(folder):
    """Where nothing can be renamed the result is copied: it is seen how far, and a copy that has begun goes to its end, for a part of it
    could not be taken back."""
    noise = numpy.random.default_rng(3).integers(0, 256, (2500, 3000), dtype=numpy.uint8)
    gdal.GetDriverByName("GTiff").Create(str(folder / "image.tif"), 3000, 2500, 1).WriteArray(noise)
    for format_ in ("GTiff", "COG"):
        told, stopped = [], []
        run_ = functools.partial(gdal.Run, ["gdal", "selo", "smooth"], map=str(folder / "image.tif"), size="3px", output_format=format_)
        out = f"/vsizip/{folder}/{format_}.zip/map.tif"
        run_(output=out, progress=lambda done, *_, told=told: told.append(done) or True)
        copied = [done for done in told if (0.6 if format_ == "GTiff" else 0.8) < done < 1]
        assert told == sorted(told) and told[-1] == 1 and len(copied) > 2, (format_, told)
        assert gdal.Open(out).ReadAsArray().any()
        late = f"/vsizip/{folder}/late_{format_}.zip/map.tif"
        run_(output=late, progress=lambda done, *_, stopped=stopped: stopped.append(done) or done < 0.82)
        assert (gdal.Open(late).ReadAsArray() == gdal.Open(out).ReadAsArray()).all()


def test_files_beside_the_output(folder):
    """--overwrite replaces an output with all that belongs to it; what is not of it stays as it is."""
    windows, arguments = inputs(folder)
    for _ in range(2):
        run("selo", "localize", windows, folder / "map.img", "-f", "ENVI", "--overwrite", *arguments)
    (folder / "map.img").unlink()
    (folder / "map.hdr").write_text("mine", encoding="utf-8")
    fails(("map.img", "map.hdr"), "selo", "localize", windows, folder / "map.img", "-f", "ENVI", *arguments)
    assert (folder / "map.hdr").read_text(encoding="utf-8") == "mine" and not (folder / "map.img").exists()
    run("selo", "windows", folder / "image.tif", folder / "plan.shp", "--scales", "20", "-q")
    (folder / "plan.shp").unlink()
    fails(("plan.shp", "is no part of it"), "selo", "windows", folder / "image.tif", folder / "plan.shp", "--scales", "20", "-q")
    assert not [path for path in folder.iterdir() if path.name.startswith(".selo")]


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of tests of where maps go")
