"""The scene of docs/fuse.md: "the court beside the pond". Two courts look alike; the detector prefers the wrong one."""

import json
import math
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT, CELL = 320, 220, 10


def attention(x, y):
    return math.exp(-((x - 90) ** 2 + (y - 75) ** 2) / 4500) + 0.35 * math.exp(-((x - 235) ** 2 + (y - 165) ** 2) / 1800)


def box(cx, cy, a, b, degrees):
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    ring = [[cx + c * x - s * y, cy + s * x + c * y] for x, y in ((-a, -b), (a, -b), (a, b), (-a, b), (-a, -b))]
    return {"type": "Polygon", "coordinates": [ring]}


DETECTIONS = [(box(90, 78, 26, 15, 12), 0.72), (box(238, 162, 26, 15, -8), 0.85), (box(265, 50, 18, 12, 30), 0.55), (box(45, 180, 14, 14, 0), 0.4)]
ROADS = [[[5, 20], [80, 40], [150, 105], [160, 215]], [[150, 105], [225, 85], [315, 95]], [[80, 40], [120, 5]], [[200, 215], [225, 150], [225, 85]]]
TRUTH = box(91, 77, 26, 15, 12)


def collection(geometries):
    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "id": k, "properties": {"score": score}, "geometry": geometry} for k, (geometry, score) in enumerate(geometries)]})


def fuse(folder, name, geometries, *arguments):
    (folder / f"{name}.geojson").write_text(collection(geometries))
    done = subprocess.run(["gdal", "selo", "fuse", folder / "map.pgm", folder / f"{name}.geojson", folder / f"{name}.gpkg", "--vectors-crs", "none",
                           "--summary", "json", "-q", *map(str, arguments)], check=True, capture_output=True, text=True)
    with sqlite3.connect(folder / f"{name}.gpkg") as file:
        rows = file.execute('SELECT det_id, selo_mean, fused, rank FROM selo_fused').fetchall()
    return {row[0]: row[1:] for row in rows}, json.loads(done.stdout)


def path(geometry):
    points = geometry["coordinates"][0] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def panel(left, title, marks, with_map):
    cells = "".join(f'<rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" fill="#d9480f" fill-opacity="{min(1, attention(x + 5, y + 5)) * 0.75:.2f}"/>'
                    for y in range(0, HEIGHT, CELL) for x in range(0, WIDTH, CELL)) if with_map else ""
    return (f'<g transform="translate({left} 34)"><text x="0" y="-12" font-size="14" font-weight="600">{title}</text>'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#eef1ee" stroke="#9aa5a0"/>{cells}{marks}</g>')


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pixels = bytes(min(255, round(255 * attention(x + 0.5, y + 0.5))) for y in range(HEIGHT) for x in range(WIDTH))
        (folder / "map.pgm").write_bytes(f"P5\n{WIDTH} {HEIGHT}\n255\n".encode() + pixels)
        (folder / "truth.geojson").write_text(collection([(TRUTH, 1)]))
        boxes, scores = fuse(folder, "boxes", DETECTIONS, "--truth", folder / "truth.geojson", "--truth-crs", "none")
        roads, _ = fuse(folder, "roads", [({"type": "LineString", "coordinates": road}, 1.0) for road in ROADS])
    truth = f'<path d="{path(TRUTH)}" fill="none" stroke="#fff" stroke-width="7"/><path d="{path(TRUTH)}" fill="none" stroke="#111" stroke-dasharray="5 4"/>'
    best = max(range(len(DETECTIONS)), key=lambda k: DETECTIONS[k][1])
    before, after, network = truth, truth, ""
    for k, (geometry, score) in enumerate(DETECTIONS):
        x, y = geometry["coordinates"][0][0]
        text = '<text x="{:.0f}" y="{:.0f}" font-size="12" font-weight="600" stroke="#fff" stroke-width="3" paint-order="stroke">{}</text>'
        before += f'<path d="{path(geometry)}" fill="none" stroke="#1f5fa8" stroke-width="{4 if k == best else 1.5}"/>' + text.format(x, y - 6, f"{score:.2f}")
        _, fused, rank = boxes[k]
        after += f'<path d="{path(geometry)}" fill="none" stroke="#1f5fa8" stroke-width="{4 if rank == 1 else 1.5}"/>' + text.format(x, y - 6, f"{fused:.2f}")
    for k, road in enumerate(ROADS):
        line = path({"type": "LineString", "coordinates": road})
        mean, fused, _ = roads[k]
        x, y = [(a + b) / 2 for a, b in zip(road[0], road[1])]
        network += (f'<path d="{line}" fill="none" stroke="#1f5fa8" stroke-width="{1.5 + 7 * fused:.1f}" stroke-opacity="{0.35 + 0.65 * fused:.2f}"/>'
                    f'<text x="{x + 6:.0f}" y="{y - 6:.0f}" font-size="12" font-weight="600" stroke="#fff" stroke-width="3" paint-order="stroke">{fused:.2f}</text>')
    without, with_map = scores["without"], scores["with"]
    panels = (panel(10, f"Detector alone: IoU {without['mean_iou']:.2f}", before, False)
              + panel(20 + WIDTH, f"With the map: IoU {with_map['mean_iou']:.2f}", after, True) + panel(30 + 2 * WIDTH, "Roads with the map", network, True))
    Path(sys.argv[1]).write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {40 + 3 * WIDTH} {HEIGHT + 46}" font-family="system-ui,sans-serif" fill="#1b1f24" role="img" '
        'aria-label="Three panels: detections by their own score, detections fused with the SeLo map, roads fused with the SeLo map">'
        f'<rect width="100%" height="100%" fill="#fff"/>{panels}</svg>\n')
    print(json.dumps(scores))


if __name__ == "__main__":
    main()
