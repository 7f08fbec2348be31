"""Templates: what they make opens and holds the right pixels; values end up verbatim; hostile ones are refused."""

import xml.etree.ElementTree as XML

import numpy
from osgeo import gdal, osr

from support.selo import SOURCE, fails, gdal as run, scratch

gdal.UseExceptions()
NASTY = ["plain", "a \"quoted\" & 'other' <tag> &amp; &lt; ]]> ${map} {map} %s \\", "Wälder am Fluß, 港の船, \U0001F6A2", "x" * 120000,
         "  spaces around  ", "one\ntwo\tthree", "&xxe; <!ENTITY x SYSTEM 'file:///etc/passwd'>"]


def write(path, values, kind=gdal.GDT_Float32, origin=(500000, 4000000), step=1.0, epsg=32631):
    values = numpy.asarray(values)
    values = values if values.ndim == 3 else values[numpy.newaxis]
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), values.shape[2], values.shape[1], values.shape[0], kind)
    crs = osr.SpatialReference()
    crs.ImportFromEPSG(epsg)
    dataset.SetSpatialRef(crs)
    dataset.SetGeoTransform((origin[0], step, 0, origin[1], 0, -step))
    dataset.WriteArray(values if len(values) > 1 else values[0])
    dataset.Close()
    return path


def make(folder, name, **parameters):
    """A VRT of a template; a list repeats its parameter."""
    given = []
    for key, value in parameters.items():
        for one in value if isinstance(value, list) else [value]:
            given += ["--param", f"{key}={one}"]
    output = folder / "made.vrt"
    run("selo", "template", name, output, "--overwrite", *given)
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


def test_values_end_up_verbatim(folder):
    value_map = write(folder / "a \"b\" & <c> é.tif", [[0.0, 1.0]])
    for text in NASTY:
        made = make(folder, "heatmap", map=value_map, query=text)
        assert made.GetMetadataItem("QUERY", "SELO") == text, f"{made.GetMetadataItem('QUERY', 'SELO')!r} is not {text[:80]!r}"
        same(made.GetRasterBand(1).ReadAsArray(), [[0, 128]])
    for text in ("bell \a", "escape \x1b"):
        fails(("heatmap", "'query'", "control"), "selo", "template", "heatmap", folder / "y.vrt", "--param", f"map={value_map}",
              "--param", f"query={text}")


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
                             (("absent.tif",), ("heatmap", "out.vrt", "--param", "map=absent.tif"))):
        fails(words, "selo", "template", arguments[0], folder / arguments[1], *arguments[2:])
        assert not (folder / "out.vrt").exists()
    run("selo", "template", "heatmap", folder / "once.vrt", *good)
    fails(("once.vrt", "--overwrite"), "selo", "template", "heatmap", folder / "once.vrt", *good)


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
            "processing instructions": head + body.format('<?xml-stylesheet href="x"?>'),
            "schema": head + body.format("<Bogus>1</Bogus>"),
            "declare": head + body.format("<Description>${r}</Description>"),
            "well-formed": head + "<VRTDataset>",
            "no SeloTemplate": "<VRTDataset/>",
            "": head + body.format(nested)}.items():
        path = folder / "hostile.vrt"
        path.write_text(text, encoding="utf-8")
        done = fails(("template '", word.strip()), "selo", "template", path, folder / "out.vrt")
        assert "secret" not in done.stdout and not (folder / "out.vrt").exists()


if __name__ == "__main__":
    tests = [test for name, test in sorted(globals().items()) if name.startswith("test_")]
    for test in tests:
        with scratch() as scratch_folder:
            test(scratch_folder)
    print(len(tests), "groups of template tests")
