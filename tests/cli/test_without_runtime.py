#!/usr/bin/env python3
"""No ONNX Runtime: a build without it (-DSELO_ONNX=OFF), or a machine without its library. Whatever asks for a network ends with one
line and writes nothing; what needs none works."""

import json
import os
import sys

import numpy as np
from osgeo import ogr

from support import scenes
from support.onnx_file import Bundle
from support.selo import fails, gdal, scratch

ogr.UseExceptions()
BUILT_WITHOUT = os.environ.get("SELO_ONNX") == "OFF"
WAY_OUT = ("no ONNX Runtime", "libonnxruntime-dev", "--model spectral") if BUILT_WITHOUT else ("ONNX Runtime cannot be loaded", "SELO_ONNXRUNTIME")
CONFIG = () if BUILT_WITHOUT else ("--config", "SELO_ONNXRUNTIME=/nowhere/libonnxruntime.so")


def test_networks_are_refused(folder, image):
    bundle, out = Bundle(folder / "bundle").folder, folder / "out"
    out.mkdir()

    def refused(*arguments):
        fails(WAY_OUT, "selo", *arguments, *CONFIG)
        assert not list(out.iterdir()), list(out.iterdir())

    bands = ("--bands", "1,2,3", "-q")
    refused("model", "info", bundle)
    refused("embed", image, out / "v.gpkg", "--model", bundle, "--scales", "64", *bands)
    refused("localize", image, out / "m.tif", "--model", bundle, "--scales", "64", "--query", "sea", *bands)
    fails("x.onnx", "selo", "embed", image, out / "v.gpkg", "--model", "x.onnx", *bands)
    if BUILT_WITHOUT:
        for command in (("model", "info", "x.onnx"), ("embed", image, out / "v.gpkg", "--model", "x.onnx", *bands),
                        ("localize", image, out / "m.tif", "--model", "x.onnx", "--query", "sea", *bands)):
            refused(*command)
    truth = folder / "truth.geojson"
    truth.write_text(json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"sample_id": "s", "image": image.name, "query": "sea"},
         "geometry": {"type": "Polygon", "coordinates": [[[300100, 9099000], [300900, 9099000], [300900, 9099900], [300100, 9099000]]]}}],
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32725"}}}), encoding="utf-8")
    fails("none of the 1 samples", "selo", "benchmark", truth, out / "b.gpkg", "--model", bundle, "--images", folder / "{image}",
          "--scales", "64", *bands, *CONFIG)
    dataset = ogr.Open(str(out / "b.gpkg"))
    said = [feature["message"] for feature in dataset.GetLayerByName("selo_sample")]    # there, failures are rows
    assert len(said) == 1 and all(word in said[0] for word in WAY_OUT), said


def test_the_rest_works(folder, image):
    """Windows, vectors and maps of the built-in encoder, and query vectors that come with no model at all."""
    spectral = ("--model", "spectral", "--bands", scenes.ROLES)
    gdal("selo", "embed", image, folder / "v.gpkg", *spectral, "--scales", "64", "-q", *CONFIG)
    (folder / "q.json").write_text(json.dumps([1.0] + [0.0] * 13), encoding="utf-8")
    gdal("selo", "localize", folder / "v.gpkg", folder / "m.tif", "--like", image, "--query-vector", folder / "q.json", "-q", *CONFIG)
    gdal("selo", "localize", image, folder / "d.tif", *spectral, "--scales", "64", "--query-vector", folder / "q.json", "-q", *CONFIG)
    np.testing.assert_array_equal(scenes.pixels(folder / "m.tif"), scenes.pixels(folder / "d.tif"))
    assert "spectral" in gdal("selo", "model", "info", "spectral", *CONFIG).stdout


def main():
    with scratch() as folder:
        image = scenes.write(folder / "scene.tif", scenes.scene())
        test_networks_are_refused(folder, image)
        test_the_rest_works(folder, image)


if __name__ == "__main__":
    sys.exit(main())
