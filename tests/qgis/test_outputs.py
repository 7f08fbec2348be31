"""What comes out where: layers of a model's next step, a file per query, rasters and tables, styles, help, what is left in a context."""

import os

from support.qgis_runs import memory_layer, start
from support.qgis_session import Session, make_map, need

need("qgis_process", modules=("osgeo", "qgis"))
SPECTRAL = {"MODEL": "spectral", "BANDS": "blue=1,green=2,red=3,nir=4,swir1=5,swir2=6", "SCALES": "64px", "SMOOTHING": "none"}


def load(runs, name, output, **inputs):
    """Runs and loads into the project; returns (layers by source, what was said)."""
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import QgsProcessingOutputLayerDefinition
    target = QgsProcessingOutputLayerDefinition(output, runs.project)
    before = set(runs.project.mapLayers())
    found, context, feedback, algorithm = runs.run(name, **inputs, OUTPUT=target)
    assert found is not None and handleAlgorithmResults(algorithm, context, feedback, {}), feedback.textLog()
    return {layer.source(): layer for key, layer in runs.project.mapLayers().items() if key not in before}, found


def top(layer):
    """The value that the last colour of a map's style is for."""
    return layer.renderer().shader().rasterShaderFunction().colorRampItemList()[-1].value


def test_next_step(runs):
    """Of a model takes a layer of the results without asking for the file that they are in."""
    import processing
    from qgis.core import (QgsProcessingModelAlgorithm, QgsProcessingModelChildAlgorithm, QgsProcessingModelOutput,
                           QgsProcessingModelChildParameterSource as Value)
    model = QgsProcessingModelAlgorithm("centres", "tests")
    scored = QgsProcessingModelChildAlgorithm("gdal_selo:evaluate")
    scored.setChildId("scored")
    for key, value in (("MAP", runs.path("map.tif")), ("TRUTH", runs.path("truth.geojson")), ("QUERY", "q")):
        scored.addParameterSources(key, [Value.fromStaticValue(value)])
    model.addChildAlgorithm(scored)
    centres = QgsProcessingModelChildAlgorithm("native:centroids")
    centres.setChildId("centres")
    centres.addParameterSources("INPUT", [Value.fromChildOutput("scored", "SELO_REGION")])
    output = QgsProcessingModelOutput("points", "points")
    output.setChildId("centres")
    output.setChildOutputName("OUTPUT")
    centres.setModelOutputs({"points": output})
    model.addChildAlgorithm(centres)
    model.updateDestinationParameters()
    assert processing.run(model, {"points": "TEMPORARY_OUTPUT"})["points"].featureCount() == 2
    assert "OUTPUT" not in runs.evaluate(runs.path("truth.geojson")), "outside of a model nothing is written that nobody asked for"


def test_file_per_query(runs):
    """Loads the maps that were written, in a group, and leaves none of a cancelled run; a map is named by its queries; a name per sample is an input, too."""
    import processing
    from osgeo import gdal
    from qgis.core import QgsProcessingFeedback
    gdal.Translate(runs.path("image.tif"), gdal.Open(runs.path("map.tif")), bandList=[1] * 6)
    (runs.session.folder / "p_old.tif").write_text("of another run")
    for name, expected in (("p_{n}.tif", ["p_1.tif", "p_2.tif"]), ("r_{query}.tif", ["r_forest.tif", "r_sea.tif"])):
        layers, _ = load(runs, "localize", runs.path(name), INPUT=runs.path("image.tif"), QUERY="sea|forest", **SPECTRAL)
        assert sorted(layers) == [runs.path(one) for one in expected], layers
        assert {layer.renderer().type() for layer in layers.values()} == {"singlebandpseudocolor"}
        group = runs.project.layerTreeRoot().findGroup("SeLo localize")
        assert {layer.id() for layer in layers.values()} <= set(group.findLayerIds())
    feedback = QgsProcessingFeedback(False)
    feedback.progressChanged.connect(lambda _: os.path.exists(runs.path("never_1.tif")) and feedback.cancel())
    make_map(runs.session.folder / "large.tif", size=600)
    gdal.Translate(runs.path("image.tif"), gdal.Open(runs.path("large.tif")), bandList=[1] * 6)
    runs.run("localize", feedback=feedback, INPUT=runs.path("image.tif"), QUERY="sea|forest|harbour", **SPECTRAL, OUTPUT=runs.path("never_{n}.tif"))
    assert feedback.isCanceled() and not [name for name in os.listdir(runs.session.folder) if name.startswith("never_")]
    layers, found = load(runs, "localize", "TEMPORARY_OUTPUT", INPUT=runs.path("image.tif"), QUERY="sea|forest", **SPECTRAL)
    assert layers[found["OUTPUT"]].name() in ("SeLo localize: sea", "SeLo localize: forest"), "the name of what is not shown"
    for n in (0, 1):
        make_map(runs.session.folder / f"of_q{n}.tif")
    found = processing.run("gdal_selo:evaluate", {"MAP": runs.path("of_{query}.tif"), "TRUTH": runs.path("truth.geojson"), "QUERY_FIELD": "query"})
    assert found["SUMMARY"].count('"status": "ok"') == 2, found


