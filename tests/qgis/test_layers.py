"""Layers as QGIS shows them: virtual fields, all types of fields, one of several layers, one geometry type, a CRS of one's own."""

import json
import os

from support.qgis_runs import count, memory_layer, start
from support.qgis_session import Session, make_map, need

need("qgis_process", modules=("osgeo", "qgis"))


def test_fields(runs):
    """Keep their type and value, whatever their provider calls the type: computed fields and virtual layers have no name for it."""
    from qgis.core import QgsField, QgsVectorLayer
    from qgis.PyQt.QtCore import QMetaType
    layer = memory_layer()
    assert layer.dataProvider().addAttributes([QgsField("flag", QMetaType.Type.Bool)]) and not layer.updateFields()
    layer.dataProvider().changeAttributeValues({feature.id(): {2: feature["n"] == 1} for feature in layer.getFeatures()})
    layer.addExpressionField("n * 0.5 + 0.25", QgsField("half", QMetaType.Type.Double))
    layer.setName("regions")
    runs.project.addMapLayer(layer)
    for where in ("half = 0.75", "half > 0.3", "flag", "flag = 1", "n = 1"):
        assert count(runs.evaluate(layer.id(), WHERE=where)) == 1, where
    virtual = QgsVectorLayer("?query=select *, n * 0.5 as part from regions", "virtual", "virtual")
    assert virtual.isValid() and virtual.fields().field("part").typeName() == ""
    runs.project.addMapLayer(virtual)
    assert count(runs.evaluate(virtual.id(), WHERE="part = 0.5")) == 1


def test_vectors_of_windows(runs):
    """Come through a copy in memory bit by bit."""
    from osgeo import gdal
    from qgis.core import QgsVectorLayer
    gdal.Translate(runs.path("image.tif"), gdal.Open(runs.path("map.tif")), bandList=[1] * 6)
    assert runs.run("embed", IMAGE=runs.path("image.tif"), MODEL="spectral", BANDS="blue=1,green=2,red=3,nir=4,swir1=5,swir2=6", SCALES="64px",
                    OUTPUT=runs.path("windows.gpkg"))[0]
    layer = QgsVectorLayer(runs.path("windows.gpkg") + "|layername=selo_win", "windows")
    runs.project.addMapLayer(layer)
    pixels = []
    for editing in (False, True):
        if editing:
            layer.startEditing()
        assert runs.run("localize", INPUT=layer.id(), MODEL="spectral", QUERY="sea", LIKE=runs.path("image.tif"), SMOOTHING="none",
                        OUTPUT=runs.path(f"{editing}.tif"))[0]
        pixels.append(gdal.Open(runs.path(f"{editing}.tif")).ReadRaster())
    layer.rollBack()
    assert pixels[0] == pixels[1]


def test_invalid_geometry(runs):
    """Is repaired by the command, from a layer in memory as from a file, unless the user says what becomes of it."""
    from qgis.core import (Qgis, QgsFeature, QgsFeatureRequest, QgsGeometry, QgsProcessingException,
                           QgsProcessingFeatureSourceDefinition)
    layer = memory_layer()
    x, y = 290000 + 70 * 30., 9120000 - 70 * 30.
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(f"POLYGON(({x} {y},{x + 300} {y + 300},{x + 300} {y},{x} {y + 300},{x} {y}))"))
    layer.dataProvider().addFeatures([feature])
    runs.project.addMapLayer(layer)
    context = runs.context()
    context.setInvalidGeometryCheck(QgsFeatureRequest.InvalidGeometryCheck.GeometryAbortOnInvalid)
    found = runs.run(context=context, MAP=runs.path("map.tif"), TRUTH=layer.id(), QUERY="q")[0]
    assert count(found) == 3, found
    override = Qgis.ProcessingFeatureSourceDefinitionFlag.OverrideDefaultGeometryCheck
    for check, expected in (("GeometrySkipInvalid", 2), ("GeometryAbortOnInvalid", None)):
        definition = QgsProcessingFeatureSourceDefinition(layer.id(), False, -1, override, getattr(QgsFeatureRequest.InvalidGeometryCheck, check))
        try:
            got = count(runs.run(context=context, MAP=runs.path("map.tif"), TRUTH=definition, QUERY="q")[0])
        except QgsProcessingException as error:
            got = None
            assert "invalid geometry" in str(error), error
        assert got == expected, (check, got)


