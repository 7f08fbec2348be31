"""Templates: what they make opens and holds the right pixels; values end up verbatim; hostile ones are refused."""

import subprocess
import xml.etree.ElementTree as XML
import zipfile

import numpy
from osgeo import gdal, osr

from support.selo import SOURCE, fails, gdal as run, refuses, scratch

gdal.UseExceptions()
NAN = float("nan")
NASTY = ["plain", "a \"quoted\" & 'other' <tag> &amp; &lt; ]]> ${map} {map} %s \\", "Wälder am Fluß, 港の船, \U0001F6A2", "x" * 120000,
         "  spaces around  ", "one\ntwo\tthree", "&xxe; <!ENTITY x SYSTEM 'file:///etc/passwd'>"]


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


def test_images_that_show_no_colours(folder):
    """Entries of a colour table are no grey; what does not fit a byte is cut, which is said."""
    value_map = write(folder / "map.tif", [[0.0, 1.0]])
    with gdal.GetDriverByName("GTiff").Create(str(folder / "table.tif"), 2, 1, 1, gdal.GDT_Byte) as dataset:
        table = gdal.ColorTable()
        table.SetColorEntry(1, (255, 0, 0, 255))
        dataset.GetRasterBand(1).SetColorTable(table)
    refused(folder, ("'overlay'", "'image'", "table.tif", "colour table", "gdal raster color-map"), "overlay", f"image={folder / 'table.tif'}",
            f"map={value_map}")
    with gdal.GetDriverByName("GTiff").Create(str(folder / "complex.tif"), 2, 1, 1, gdal.GDT_CInt16):
        pass
    refused(folder, ("'image'", "complex"), "overlay", f"image={folder / 'complex.tif'}", f"map={value_map}")
    for kind, warnings in ((gdal.GDT_UInt16, 1), (gdal.GDT_Byte, 0)):
        image = write(folder / "image.tif", [[[100, 200]]] * 3, kind)
        done = run("selo", "template", "overlay", folder / "wide.vrt", "--param", f"image={image}", "--param", f"map={value_map}", "--overwrite")
        assert done.stderr.count("0 to 255 are cut") == warnings, done.stderr


def refused(folder, words, name, *arguments):
    refuses(words, "template", template=name, output=str(folder / "refused.vrt"), param=list(arguments))
    assert not (folder / "refused.vrt").exists()


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


def test_ranges_and_vectors(folder):
    """What the VRT would refuse when it is opened is refused when it is made, by the parameter's name."""
    flat, image = write(folder / "flat.tif", [[5.0, 5.0]]), write(folder / "three.tif", [[[1, 2]], [[3, 4]], [[5, 6]]], gdal.GDT_Byte)
    empty = write(folder / "empty.tif", [[NAN, NAN]])
    for name in ("heatmap", "normalise", "overlay"):
        more = (f"map={flat}",) + ((f"image={image}",) if name == "overlay" else ())
        refused(folder, (f"'{name}'", "'max'", "greater than 'min', which is 2"), name, *more, "min=2", "max=1.5")
        refused(folder, (f"'{name}'", "'max'"), name, *more, "min=2", "max=2")
    refused(folder, ("'heatmap'", "'max'", "1 must be greater than 'min', which is 3"), "heatmap", f"map={flat}", "min=3")
    refused(folder, ("'normalise'", "'max'", "5 must"), "normalise", f"map={flat}")
    refused(folder, ("'normalise'", "'map'", "empty.tif", "give min and max"), "normalise", f"map={empty}")
    for text in ("inf", "nan", "1e400", "0x10", "1,5", "", "5 m"):
        refused(folder, ("'heatmap'", "'max'", "no number"), "heatmap", f"map={flat}", f"max={text}")
    refused(folder, ("'threshold'", "'above'", "no whole number"), "threshold", f"map={flat}", "above=1.5")
    for text in ("-0.1", "1.1", "30"):
        refused(folder, ("'overlay'", "'opacity'", "0 to 1"), "overlay", f"map={flat}", f"image={image}", f"opacity={text}")
    refused(folder, ("'fusion'", "'weight'"), "fusion", f"map={flat}", f"mask={flat}", "weight=2")
    for vector, words in (("1,2", "2 numbers"), ("1,2,3,4", "3 bands"), ("", "empty"), (",,", "empty"), ("1,2,nan", "'nan'"), ("1,2,0x1", "'0x1'")):
        refused(folder, ("'similarity'", "'vector'", words), "similarity", f"embedding={image}", f"vector={vector}")
    (folder / "two.json").write_text("[0, 1]", encoding="utf-8")
    (folder / "many.json").write_text("[[0, 1, 2], [0, 1, 3]]", encoding="utf-8")
    refused(folder, ("'vector'", "2 numbers"), "similarity", f"embedding={image}", f"vector=@{folder / 'two.json'}")
    refused(folder, ("'vector'", "many.json", "one vector"), "similarity", f"embedding={image}", f"vector=@{folder / 'many.json'}")
    for vector in ("1 0 0", " 1,\n0,\t0 ", "1,0,0"):
        same(make(folder, "similarity", embedding=image, vector=vector, method="DOT").ReadAsArray(), [[1, 2]])
    for colours in ("rainbow", "", "jet "):
        refused(folder, ("'heatmap'", "'colormap'", "viridis"), "heatmap", f"map={flat}", f"colormap={colours}")
    same(make(folder, "heatmap", map=flat, colormap="GREY", max=10).ReadAsArray()[0], [[127, 127]])


