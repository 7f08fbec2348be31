"""Sizes of windows and of smoothing: what is no size, or too many windows, is one line that names the argument."""

from osgeo import gdal, osr

from support.selo import fails, gdal as run, refuses, scratch

gdal.UseExceptions()
HEAD = "row_start,row_end,col_start,col_end,similarity\n"
#        what is given, words of the line
NO_SIZES = (("0px", "at least 1"), ("0m", "half a pixel"), ("0.4px", "whole number"), ("2.5px", "whole number"), ("-5px", "negative"),
            ("-0px", "negative"), ("nan", "not a length"), ("nanpx", "not a length"), ("inf px", "not a length"), ("1e400px", "too large"),
            ("5pixels", "unknown unit"), ("5mm", "unknown unit"), ("5PX", "unknown unit"), ("0x10px", "unknown unit"), ("5px5", "unknown unit"),
            ("px", "not a length"), ("4.9m", "half a pixel"), ("1e12px", "more than"), ("1e12m", "more than"))


def image(folder, width=60, height=40, name="image.tif"):
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(32631)
    with gdal.GetDriverByName("GTiff").Create(str(folder / name), width, height, 1, options=["SPARSE_OK=YES"]) as dataset:
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform((500000, 10, 0, 4000000, 0, -10))
    return folder / name


def test_no_sizes(folder):
    like, table = image(folder), folder / "windows.csv"
    table.write_text(HEAD + "0,40,0,60,1\n0,10,0,10,2\n", encoding="utf-8")
    out = {"output": str(folder / "out.tif")}
    for text, words in NO_SIZES:
        said = (f"'{text}'", words)
        refuses(("--scales:", *said), "windows", image=str(like), output=str(folder / "out.csv"), scales=[text])
        refuses(("--size:", *said), "smooth", map=str(like), size=text, **out)
        refuses(("--smoothing-size:", *said), "localize", input=str(table), like=str(like), smoothing_size=text, **out)
        refuses(("--scales:", *said), "localize", input=str(like), model="spectral", query=["sea"], scales=[text], **out)
    for text, words in (("5", "unit missing"), ("", "not a length"), ("1,5px", "unknown unit")):
        refuses(("--size:", words), "smooth", map=str(like), size=text, **out)
    fails(("--size:", "0px"), "selo", "smooth", like, folder / "out.tif", "--size", "0px")
    assert sorted(path.name for path in folder.iterdir()) == ["image.tif", "windows.csv"]


def test_nothing_said(folder):
    """A variable of a shell that is not set gives "": no reason to take a default, or to work for nothing."""
    like = image(folder)
    for words, arguments in ((("--scales", "empty"), ("windows", like, folder / "out.csv", "--scales", "")),
                             (("--output", "empty", "CSV file"), ("windows", like, "", "--scales", "20")),
                             (("--image", "empty", "Image to plan"), ("windows", "", folder / "out.csv")),
                             (("--output", "empty"), ("smooth", like, "")), (("--map", "empty"), ("smooth", "", folder / "out.tif")),
                             (("--like", "empty"), ("localize", folder / "windows.csv", folder / "out.tif", "--like", "")),
                             (("--queries", "empty"), ("localize", like, folder / "out.tif", "--model", "spectral", "--queries", "")),
                             (("--output", "empty"), ("template", "heatmap", "", "--param", f"map={like}"))):
        fails(words, "selo", *arguments)
    refuses(("image", "name is empty"), "windows", image="", output=str(folder / "out.csv"))
    refuses(("map", "name is empty"), "smooth", map="", output=str(folder / "out.tif"))
    fails(("map", "name is empty"), "selo", "template", "heatmap", folder / "out.vrt", "--param", "map=")
    assert sorted(path.name for path in folder.iterdir()) == ["image.tif"]


def test_sizes_that_are_meant(folder):
    """Pixels without a unit, exponents, metres that are rounded to pixels, sizes made odd."""
    like = image(folder)
    counts = {text: run("selo", "windows", like, folder / "out.csv", "--overwrite", f"--scales={text}").stdout
              for text in ("20", "2e1", "20px", " 20 px", "200m", "0.2km", "196m")}
    assert len(set(counts.values())) == 1, counts
    for text, size in (("4px", "5,5"), ("5.0px", "5,5"), ("47m", "5,5"), ("6m", "1,1")):
        run("selo", "smooth", like, folder / "out.tif", "--overwrite", "-q", "--size", text)
        assert gdal.Open(str(folder / "out.tif")).GetMetadata("SELO")["SMOOTHING_PX"] == size, text


def test_too_many_windows(folder):
    """Their number is known before the first is made."""
    large = image(folder, 10000, 10001, "large.tif")
    fails(("--scales:", "large.tif", "10000 x 10001", "200000000", "more than 10000000"), "selo", "windows", large, folder / "out.csv", "--scales", "1px")
    fails(("--scales:", "large.tif"), "selo", "localize", large, folder / "out.tif", "--model", "spectral", "--query", "sea", "--scales", "10m")
    fails(("--scales:", "large.tif"), "selo", "embed", large, folder / "out.gpkg", "--model", "spectral", "--scales", "2px")
    vrt = '<VRTDataset rasterXSize="{}" rasterYSize="{}"><VRTRasterBand dataType="Byte" band="1"/></VRTDataset>'
    (folder / "wide.vrt").write_text(vrt.format(2000000000, 1), encoding="utf-8")
    (folder / "vast.vrt").write_text(vrt.format(500000000, 500000000), encoding="utf-8")
    fails(("wide.vrt", "536870912"), "selo", "windows", folder / "wide.vrt", folder / "out.csv")
    fails(("--scales:", "vast.vrt"), "selo", "windows", folder / "vast.vrt", folder / "out.csv")
    fails(("--preset:", "vast.vrt", "parts"), "selo", "windows", folder / "vast.vrt", folder / "out.csv", "--preset", "v2")
    assert not (folder / "out.csv").exists() and not (folder / "out.gpkg").exists()


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of tests of sizes")
