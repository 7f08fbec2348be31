"""The table of a batch, on a screen that is not there: what nobody touched is not said, rows run, and each has a group of its own."""

import os
import sys

from support.qgis_runs import make_truth
from support.qgis_session import Session, make_map, need

need("qgis_process", modules=("osgeo", "qgis"))


def start(session):
    """QGIS with widgets in this process; returns its provider."""
    os.environ.update(session.env)
    sys.path[:0] = ["/usr/share/qgis/python", "/usr/share/qgis/python/plugins", str(session.folder / "plugins")]
    from qgis.core import QgsApplication
    application = QgsApplication([], True)
    application.initQgis()
    from processing.core.Processing import Processing
    Processing.initialize()
    from gdal_selo.provider import SeloProvider
    provider = SeloProvider()
    assert QgsApplication.processingRegistry().addProvider(provider)
    return application, provider


with Session() as held:
    application, provider = start(held)
    from gdal_selo.values import Reader
    from processing.gui.BatchAlgorithmDialog import BatchAlgorithmDialog
    from processing.gui.Postprocessing import handleAlgorithmResults
    from qgis.core import QgsProcessingContext, QgsProcessingFeedback, QgsProject

    def context():
        """One that knows the project."""
        made = QgsProcessingContext()
        made.setProject(QgsProject.instance())
        return made

    truth = str(make_truth(held.folder / "truth.geojson"))
    maps = [str(make_map(held.folder / f"map {n} ö.tif", bumps=((20 * n, 20),))) for n in (1, 2)]
    inputs = {"MAP": maps[0], "IMAGE": maps[0], "INPUT": maps[0], "TESTSET": truth}
    for algorithm in provider.algorithms():
        panel = BatchAlgorithmDialog(algorithm.create(), None).mainWidget()
        given, _ = panel.parametersForRow(0, context(), warnOnInvalid=False)
        needed = {arg.name: arg for arg in algorithm.command.arguments if arg.required and arg.datasets and not arg.output}
        given.update({arg.key: inputs.get(arg.key, truth) for arg in needed.values()})
        said = Reader(panel.alg, given, context()).arguments()
        assert set(said) <= set(needed) | set(algorithm.command.forced()), (algorithm.name(), said)

    panel = BatchAlgorithmDialog(provider.algorithm("evaluate").create(), None).mainWidget()
    panel.load_batch_file_3_40_version({"rows": [
        {"PARAMETERS": {"MAP": name, "TRUTH": truth, "QUERY": "q", "PROFILE": ["reference", "ground"], "BAND": [1]},
         "OUTPUTS": {"OUTPUT": name.replace(".tif", ".gpkg")}} for name in maps]})
    assert panel.batchRowCount() == 2
    summaries = set()
    for row in range(2):
        given, good = panel.parametersForRow(row, context(), destinationProject=QgsProject.instance())
        algorithm, used, feedback = provider.algorithm("evaluate").create(), context(), QgsProcessingFeedback(False)
        assert good and algorithm.checkParameterValues(given, used)[0], given
        found, done = algorithm.run(given, used, feedback, {}, False)
        assert done and handleAlgorithmResults(algorithm, used, feedback, given), feedback.textLog()
        assert "--profile reference --profile ground" in feedback.textLog() and "--band 1 " in feedback.textLog(), feedback.textLog()
        summaries.add(found["SUMMARY"])
    assert len(summaries) == 2
    groups = {group.name(): len(group.findLayers()) for group in QgsProject.instance().layerTreeRoot().findGroups()}
    assert set(groups) == {"SeLo evaluate: q (map 1 ö)", "SeLo evaluate: q (map 2 ö)"} and min(groups.values()) >= 5, groups
    print("batch: passed", flush=True)
    os._exit(0)