def test_odd_places(folder):
    """Turned, mirrored, distant and unplaced rasters; the output as its own input."""
    image = write(folder / "image.tif", [[10, 20]], gdal.GDT_Byte)
    turned = (500000, 0.8, 0.6, 4000000, 0.6, -0.8)
    for name, transform, words in (("south", (500000, 1, 0, 3999999, 0, 1), "mirrored"), ("turned", turned, "turned"),
                                   ("far", (600000, 1, 0, 4000000, 0, -1), "does not touch")):
        other = write(folder / f"{name}.tif", [[0.0, 1]], transform=transform)
        refused(folder, ("'overlay'", "'map'", f"{name}.tif", words), "overlay", f"image={image}", f"map={other}")
    tilted = write(folder / "tilted.tif", [[10, 20]], gdal.GDT_Byte, transform=turned)
    same(make(folder, "overlay", image=tilted, map=folder / "turned.tif", colormap="grey", opacity=1).ReadAsArray(), [[[0, 255]]] * 3)
    plain = write(folder / "plain.tif", [[0.0, 1]], epsg=None)
    same(make(folder, "overlay", image=image, map=plain, colormap="grey", opacity=1).ReadAsArray(), [[[0, 255]]] * 3)
    (folder / "loop.vrt").write_bytes((folder / "made.vrt").read_bytes())
    before = (folder / "loop.vrt").read_bytes()
    fails(("'map'", "output itself"), "selo", "template", "heatmap", folder / "loop.vrt", "--overwrite", "--param", f"map={folder / 'loop.vrt'}")
    assert (folder / "loop.vrt").read_bytes() == before
    same(make(folder, "heatmap", map=write(folder / "dot.tif", [[1.0]])).ReadAsArray(), [[[128]], [[0]], [[0]], [[255]]])


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


def test_wrong_values(folder):
    value_map = write(folder / "map.tif", [[0.0, 1.0]])
    good = ("--param", f"map={value_map}")
    for words, arguments in ((("no template 'nothing'", "overlay"), ("nothing", "out.vrt")),
                             (("'map'", "missing"), ("heatmap", "out.vrt")),
                             (("'colour'", "not one"), ("heatmap", "out.vrt", *good, "--param", "colour=jet")),
                             (("'min'", "number"), ("heatmap", "out.vrt", *good, "--param", "min=low")),
                             (("'colormap'", "none of"), ("heatmap", "out.vrt", *good, "--param", "colormap=x\"/>")),
                             (("'map'", "more than once"), ("heatmap", "out.vrt", *good, *good)),
                             (("'above'", "254"), ("threshold", "out.vrt", *good, "--param", "above=255")),
                             (("'vector'",), ("similarity", "out.vrt", "--param", f"embedding={value_map}", "--param", "vector=1,x")),
                             (("'vector'", "zero"), ("similarity", "out.vrt", "--param", f"embedding={value_map}", "--param", "vector=0")),
                             (("absent.tif",), ("heatmap", "out.vrt", "--param", "map=absent.tif"))):
        fails(words, "selo", "template", arguments[0], folder / arguments[1], *arguments[2:])
        assert not (folder / "out.vrt").exists()
    fails(("--param", "VRT file"), "selo", "template", "heatmap", *good)
    fails(("--output", "VRT file"), "selo", "template", "heatmap", "", *good)
    run("selo", "template", "heatmap", folder / "once.vrt", *good)
    fails(("once.vrt", "--overwrite"), "selo", "template", "heatmap", folder / "once.vrt", *good)


PROCESSED = ('<VRTDataset subClass="VRTProcessedDataset"><Input><SourceFilename>x.tif</SourceFilename></Input><ProcessingSteps><Step>'
             '<Algorithm>Trimming</Algorithm><Argument name="trimming_dataset_filename">{}</Argument></Step></ProcessingSteps></VRTDataset></SeloTemplate>')


