"""QGIS in this process: layers that GDAL cannot open by name, cancel, threads, styles in a group."""

import os
import threading
import time

from support.qgis_runs import count, memory_layer, start
from support.qgis_session import Session, make_map, need, ring

need("qgis_process", modules=("osgeo", "qgis"))


def test_layers_only_qgis_knows(runs):
    """Memory layers; selected features only; filters of the dialog and of the layer; layers being edited."""
    from qgis.core import QgsProcessingFeatureSourceDefinition as Definition
    layer = memory_layer()
    both = runs.evaluate(layer)
    assert count(both) == 2, both
    layer.selectByExpression("n = 0")
    assert runs.evaluate(Definition(layer.id(), True)) is None, "a layer outside the project is not found by its id"
    runs.project.addMapLayer(layer)
    selected = runs.evaluate(Definition(layer.id(), True))
    assert count(selected) == 1 and selected["RMI"] != both["RMI"]
    assert count(runs.evaluate(Definition(layer.id(), False, -1, filterExpression="n = 1"))) == 1
    layer.setSubsetString("n = 1")
    assert count(runs.evaluate(layer)) == 1
    layer.setSubsetString("")
    layer.startEditing()
    layer.deleteFeature(next(layer.getFeatures("n = 1")).id())
    assert count(runs.evaluate(layer)) == 1, "a layer being edited is what its user sees"
    layer.rollBack()


def test_layers_of_files(runs):
    """By name, with layer and filter as arguments; where the command has no argument for them, as a copy in memory."""
    from osgeo import gdal
    from qgis.core import QgsCoordinateReferenceSystem, QgsRasterLayer, QgsVectorLayer
    made = gdal.VectorTranslate(runs.path("two ö.gpkg"), runs.path("truth.geojson"), layerName="first")
    made = None
    made = gdal.VectorTranslate(runs.path("two ö.gpkg"), runs.path("truth.geojson"), layerName="regions 'x'", accessMode="append")
    made = None  # noqa: F841
    layer = QgsVectorLayer(runs.path("two ö.gpkg") + "|layername=regions 'x'|subset=query = 'q1'", "two")
    assert layer.isValid() and layer.featureCount() == 1
    runs.project.addMapLayer(layer)
    said = runs.arguments("evaluate", MAP=runs.path("map.tif"), TRUTH=layer.id())
    assert said["layer"] == "regions 'x'" and said["where"] == "query = 'q1'" and not said["truth"].in_memory, said
    said = runs.arguments("evaluate", MAP=runs.path("map.tif"), TRUTH=layer.id(), WHERE="n < 5")
    assert said["where"] == "(query = 'q1') AND (n < 5)"
    assert count(runs.evaluate(layer.id())) == 1
    said = runs.arguments("benchmark", TESTSET=layer.id(), MAPS="x")
    assert said["testset"].in_memory and "where" not in said, "benchmark has no filter, and the layer has one"
    said = runs.arguments("fuse", MAP=runs.path("map.tif"), VECTORS=runs.path("truth.geojson"), TRUTH=layer.id())
    assert said["truth"].in_memory and "where" not in said, "fuse's filter is on the detections"
    said = runs.arguments("evaluate", MAP=runs.path("map.tif"), TRUTH=runs.path("truth.geojson"), AOI=layer.id())
    assert said["aoi"].in_memory, "the area of interest has no argument for its layer"

    raster = QgsRasterLayer(runs.path("map.tif"), "map")
    raster.setCrs(QgsCoordinateReferenceSystem("EPSG:32725"))
    runs.project.addMapLayer(raster)
    said = runs.arguments("evaluate", MAP=raster.id(), TRUTH=layer.id())
    assert said["map-crs"] == "EPSG:32725" and not said["map"].in_memory
    assert runs.run("smooth", MAP=raster.id(), SIZE="3px", OUTPUT=runs.path("smooth.tif"))[0]
    assert gdal.Open(runs.path("smooth.tif")).GetSpatialRef().GetAuthorityCode(None) == "32725", "the CRS that the user set is lost"


