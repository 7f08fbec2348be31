"""Values that somebody called NoData in a raster layer's properties. QGIS alone knows of them: GDAL gets a VRT in which
they have no value."""

import math
import struct
from xml.etree import ElementTree

from osgeo import gdal
from qgis.core import QgsProcessingException, QgsRasterRange

from .gdal_plugin import tr

LIMITS = {gdal.GDT_Byte: (0, 255), gdal.GDT_Int8: (-128, 127), gdal.GDT_UInt16: (0, 65535),
          gdal.GDT_Int16: (-32768, 32767), gdal.GDT_UInt32: (0, 2**32 - 1), gdal.GDT_Int32: (-2**31, 2**31 - 1),
          gdal.GDT_UInt64: (0, 2**64 - 1), gdal.GDT_Int64: (-2**63, 2**63 - 1)}


def of_layer(provider):
    """{band: (ranges of QGIS, whether the data's own NoData counts)} of the bands where that is not as in the data."""
    found = {}
    for band in range(1, provider.bandCount() + 1):
        ranges = provider.userNoDataValues(band)
        own = not provider.sourceHasNoDataValue(band) or provider.useSourceNoDataValue(band)
        if ranges or not own:
            found[band] = (ranges, own)
    return found


def _stored(one, kind, scale, offset):
    """A range of QGIS, of values after scale and offset, as (lowest, highest) of those in the file."""
    low = -math.inf if math.isnan(one.min()) else one.min()
    high = math.inf if math.isnan(one.max()) else one.max()
    if one.bounds() in (QgsRasterRange.BoundsType.Exclusive, QgsRasterRange.BoundsType.IncludeMax):
        low = math.nextafter(low, math.inf)
    if one.bounds() in (QgsRasterRange.BoundsType.Exclusive, QgsRasterRange.BoundsType.IncludeMin):
        high = math.nextafter(high, -math.inf)
    low, high = sorted(((low - offset) / scale, (high - offset) / scale))
    if kind in LIMITS:
        least, most = LIMITS[kind]
        near = (lambda value: round(value, 6)) if (scale, offset) != (1, 0) else float  # 51 * (1 / 255) is not 0.2
        low, high = math.ceil(near(max(low, least))), math.floor(near(min(high, most)))
    return low, high


def ranges_of(ranges, kind, scale=1, offset=0):
    """Ranges of QGIS as (lowest, highest) of a band of that type, in order, none within another."""
    found = []
    for low, high in sorted(_stored(one, kind, scale, offset) for one in ranges):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        elif low <= high:
            found.append((low, high))
    return found


def value_of(ranges, kind, own=None):
    """A value that stands for none in a band of that type: the data's own, or one of the ranges; None where none is."""
    if kind not in LIMITS:
        return math.nan if ranges or own is not None else None
    values = [own] if own is not None else []
    values += [int(value) for bounds in ranges for value in bounds]
    # Readers ask for floats of 32 bits: one that these hold, if there is one.
    held = [one for one in values if struct.unpack("f", struct.pack("f", one))[0] == one]
    return (held or values or [None])[0]


def _change(element, band, ranges, own):
    """Makes the element of a VRT band compute what the band holds, without values in the ranges; whether it does."""
    declared = element.find("NoDataValue")
    if declared is not None:
        element.remove(declared)
    own = band.GetNoDataValue() if own else None
    value = value_of(ranges, band.DataType, own)
    if value is None:
        return False
    texts = [f"[{low!r},{high!r}]" for low, high in ranges]
    if own is not None and not math.isnan(own) and not any(low <= own <= high for low, high in ranges):
        texts.append(repr(own))
    declared = ElementTree.Element("NoDataValue")
    declared.text = repr(value)
    element.insert(0, declared)
    element.set("subClass", "VRTDerivedRasterBand")
    for source in [one for one in element if one.tag in ("SimpleSource", "ComplexSource")]:
        for stated in source.findall("NODATA"):
            source.remove(stated)
        if band.GetMaskFlags() & (gdal.GMF_PER_DATASET | gdal.GMF_ALPHA):
            source.tag = "ComplexSource"
            ElementTree.SubElement(source, "UseMaskBand").text = "true"
    ElementTree.SubElement(element, "PixelFunctionType").text = "reclassify"
    ElementTree.SubElement(element, "PixelFunctionArguments", mapping=";".join(
        [f"{text}=NO_DATA" for text in texts] + ["DEFAULT=PASS_THROUGH"]))
    return True


def without(view, gaps):
    """A VRT, as gdal.Translate() makes it of a file, in which what of_layer() found has no value."""
    root = ElementTree.fromstring(view.GetMetadata("xml:VRT")[0])
    bands = root.findall("VRTRasterBand")
    changed = 0
    for number, (ranges, own) in gaps.items():
        if number > view.RasterCount:  # a mask, which QGIS shows as a band
            continue
        band = view.GetRasterBand(number)
        ranges = ranges_of(ranges, band.DataType, band.GetScale() or 1, band.GetOffset() or 0)
        changed += _change(bands[number - 1], band, ranges, own)
    mask = root.find("MaskBand")
    if mask is not None and changed:
        if changed < len(bands):
            raise QgsProcessingException(
                tr("{name}: has a mask, which does not go together with NoData values of some of its bands").format(
                    name=view.GetDescription() or view.GetFileList()[0]))
        root.remove(mask)
    made = gdal.Open(ElementTree.tostring(root, encoding="unicode"))
    if made is not None:
        made.SetDescription("")  # else the whole text; a file's name could be written to
    return made
