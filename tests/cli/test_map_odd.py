"""Odd images: sources that are gone, turned, placed by ground control points or not at all, of one pixel, in blocks of any size."""

import numpy
from osgeo import gdal, osr

from support.selo import refuses, scratch

gdal.UseExceptions()
TURNED = (500000, 8, 6, 4000000, 6, -8)
HEAD = "row_start,row_end,col_start,col_end,similarity\n"


def crs_of(epsg):
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    return crs


def write(path, values, transform=None, options=()):
    values = numpy.asarray(values)
    kind = {"u": gdal.GDT_Byte, "f": gdal.GDT_Float32}[values.dtype.kind]
    with gdal.GetDriverByName("GTiff").Create(str(path), values.shape[1], values.shape[0], 1, kind, options=list(options)) as dataset:
        if transform:
            dataset.SetSpatialRef(crs_of(32631))
            dataset.SetGeoTransform(transform)
        dataset.WriteArray(values)
    return str(path)


def table(folder, *rows):
    (folder / "windows.csv").write_text(HEAD + "".join(",".join(map(str, row)) + "\n" for row in rows), encoding="utf-8")
    return str(folder / "windows.csv")


def run(command, **arguments):
    gdal.Run(["gdal", "selo", *command.split()], overwrite=True, **arguments)
    return None if arguments["output"].endswith(".csv") else gdal.Open(arguments["output"])


def ramp(height=40, width=60):
    return (numpy.arange(height * width) % 251).astype("u1").reshape(height, width)


def test_sources_that_are_gone(folder):
    """A VRT gives its size whatever becomes of its source; who needs pixels says which file is gone, and leaves nothing."""
    broken = folder / "broken.vrt"
    broken.write_text('<VRTDataset rasterXSize="60" rasterYSize="40"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
                      '<SourceFilename relativeToVRT="1">gone.tif</SourceFilename><SourceBand>1</SourceBand></SimpleSource>'
                      "</VRTRasterBand></VRTDataset>", encoding="utf-8")
    windows = table(folder, (0, 40, 0, 60, 0.5), (0, 40, 0, 30, 1))
    run("windows", image=str(broken), output=str(folder / "plan.csv"), scales=["20"])
    assert run("localize", input=windows, like=str(broken), output=str(folder / "map.tif")).RasterXSize == 60
    before = sorted(folder.iterdir())
    refuses((f"map '{broken}'", "gone.tif"), "smooth", map=str(broken), output=str(folder / "x.tif"), size="3px")
    refuses(("'map'", "gone.tif", "give min and max"), "template", template="normalise", output=str(folder / "x.vrt"), param=[f"map={broken}"])
    assert sorted(folder.iterdir()) == before


