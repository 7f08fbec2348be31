"""Templates: what they make opens and holds the right pixels, in the right place; values end up verbatim."""

import subprocess
import xml.etree.ElementTree as XML
import zipfile

import numpy
from osgeo import gdal, osr

from support.selo import SOURCE, fails, gdal as run
from support.templates import make, refused, run_all, same, write

gdal.UseExceptions()
NAN = float("nan")
NASTY = ["plain", "a \"quoted\" & 'other' <tag> &amp; &lt; ]]> ${map} {map} %s \\", "Wälder am Fluß, 港の船, \U0001F6A2", "x" * 120000,
         "  spaces around  ", "one\ntwo\tthree", "&xxe; <!ENTITY x SYSTEM 'file:///etc/passwd'>"]


def test_every_template_is_described(folder):
    for path in (SOURCE / "vrt_templates").glob("*.vrt"):
        text = run("selo", "template", path.stem).stdout
        names = [node.get("name") for node in XML.parse(path).getroot().iter("Parameter")]
        assert names and all(f"  {name} (" in text for name in names), text


def test_pixels(folder):
    image = write(folder / "image.tif", [[[10, 20]], [[30, 40]], [[50, 60]]], gdal.GDT_Byte)
    grey = write(folder / "grey.tif", [[10, 20]], gdal.GDT_Byte)
    value_map = write(folder / "map é.tif", [[0.0, 1.0]])
    same(make(folder, "heatmap", map=value_map).ReadAsArray(), [[[0, 128]], [[0, 0]], [[128, 0]], [[255, 255]]])
    same(make(folder, "overlay", image=image, map=value_map).ReadAsArray(), [[[7, 52]], [[21, 28]], [[73, 42]]])
    same(make(folder, "overlay", image=grey, map=value_map, opacity=0).ReadAsArray(), [[[10, 20]]] * 3)
    same(make(folder, "normalise", map=grey).ReadAsArray(), [[0, 1]])
    same(make(folder, "threshold", map=grey, threshold=15).ReadAsArray(), [[0, 1]])
    same(make(folder, "similarity", embedding=image, vector="1,0,0", method="dot").ReadAsArray(), [[10, 20]])
    (folder / "vector.json").write_text("[0, 1, 0]", encoding="utf-8")
    same(make(folder, "similarity", embedding=image, vector=f"@{folder / 'vector.json'}", method="dot").ReadAsArray(), [[30, 40]])
    same(make(folder, "fusion", map=value_map, mask=write(folder / "mask.tif", [[0.5, 0.5]])).ReadAsArray(), [[0, 0.5]])


def test_placement(folder):
    """Size, CRS and geotransform come from the image; a coarser map is stretched; a mosaic holds all its maps."""
    image = write(folder / "image.tif", numpy.zeros((4, 6)), gdal.GDT_Byte, step=0.5)
    coarse = write(folder / "coarse.tif", [[0, 1, 0], [1, 0, 1]])
    made = make(folder, "overlay", image=image, map=coarse, colormap="grey", opacity=1)
    assert made.GetGeoTransform() == gdal.Open(str(image)).GetGeoTransform()
    assert made.GetSpatialRef().GetAuthorityCode(None) == "32631"
    same(made.GetRasterBand(1).ReadAsArray(), numpy.kron([[0, 255, 0], [255, 0, 255]], numpy.ones((2, 2))))
    left = write(folder / "left.tif", [[1.0, 2, 3]])
    right = write(folder / "right.tif", [[5.0, 6]], origin=(500002, 3999999))
    over = write(folder / "over.tif", [[7.0]], origin=(500001, 4000000))
    made = make(folder, "mosaic", map=[left, right, over])
    nan = float("nan")
    same(made.ReadAsArray(), [[1, 4.5, 3, nan], [nan, nan, 5, 6]])
    assert made.GetGeoTransform()[0] == 500000 and made.GetGeoTransform()[3] == 4000000
    other = write(folder / "other.tif", [[1.0]], epsg=32632)
    fails(("mosaic", "'map'", "CRS"), "selo", "template", "mosaic", folder / "x.vrt", "--param", f"map={left}", "--param", f"map={other}")
    assert not (folder / "x.vrt").exists()


def test_every_crs(folder):
    """Heights and an epoch belong to a CRS: without them the VRT would lie in another one than its map, and not fit it."""
    plan = 'ENGCRS["as http://localhost:1/ says",EDATUM["x"],CS[Cartesian,2],AXIS["x",east],AXIS["y",north],LENGTHUNIT["metre",1]]'
    for definition, epoch in (("EPSG:32631+5773", 0), ("EPSG:4979", 0), ("EPSG:9000", 2021.25), ("EPSG:4326", 0), ("EPSG:2048", 0), (plan, 0)):
        crs = osr.SpatialReference()
        crs.SetFromUserInput(definition)
        crs.SetCoordinateEpoch(epoch)
        path = write(folder / "map.tif", [[0.0, 1.0]], epsg=None, transform=None)
        with gdal.Open(str(path), gdal.GA_Update) as dataset:
            dataset.SetSpatialRef(crs)
            dataset.SetGeoTransform((2, 0.5, 0, 1, 0, -0.5))
        made = make(folder, "heatmap", map=path).GetSpatialRef()
        own = gdal.Open(str(path)).GetSpatialRef()
        assert own and made.IsSame(own) and made.GetCoordinateEpoch() == own.GetCoordinateEpoch() == epoch, definition


