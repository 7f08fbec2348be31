"""What the tests of `gdal selo template` share: small rasters, the VRT of a template, and templates that are refused."""

import numpy
from osgeo import gdal, osr

from support.selo import refuses, scratch


def write(path, values, kind=gdal.GDT_Float32, origin=(500000, 4000000), step=1.0, epsg=32631, transform=None):
    values = numpy.asarray(values)
    values = values if values.ndim == 3 else values[numpy.newaxis]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), values.shape[2], values.shape[1], values.shape[0], kind)
    if epsg:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetSpatialRef(crs)
        dataset.SetGeoTransform(transform or (origin[0], step, 0, origin[1], 0, -step))
    dataset.WriteArray(values if len(values) > 1 else values[0])
    dataset.Close()
    return path


def make(folder, name, **parameters):
    """A VRT of a template; a list repeats its parameter."""
    given = [f"{key}={one}" for key, value in parameters.items() for one in (value if isinstance(value, list) else [value])]
    output = folder / "made.vrt"
    gdal.Run(["gdal", "selo", "template"], template=name, output=str(output), overwrite=True, param=given)
    return gdal.Open(str(output))


def same(got, expected):
    numpy.testing.assert_allclose(numpy.asarray(got, dtype=float), expected, rtol=1e-6, atol=1e-7)


def refused(folder, words, name, *arguments):
    refuses(words, "template", template=name, output=str(folder / "refused.vrt"), param=list(arguments))
    assert not (folder / "refused.vrt").exists()


def run_all(names):
    """Calls every test of a module, each with a folder of its own."""
    tests = [test for name, test in sorted(names.items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as folder:
            test(folder)
    print(len(tests), "groups of template tests")
