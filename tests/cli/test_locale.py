"""A program that has set a locale with a decimal comma, as QGIS may: numbers in CSV, metadata and VRT files keep their points."""

import ctypes
import locale
import os
import struct
import subprocess
import sys

import numpy
from osgeo import gdal

from support.selo import SKIPPED, scratch

HEAD = "row_start,row_end,col_start,col_end,similarity\n"


def write_locale(folder):
    """A locale `comma` of glibc's, which differs from C in its LC_NUMERIC: machines seldom have another one installed."""
    texts = [b",\0", b".\0", b"\x03\x03\0"]
    start, data, offsets = 8 + 4 * 6, b"", []
    for text in texts:
        offsets.append(start + len(data))
        data += text
    data += b"\0" * (-(start + len(data)) % 4)
    for character in ",.":
        offsets.append(start + len(data))
        data += struct.pack("=I", ord(character))
    offsets.append(start + len(data))
    data += b"UTF-8\0"
    (folder / "comma").mkdir()
    (folder / "comma" / "LC_NUMERIC").write_bytes(struct.pack("=8I", 0x20031115 ^ 1, 6, *offsets) + data)


def write_all(folder):
    """Everything that this locale could spoil; the bytes of text files and the pixels of the others."""
    gdal.UseExceptions()
    for name in ("image.tif", "map.tif", "smooth.tif"):
        (folder / name).unlink(missing_ok=True)
    with gdal.GetDriverByName("GTiff").Create(str(folder / "image.tif"), 60, 40, 1) as dataset:
        dataset.SetGeoTransform((500000.25, 0.5, 0, 4000000.75, 0, -0.5))
        dataset.SetProjection("EPSG:32631")
        dataset.WriteArray(numpy.arange(2400).reshape(40, 60).astype("u1"))
    (folder / "first.csv").write_text("stage," + HEAD + "1,-472,40,-452,60,0.625\n", encoding="utf-8")
    (folder / "windows.csv").write_text(HEAD + "0,40,0,60,0.5\n0,40,0,30,1.25\n0,9,0,7,-3.5e-1\n", encoding="utf-8")
    image, out, windows, values = str(folder / "image.tif"), {}, str(folder / "windows.csv"), {}

    def run(name, command, **arguments):
        out[name] = folder / name
        gdal.Run(["gdal", "selo", command], output=str(folder / name), overwrite=True, **arguments)

    run("plan.csv", "windows", image=image, scales=["7.25m", "1.5e1"])
    run("second.csv", "windows", image=image, preset="v2", similarities=str(folder / "first.csv"))
    run("map.tif", "localize", input=windows, like=image, smoothing_size="2.5m", where="similarity > -0.4", open_option=["AUTODETECT_TYPE=YES"])
    run("smooth.tif", "smooth", map=image, method="gaussian", size="3.25m")
    run("heat.vrt", "template", template="heatmap", param=[f"map={folder / 'map.tif'}", "min=0.125", "max=0.75"])
    run("over.vrt", "template", template="overlay", param=[f"map={folder / 'map.tif'}", f"image={image}", "opacity=0.4"])
    run("norm.vrt", "template", template="normalise", param=[f"map={folder / 'map.tif'}"])
    run("like.vrt", "template", template="similarity", param=[f"embedding={image}", "vector=1.5", "method=dot"])
    for name, path in out.items():
        if path.suffix in (".csv", ".vrt"):
            values[name] = path.read_bytes()
        if path.suffix in (".tif", ".vrt"):
            with gdal.Open(str(path)) as dataset:
                values[name + " pixels"] = dataset.ReadAsArray().tobytes()
                values[name + " notes"] = sorted(dataset.GetMetadata("SELO").items())
    return values


def main(folder):
    locale.setlocale(locale.LC_NUMERIC, "C")
    plain = write_all(folder)
    try:
        locale.setlocale(locale.LC_NUMERIC, "comma")
    except locale.Error as error:
        print("skipped:", error)
        sys.exit(SKIPPED)
    c = ctypes.CDLL(None)
    c.strtod.restype = ctypes.c_double
    assert c.strtod(b"1,5", None) == 1.5, "this locale has no comma"
    with_comma = write_all(folder)
    assert plain.keys() == with_comma.keys() and len(plain) > 12
    for name, value in plain.items():
        assert with_comma[name] == value, (name, value, with_comma[name])
    assert b"0.625" in plain["second.csv"] and b"0.125" in plain["heat.vrt"] and b"500000.25" in plain["over.vrt"]
    print(len(plain), "values are the same with a decimal comma")


if __name__ == "__main__":
    with scratch() as scratch_folder:
        if len(sys.argv) > 1:
            main(scratch_folder)
        else:
            write_locale(scratch_folder)
            sys.exit(subprocess.run([sys.executable, __file__, "inside"], env={**os.environ, "LOCPATH": str(scratch_folder)}).returncode)