def test_layer_per_query(runs):
    """Shows each band of a map of several queries, the first visible; a next run into the same file adds none."""
    from osgeo import gdal
    gdal.Translate(runs.path("image.tif"), gdal.Open(runs.path("map.tif")), bandList=[1] * 6)
    runs.project.removeAllMapLayers()
    for queries in ("sea|forest|harbour", "sea|forest|harbour", "built-up|bare soil", "forest", "dark|green"):
        load(runs, "localize", runs.path("maps ö.tif"), INPUT=runs.path("image.tif"), QUERY=queries, **SPECTRAL)
        nodes = [node for node in runs.project.layerTreeRoot().findLayers() if node.layer().source() == runs.path("maps ö.tif")]
        seen = sorted((node.layer().renderer().inputBand(), node.layer().name(), node.layer().renderer().type()) for node in nodes)
        assert seen == [(band + 1, f"SeLo localize: {query}", "singlebandpseudocolor") for band, query in enumerate(queries.split("|"))], (queries, seen)
        assert [node.itemVisibilityChecked() for node in nodes] == [True] + [False] * (len(nodes) - 1)
    said = runs.arguments("evaluate", MAP=next(key for key, one in runs.project.mapLayers().items() if one.name().endswith(": green")),
                          TRUTH=runs.path("truth.geojson"), QUERY="dark")
    assert "band" not in said, "the band is that of the query, not that of the layer"


def test_fused_mask(runs):
    """Is a raster, also where its name says so."""
    from osgeo import gdal
    from qgis.core import Qgis, QgsProcessingContext
    gdal.Translate(runs.path("mask.tif"), gdal.Open(runs.path("map.tif")), outputType=gdal.GDT_Byte, scaleParams=[[0, 1, 0, 1]])
    for output in ("TEMPORARY_OUTPUT", runs.path("fused.tif")):
        layers, found = load(runs, "fuse", output, MAP=runs.path("map.tif"), VECTORS=runs.path("mask.tif"))
        assert list(layers) == [found["OUTPUT"]] and layers[found["OUTPUT"]].type() == Qgis.LayerType.Raster, layers
    for name, path, expected in (("fuse", "fused.tif", True), ("fuse", "fused.gpkg", True), ("evaluate", "scores.tif", False),
                                 ("evaluate", "scores.gpkg", True), ("evaluate", "regions.shp", True), ("smooth", "map.tif", True)):
        output = runs.provider.algorithm(name).parameterDefinition("OUTPUT")
        able, why = runs.provider.isSupportedOutputValue(path, output, QgsProcessingContext())
        assert able == expected and bool(why) != expected, (name, path, able, why)