def test_hostile_templates(folder):
    (folder / "secret.txt").write_text("secret", encoding="utf-8")
    head = '<SeloTemplate><Parameter name="q" type="text" default=""/>'
    body = '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1">{}</VRTRasterBand></VRTDataset></SeloTemplate>'
    nested = "<a>" * 5000 + "</a>" * 5000
    for word, text in {
            "DOCTYPE": f'<!DOCTYPE x [<!ENTITY e SYSTEM "file://{folder}/secret.txt">]>' + head + body.format("<Description>&e;</Description>"),
            "DOCTYPE ": '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + head + body.format("<Description>&b;</Description>"),
            "DOCTYPE  ": '<!DOCTYPE x SYSTEM "http://localhost:1/x.dtd">' + head + body.format(""),
            "code": head + body.format("<PixelFunctionLanguage>Python</PixelFunctionLanguage><PixelFunctionCode>import os</PixelFunctionCode>"),
            "namespace": head + body.format(f'<i:include xmlns:i="http://www.w3.org/2001/XInclude" href="{folder}/secret.txt" parse="text"/>'),
            "network": head + body.format("<SimpleSource><SourceFilename>/vsicurl/http://localhost:1/x.tif</SourceFilename></SimpleSource>"),
            "network ": head + body.format("<SimpleSource><SourceFilename>&lt;VRTDataset/&gt;</SourceFilename></SimpleSource>"),
            "network  ": head + body.format("<SimpleSource><SourceFilename> pg:host=localhost</SourceFilename></SimpleSource>"),
            **{f"network   {k}": head + body.format(text) for k, text in enumerate((
                '<SimpleSource><SourceFilename>x.tif</SourceFilename><OpenOptions><OOI key="DEM">/vsis3/a/b.tif</OOI></OpenOptions></SimpleSource>',
                '<Metadata domain="OVERVIEWS"><MDI key="OVERVIEW_FILE">/vsigs/a/b.ovr</MDI></Metadata>',
                '<PixelFunctionArguments source="http://localhost:1/x"/>'))},
            "network    ": head + PROCESSED.format("https://localhost:1/x.tif"),
            "network     ": head + PROCESSED.format("&lt;VRTDataset/>"),
            "'p' is on a network": head + '<Parameter name="p" type="raster" default="/vsicurl/http://localhost:1/x.tif"/>' + body.format(""),
            "'p' is on a network ": head + '<Parameter name="p" type="vector" default="@/vsiaz/x/y.json"/>' + body.format(""),
            "'r' is on a network": head + '<Parameter name="p" default="http:/"/><Parameter name="r" type="raster" default="${p}/localhost:1/x"/>'
            + body.format(""),
            "makes names a source": head + '<Parameter name="p" default="/vsi"/><Parameter name="r" default="curl/a"/>'
            + body.format("<SimpleSource><SourceFilename>${p}${r}</SourceFilename></SimpleSource>"),
            "processing instructions": head + body.format('<?xml-stylesheet href="x"?>'),
            "processing instructions ": '<?xml-stylesheet href="x"?>' + head + body.format(""),
            "more than once": head + '<Parameter name="q" type="number"/>' + body.format(""),
            "'nosuch'": head + '<Parameter name="p" type="nosuch"/>' + body.format(""),
            "schema": head + body.format("<Bogus>1</Bogus>"),
            "declare": head + body.format("<Description>${r}</Description>"),
            "well-formed": head + "<VRTDataset>",
            "no SeloTemplate": "<VRTDataset/>",
            "": head + body.format(nested)}.items():
        path = folder / "hostile.vrt"
        path.write_text(text, encoding="utf-8")
        done = fails(("template '", word.strip(" 0123456789")), "selo", "template", path, folder / "out.vrt")
        assert "secret" not in done.stdout and not (folder / "out.vrt").exists()
    path.write_text(head + '<Description>See https://localhost:1/</Description>' + body.format(
        '<Metadata><MDI key="from">https://localhost:1/</MDI></Metadata><Description>http://localhost:1/ ${q}</Description>'), encoding="utf-8")
    run("selo", "template", path, folder / "prose.vrt", "--param", "q=http://localhost:2/")
    path.write_bytes((SOURCE / "vrt_templates" / "heatmap.vrt").read_bytes() + b"\0<more/>")
    fails(("template '", "zero byte"), "selo", "template", path, folder / "out.vrt", "--param", "map=x.tif")
    path.write_text((SOURCE / "vrt_templates" / "heatmap.vrt").read_text(encoding="utf-8"), encoding="utf-16")
    fails(("template '",), "selo", "template", path, folder / "out.vrt", "--param", "map=x.tif")


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of template tests")