def test_overlay_without_a_map(folder):
    """Where the map does not reach, or has NoData, the image stays as it is; a map in another CRS is refused."""
    image = write(folder / "image.tif", [[100, 100, 100, 100]], gdal.GDT_Byte)
    part = write(folder / "part.tif", [[1.0, -9]])
    with gdal.OpenEx(str(part), gdal.OF_UPDATE | gdal.OF_RASTER) as dataset:
        dataset.GetRasterBand(1).SetNoDataValue(-9)
    made = make(folder, "overlay", image=image, map=part, colormap="grey", opacity=1)
    same(made.ReadAsArray(), [[[255, 100, 100, 100]]] * 3)
    assert made.GetRasterBand(1).GetNoDataValue() is None
    other = write(folder / "other.tif", [[1.0, 1]], epsg=32632)
    fails(("overlay", "'map'", "other.tif", "CRS"), "selo", "template", "overlay", folder / "x.vrt", "--param", f"image={image}",
          "--param", f"map={other}")
    assert not (folder / "x.vrt").exists()


def test_bands(folder):
    """A band of a map with several; its own type, range and NoData count."""
    image = write(folder / "image.tif", [[100, 200]], gdal.GDT_Byte)
    maps = write(folder / "maps.tif", [[[9.0, 9.0]], [[0.0, 1.0]], [[0.25, 3.25]]])
    same(make(folder, "heatmap", map=maps, band=2).ReadAsArray(), [[[0, 128]], [[0, 0]], [[128, 0]], [[255, 255]]])
    same(make(folder, "overlay", image=image, map=maps, band=2, colormap="grey", opacity=1).ReadAsArray(), [[[0, 255]]] * 3)
    same(make(folder, "normalise", map=maps, band=3).ReadAsArray(), [[0, 1]])
    same(make(folder, "threshold", map=maps, band=2).ReadAsArray(), [[0, 1]])
    same(make(folder, "mosaic", map=[maps, maps], band=3).ReadAsArray(), [[0.25, 3.25]])
    same(make(folder, "fusion", map=maps, band=3, mask=maps, **{"mask-band": 2}).ReadAsArray(), [[0, 3.25]])
    for name in ("heatmap", "normalise", "threshold", "mosaic"):
        same(make(folder, name, map=maps, **({"max": 9} if name == "heatmap" else {"min": 0} if name == "normalise" else {})).ReadAsArray()[..., 0],
             {"heatmap": [[128], [0], [0], [255]], "normalise": [1], "threshold": [1], "mosaic": [9]}[name])
        for band in ("0", "4", "-1", "1.5", "two", ""):
            refused(folder, (f"'{name}'", "'band'", "no band", "maps.tif", "3"), name, f"map={maps}", f"band={band}")
    refused(folder, ("'mask-band'", "no band"), "fusion", f"map={maps}", f"mask={image}", "mask-band=2")
    large = folder / "large.tif"
    with gdal.GetDriverByName("GTiff").Create(str(large), 2, 1, 1, gdal.GDT_Int64) as dataset:
        dataset.GetRasterBand(1).SetNoDataValueAsInt64(-(2 ** 62))
        dataset.WriteArray(numpy.array([[-(2 ** 62), 5]]))
    same(make(folder, "threshold", map=large, threshold=5).ReadAsArray(), [[255, 1]])
    with gdal.GetDriverByName("GTiff").Create(str(folder / "complex.tif"), 2, 1, 1, gdal.GDT_CFloat32):
        pass
    refused(folder, ("'map'", "complex"), "threshold", f"map={folder / 'complex.tif'}")


def test_map_and_mask_of_any_types(folder):
    """GDAL gives all bands of a step the type of the first: a mask of shares must not become one of 0 and 1."""
    kinds = {gdal.GDT_Byte: [[200, 100]], gdal.GDT_Float32: [[0.25, 0.75]], gdal.GDT_UInt16: [[40000, 3]], gdal.GDT_Int64: [[-5, 2**40]]}
    for first, values in kinds.items():
        for second, shares in kinds.items():
            made = make(folder, "fusion", map=write(folder / "map.tif", values, first), mask=write(folder / "mask.tif", shares, second))
            same(made.ReadAsArray(), numpy.multiply(values, shares, dtype=float))


