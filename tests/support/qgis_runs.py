"""Runs of the provider's algorithms in this process, on a small map with two regions."""

import json

from support.qgis_session import make_map, ring


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


class Runs:
    """Runs algorithms of the provider in this process."""

    def __init__(self, session):
        self.session = session
        self.application, self.provider = session.start()
        from qgis.core import QgsProject
        self.project = QgsProject.instance()

    def path(self, name):
        """A file of the session, as text."""
        return str(self.session.folder / name)

    def context(self):
        """A context that knows the layers of the project."""
        from qgis.core import QgsProcessingContext
        made = QgsProcessingContext()
        made.setProject(self.project)
        return made

    def run(self, name="evaluate", feedback=None, context=None, **inputs):
        """(outputs or None, context, feedback, algorithm)"""
        from qgis.core import QgsProcessingFeedback
        algorithm = self.provider.algorithm(name).create()
        context = context or self.context()
        feedback = feedback or QgsProcessingFeedback(False)
        found, done = algorithm.run(inputs, context, feedback, {}, False)
        return (found if done else None), context, feedback, algorithm

    def evaluate(self, truth, **inputs):
        """Outputs of evaluate on the small map."""
        return self.run(**{"MAP": self.path("map.tif"), "TRUTH": truth, "QUERY": "q", **inputs})[0]

    def arguments(self, name, **inputs):
        """What an algorithm would tell the command."""
        from gdal_selo.values import Reader
        return Reader(self.provider.algorithm(name).create(), inputs, self.context()).arguments()


def count(found):
    """Regions in a summary."""
    return found["SUMMARY"].count('"region_id"')


def make_truth(path):
    """The regions of memory_layer() in a GeoJSON file."""
    features = [{"type": "Feature", "properties": {"query": f"q{n}", "n": n}, "geometry": {"type": "Polygon", "coordinates": [
        [[float(v) for v in pair.split()] for pair in ring(x, y, 6)[9:-2].split(",")]]}} for n, (x, y) in enumerate(((40, 50), (20, 20)))]
    path.write_text(json.dumps({"type": "FeatureCollection", "crs": {
        "type": "name", "properties": {"name": "EPSG:31985"}}, "features": features}))
    return path


def start(session):
    """Runs of a session that has map.tif and truth.geojson."""
    made = Runs(session)
    make_map(session.folder / "map.tif")
    make_truth(session.folder / "truth.geojson")
    return made
