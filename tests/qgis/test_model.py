"""A model through qgis_process: localize, evaluate, a branch on RMI."""

import json
from support.qgis_session import Session, make_map, need, ring

need("qgis_process", modules=("osgeo", "qgis"))


def build(path):
    """localize of given windows → evaluate → a report from one of two branches."""
    from qgis.core import (QgsProcessingModelAlgorithm, QgsProcessingModelChildAlgorithm, QgsProcessingModelChildParameterSource as Value,
                           QgsProcessingModelParameter, QgsProcessingModelOutput, QgsProcessingParameterFile,
                           QgsProcessingModelChildDependency, QgsProcessingParameterNumber)
    model = QgsProcessingModelAlgorithm("scored", "tests")
    for name in ("windows", "image", "truth"):
        model.addModelParameter(QgsProcessingParameterFile(name, name), QgsProcessingModelParameter(name))
    model.addModelParameter(QgsProcessingParameterNumber("limit", "limit"), QgsProcessingModelParameter("limit"))

    def child(name, algorithm, **values):
        made = QgsProcessingModelChildAlgorithm(algorithm)
        made.setChildId(name)
        for key, value in values.items():
            made.addParameterSources(key, [value])
        return made

    static = Value.fromStaticValue
    localize = child("localize", "gdal_selo:localize", INPUT=Value.fromModelParameter("windows"),
                     LIKE=Value.fromModelParameter("image"), SMOOTHING=static("none"))
    model.addChildAlgorithm(localize)
    evaluate = child("evaluate", "gdal_selo:evaluate", MAP=Value.fromChildOutput("localize", "OUTPUT"),
                     TRUTH=Value.fromModelParameter("truth"), QUERY=static("ships"))
    model.addChildAlgorithm(evaluate)
    branch = QgsProcessingModelChildAlgorithm("native:condition")
    branch.setChildId("branch")
    branch.setConfiguration({"conditions": [{"name": "good", "expression": "@evaluate_RMI >= @limit"},
                                            {"name": "poor", "expression": "@evaluate_RMI < @limit"}]})
    branch.setDependencies([QgsProcessingModelChildDependency("evaluate")])
    model.addChildAlgorithm(branch)
    for name in ("good", "poor"):
        leaf = child(name, "gdal_selo:report", RESULTS=Value.fromChildOutput("evaluate", "OUTPUT"), TITLE=static(name))
        leaf.setDependencies([QgsProcessingModelChildDependency("branch", name)])
        page = QgsProcessingModelOutput(f"page_{name}", f"page_{name}")
        page.setChildId(name)
        page.setChildOutputName("OUTPUT")
        leaf.setModelOutputs({f"page_{name}": page})
        model.addChildAlgorithm(leaf)
    model.updateDestinationParameters()
    assert model.toFile(str(path)), "model not written"


with Session() as session:
    session.process("plugins", "enable", "gdal_selo")
    make_map(session.folder / "map.tif")
    (session.folder / "truth.geojson").write_text(json.dumps({"type": "FeatureCollection", "crs": {
        "type": "name", "properties": {"name": "EPSG:31985"}}, "features": [{"type": "Feature", "properties": {}, "geometry": {
            "type": "Polygon", "coordinates": [[[float(v) for v in pair.split()] for pair in ring(40, 50, 6)[9:-2].split(",")]]}}]}))
    with open(session.folder / "windows.csv", "w", encoding="utf-8") as file:
        file.write("row_start,row_end,col_start,col_end,sim\n")
        for row in range(0, 120, 10):
            for column in range(0, 120, 10):
                distance = ((row - 45) ** 2 + (column - 35) ** 2) ** 0.5
                file.write(f"{row},{row + 10},{column},{column + 10},{1 - distance / 200}\n")
    session.start()
    path = session.folder / "scored.model3"
    build(path)
    for limit, expected, other in ((0.01, "good", "poor"), (0.999, "poor", "good")):
        pages = {name: session.folder / f"{name}_{limit}.html" for name in ("good", "poor")}
        answer = session.process("run", str(path), "-", stdin=json.dumps({"inputs": {
            "windows": str(session.folder / "windows.csv"), "image": str(session.folder / "map.tif"), "truth": str(session.folder / "truth.geojson"), "limit": limit,
            **{f"page_{name}": str(page) for name, page in pages.items()}}}))
        assert answer.returncode == 0, answer.stderr + answer.stdout[-2000:]
        assert pages[expected].exists() and not pages[other].exists(), answer.stdout[-2500:]
    print("model: passed")
    import os
    os._exit(0)