def test_one_of_several(runs):
    """A layer of the project without a name in its source is the one that is shown; a file's layer is named as QGIS names it."""
    from osgeo import gdal
    from qgis.core import QgsProcessingException, QgsVectorLayer
    several = runs.path("several.gpkg")
    gdal.VectorTranslate(several, runs.path("truth.geojson"), layerName="first", SQLStatement="SELECT * FROM truth WHERE n = 0")
    gdal.VectorTranslate(several, runs.path("truth.geojson"), layerName="second", accessMode="append")
    for source, expected in (("", 1), ("|layerid=1", 2), ("|layername=second", 2)):
        layer = QgsVectorLayer(several + source, "several")
        runs.project.addMapLayer(layer)
        assert count(runs.evaluate(layer.id())) == expected, source
        said = runs.arguments("evaluate", MAP=runs.path("map.tif"), TRUTH=runs.path("truth.geojson"), AOI=layer.id())
        assert said["aoi"].in_memory, f"{source}: the area of interest has no argument for its layer"
    assert count(runs.evaluate(several + "|layername=second")) == 2
    assert runs.evaluate(runs.path("truth.geojson"), AOI=several + "|layername=second")
    try:
        runs.evaluate(several)
        raise AssertionError("one of two layers was taken without asking")
    except QgsProcessingException as error:
        assert "first, second" in str(error) and "FILE|layername=LAYER" in str(error), error


def test_testset(runs):
    """Is a test set where one of its layers is chosen, as QGIS loads them."""
    from qgis.core import QgsVectorLayer
    folder = runs.session.folder / "mine"
    folder.mkdir()
    make_map(folder / "a.tif")
    (folder / "a.geojson").write_bytes((runs.session.folder / "truth.geojson").read_bytes())
    assert runs.run("testset_import", ANNOTATION=str(folder), OUTPUT=runs.path("set.gpkg"))[0]
    for name in ("selo_truth", "selo_manifest"):
        layer = QgsVectorLayer(f"{runs.path('set.gpkg')}|layername={name}", name)
        runs.project.addMapLayer(layer)
        found = runs.run("benchmark", TESTSET=layer.id(), MAPS=runs.path("map.tif"), REPLICATES=99, OUTPUT=runs.path(f"{name}.gpkg"))[0]
        assert found and '"n_failed": 0' in found["SUMMARY"], found


