"""Where maps go: metadata in every kind of format, standard output, archives, files that lie beside them."""

import subprocess
import zipfile

from osgeo import gdal

from support.selo import fails, gdal as run, scratch

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