def test_rasters_in_memory(runs):
    """Of a provider that GDAL does not know, twice under the same name: each gives its own pixels."""
    from osgeo import gdal
    from qgis.core import QgsCoordinateReferenceSystem, QgsRasterDataProvider, QgsRasterLayer
    source = QgsRasterLayer(make_map(runs.session.folder / "other.tif", bumps=((90, 30),)).as_posix(), "source")
    runs.project.addMapLayer(source)
    parameters = QgsRasterDataProvider.VirtualRasterParameters()
    parameters.crs, parameters.extent, parameters.width, parameters.height = source.crs(), source.extent(), 120, 120
    parameters.formula = '"source@1" * 0.5'
    item = QgsRasterDataProvider.VirtualRasterInputLayers()
    item.name, item.provider, item.uri = "source", "gdal", source.source()
    parameters.rInputLayers = [item]
    kept = []
    for factor in ("0.5", "0.25"):
        parameters.formula = f'"source@1" * {factor}'
        layer = QgsRasterLayer(QgsRasterDataProvider.encodeVirtualRasterProviderUri(parameters), "made", "virtualraster")
        assert layer.isValid()
        runs.project.addMapLayer(layer)
        kept.append(runs.run("smooth", MAP=layer.id(), SIZE="3px", OUTPUT=runs.path(f"made {factor}.tif")))
    tops = [gdal.Open(runs.path(f"made {factor}.tif")).ReadAsArray().max() for factor in ("0.5", "0.25")]
    assert abs(tops[0] - 2 * tops[1]) < 1e-3 and tops[0] > 0.4, tops
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32725"))
    kept.append(runs.run("smooth", MAP=layer.id(), SIZE="3px", OUTPUT=runs.path("placed.tif")))
    assert gdal.Open(runs.path("placed.tif")).GetSpatialRef().GetAuthorityCode(None) == "32725", "the CRS that the user set is lost"

    raster = QgsRasterLayer(runs.path("other.tif"), "map")
    raster.setCrs(QgsCoordinateReferenceSystem("EPSG:32725"))
    runs.project.addMapLayer(raster)
    kept.append(runs.run("smooth", MAP=raster.id(), SIZE="3px", OUTPUT=runs.path("smooth2.tif")))
    column = gdal.Open(runs.path("smooth2.tif")).ReadAsArray().max(axis=0).argmax()
    assert abs(int(column) - 90) <= 1, f"column {column}: the pixels of another layer"
    assert runs.evaluate(memory_layer()), "the file is read as before"


def test_area_of_interest(runs):
    """In memory, in another CRS."""
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer
    area = QgsVectorLayer("Polygon?crs=EPSG:31985", "area", "memory")
    feature = QgsFeature()
    feature.setGeometry(QgsGeometry.fromWkt(ring(40, 50, 20)))
    area.dataProvider().addFeatures([feature])
    runs.project.addMapLayer(area)
    whole, part = runs.evaluate(memory_layer()), runs.evaluate(memory_layer(), AOI=area.id())
    assert part["RSU"] != whole["RSU"], "the area of interest changed nothing"