def test_part_of_a_testset(runs):
    """Filtered, selected or edited, in either layer: those samples, in pixels, beside whatever else the file holds."""
    from qgis.core import QgsCoordinateReferenceSystem, QgsProcessingException, QgsProcessingFeatureSourceDefinition as Definition, QgsVectorLayer
    for name in ("selo_truth", "selo_manifest"):
        layer = QgsVectorLayer(f"{runs.path('set.gpkg')}|layername={name}", "my samples")
        runs.project.addMapLayer(layer)
        layer.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))  # as QGIS does to layers without one, where its options say so
        given = {"TESTSET": layer.id(), "REPLICATES": 99, "OUTPUT": runs.path("part.gpkg")}

        def seen(**changed):
            found = runs.run("benchmark", **{**given, "MAPS": runs.path("map.tif"), **changed})[0]  # noqa: B023
            assert '"n_failed": 0' in found["SUMMARY"], found
            return sorted((row["sample_id"], row["query"], round(row["rmi"], 3)) for row in QgsVectorLayer(
                runs.path("part.gpkg") + "|layername=selo_sample").getFeatures())

        both = seen()
        assert len(both) == 2 and both[0][2] != both[1][2], both
        assert layer.setSubsetString("query = 'q1'") and seen() == both[1:]
        layer.setSubsetString("")
        layer.selectByExpression("query = 'q0'")
        assert seen(TESTSET=Definition(layer.id(), True)) == both[:1]
        assert seen(TESTSET=Definition(layer.id(), False, -1, filterExpression="query = 'q1'")) == both[1:]
        layer.startEditing()
        layer.deleteFeature(next(layer.getFeatures("query = 'q0'")).id())
        assert seen() == both[1:]
        layer.rollBack()
        layer.setSubsetString("query = 'q1'")
        for maps in ("{index}.tif", "a=m.tif|b={index:02}.tif"):
            try:
                runs.arguments("benchmark", **given, MAPS=runs.path(maps))
                raise AssertionError("map 0 was taken for that of the sample whose number is 1")
            except QgsProcessingException as error:
                assert "MAPS" in str(error) and "{index}" in str(error) and "{sample_id}" in str(error), error
        assert '"samples": 2' in runs.run("testset_info", TESTSET=layer.id())[0]["SUMMARY"], "a file, named by a layer"


def test_failures_say_all(runs):
    """What was said before the failure is in the log."""
    from qgis.core import QgsProcessingException, QgsProcessingFeedback
    feedback = QgsProcessingFeedback(False)
    try:
        runs.run("benchmark", feedback=feedback, TESTSET=runs.path("set.gpkg"), MAPS=runs.path("nowhere/{image}"), OUTPUT=runs.path("none.gpkg"))
        raise AssertionError("went through")
    except QgsProcessingException as error:
        assert "none of the 2 samples" in str(error) and "nowhere/a.tif" in feedback.textLog(), feedback.textLog()


def test_selected_detections(runs):
    """Are those that are fused."""
    from qgis.core import QgsProcessingFeatureSourceDefinition as Definition
    layer = memory_layer()
    runs.project.addMapLayer(layer)
    layer.selectByExpression("n = 0")
    for vectors, expected in ((layer.id(), 2), (Definition(layer.id(), True), 1)):
        found = runs.run("fuse", MAP=runs.path("map.tif"), VECTORS=vectors, OUTPUT=runs.path("fused.gpkg"))[0]
        assert f'"n": {expected},' in found["SUMMARY"], found


def test_one_geometry_type(runs):
    """Of a file with several is what the layer shows."""
    from qgis.core import QgsVectorLayer
    mixed = json.loads((runs.session.folder / "truth.geojson").read_text())
    mixed["features"].append({"type": "Feature", "properties": {"n": 9}, "geometry": {"type": "Point", "coordinates": [290600, 9118000]}})
    (runs.session.folder / "mixed.geojson").write_text(json.dumps(mixed))
    layer = QgsVectorLayer(runs.path("mixed.geojson") + "|geometrytype=Polygon", "areas")
    assert layer.featureCount() == 2
    runs.project.addMapLayer(layer)
    assert count(runs.evaluate(layer.id(), BUFFER=60, BUFFER_UNIT="m")) == 2, "points that the layer does not show became regions"
    assert count(runs.evaluate(runs.path("mixed.geojson"), BUFFER=60, BUFFER_UNIT="m")) == 3


def one_of(runs, source, name, *, ranges=(), own=True, provider="gdal"):
    """A layer of the project whose user called values NoData."""
    from qgis.core import QgsRasterLayer
    layer = QgsRasterLayer(source, name, provider)
    assert layer.isValid(), source
    for band in range(1, layer.bandCount() + 1):
        layer.dataProvider().setUserNoDataValue(band, list(ranges))
        layer.dataProvider().setUseSourceNoDataValue(band, own)
    runs.project.addMapLayer(layer)
    return layer


