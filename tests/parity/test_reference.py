"""The published figures, to the last digit: AIR-SLT's 59 samples and 82 awkward maps."""

import csv
import json

from support.selo import close, evaluate, scratch, shared, write_truth_csv

TOLERANCE = 1e-9
SCORES = ("rsu", "rda", "ras", "rmi")


def check(name, sample, expected, centers):
    for score in SCORES:
        assert close(sample[score], expected[score], TOLERANCE), f"{name}: {score} is {sample[score]}, not {expected[score]}"
    undefined = any(sample[score] is None for score in SCORES)
    assert (sample["status"] == "ok") != undefined, f"{name}: status {sample['status']}"
    if centers is not None:
        got = [[c["x_px"], c["y_px"]] for c in sample["candidates"]]
        assert got == centers, f"{name}: candidates {got}, not {centers}"


def test_airslt(folder):
    annotations = json.loads(shared("airslt", "anno.json").read_text(encoding="utf-8"))
    with open(shared("golden", "airslt", "cases.csv"), encoding="utf-8") as file:
        cases = list(csv.DictReader(file))
    assert len(cases) == 59
    for case in cases:
        index = int(case["case"])
        truth = folder / f"truth {index}.csv"
        write_truth_csv(truth, [(annotations[index]["caption"], annotations[index]["points"])])
        result = evaluate(shared("golden", "airslt", "maps", f"{index:02d}.png"), truth)
        assert result["profile"] == "reference" and result["mean"]["n"] == 1
        assert len(result["samples"][0]["regions"]) == int(case["regions"])
        check(f"airslt {index}", result["samples"][0], {s: float(case[s]) for s in SCORES}, json.loads(case["centers_xy"]))
    return len(cases)


def test_edge(folder):
    cases = json.loads(shared("golden", "edge", "cases.json").read_text(encoding="utf-8"))
    assert len(cases) == 82
    for case in cases:
        truth = folder / f"{case['name']}.csv"
        write_truth_csv(truth, [("q", case["points"])])
        result = evaluate(shared("golden", "edge", case["map"]), truth)
        if "error" in case:  # the published code raises it: no score, a status, and no crash
            case = {**case, **dict.fromkeys(SCORES), "centers": None}
        check(case["name"], result["samples"][0], case, case["centers"])
    return len(cases)


if __name__ == "__main__":
    with scratch() as scratch_folder:
        print(test_airslt(scratch_folder) + test_edge(scratch_folder), "maps agree within", TOLERANCE)
