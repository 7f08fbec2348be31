"""`gdal selo smooth` on bytes against the published code's library, to the last bit: every method, small and wide windows."""

import sys

import numpy
from osgeo import gdal

from support.selo import SKIPPED, scratch

try:
    import cv2
except ImportError:
    print("skipped: OpenCV (python3-opencv) is not here")
    sys.exit(SKIPPED)

gdal.UseExceptions()
RANDOM = numpy.random.default_rng(8)
EXPECTED = {
    "median": lambda image, size: cv2.medianBlur(image, size),
    "gaussian": lambda image, size: cv2.GaussianBlur(image, (size, size), 0, borderType=cv2.BORDER_REFLECT_101),
    "box": lambda image, size: cv2.blur(image, (size, size), borderType=cv2.BORDER_REFLECT_101)}
SIZES = {"median": (1, 3, 5, 7, 15, 51, 101, 251), "gaussian": (1, 3, 5, 7, 9, 11, 31, 101, 255, 401),
         "box": (1, 3, 5, 7, 9, 25, 51, 99)}  # the library's medians wider than 255 px count over their registers


def images():
    """Noise, a ramp, few levels, a stripe; wider and narrower than the windows."""
    yield RANDOM.integers(0, 256, (190, 231), dtype=numpy.uint8)
    yield numpy.add.outer(numpy.arange(97), 2 * numpy.arange(130)).astype(numpy.uint8)
    yield RANDOM.integers(0, 3, (160, 64), dtype=numpy.uint8) * 100
    yield numpy.ascontiguousarray((numpy.indices((64, 300))[1] % 7 == 0).astype(numpy.uint8) * 255)


def smooth(folder, image, method, size):
    source, target = str(folder / "image.tif"), str(folder / "smooth.tif")
    gdal.GetDriverByName("GTiff").Create(source, image.shape[1], image.shape[0], 1).WriteArray(image)
    gdal.Run(["gdal", "selo", "smooth"], map=source, output=target, method=method, size=f"{size}px", overwrite=True)
    return gdal.Open(target).ReadAsArray()


def main(folder):
    count = 0
    for image in images():
        for method, sizes in SIZES.items():
            for size in sizes:
                off = numpy.count_nonzero(smooth(folder, image, method, size) != EXPECTED[method](image, size))
                assert off == 0, f"{method} {size} px on {image.shape}: {off} pixels are not the library's"
                count += 1
    print(f"{count} smoothed images, the same to the last bit")


if __name__ == "__main__":
    with scratch() as scratch_folder:
        main(scratch_folder)