def left(runs, layer):
    """{value} that an algorithm finds in the layer's first band."""
    from osgeo import gdal
    import numpy
    assert runs.run("smooth", MAP=layer.id(), METHOD="box", SIZE="1px", OUTPUT=runs.path("left.tif"))[0]
    opened = gdal.Open(runs.path("left.tif"))
    band = opened.GetRasterBand(1)
    values = band.ReadAsArray()[band.GetMaskBand().ReadAsArray() > 0]
    return {round(float(value), 6) for value in values[numpy.isfinite(values)]}


def test_nodata_of_the_user(runs):
    """Values that the layer's properties call NoData have no value to an algorithm, one by one or as ranges."""
    from osgeo import gdal
    from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsRasterRange as Range, QgsVectorLayer
    nan, kinds = float("nan"), Range.BoundsType
    numbers = list(range(8))

    def make(kind, own=None, scale=None, mask=None, bands=1):
        made = gdal.GetDriverByName("GTiff").Create(runs.path("n.tif"), 4, 2, bands, kind)
        made.SetGeoTransform((290000, 30, 0, 9120000, 0, -30))
        for band in range(1, bands + 1):
            made.GetRasterBand(band).WriteRaster(0, 0, 4, 2, bytes(numbers), 4, 2, gdal.GDT_Byte)
            if own is not None:
                made.GetRasterBand(band).SetNoDataValue(own)
            if scale is not None:
                made.GetRasterBand(band).SetScale(scale)
        if mask:
            made.CreateMaskBand(gdal.GMF_PER_DATASET)
            made.GetRasterBand(1).GetMaskBand().WriteRaster(0, 0, 4, 2, bytes(mask), 4, 2, gdal.GDT_Byte)
        made = None
        return runs.path("n.tif")

    for kind in (gdal.GDT_Byte, gdal.GDT_Int16, gdal.GDT_Float32, gdal.GDT_Float64):
        for own, ranges, keep, expected in (
                (None, [Range(5, 5)], True, {0, 1, 2, 3, 4, 6, 7}), (0, [Range(5, 5), Range(5, 5), Range(7, 7)], True, {1, 2, 3, 4, 6}),
                (0, [Range(2, 5), Range(4, 6)], True, {1, 7}), (0, [], False, set(numbers)), (0, [Range(3, 3)], False, {0, 1, 2, 4, 5, 6, 7}),
                (None, [Range(nan, 3)], True, {4, 5, 6, 7}), (None, [Range(2, nan, kinds.Exclusive)], True, {0, 1, 2}),
                (None, [Range(2, 4, kinds.Exclusive), Range(5, 7, kinds.IncludeMin)], True, {0, 1, 2, 4, 7}), (None, [Range(-9, -2)], True, set(numbers)),
                (None, [Range(300, 400)], True, set(numbers)), (None, [Range(nan, nan)], True, set())):
            layer = one_of(runs, make(kind, own), "n", ranges=ranges, own=keep)
            assert left(runs, layer) == expected, (kind, own, [(one.min(), one.max()) for one in ranges], keep, left(runs, layer))
    layer = one_of(runs, make(gdal.GDT_Byte, scale=0.1), "scaled", ranges=[Range(0.3, 0.3), Range(0.6, 0.7)])
    assert left(runs, layer) == {0, 1, 2, 4, 5}, left(runs, layer)
    layer = one_of(runs, make(gdal.GDT_Byte, mask=[0, 255, 255, 0, 255, 255, 255, 255]), "masked", ranges=[Range(5, 5)])
    assert left(runs, layer) == {1, 2, 4, 6, 7}, left(runs, layer)
    layer = one_of(runs, make(gdal.GDT_Byte, mask=[0, 255, 255, 0, 255, 255, 255, 255]), "beyond", ranges=[Range(-9999, -9999)])
    assert left(runs, layer) == {1, 2, 4, 5, 6, 7}, left(runs, layer)
    for own in (-2.0**1023, nan, 3e-39):
        layer = one_of(runs, make(gdal.GDT_Float64, own), "double", ranges=[Range(0.5, 2.5)])
        assert left(runs, layer) == {0, 3, 4, 5, 6, 7}, (own, left(runs, layer))
    layer = one_of(runs, make(gdal.GDT_Byte, mask=[0] + [255] * 7, bands=2), "partly")
    layer.dataProvider().setUserNoDataValue(1, [Range(5, 5)])
    try:
        left(runs, layer)
        raise AssertionError("the second band lost its mask")
    except QgsProcessingException as error:
        assert "n.tif" in str(error) and "mask" in str(error), error

    # The log says that the command line is not all; without such values a file is passed by its name.
    whole = runs.evaluate(runs.path("truth.geojson"))
    layer, feedback = one_of(runs, runs.path("map.tif"), "map", ranges=[Range(0.5, nan)]), QgsProcessingFeedback(False)
    found = runs.run("evaluate", feedback=feedback, MAP=layer.id(), TRUTH=runs.path("truth.geojson"), QUERY="q",
                     OUTPUT=runs.path("scored.gpkg"))[0]
    assert "map.tif: NoData as in the layer's properties" in feedback.textLog(), feedback.textLog()
    assert found["RSU"] != whole["RSU"], found
    sample = next(QgsVectorLayer(found["SELO_SAMPLE"]).getFeatures())
    assert sample["map_uri"] == runs.path("map.tif"), "which map it was"
    layer.dataProvider().setUserNoDataValue(1, [])
    assert not runs.arguments("smooth", MAP=layer.id())["map"].in_memory


