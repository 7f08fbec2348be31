"""Steps and pixel functions of this plugin in VRT files: values, pipelines, wrong arguments, no plugin."""

import numpy
from osgeo import gdal

from support.selo import fails, gdal as run, scratch

gdal.UseExceptions()
NAN = float("nan")


def write(path, bands, kind=gdal.GDT_Float32, nodata=None):
    bands = numpy.asarray(bands)
    bands = bands if bands.ndim == 3 else bands[numpy.newaxis]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), bands.shape[2], bands.shape[1], bands.shape[0], kind)
    for index, values in enumerate(bands):
        if nodata is not None:
            dataset.GetRasterBand(index + 1).SetNoDataValue(nodata)
        dataset.GetRasterBand(index + 1).WriteArray(values)
    dataset.Close()
    return path


def processed(source, algorithm, **arguments):
    listed = "".join(f'<Argument name="{name}">{value}</Argument>' for name, value in arguments.items())
    return f"""<VRTDataset subClass="VRTProcessedDataset"><Input><SourceFilename relativeToVRT="0">{source}</SourceFilename></Input>
<ProcessingSteps><Step name="the step"><Algorithm>{algorithm}</Algorithm>{listed}</Step></ProcessingSteps>
<OutputBands count="FROM_LAST_STEP" dataType="FROM_LAST_STEP"/></VRTDataset>"""


def through_pipeline(folder, vrt):
    """The VRT's values, read by a pipeline of GDAL's."""
    (folder / "step.vrt").write_text(vrt, encoding="utf-8")
    run("raster", "pipeline", "!", "read", folder / "step.vrt", "!", "clip", "--window", "0,0,4,1", "!", "write",
        folder / "out.tif", "--overwrite", "-q")
    return gdal.Open(str(folder / "out.tif")).ReadAsArray()


def same(got, expected):
    numpy.testing.assert_allclose(numpy.asarray(got, dtype=float), expected, rtol=1e-6, atol=1e-7)


def test_normalise(folder):
    source = write(folder / "a.tif", [[2.0, 3, 7, -9]], nodata=-9)
    same(through_pipeline(folder, processed(source, "SeloNormalise", min=2, max=6)), [[0, 0.25, 1, NAN]])
    same(through_pipeline(folder, processed(source, "SeloNormalise", min=2, max=6, clamp="false")), [[0, 0.25, 1.25, NAN]])


def test_threshold(folder):
    source = write(folder / "b.tif", [[0.49, 0.5, NAN, 1]])
    same(through_pipeline(folder, processed(source, "SeloThreshold")), [[0, 1, 255, 1]])
    same(through_pipeline(folder, processed(source, "SeloThreshold", threshold=0.6, above=200, below=7)), [[7, 7, 255, 200]])


def test_colours(folder):
    source = write(folder / "c.tif", [[0, 128, 159, 255]], gdal.GDT_Byte)
    jet = [[[0, 130, 254, 128]], [[0, 255, 255, 0]], [[128, 126, 1, 0]]]
    same(through_pipeline(folder, processed(source, "SeloColorMap", max=255)), jet)
    source = write(folder / "c.tif", [[0, NAN, 1, 2]])
    same(through_pipeline(folder, processed(source, "SeloColorMap", colormap="grey", alpha="true")),
         [[[0, 0, 255, 255]]] * 3 + [[[255, 0, 255, 255]]])


def test_similarity(folder):
    source = write(folder / "d.tif", [[[3.0, 0, 1, 0]], [[4.0, 2, 0, 0]]])
    same(through_pipeline(folder, processed(source, "SeloSimilarity", vector="1,0")), [[0.6, 0, 1, NAN]])
    for vector in ("1e200,0", "1e-200,0", "5e-324,0"):  # whose squares are no numbers to divide by
        same(through_pipeline(folder, processed(source, "SeloSimilarity", vector=vector)), [[0.6, 0, 1, NAN]])
    same(through_pipeline(folder, processed(source, "SeloSimilarity", vector="2,1", method="dot")), [[10, 2, 2, 0]])
    same(through_pipeline(folder, processed(source, "SeloSimilarity", vector="2,1", method="mean")), [[5, 1, 1, 0]])


