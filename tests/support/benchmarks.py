"""What the tests of `benchmark --model` share: a test set of small scenes, the command, and its results as rows."""

import json
import sqlite3

from support import scenes
from support.selo import gdal

QUERIES = ["sea water along the coast", "dense green forest", "built-up residential area"]
SCORES = ["rsu", "ras", "rda", "rmi"]
LAYERS = ["selo_sample", "selo_region", "selo_circle", "selo_cand", "selo_shift", "selo_stat"]
TIMES = ("t_ms", "t_cut_ms", "t_sim_ms", "t_gnt_ms", "t_flt_ms")
N_IMAGES, WIDTH, HEIGHT = 3, 300, 200
SMOOTHING = ("--map-smoothing-size", "9px")
GROUND = ("--profile", "ground", "--smoothing", "150m", "--separation", "400m")
REFERENCE = ("--profile", "reference", "--truth-crs", "none")
SPECTRAL = ("--bands", scenes.ROLES, "--scales", "32,64", *SMOOTHING)


def make_set(folder, crs=True):
    """Three images of sea, forest and town, each with a sample per query; truth on the pixel grid or, where images have a CRS, on the Earth."""
    samples = []
    for k in range(N_IMAGES):
        scenes.write(folder / f"{k}.tif", scenes.scene(WIDTH, HEIGHT, seed=k + 1), epsg=32725 if crs else None)
        for i, query in enumerate(QUERIES):
            ring = [[i * 100 + x, y] for x, y in ((15, 30), (85, 30 + 5 * k), (85, 160), (15, 150), (15, 30))]
            samples.append({"image": f"{k}.tif", "query": query, "cover": list(scenes.COVERS)[i], "ring": ring})
    features = [{"type": "Feature", "properties": {"sample_id": f"s{n}", **{key: s[key] for key in ("image", "query", "cover")}},
                 "geometry": {"type": "Polygon", "coordinates": [[[300000 + 10 * x, 9100000 - 10 * y] if crs else [x, y] for x, y in s["ring"]]]}}
                for n, s in enumerate(samples)]
    name = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::32725"}}
    (folder / "truth.geojson").write_text(json.dumps({"type": "FeatureCollection", **({"crs": name} if crs else {}), "features": features}))
    return folder / "truth.geojson"


def benchmark(truth, output, *arguments, profile=GROUND, images="{image}", env=None):
    return gdal("selo", "benchmark", truth, output, "--images", truth.parent / images, "--summary", "none", "-q", *profile, *arguments, env=env)


def rows(path, table, leave_out=("fid", "map_uri", *TIMES)):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
        file.row_factory = sqlite3.Row
        return [{k: row[k] for k in row.keys() if k not in leave_out} for row in file.execute(f'SELECT * FROM "{table}" ORDER BY fid')]


def same(one, other, layers=LAYERS):
    for layer in layers:
        a, b = rows(one, layer), rows(other, layer)
        different = [(x, y) for x, y in zip(a, b) if x != y]
        assert a == b, f"{layer} differs between {one.name} ({len(a)} rows) and {other.name} ({len(b)}): {different[:1]}"


def scores(path, run_id=None):
    return [[row[s] for s in SCORES] for row in rows(path, "selo_sample") if run_id in (None, row["run_id"])]