def test_vectors_of_other_nodata(runs):
    """Are encoded again: what is up to date is of the same values."""
    from osgeo import gdal
    from qgis.core import QgsRasterRange as Range
    gdal.Translate(runs.path("six.tif"), gdal.Open(runs.path("map.tif")), bandList=[1] * 6)
    said = []
    for ranges in ([], [Range(0.2, 2)], [Range(0.1, 2)], [Range(0.1, 2)]):
        layer = one_of(runs, runs.path("six.tif"), "six", ranges=ranges)
        said.append(runs.run("embed", IMAGE=layer.id(), MODEL="spectral", BANDS="blue=1,green=2,red=3,nir=4,swir1=5,swir2=6", SCALES="20px", MIN_VALID=1,
                             OUTPUT=runs.path("again.gpkg"))[0]["SUMMARY"])
        runs.project.removeMapLayer(layer.id())
    assert ["up to date" in text for text in said] == [False, False, False, True] and len(set(said)) == 4, said


def test_nodata_of_others(runs):
    """The same of a provider that GDAL does not know."""
    from osgeo import gdal
    from qgis.core import QgsCoordinateReferenceSystem, QgsRasterDataProvider, QgsRasterLayer, QgsRasterRange as Range
    source = gdal.GetDriverByName("GTiff").Create(runs.path("o.tif"), 4, 2, 1, gdal.GDT_Float32)
    source.SetGeoTransform((290000, 30, 0, 9120000, 0, -30))
    source.GetRasterBand(1).WriteRaster(0, 0, 4, 2, bytes(range(8)), 4, 2, gdal.GDT_Byte)
    source = None
    parameters, item = QgsRasterDataProvider.VirtualRasterParameters(), QgsRasterDataProvider.VirtualRasterInputLayers()
    below = QgsRasterLayer(runs.path("o.tif"), "below")
    parameters.crs, parameters.extent, parameters.width, parameters.height = QgsCoordinateReferenceSystem("EPSG:31985"), below.extent(), 4, 2
    item.name, item.provider, item.uri = "below", "gdal", runs.path("o.tif")
    parameters.rInputLayers, parameters.formula = [item], '"below@1" + 1'
    uri = QgsRasterDataProvider.encodeVirtualRasterProviderUri(parameters)
    runs.project.addMapLayer(below)
    for ranges, expected in (((), {1, 2, 3, 4, 5, 6, 7, 8}), ((Range(3, 5), Range(8, 8)), {1, 2, 6, 7})):
        layer = one_of(runs, uri, "virtual", ranges=ranges, provider="virtualraster")
        assert left(runs, layer) == expected, (ranges, left(runs, layer))