def test_turned_and_unplaced(folder):
    """What is made of an image lies where the image lies, however that is said."""
    windows = table(folder, (0, 40, 0, 60, 0.5), (0, 40, 0, 30, 1))
    turned = write(folder / "turned.tif", ramp(), TURNED)
    assert run("localize", input=windows, like=turned, output=str(folder / "map.tif")).GetGeoTransform() == TURNED
    assert run("smooth", map=turned, output=str(folder / "smooth.tif"), size="50m").GetMetadata("SELO")["SMOOTHING_PX"] == "5,5"
    for name, scale in (("pixels.csv", "20"), ("metres.csv", "200m")):
        run("windows", image=turned, output=str(folder / name), scales=[scale])
    assert (folder / "pixels.csv").read_bytes() == (folder / "metres.csv").read_bytes()
    points = [gdal.GCP(*place) for place in ((10, 50, 5, 0, 0), (11, 50, 6, 60, 0), (10, 49, 7, 0, 40), (11.5, 49, 8, 60, 40))]
    with gdal.Open(write(folder / "points.tif", ramp()), gdal.GA_Update) as dataset:
        dataset.SetGCPs(points, crs_of(4326))
    image = str(folder / "points.tif")
    for name, format_ in (("map.tif", "GTiff"), ("map.cog.tif", "COG")):
        made = run("localize", input=windows, like=image, output=str(folder / name), output_format=format_)
        assert [(p.GCPX, p.GCPLine) for p in made.GetGCPs()] == [(p.GCPX, p.GCPLine) for p in points], format_
    with gdal.Open(write(folder / "half.tif", ramp(), TURNED), gdal.GA_Update) as dataset:
        dataset.SetSpatialRef(None)
    refuses(("--scales", "metres", "half.tif", "no CRS", "gdal raster edit --crs"), "windows", image=str(folder / "half.tif"),
            output=str(folder / "x.csv"), scales=["200m"])
    refuses(("--scales", "metres", "points.tif", "not rectified", "gdal raster reproject"), "windows", image=image, output=str(folder / "x.csv"),
            scales=["200m"])
    for name, given in (("heatmap", ()), ("overlay", (f"image={image}",)), ("threshold", ())):
        made = run("template", template=name, output=str(folder / "made.vrt"), param=[f"map={folder / 'map.tif'}", *given])
        assert [(p.GCPX, p.GCPY, p.GCPZ, p.GCPPixel, p.GCPLine) for p in made.GetGCPs()] == [(p.GCPX, p.GCPY, p.GCPZ, p.GCPPixel, p.GCPLine) for p in points]
        crs = gdal.Open(image).GetGCPSpatialRef()
        assert made.GetGCPSpatialRef().IsSame(crs) and made.GetGCPSpatialRef().GetDataAxisToSRSAxisMapping() == crs.GetDataAxisToSRSAxisMapping()
        assert made.ReadAsArray().shape[-2:] == (40, 60), name
    unplaced = write(folder / "unplaced.tif", ramp())
    assert run("localize", input=windows, like=unplaced, output=str(folder / "map.tif")).GetGeoTransform(can_return_null=True) is None


def test_placed_nowhere(folder):
    """What lies at no finite place is refused by name before anything is encoded, where a place is needed."""
    source = write(folder / "source.tif", ramp())
    for name, transform in (("nan", "nan,1,0,0,0,-1"), ("endless", "0,inf,0,0,0,-1"), ("far", "1e308,1e308,0,0,0,-1e308")):
        image = str(folder / f"{name}.vrt")
        gdal.Translate(image, source, format="VRT").Close()
        text = (folder / f"{name}.vrt").read_text(encoding="utf-8")
        (folder / f"{name}.vrt").write_text(text.replace("<VRTRasterBand", f"<GeoTransform>{transform}</GeoTransform><VRTRasterBand", 1), encoding="utf-8")
        output = str(folder / "nowhere.gpkg")
        refuses((f"{name}.vrt", "geotransform"), "windows", input=image, output=output, scales=["16px"])
        refuses((f"{name}.vrt", "geotransform"), "embed", input=image, output=output, scales=["16px"], model="spectral", bands=["red=1", "green=1", "blue=1"])
        if name != "far":
            refuses((f"{name}.vrt", "geotransform"), "smooth", input=image, output=str(folder / "nowhere.tif"))
            refuses((f"{name}.vrt", "geotransform"), "fuse", map=image, vectors=image, output=output)
        assert not list(folder.glob("nowhere*")) and not list(folder.glob(".selo*")), list(folder.iterdir())