def test_pixels_without_a_value(folder):
    """NoData of a type that cannot hold it exactly, and masks of a file: what has no value there has none in the result."""
    image = write(folder / "image.tif", [[9, 8, 7]], gdal.GDT_Byte)
    mask = write(folder / "mask.tif", [[1.0, 1, 1]])
    for how in ("nodata", "nan", "mask"):
        path = write(folder / "map.tif", [[NAN if how == "nan" else 0.1, 0.9, 0.3]])
        with gdal.Open(str(path), gdal.GA_Update) as dataset:
            band = dataset.GetRasterBand(1)
            if how == "nodata":
                band.SetNoDataValue(0.1)
            elif how == "mask":
                dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
                band.GetMaskBand().WriteArray(numpy.array([[0, 255, 255]], dtype="u1"))
        for name, more, gap, others in (("heatmap", {}, [0, 0, 0, 0], None), ("threshold", {}, 255, [1, 0]), ("normalise", {}, NAN, [1, 0]),
                                        ("mosaic", {}, NAN, [0.9, 0.3]), ("fusion", {"mask": mask}, NAN, [0.9, 0.3]),
                                        ("overlay", {"image": image}, [9, 9, 9], None)):
            opened = make(folder, name, map=path, **more)
            made = opened.ReadAsArray()
            if others:
                assert str(opened.GetRasterBand(1).GetNoDataValue()) == str(float(gap)), (name, "a reader has to be told of the gap")
            numpy.testing.assert_allclose(made[..., 0, 0], gap, err_msg=f"{name} {how}")
            if others:
                same(made[0, 1:], others)
            else:
                assert (made[:3, 0, 1:] != [[8, 7]]).any() and (made[3:] == [[[0, 255, 255]]]).all(), (name, how)
    with gdal.GetDriverByName("GTiff").Create(str(folder / "alpha.tif"), 3, 1, 2, gdal.GDT_Byte, ["ALPHA=YES"]) as dataset:
        dataset.WriteArray(numpy.array([[[1, 9, 3]], [[0, 255, 255]]], dtype="u1"))
    same(make(folder, "threshold", map=folder / "alpha.tif", threshold=5).ReadAsArray(), [[255, 1, 0]])


def test_names_within_names(folder):
    """Relative names of subdatasets, of files in archives and of vrt:// mean the same from any folder."""
    (folder / "in").mkdir()
    (folder / "out").mkdir()
    maps = write(folder / "in" / "maps.tif", [[[9.0, 9.0]], [[0.0, 1.0]]])
    gdal.Translate(str(folder / "in" / "maps.nc"), str(maps), format="netCDF").Close()
    gdal.Translate(str(folder / "in" / "maps.gpkg"), str(maps), format="GPKG", bandList=[2]).Close()
    with zipfile.ZipFile(folder / "in" / "maps.zip", "w") as archive:
        archive.write(maps, "maps.tif")
    for name in ('NETCDF:"in/maps.nc":Band2', "NETCDF:in/maps.nc:Band2", "vrt://in/maps.tif?bands=2", "/vsizip/in/maps.zip/maps.tif", "in/maps.tif",
                 "GTIFF_DIR:1:in/maps.tif", "GPKG:in/maps.gpkg:maps"):
        band = 2 if "maps.tif" in name and "vrt" not in name else 1
        subprocess.run(["gdal", "selo", "template", "threshold", "out/made.vrt", "--overwrite", "--param", f"map={name}", "--param", f"band={band}"],
                       cwd=folder, check=True)
        same(gdal.Open(str(folder / "out" / "made.vrt")).ReadAsArray(), [[0, 1]])


def test_values_end_up_verbatim(folder):
    value_map = write(folder / "a \"b\" & <c> é.tif", [[0.0, 1.0]])
    for text in NASTY:
        made = make(folder, "heatmap", map=value_map, query=text)
        assert made.GetMetadataItem("QUERY", "SELO") == text, f"{made.GetMetadataItem('QUERY', 'SELO')!r} is not {text[:80]!r}"
        same(made.GetRasterBand(1).ReadAsArray(), [[0, 128]])
    for text in ("bell \a", "escape \x1b"):
        fails(("heatmap", "'query'", "control"), "selo", "template", "heatmap", folder / "y.vrt", "--param", f"map={value_map}",
              "--param", f"query={text}")


def test_blanks_before_a_value(folder):
    """GDAL drops blanks at the start of a text unless they are character references, which its schema's checker takes for entities."""
    for name in (" blank.tif", "\ttab.tif", "  two.tif", "trail .tif"):
        path = write(folder / name, [[0, 1]])
        same(make(folder, "threshold", map=path, threshold=" 0.5", above="\t7", below=" 3 ").ReadAsArray(), [[3, 7]])
        same(make(folder, "mosaic", map=[path, path]).ReadAsArray(), [[0, 1]])
    assert make(folder, "mosaic", map=path, query="\n q").GetMetadataItem("QUERY", "SELO") == "\n q"


if __name__ == "__main__":
    run_all(globals())