def test_templates(runs):
    """A VRT file is loaded as what it shows: values as a map, a mask of 0 and 1 as well, colours as they are."""
    from osgeo import gdal
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback
    for output in ("TEMPORARY_OUTPUT", runs.path("made ö.vrt")):
        for name, renderer, values in (("heatmap", "multibandcolor", ""), ("threshold", "singlebandpseudocolor", "|threshold=0.4"),
                                       ("normalise", "singlebandpseudocolor", "")):
            runs.project.removeAllMapLayers()
            layers, found = load(runs, "template", output, TEMPLATE=name, PARAM=f"map={runs.path('map.tif')}{values}")
            assert list(layers) == [found["OUTPUT"]] and found["OUTPUT"].endswith(".vrt"), (name, layers, found)
            layer = layers[found["OUTPUT"]]
            assert layer.renderer().type() == renderer and layer.name() == f"SeLo template: {name}", (name, layer.renderer().type(), layer.name())
            assert os.path.exists(found["OUTPUT"].replace(".vrt", ".qml")) == (renderer != "multibandcolor"), "colours are not values"
            if renderer != "multibandcolor":
                assert abs(top(layer) - 1) < 0.01, (name, top(layer))
                os.unlink(found["OUTPUT"].replace(".vrt", ".qml"))
    gdal.Translate(runs.path("half.tif"), runs.path("map.tif"), outputType=gdal.GDT_Byte, scaleParams=[[0, 1, 0, 200]])
    layers, found = load(runs, "smooth", runs.path("bytes.tif"), MAP=runs.path("half.tif"), SIZE="3px")
    assert top(layers[found["OUTPUT"]]) == 255
    output = runs.provider.algorithm("template").parameterDefinition("OUTPUT")
    for path, expected in (("heat.vrt", True), ("TEMPORARY_OUTPUT", True), ("heat.tif", False), ("heat.png", False)):
        able, why = runs.provider.isSupportedOutputValue(path, output, QgsProcessingContext())
        assert able == expected and (".vrt" in why) != expected, (path, able, why)
    for name, inputs, word in (("template", {"TEMPLATE": "heatmap"}, "colormap"), ("model_info", {"MODEL": "spectral"}, "ndvi")):
        feedback = QgsProcessingFeedback(False)
        found = runs.run(name, feedback=feedback, **inputs)[0]
        assert word in found["SUMMARY"] and word in feedback.textLog(), f"{name}: what it says is not in the log"


def test_log(runs):
    """Says what the command says in JSON as tables, in a window as HTML."""
    from gdal_selo import told
    from qgis.core import QgsProcessingFeedback
    feedback = QgsProcessingFeedback(False)
    told.push('{"n_failed": 0, "stat": [{"run_id": "a<b", "mean": 0.123456, "ci": null}, {"run_id": "c", "mean": null}], "of": {"x": [1, 2.5], "y": []}, '
              '"defects": [], "none": null}', feedback)
    assert feedback.textLog().splitlines() == ["n_failed: 0", "stat:", "  run_id  mean", "  a<b     0.1235", "  c       –", "of:", "  x  1, 2.5",
                                               "  y  none", "defects: none", "none: –"], feedback.textLog()
    assert "a&lt;b" in feedback.htmlLog() and feedback.htmlLog().count("<tr>") == 5, feedback.htmlLog()
    feedback = QgsProcessingFeedback(False)
    runs.run(feedback=feedback, MAP=runs.path("map.tif"), TRUTH=runs.path("truth.geojson"), QUERY_FIELD="query")
    rows = [line.split() for line in feedback.textLog().splitlines() if line.startswith("  ")]
    assert [row[:4] for row in rows] == [["sample_id", "query", "profile", "status"], ["0", "q0", "ground", "ok"], ["1", "q1", "ground", "ok"]], rows
    feedback = QgsProcessingFeedback(False)
    told.push("two\nlines\n", feedback)
    assert feedback.textLog().splitlines() == ["two", "lines"]


def test_colours(runs):
    """Fit the values: bytes, scaled bytes, any raster. A style that somebody saved beside the file is kept and used."""
    from osgeo import gdal
    sources = {"float": (gdal.GDT_Float32, [0, 1], 1, 1), "byte": (gdal.GDT_Byte, [0, 255], 1, 255),
               "scaled": (gdal.GDT_Byte, [0, 255], 1 / 255, 1), "heights": (gdal.GDT_UInt16, [0, 3000], 1, 3000)}
    for name, (kind, values, scale, expected) in sources.items():
        made = gdal.Translate(runs.path(f"{name}.tif"), runs.path("map.tif"), outputType=kind, scaleParams=[[0, 1, *values]])
        made.GetRasterBand(1).SetScale(scale)
        made = None  # noqa: F841
        layers, _ = load(runs, "smooth", runs.path(f"of {name}.tif"), MAP=runs.path(f"{name}.tif"), SIZE="3px")
        assert abs(top(layers[runs.path(f"of {name}.tif")]) / expected - 1) < 0.05, (name, top(layers[runs.path(f"of {name}.tif")]))
    qml = runs.session.folder / "of float.qml"
    assert "gdal selo" in qml.read_text()
    layers[runs.path("of heights.tif")].saveNamedStyle(str(qml))
    text = qml.read_text()
    runs.project.removeAllMapLayers()
    layers, _ = load(runs, "smooth", runs.path("of float.tif"), MAP=runs.path("float.tif"), SIZE="3px")
    assert qml.read_text() == text and top(layers[runs.path("of float.tif")]) > 1000, "somebody's style was replaced"