def test_fusion(folder):
    source = write(folder / "e.tif", [[[0.5, 0.2, NAN, 1]], [[1, 0.5, 1, 0]]])
    for method, expected in {"multiply": [0.5, 0.1, NAN, 0], "minimum": [0.5, 0.2, NAN, 0], "maximum": [1, 0.5, NAN, 1]}.items():
        same(through_pipeline(folder, processed(source, "SeloFusion", method=method)), [expected])
    same(through_pipeline(folder, processed(source, "SeloFusion", method="weighted", weight=0.25)), [[0.625, 0.275, NAN, 0.75]])


def derived(function, arguments, *sources):
    listed = "".join(f'<SimpleSource><SourceFilename relativeToVRT="0">{source}</SourceFilename>'
                     "<SourceBand>1</SourceBand></SimpleSource>" for source in sources)
    return f"""<VRTDataset rasterXSize="4" rasterYSize="1"><VRTRasterBand dataType="Float32" band="1" subClass="VRTDerivedRasterBand">
<NoDataValue>nan</NoDataValue><PixelFunctionType>{function}</PixelFunctionType><PixelFunctionArguments {arguments}/>
<SourceTransferType>Float32</SourceTransferType>{listed}</VRTRasterBand></VRTDataset>"""


def test_pixel_functions(folder):
    image = write(folder / "image.tif", [[0, 100, 200, 255]], gdal.GDT_Byte)
    first = write(folder / "first.tif", [[0.5, 1, NAN, 0]])
    second = write(folder / "second.tif", [[1, NAN, NAN, 0.5]])
    same(through_pipeline(folder, derived("selo_overlay", 'channel="red"', image, first)), [[38, 108, 200, 178]])
    same(through_pipeline(folder, derived("selo_overlay", 'channel="blue" opacity="1"', image, first)), [[130, 0, 200, 128]])
    same(through_pipeline(folder, derived("selo_window_mean", "", first, second)), [[0.75, 1, NAN, 0.25]])


def test_wrong_arguments(folder):
    one, two = write(folder / "one.tif", [[1.0, 2, 3, 4]]), write(folder / "two.tif", [[[1.0, 2, 3, 4]], [[1.0, 2, 3, 4]]])
    for vrt, words in (
            (processed(one, "SeloColorMap", colormap="rainbow"), ("SeloColorMap", "'colormap'")),
            (processed(one, "SeloColorMap", color="jet"), ("SeloColorMap", "'color'")),
            (processed(one, "SeloNormalise", min=1, max=1), ("SeloNormalise", "'max'")),
            (processed(one, "SeloNormalise", min="low"), ("the step", "'min'")),
            (processed(one, "SeloThreshold", above=300), ("SeloThreshold", "'above'")),
            (processed(one, "SeloThreshold", below=1.5), ("SeloThreshold", "'below'", "whole")),
            (processed(two, "SeloSimilarity", vector="1,2,3"), ("SeloSimilarity", "'vector'", "2 bands")),
            (processed(two, "SeloSimilarity"), ("the step", "vector")),
            (processed(two, "SeloSimilarity", vector="0,0"), ("SeloSimilarity", "'vector'", "zeros")),
            (processed(one, "SeloNormalise", min="nan"), ("the step", "'min'")),
            (processed(one, "SeloNormalise", min=0, maximum=1), ("SeloNormalise", "'maximum'", "not known")),
            (processed(two, "SeloSimilarity", vector="1,2", method="odd"), ("SeloSimilarity", "'method'")),
            (processed(two, "SeloFusion", weight=2), ("SeloFusion", "'weight'")),
            (processed(one, "SeloFusion"), ("SeloFusion", "band count"))):
        (folder / "bad.vrt").write_text(vrt, encoding="utf-8")
        done = run("raster", "info", folder / "bad.vrt", check=False)
        line = next((text for text in done.stderr.splitlines() if all(word in text for word in words)), None)
        assert done.returncode == 1 and line, f"{words}: exit {done.returncode}\n{done.stderr}"
    for arguments, sources, word in (('channel="pink"', (one, one), "'channel'"), ("", (one, one), "channel"),
                                     ('channel="red" opacity="7"', (one, one), "'opacity'"),
                                     ('channel="red" opacity="much"', (one, one), "'opacity'"),
                                     ('channel="red" max="high"', (one, one), "'max'"),
                                     ('channel="red" min="2"', (one, one), "'max'"),
                                     ('channel="red" colour="jet"', (one, one), "'colour' is not known"),
                                     ('channel="red" sources="3"', (one, one), "'sources' is not known"),
                                     ('channel="red"', (one,), "'sources'"), ('weight="2"', (one, one), "'weight' is not known")):
        function = "selo_window_mean" if "weight" in word else "selo_overlay"
        (folder / "bad.vrt").write_text(derived(function, arguments, *sources), encoding="utf-8")
        done = run("raster", "convert", folder / "bad.vrt", folder / "bad.tif", check=False)
        errors = [text for text in done.stderr.splitlines() if text.startswith("ERROR")]
        assert done.returncode == 1 and len(errors) == 1 and function in errors[0] and word in errors[0], f"{word}: {done.stderr}"
        assert not (folder / "bad.tif").exists()


