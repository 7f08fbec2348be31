"""Images made for tests: sea, forest and town side by side, in the bands red, green, blue, nir, swir1, swir2."""

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()

#        red green blue nir swir1 swir2, contrast
COVERS = {"sea": (55, 75, 85, 14, 14, 12, 0.02), "forest": (38, 48, 60, 80, 62, 30, 0.06), "town": (80, 72, 85, 62, 115, 90, 0.25)}
ROLES = "red=1,green=2,blue=3,nir=4,swir1=5,swir2=6"


def scene(width=300, height=200, bands=6, seed=1):
    """bands x height x width bytes: sea in the left third, forest in the middle, town on the right."""
    random = np.random.default_rng(seed)
    image = np.zeros((bands, height, width))
    for i, values in enumerate(COVERS.values()):
        part = slice(i * width // 3, (i + 1) * width // 3)
        noise = 1 + values[6] * random.standard_normal((height, part.stop - part.start))
        for band in range(bands):
            image[band, :, part] = values[band] * noise
    return np.clip(np.rint(image), 1, 255).astype(np.uint8)


def write(path, image, driver="GTiff", nodata=None, epsg=32725, options=(), type_=None):
    """Writes bands x height x width pixels of 10 m."""
    types = {np.dtype("uint8"): gdal.GDT_Byte, np.dtype("uint16"): gdal.GDT_UInt16, np.dtype("float32"): gdal.GDT_Float32,
             np.dtype("int8"): gdal.GDT_Int8}
    bands, height, width = image.shape
    dataset = gdal.GetDriverByName(driver).Create(str(path), width, height, bands, type_ or types[image.dtype], list(options))
    if epsg:
        crs = osr.SpatialReference()
        crs.ImportFromEPSG(epsg)
        dataset.SetProjection(crs.ExportToWkt())
        dataset.SetGeoTransform((300000, 10, 0, 9100000, 0, -10))
    for band in range(bands):
        if nodata is not None:
            dataset.GetRasterBand(band + 1).SetNoDataValue(nodata)
        dataset.GetRasterBand(band + 1).WriteArray(image[band])
    dataset.FlushCache()
    return path


def pixels(path):
    """The bands of a raster as an array, NaN as it is."""
    dataset = gdal.Open(str(path))
    array = dataset.ReadAsArray()
    return array if array.ndim == 3 else array[None]