def test_style_of_the_user(runs):
    """For an output (Edit rendering styles for outputs) goes before that of the plugin."""
    from processing.gui.RenderingStyles import RenderingStyles
    from qgis.core import QgsVectorLayer
    layer = QgsVectorLayer("Polygon", "x", "memory")
    layer.renderer().symbol().symbolLayer(0).setColor(layer.renderer().symbol().color().fromRgb(1, 2, 3))
    layer.saveNamedStyle(runs.path("users.qml"))
    RenderingStyles.styles["gdal_selo:evaluate"] = {"SELO_REGION": runs.path("users.qml")}
    layers, found = load(runs, "evaluate", runs.path("users.gpkg"), MAP=runs.path("map.tif"), TRUTH=memory_layer(), QUERY="q")
    del RenderingStyles.styles["gdal_selo:evaluate"]
    assert layers[found["SELO_REGION"]].renderer().symbol().symbolLayer(0).color().blue() == 3
    assert layers[found["SELO_CAND"]].renderer().symbol().symbolLayer(0).color().getRgb()[:3] == (255, 212, 0)


def test_destinations(runs):
    """memory: is a temporary file; a table of a database is refused before anything is computed."""
    from qgis.core import QgsProcessingException
    found = runs.evaluate(memory_layer(), OUTPUT="memory:")
    assert os.path.exists(found["OUTPUT"]) and not os.path.exists("memory:") and found["SELO_CAND"].startswith(found["OUTPUT"])
    for output in (f"ogr:dbname='{runs.path('db.gpkg')}' table=\"scores\" (geom)", "postgis:dbname='x' table=\"y\".\"z\" (geom)"):
        try:
            runs.evaluate(memory_layer(), OUTPUT=output)
            raise AssertionError(output)
        except QgsProcessingException as error:
            assert "OUTPUT: results are written to a file" in str(error), error


def test_same_file_again(runs):
    """Layers of the project show what the last run wrote there, also those that it did not load."""
    from qgis.core import QgsPointXY, QgsRasterLayer
    runs.project.removeAllMapLayers()
    inputs = {"MAP": runs.path("map.tif"), "TRUTH": runs.path("truth.geojson"), "QUERY": "q"}
    layers, found = load(runs, "evaluate", runs.path("again.gpkg"), **inputs)
    regions = layers[found["SELO_REGION"]]
    assert regions.featureCount() == 2
    load(runs, "evaluate", runs.path("again.gpkg"), **inputs, WHERE="n = 0")
    assert regions.featureCount() == 1 and len(list(regions.getFeatures())) == 1, "the regions of the first run"
    runs.evaluate(runs.path("truth.geojson"), OUTPUT=runs.path("again.gpkg"))
    assert len(list(regions.getFeatures())) == 2, "the regions of the second run"
    place = QgsPointXY(290000 + 40 * 30 + 15, 9120000 - 50 * 30 - 15)
    layers, found = load(runs, "smooth", runs.path("again.tif"), MAP=runs.path("map.tif"), SIZE="3px")
    first = layers[found["OUTPUT"]].dataProvider().sample(place, 1)
    load(runs, "smooth", runs.path("again.tif"), MAP=runs.path("map.tif"), SIZE="31px")
    fresh = QgsRasterLayer(runs.path("again.tif"), "fresh")
    assert layers[found["OUTPUT"]].dataProvider().sample(place, 1) == fresh.dataProvider().sample(place, 1), "the map of the first run"
    assert fresh.dataProvider().sample(place, 1) != first, "both runs made one map"


