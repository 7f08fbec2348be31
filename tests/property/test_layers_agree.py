"""Layers agree with each other: what the score of a region counted is what its shifts, circle and candidates show."""

import json

from osgeo import gdal

from support.selo import close, evaluate, scratch, shared

gdal.UseExceptions()


def rows(dataset, layer):
    return list(dataset.GetLayerByName(layer))


def check(dataset, name):
    """Every region of an output in the ground profile; returns how many there were."""
    inside = {}
    for shift in rows(dataset, "selo_shift"):
        inside.setdefault(shift["region_id"], [])
        if shift["inside"]:
            inside[shift["region_id"]].append(shift["dist_m"])
    circles = {circle["region_id"]: circle.GetGeometryRef().Clone() for circle in rows(dataset, "selo_circle")}
    points = [candidate.GetGeometryRef().Clone() for candidate in rows(dataset, "selo_cand")]
    regions = rows(dataset, "selo_region")
    for region in regions:
        where = f"{name}, region {region['region_id']}"
        distances = inside.get(region["region_id"], [])
        assert len(distances) == region["n_in"], f"{where}: {len(distances)} lines inside, n_in {region['n_in']}"
        assert all(distance <= region["r_m"] for distance in distances), f"{where}: {distances}, radius {region['r_m']}"
        mean = sum(distances) / len(distances) if distances else region["r_m"]
        assert close(mean, region["shift_m"], 1e-9 * region["r_m"]), f"{where}: mean {mean}, shift_m {region['shift_m']}"
        hit = sum(circles[region["region_id"]].Contains(point) for point in points)
        assert hit == region["n_in"], f"{where}: {hit} points in the circle, n_in {region['n_in']}"
    return len(regions)


def main():
    n_regions = 0
    with scratch() as folder:
        for scene in json.loads(shared("golden", "ground", "scenes.json").read_text()):
            name = f"scene_{scene['scene']}"
            evaluate(shared("golden", "ground", f"{name}.tif"), shared("golden", "ground", f"{name}.geojson"),
                     folder / "out.gpkg", "--overwrite", "--profile", "ground",
                     "--smoothing", f"{scene['smoothing_m']!r}m", "--separation", f"{scene['separation_m']!r}m")
            n_regions += check(gdal.OpenEx(str(folder / "out.gpkg")), name)
    assert n_regions > 0
    print(f"{n_regions} regions")


main()