def test_shown_band(runs):
    """Of several is the one that is scored, where neither the user nor the bands' descriptions say another."""
    from osgeo import gdal
    from qgis.core import QgsRasterLayer, QgsSingleBandGrayRenderer
    given = {"TRUTH": runs.path("truth.geojson"), "QUERY": "q"}
    for name, described, shown, band, expected in (
            ("plain", "", 3, None, [3]), ("said", "", 3, [2], [2]), ("first", "", 1, None, None), ("named", "q", 3, None, None), ("colours", "", 0, None, None)):
        made = gdal.Translate(runs.path(f"{name}.tif"), runs.path("map.tif"), bandList=[1, 1, 1])
        made.GetRasterBand(2).SetDescription(described)
        made = None  # noqa: F841
        layer = QgsRasterLayer(runs.path(f"{name}.tif"), name)
        if shown:
            layer.setRenderer(QgsSingleBandGrayRenderer(layer.dataProvider(), shown))
        runs.project.addMapLayer(layer)
        assert runs.arguments("evaluate", MAP=layer.id(), BAND=band, **given).get("band") == expected, name
        assert "band" not in runs.arguments("smooth", MAP=layer.id(), SIZE="3px"), "of a command with a default, which the dialog shows"
        assert runs.evaluate(given["TRUTH"], MAP=layer.id()), name


def test_own_crs(runs):
    """One that the user defined has a name that only QGIS knows."""
    from qgis.core import QgsCoordinateReferenceSystem, QgsVectorLayer
    own = QgsCoordinateReferenceSystem()
    own.createFromProj("+proj=tmerc +lat_0=0 +lon_0=-33 +k=0.9996 +x_0=500000 +y_0=10000000 +ellps=GRS80 +units=m")
    own.saveAsUserCrs("mine")
    assert own.authid().startswith("USER:")
    layer = QgsVectorLayer(runs.path("truth.geojson"), "truth")
    layer.setCrs(own)
    runs.project.addMapLayer(layer)
    assert count(runs.evaluate(layer.id())) == 2
    assert count(runs.evaluate(runs.path("truth.geojson"), TRUTH_CRS=own)) == 2


def test_values(runs):
    """Of expressions: a length with its unit, or a number. A dataset that cannot be read is no dataset that was left out."""
    from qgis.core import QgsProcessingException, QgsProperty
    given = {"MAP": runs.path("map.tif"), "TRUTH": runs.path("truth.geojson")}
    for expression, expected in (("'15' || '0m'", "150m"), ("100 + 50", "150px"), ("' 20px'", "20px")):
        said = runs.arguments("evaluate", **given, SMOOTHING=QgsProperty.fromExpression(expression), SMOOTHING_UNIT="px")
        assert said["smoothing"] == expected, (expression, said)
    try:
        runs.arguments("evaluate", **given, AOI=runs.path("nowhere.gpkg"))
        raise AssertionError("an area of interest that is not there was left out in silence")
    except QgsProcessingException as error:
        assert "nowhere.gpkg" in str(error), error


with Session() as held:
    made = start(held)
    for test in (test_fields, test_vectors_of_windows, test_invalid_geometry, test_one_of_several, test_testset,
                 test_part_of_a_testset, test_failures_say_all, test_selected_detections, test_one_geometry_type,
                 test_nodata_of_the_user, test_vectors_of_other_nodata, test_nodata_of_others, test_shown_band, test_own_crs, test_values):
        test(made)
        print(test.__name__, "passed", flush=True)
    os._exit(0)  # QGIS's own teardown after initQgis(False) is not ours to test