def test_threads_and_blocks(folder):
    """Any number of threads, any block size and any part that is asked for: the same bits."""
    random = numpy.random.default_rng(5)
    values = random.random((3, 130, 170)).astype("f4")
    values[:, random.random((130, 170)) < 0.1] = NAN
    one, two, three = (write(folder / f"{n}.tif", values[:n]) for n in (1, 2, 3))
    grey = write(folder / "grey.tif", numpy.nan_to_num(values[1] * 255).astype("u1"), gdal.GDT_Byte)
    listed = {"normalise": processed(three, "SeloNormalise", min=0.1, max=0.8), "threshold": processed(three, "SeloThreshold"),
              "colours": processed(one, "SeloColorMap", colormap="magma", alpha="true"), "similarity": processed(three, "SeloSimilarity", vector="1,2,-3"),
              "fusion": processed(two, "SeloFusion", method="weighted"), "overlay": derived("selo_overlay", 'channel="green"', grey, one),
              "mean": derived("selo_window_mean", "", one, grey)}
    for name, vrt in listed.items():
        vrt = vrt.replace('rasterXSize="4" rasterYSize="1"', 'rasterXSize="170" rasterYSize="130"')
        (folder / f"{name}.vrt").write_text(vrt, encoding="utf-8")
        with gdal.Open(str(folder / f"{name}.vrt")) as whole:
            expected = whole.ReadAsArray()
        assert numpy.isfinite(expected.astype(float)).mean() > 0.5, name
        for threads in ("1", "5", "ALL_CPUS"):
            for block in ("1", "16", "170"):
                options = ["TILED=YES", f"BLOCKXSIZE={block}", f"BLOCKYSIZE={block}"] if block == "16" else [f"BLOCKYSIZE={block}"]
                with gdal.config_options({"GDAL_NUM_THREADS": threads}):
                    gdal.Run(["gdal", "raster", "convert"], input=str(folder / f"{name}.vrt"), output=str(folder / "out.tif"), overwrite=True,
                             creation_option=options)
                    numpy.testing.assert_array_equal(gdal.Open(str(folder / "out.tif")).ReadAsArray(), expected, err_msg=f"{name} {threads} {block}")
        with gdal.Open(str(folder / f"{name}.vrt")) as parts:
            for x, y, width, height in ((0, 0, 1, 1), (169, 129, 1, 1), (100, 40, 7, 90), (3, 0, 1, 130), (0, 64, 170, 1)):
                numpy.testing.assert_array_equal(parts.ReadAsArray(x, y, width, height), expected[..., y:y + height, x:x + width], err_msg=name)


def test_without_the_plugin(folder):
    source = write(folder / "f.tif", [[1.0, 2, 3, 4]])
    (folder / "lonely.vrt").write_text(processed(source, "SeloNormalise"), encoding="utf-8")
    fails(("the step", "unregistered", "SeloNormalise"), "raster", "convert", folder / "lonely.vrt", folder / "lonely.tif",
          env={"GDAL_DRIVER_PATH": str(folder)})
    (folder / "lonely.vrt").write_text(derived("selo_overlay", 'channel="red"', source, source), encoding="utf-8")
    fails("selo_overlay", "raster", "convert", folder / "lonely.vrt", folder / "lonely.tif", env={"GDAL_DRIVER_PATH": str(folder)})
    assert not (folder / "lonely.tif").exists()


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of steps")
