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
    for test in (test_fields, test_vectors_of_windows, test_invalid_geometry, test_one_of_several, test_testset, test_one_geometry_type,
                 test_own_crs, test_values):
        test(made)
        print(test.__name__, "passed", flush=True)
    os._exit(0)  # QGIS's own teardown after initQgis(False) is not ours to test
