"""The golden scenes of the ground profile through the command: seven CRSs, rotated and non-square pixels, NoData, holes."""

import json

from support.selo import close, evaluate, shared

TOLERANCE = 1e-6


def test_scenes():
    scenes = json.loads(shared("golden", "ground", "scenes.json").read_text(encoding="utf-8"))
    assert len(scenes) >= 21
    for scene in scenes:
        name = f"scene_{scene['scene']}"
        result = evaluate(shared("golden", "ground", f"{name}.tif"), shared("golden", "ground", f"{name}.geojson"),
                          "--smoothing", f"{scene['smoothing_m']!r}m", "--separation", f"{scene['separation_m']!r}m")
        sample = result["samples"][0]
        assert sample["profile"] == "ground"  # by itself: the scenes have a CRS and a geotransform
        for score in ("rsu", "ras", "rda", "rmi"):
            assert close(sample[score], scene[score], TOLERANCE), f"{name}: {score} is {sample[score]}, not {scene[score]}"
        assert close(sample["att_in"], scene["mass_in"], TOLERANCE), name
        assert [close(region["r_m"] / r, 1, TOLERANCE) for region, r in zip(sample["regions"], scene["r_m"], strict=True)], name
        got = [[c["x_px"], c["y_px"], c["prob"]] for c in sample["candidates"]]
        assert len(got) == len(scene["candidates"]), f"{name}: candidates {got}"
        for mine, theirs in zip(got, scene["candidates"]):
            assert all(close(a, b, TOLERANCE) for a, b in zip(mine, theirs)), f"{name}: {mine}, not {theirs}"
    return len(scenes)


if __name__ == "__main__":
    print(test_scenes(), "scenes agree within", TOLERANCE)
