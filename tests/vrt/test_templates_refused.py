"""Templates and values that are refused, by the name of the parameter: wrong ones, rasters in odd places, hostile files."""

from osgeo import gdal

from support.selo import SOURCE, fails, gdal as run
from support.templates import make, refused, run_all, same, write

gdal.UseExceptions()
NAN = float("nan")


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
    run_all(globals())
