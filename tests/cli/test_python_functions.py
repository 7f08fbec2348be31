"""gdal.alg: GDAL makes a Python function of every command, ours among them."""

from osgeo import gdal

from support.selo import scratch, gdal as run

gdal.UseExceptions()


def test_every_command_is_a_function(folder):
    """A command named as a keyword of Python would end gdal.alg as a whole, GDAL's own functions included."""
    assert callable(gdal.alg.raster.convert)
    commands = run("selo", "--json-usage").stdout
    assert callable(gdal.alg.selo.localize) and callable(gdal.alg.selo.testset.validate)
    for shown in (commands, run("selo", "testset", "--help").stdout, run("completion", "gdal", "selo", "testset", "i").stdout):
        assert "import" in shown and "import_" not in shown, shown


def test_functions_take_datasets_and_return_them(folder):
    source = gdal.GetDriverByName("MEM").Create("", 5, 4, 1)
    source.GetRasterBand(1).Fill(7)
    done = gdal.alg.selo.smooth(input=source, output="", output_format="MEM", size="3px")
    assert (done.Output().ReadAsArray() == 7).all()
    for name in ("plan.gpkg", "plan.csv", "plan.geojson"):
        plan = gdal.alg.selo.windows(input=source, output=str(folder / name), scales=["2"]).Output()
        assert plan.GetLayer(0).GetFeatureCount() > 4, name
    for name in ("", "a name"):  # which GDAL's own functions take for a dataset in memory
        plan = gdal.alg.selo.windows(input=source, output=name, output_format="MEM", scales=["2"]).Output()
        assert plan.GetLayer(0).GetName() == "selo_win" and plan.GetLayer(0).GetFeatureCount() > 4, name


def test_import_is_import_(folder):
    (folder / "a.geojson").write_text('{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"query":"sea"},'
                                      '"geometry":{"type":"Polygon","coordinates":[[[0,0],[0,9],[9,9],[9,0],[0,0]]]}}]}', encoding="utf-8")
    with gdal.GetDriverByName("GTiff").Create(str(folder / "a.tif"), 20, 20):
        pass
    gdal.alg.selo.testset.import_(input=str(folder), output=str(folder / "made.gpkg"), input_format="folder", images=str(folder))
    assert gdal.OpenEx(str(folder / "made.gpkg"), gdal.OF_VECTOR).GetLayerCount() > 0
    run("selo", "testset", "import", folder, folder / "again.gpkg", "--input-format", "folder", "--images", folder, "-q")
    assert (folder / "again.gpkg").exists()


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of tests of Python functions")
