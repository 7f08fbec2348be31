"""A real window of QGIS, on a screen of its own: the plugin from its zip, the toolbox, the dialog, Run, styled layers on the map."""

import json
import subprocess
import sys

from support import olinda
from support.qgis_session import need
from support.selo import SOURCE, gdal, scratch

need("qgis", "xvfb-run", "gdal", modules=("osgeo", "numpy"))
import numpy  # noqa: E402
from osgeo import gdal as gdal_api  # noqa: E402

gdal_api.UseExceptions()
LAYERS = [["selo_cand", "singleSymbol"], ["selo_shift", "RuleRenderer"], ["selo_circle", "singleSymbol"], ["selo_region", "singleSymbol"],
          ["selo_sample", "singleSymbol"]]


def usage_groups(node, path=()):
    """{group: names in the toolbox} as the commands say it."""
    found = {}
    for child in node.get("sub_algorithms") or ():
        if child.get("sub_algorithms"):
            below = usage_groups(child, path + (child["name"],))
        else:
            below = {child["group"]: [" ".join((*path, child["name"])).replace("-", " ").capitalize()]}
        for group, names in below.items():
            found.setdefault(group, []).extend(names)
    return found


def count(picture, colour, tolerance=12):
    """Pixels of a colour."""
    pixels = gdal_api.Open(str(picture)).ReadAsArray()[:3].astype(int)
    return int((abs(pixels - numpy.array(colour)[:, None, None]).max(axis=0) <= tolerance).sum())


with scratch("selo window é ") as folder:
    olinda.make(folder)
    package = folder / "gdal_selo.zip"
    subprocess.run([sys.executable, SOURCE / "qgis_wrapper" / "package.py", folder / "package", "--zip", package], check=True,
                   stdout=subprocess.DEVNULL)
    pictures = folder / "pictures"
    done = subprocess.run(
        [sys.executable, SOURCE / "scripts" / "qgis_pictures.py", "--zip", package, "--scene", folder / "scene.tif",
         "--map", folder / "forest.tif", "--map", folder / "sea.tif", "--truth", folder / "truth.gpkg", "--query", olinda.QUERIES["forest"],
         pictures], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    seen = json.loads((pictures / "qgis.json").read_text(encoding="utf-8"))

    expected = usage_groups(json.loads(gdal("selo", "--json-usage").stdout))
    assert {group: sorted(names) for group, names in seen["toolbox"].items()} == {group: sorted(names) for group, names in expected.items()}
    assert set(expected) == {"Make", "Score", "Benchmark"}
    assert not seen["messages"], f"in the way of the map: {seen['messages']}"
    assert seen["dialogs"] and not [text for text in seen["dialogs"].values() if text], seen["dialogs"]

    # The result: a group on top, points above lines above areas; the map and the scene below.
    (name, group), *below = seen["layers"]
    assert name == f"SeLo evaluate: {olinda.QUERIES['forest']}" and group[:5] == LAYERS, seen["layers"]
    assert "layer_styles" not in [layer for layer, _ in group]
    assert [layer for layer, _ in below] == ["truth", "map of forest", "map of sea", "Landsat 7"]
    assert "ERROR" not in seen["log"] and "gdal selo evaluate " in seen["log"], seen["log"]

    # The numbers in the log are those of the command line.
    said = json.loads(gdal("selo", "evaluate", "-q", folder / "forest.tif", folder / "truth.gpkg", "--summary", "json", *olinda.SCORED,
                           "--where", f"query = '{olinda.QUERIES['forest']}'", "--query", olinda.QUERIES["forest"]).stdout)["mean"]
    for metric in ("rsu", "rda", "ras", "rmi"):
        assert f"{metric.capitalize()}: {said[metric]!r}" in seen["log"], (metric, said, seen["log"])

    # What the pictures show: candidates in yellow, circles and regions in green, and no empty map.
    for name, least in (("qgis-dialog.png", 60_000), ("qgis-map.jpg", 150_000)):
        assert (pictures / name).stat().st_size > least, f"{name}: {(pictures / name).stat().st_size} bytes show too little"
    assert count(pictures / "qgis-map.jpg", (255, 212, 0), 30) > 300 and count(pictures / "qgis-map.jpg", (0, 130, 70), 40) > 300
    pixels = gdal_api.Open(str(pictures / "qgis-map.jpg")).ReadAsArray()
    assert pixels.shape == (3, 920, 1500), pixels.shape
    assert pixels[:, 200:800, 500:1000].std() > 25, "the middle of the window is one colour"
print("window: passed")