def test_camera_models(folder):
    """An image straight from the sensor has its place in rational polynomials or a geolocation array: so has its map."""
    windows = table(folder, (0, 40, 0, 60, 0.5), (0, 40, 0, 30, 1))
    first = " ".join(["0", "1", *["0"] * 18])
    model = {"HEIGHT_OFF": "5", "HEIGHT_SCALE": "100", "LAT_OFF": "45", "LAT_SCALE": "0.1", "LONG_OFF": "12", "LONG_SCALE": "0.1",
             "LINE_OFF": "20", "LINE_SCALE": "20", "SAMP_OFF": "30", "SAMP_SCALE": "30", "LINE_NUM_COEFF": first, "SAMP_NUM_COEFF": first,
             "LINE_DEN_COEFF": "1" + " 0" * 19, "SAMP_DEN_COEFF": "1" + " 0" * 19}
    places = {"X_DATASET": "lon.tif", "X_BAND": "1", "Y_DATASET": "lat.tif", "Y_BAND": "1", "PIXEL_OFFSET": "0", "LINE_OFFSET": "0",
              "PIXEL_STEP": "1", "LINE_STEP": "1"}
    image = write(folder / "raw.tif", ramp())
    with gdal.Open(image, gdal.GA_Update) as dataset:
        dataset.SetMetadata(model, "RPC")
        dataset.SetMetadata(places, "GEOLOCATION")

    def has_model(made, what):
        got = made.GetMetadata("RPC")
        for key, value in model.items():
            numbers = [[float(one) for one in text.split()] for text in (got.get(key, ""), value)]
            assert numbers[0] == numbers[1], (what, key, got)

    for name, format_, kind in (("map.tif", "GTiff", "Float32"), ("map.cog.tif", "COG", "Float32"), ("map.png", "PNG", "Byte")):
        made = run("localize", input=windows, like=image, output=str(folder / name), output_format=format_, output_data_type=kind)
        has_model(made, format_)
        if format_ == "GTiff":
            assert places.items() <= made.GetMetadata("GEOLOCATION").items()
    has_model(run("smooth", map=image, output=str(folder / "smooth.tif"), size="3px"), "smooth")
    for name, given in (("heatmap", ()), ("overlay", (f"image={image}",)), ("threshold", ())):
        has_model(run("template", template=name, output=str(folder / "made.vrt"), param=[f"map={folder / 'map.tif'}", *given]), name)


def test_one_pixel(folder):
    dot = write(folder / "dot.tif", [numpy.array([7], "u1")], TURNED)
    run("windows", image=dot, output=str(folder / "plan.csv"), scales=["1", "5"])
    assert (folder / "plan.csv").read_text(encoding="utf-8").splitlines()[1:] == ["1,0,1,0,1", "1,-4,1,-4,1"]
    for kind in ("Byte", "Float32"):
        for preset in ("v1", "v2"):
            made = run("localize", input=table(folder, (0, 1, 0, 1, 0.5), (-4, 1, -4, 1, 2)), like=dot, output=str(folder / "map.tif"),
                       output_data_type=kind, preset=preset)
            assert made.ReadAsArray().tolist() == [[0]]
    for method in ("median", "gaussian", "box"):
        assert run("smooth", map=dot, output=str(folder / "smooth.tif"), method=method, size="255px").ReadAsArray().tolist() == [[7]]


def test_blocks_and_threads(folder):
    """Blocks of one row, of tiles, of the whole image; any number of threads: the same values."""
    random = numpy.random.default_rng(3)
    for values in (random.integers(0, 255, (300, 410)).astype("u1"), random.random((300, 410)).astype("f4")):
        expected = {}
        for options in (("BLOCKYSIZE=1",), ("BLOCKYSIZE=300",), ("TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=16"),
                        ("TILED=YES", "BLOCKXSIZE=512", "BLOCKYSIZE=512", "COMPRESS=DEFLATE"), ("INTERLEAVE=PIXEL", "BLOCKYSIZE=7")):
            source = write(folder / "map.tif", values, options=options)
            for method, threads in (("median", 1), ("median", 3), ("gaussian", 1), ("gaussian", 2), ("box", 5)):
                made = run("smooth", map=source, output=str(folder / "smooth.tif"), method=method, size="31px", num_threads=str(threads),
                           creation_option=list(options)).ReadAsArray()
                numpy.testing.assert_array_equal(made, expected.setdefault(method, made), err_msg=f"{method} {options} {threads}")
        small = folder / "small.vrt"
        with gdal.Translate(str(small), source, format="VRT", creationOptions=["BLOCKXSIZE=1", "BLOCKYSIZE=1"]):
            pass
        made = run("smooth", map=str(small), output=str(folder / "smooth.tif"), method="box", size="31px").ReadAsArray()
        numpy.testing.assert_array_equal(made, expected["box"])


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of tests of odd images")