def test_names(runs):
    """Of temporary files say what they are; a file parameter takes a folder, and a file without extension."""
    import processing
    (runs.session.folder / "mine").mkdir()
    make_map(runs.session.folder / "mine" / "a.tif")
    (runs.session.folder / "mine" / "a.geojson").write_bytes((runs.session.folder / "truth.geojson").read_bytes())
    processing.run("gdal_selo:testset_import", {"ANNOTATION": runs.path("mine"), "OUTPUT": runs.path("set.gpkg")})
    assert '"samples": 2' in processing.run("gdal_selo:testset_info", {"TESTSET": runs.path("set.gpkg")})["SUMMARY"]
    runs.evaluate(runs.path("truth.geojson"), OUTPUT=runs.path("scores.gpkg"))
    for extension, name, inputs in ((".csv", "report", {"RESULTS": runs.path("scores.gpkg"), "OUTPUT_FORMAT": "csv"}),
                                    (".md", "report", {"RESULTS": runs.path("scores.gpkg"), "OUTPUT_FORMAT": "markdown"}),
                                    (".html", "report", {"RESULTS": runs.path("scores.gpkg")}),
                                    (".vrt", "template", {"TEMPLATE": "heatmap", "PARAM": f"map={runs.path('map.tif')}"}),
                                    (".json", "testset_export", {"TESTSET": runs.path("set.gpkg")})):
        found = processing.run(f"gdal_selo:{name}", {**inputs, "OUTPUT": "TEMPORARY_OUTPUT"})
        assert found["OUTPUT"].endswith(extension) and os.path.exists(found["OUTPUT"]) and ("HTML" in found) == (extension == ".html"), found


def test_context_of_others(runs):
    """Keeps the layers that others wait to load where a run fails."""
    from qgis.core import QgsProcessingContext, QgsProcessingException, QgsProcessingOutputLayerDefinition
    context = runs.context()
    context.addLayerToLoadOnCompletion("other.gpkg", QgsProcessingContext.LayerDetails("other", runs.project, "OTHER"))
    try:
        runs.run(context=context, MAP=runs.path("map.tif"), TRUTH=memory_layer(), QUERY="q", WHERE="nothing = 3",
                 OUTPUT=QgsProcessingOutputLayerDefinition(runs.path("never.gpkg"), runs.project))
        raise AssertionError("went through")
    except QgsProcessingException:
        assert list(context.layersToLoadOnCompletion()) == ["other.gpkg"]


def test_help(runs):
    """For every parameter; the Help button opens a page that is there, not one of QGIS's own manual that is not."""
    from gdal_selo import gdal_plugin
    from qgis.PyQt.QtCore import QUrl
    for algorithm in runs.provider.algorithms():
        for parameter in algorithm.parameterDefinitions():
            assert parameter.help(), f"{algorithm.name()} {parameter.name()}"
            assert parameter.type() == "boolean" or parameter.description(), parameter.name()
        url = QUrl(algorithm.helpUrl())
        assert url.isValid() and (url.scheme() == "https" or os.path.exists(url.toLocalFile())), algorithm.helpUrl()
    assert '"file:' not in gdal_plugin.SNAPSHOT.read_text(encoding="utf-8"), "the zip names folders of the machine that made it"


def test_translations(runs):
    """The file for translators holds every text that QGIS asks a translation of."""
    from xml.etree import ElementTree
    from gdal_selo import algorithm as module, gdal_plugin, parameters, provider
    root = ElementTree.parse(runs.session.folder / "plugins" / "gdal_selo" / "i18n" / "gdal_selo.ts").getroot()
    known = [one.text for one in root.iter("source")]
    assert root.find("context/name").text == "gdal_selo" and len(known) == len(set(known)) > 200
    asked, kept = set(), gdal_plugin.tr

    def ask(text):
        asked.add(text)
        return kept(text)

    changed = [one for one in (gdal_plugin, parameters, module) if one.tr is kept]
    for one in changed:
        one.tr = ask
    made = provider.SeloProvider()
    made.refreshAlgorithms()
    for one in made.algorithms():
        assert one.displayName() and one.group() and one.shortDescription() and one.shortHelpString()
    runs.evaluate(runs.path("truth.geojson"))
    for one in changed:
        one.tr = kept
    assert len(changed) == 3 and len(asked) > 150 and not asked - set(known), asked - set(known)


with Session() as held:
    made = start(held)
    for test in (test_next_step, test_file_per_query, test_layer_per_query, test_fused_mask, test_templates, test_log, test_colours, test_style_of_the_user, test_destinations, test_same_file_again, test_names,
                 test_context_of_others, test_help, test_translations):
        test(made)
        print(test.__name__, "passed", flush=True)
    os._exit(0)  # QGIS's own teardown after initQgis(False) is not ours to test
