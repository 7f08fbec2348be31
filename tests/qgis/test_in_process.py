"""QGIS in this process: layers that GDAL cannot open by name, cancel, threads, styles in a group."""

import os
import threading
import time

from support.qgis_session import Session, make_map, need, ring

need("qgis_process", modules=("osgeo", "qgis"))


def memory_layer(crs="EPSG:31985"):
    """Two regions in a layer that only QGIS knows."""
    from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer
    layer = QgsVectorLayer(f"Polygon?crs={crs}&field=query:string&field=n:integer", "wahrheit ö 'x'", "memory")
    for n, (x, y) in enumerate(((40, 50), (20, 20))):
        feature = QgsFeature(layer.fields())
        feature.setAttributes([f"q{n}", n])
        feature.setGeometry(QgsGeometry.fromWkt(ring(x, y, 6)))
        layer.dataProvider().addFeatures([feature])
    return layer


def main(session, provider):
    """All checks."""
    from qgis.core import QgsProcessingContext, QgsProcessingFeatureSourceDefinition, QgsProcessingFeedback, QgsProject
    from qgis.core import QgsProcessingOutputLayerDefinition
    from processing.gui.Postprocessing import handleAlgorithmResults
    small = str(make_map(session.folder / "map.tif"))

    def run(feedback=None, context=None, **inputs):
        algorithm = provider.algorithm("evaluate").create()
        context = context or QgsProcessingContext()
        feedback = feedback or QgsProcessingFeedback(False)
        found, done = algorithm.run(inputs, context, feedback, {}, False)
        return (found if done else None), context, feedback, algorithm

    layer = memory_layer()
    count = lambda found: found["SUMMARY"].count('"region_id"')  # noqa: E731
    both = run(MAP=small, TRUTH=layer, QUERY="q")[0]
    assert count(both) == 2, both
    layer.selectByExpression("n = 0")
    selected = run(MAP=small, TRUTH=QgsProcessingFeatureSourceDefinition(layer.id(), True), QUERY="q")
    assert selected[0] is None, "a layer outside the project is not found by its id"
    project = QgsProject.instance()
    project.addMapLayer(layer)
    context = QgsProcessingContext()
    context.setProject(project)
    selected = run(context=context, MAP=small, TRUTH=QgsProcessingFeatureSourceDefinition(layer.id(), True), QUERY="q")[0]
    assert count(selected) == 1 and selected["RMI"] != both["RMI"]
    filtered = QgsProcessingFeatureSourceDefinition(layer.id(), False, -1, filterExpression="n = 1")
    assert count(run(context=context, MAP=small, TRUTH=filtered, QUERY="q")[0]) == 1
    layer.setSubsetString("n = 1")
    assert count(run(MAP=small, TRUTH=layer, QUERY="q")[0]) == 1
    layer.setSubsetString("")

    # Two at once give what one alone gives.
    found = {}
    threads = [threading.Thread(target=lambda key: found.update({key: run(
        MAP=small, TRUTH=memory_layer(), QUERY="q", OUTPUT=str(session.folder / f"{key}.gpkg"))[0]}), args=(key,)) for key in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found[1]["SUMMARY"] == found[2]["SUMMARY"] == both["SUMMARY"]

    # Cancel: at most two seconds, and nothing is left.
    large = str(make_map(session.folder / "large.tif", size=3000, bumps=((1500, 1500),)))
    before, feedback, stopped = set(os.listdir(session.folder)), QgsProcessingFeedback(False), []
    inputs = {"MAP": large, "TRUTH": memory_layer(), "QUERY": "q", "SMOOTHING": 301, "SMOOTHING_UNIT": "px",
              "OUTPUT": str(session.folder / "never.gpkg")}

    def stop(done):
        if done > 0 and not stopped:
            stopped.append(time.monotonic())
            feedback.cancel()

    feedback.progressChanged.connect(stop)
    left = run(feedback=feedback, **inputs)[0]
    assert stopped and time.monotonic() - stopped[0] < 2, "cancel came too late or took too long"
    # QGIS itself keeps the statistics of a raster that it opens in .aux.xml.
    new = {name for name in set(os.listdir(session.folder)) - before if not name.endswith(".aux.xml")}
    assert not (left or {}).get("OUTPUT") and not new, new

    # All layers of the output, styled, in a group, points above areas.
    context = QgsProcessingContext()
    context.setProject(project)
    target = QgsProcessingOutputLayerDefinition(str(session.folder / "styled é.gpkg"), project)
    found, context, feedback, algorithm = run(context=context, MAP=small, TRUTH=memory_layer(), QUERY="ships", OUTPUT=target)
    assert handleAlgorithmResults(algorithm, context, feedback, {})
    group = project.layerTreeRoot().findGroup("SeLo evaluate: ships")
    names = [node.layer().name() for node in group.findLayers()]
    assert names[:4] == ["selo_cand", "selo_shift", "selo_circle", "selo_region"] and "selo_run" in names, names
    shift = next(node.layer() for node in group.findLayers() if node.layer().name() == "selo_cand")
    assert "255,212,0" in shift.renderer().symbol().symbolLayer(0).properties()["color"]
    print("in process: passed")


with Session() as held:
    qgis, made = held.start()
    main(held, made)
    os._exit(0)  # QGIS's own teardown after initQgis(False) is not ours to test