def test_two_at_once(runs):
    """Give what one alone gives."""
    alone, found = runs.evaluate(memory_layer()), {}
    threads = [threading.Thread(target=lambda key: found.update({key: runs.evaluate(
        memory_layer(), OUTPUT=runs.path(f"{key}.gpkg"))}), args=(key,)) for key in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[1]["SUMMARY"] == found[2]["SUMMARY"] == alone["SUMMARY"]


def cancelled(runs, name, **inputs):
    """Cancels at the first progress; asserts that it takes two seconds at most and leaves what was there, no more."""
    from qgis.core import QgsProcessingFeedback
    # QGIS itself keeps the statistics of a raster that it opens in .aux.xml.
    listed = lambda: {file for file in os.listdir(runs.session.folder) if not file.endswith(".aux.xml")}  # noqa: E731
    before, feedback, stopped = listed(), QgsProcessingFeedback(False), []

    def stop(done):
        if done > 0 and not stopped:
            stopped.append(time.monotonic())
            feedback.cancel()

    feedback.progressChanged.connect(stop)
    left = runs.run(name, feedback=feedback, **inputs)[0]
    took = time.monotonic() - stopped[0] if stopped else None
    assert took is not None and took < 2, f"{name}: cancel came too late or took {took} s"
    assert not (left or {}).get("OUTPUT") and listed() == before, f"{name}: {listed() ^ before}"


def test_cancel(runs):
    """Of each command that computes for long; a work file to go on from is not left either, and what was there stays."""
    from osgeo import gdal
    large = str(make_map(runs.session.folder / "large.tif", size=3000, bumps=((1500, 1500),)))
    gdal.Translate(runs.path("image.tif"), gdal.Open(large), bandList=[1, 1, 1, 1, 1, 1])
    spectral = {"MODEL": "spectral", "BANDS": "blue=1,green=2,red=3,nir=4,swir1=5,swir2=6", "SCALES": "64px"}
    (runs.session.folder / "kept.tif").write_text("mine")
    cancelled(runs, "evaluate", MAP=large, TRUTH=memory_layer(), QUERY="q", SMOOTHING=301, SMOOTHING_UNIT="px", OUTPUT=runs.path("never.gpkg"))
    cancelled(runs, "smooth", MAP=large, SIZE="151px", OUTPUT=runs.path("kept.tif"))
    cancelled(runs, "localize", INPUT=runs.path("image.tif"), QUERY="sea", **spectral, OUTPUT=runs.path("never.tif"))
    cancelled(runs, "embed", IMAGE=runs.path("image.tif"), **spectral, OUTPUT=runs.path("never.gpkg"))
    cancelled(runs, "benchmark", TESTSET=runs.path("truth.geojson"), MAPS=f"a={runs.path('map.tif')}|b={large}", QUERY_FIELD="query",
              OUTPUT=runs.path("never.gpkg"))
    assert (runs.session.folder / "kept.tif").read_text() == "mine", "cancel lost the file that was to be replaced"


def test_failures(runs):
    """Say why, leave what was there, and load nothing."""
    from qgis.core import QgsProcessingException, QgsProcessingFeedback, QgsProcessingOutputLayerDefinition
    (runs.session.folder / "mine.gpkg").write_text("mine")
    feedback, context = QgsProcessingFeedback(False), runs.context()
    target = QgsProcessingOutputLayerDefinition(runs.path("mine.gpkg"), runs.project)
    try:
        runs.run(feedback=feedback, context=context, MAP=runs.path("map.tif"), TRUTH=memory_layer(), WHERE="nothing = 3", QUERY="q",
                 OUTPUT=target)
        raise AssertionError("a filter on a field that is not there went through")
    except QgsProcessingException as error:
        assert "nothing" in str(error) and "--where" in str(error), error
    assert (runs.session.folder / "mine.gpkg").read_text() == "mine" and not context.layersToLoadOnCompletion()


def test_styled_group(runs):
    """All layers of the output, styled, in a group, points above areas; a map with its style, also beside the file."""
    from qgis.core import QgsProcessingOutputLayerDefinition
    from processing.gui.Postprocessing import handleAlgorithmResults
    target = QgsProcessingOutputLayerDefinition(runs.path("styled é.gpkg"), runs.project)
    _, context, feedback, algorithm = runs.run(MAP=runs.path("map.tif"), TRUTH=memory_layer(), QUERY="ships", OUTPUT=target)
    assert handleAlgorithmResults(algorithm, context, feedback, {})
    group = runs.project.layerTreeRoot().findGroup("SeLo evaluate: ships (styled é)")
    names = [node.layer().name() for node in group.findLayers()]
    assert names[:4] == ["selo_cand", "selo_shift", "selo_circle", "selo_region"] and "selo_run" in names, names
    assert "layer_styles" not in names, names
    shown = {node.layer().name(): node.layer() for node in group.findLayers()}
    assert "255,212,0" in shown["selo_cand"].renderer().symbol().symbolLayer(0).properties()["color"]
    target = QgsProcessingOutputLayerDefinition(runs.path("styled.tif"), runs.project)
    _, context, feedback, algorithm = runs.run("smooth", MAP=runs.path("map.tif"), SIZE="3px", OUTPUT=target)
    assert handleAlgorithmResults(algorithm, context, feedback, {}) and os.path.exists(runs.path("styled.qml"))
    layer = next(one for one in runs.project.mapLayers().values() if one.source() == runs.path("styled.tif"))
    assert layer.renderer().type() == "singlebandpseudocolor"


def test_fused_and_windows(runs):
    """Detections and roads are drawn as kept or dropped; windows by similarity, with the style that their file holds."""
    from osgeo import gdal
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import QgsProcessingOutputLayerDefinition, QgsVectorLayer
    roads = gdal.VectorTranslate(runs.path("roads.gpkg"), runs.path("truth.geojson"), geometryType="LINESTRING", selectFields=["n"])
    assert roads is not None
    roads = None  # noqa: F841
    for name, symbol in (("truth.geojson", "QgsFillSymbol"), ("roads.gpkg", "QgsLineSymbol")):
        target = QgsProcessingOutputLayerDefinition(runs.path(f"fused {name}.gpkg"), runs.project)
        _, context, feedback, algorithm = runs.run("fuse", MAP=runs.path("map.tif"), VECTORS=runs.path(name), OUTPUT=target)
        assert handleAlgorithmResults(algorithm, context, feedback, {})
        layer = next(one for one in runs.project.mapLayers().values() if f"fused {name}" in one.source() and "selo_fused" in one.source())
        assert layer.renderer().type() == "RuleRenderer", name
        assert type(layer.renderer().rootRule().children()[0].symbol()).__name__ == symbol, name
    runs.run("windows", IMAGE=runs.path("map.tif"), SCALES="32px", OUTPUT=runs.path("plan.gpkg"))
    layer = QgsVectorLayer(runs.path("plan.gpkg") + "|layername=selo_win", "windows")
    assert layer.loadDefaultStyle()[1] and layer.renderer().symbol().symbolLayer(0).hasDataDefinedProperties()


with Session() as held:
    made = start(held)
    for test in (test_layers_only_qgis_knows, test_layers_of_files, test_rasters_in_memory, test_area_of_interest, test_two_at_once, test_cancel, test_failures,
                 test_styled_group, test_fused_and_windows):
        test(made)
        print(test.__name__, "passed", flush=True)
    os._exit(0)  # QGIS's own teardown after initQgis(False) is not ours to test
