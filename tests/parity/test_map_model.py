"""Plans and maps of random images against a slow model of the published arithmetic: a pixel wide, smaller than the windows,
similarities that are negative, equal or absent, any preset, smoothing and number of threads."""

import csv
import random

import numpy
from osgeo import gdal

from support import map_model as model
from support.selo import scratch

gdal.UseExceptions()
gdal.PushErrorHandler("CPLQuietErrorHandler")
BOUNDS = ("row_start", "row_end", "col_start", "col_end")


def blank(folder, height, width):
    path = str(folder / "image.vrt")
    gdal.GetDriverByName("VRT").Create(path, width, height, 1)
    return path


def plan(image, output, **arguments):
    gdal.Run(["gdal", "selo", "windows"], image=image, output=str(output), overwrite=True, **arguments)
    with open(output, encoding="utf-8") as file:
        return [(tuple(int(row[name]) for name in BOUNDS), row) for row in csv.DictReader(file)]


def a_side(chance, most):
    return chance.choice((1, 2, chance.randint(3, 40), chance.randint(1, most), chance.choice((511, 512, 513, 1024, 1025))))


def a_scale(chance, side):
    """Below the image's side, equal, up to twice, and beyond."""
    return max(1, chance.choice((side, 2 * side, 2 * side - 1, side + chance.randint(0, side), 2 * side + 1, side // 3, side // 2 + 1)))


def test_v1_plans(folder, chance):
    for _ in range(250):
        height, width = a_side(chance, 3000), a_side(chance, 2500)
        steps = [max(a_scale(chance, chance.choice((height, width))), max(height, width) // 40) for _ in range(chance.randint(1, 3))]
        rows = plan(blank(folder, height, width), folder / "plan.csv", scales=[str(step) for step in (*steps, steps[0])])
        assert {window for window, _ in rows} == model.v1_windows(height, width, steps), (height, width, steps)
        assert len(rows) == len(model.v1_windows(height, width, steps)), (height, width, steps)
    return 250


def test_v2_plans(folder, chance):
    for case in range(60):
        height, width = a_side(chance, 3000), a_side(chance, 2500)
        image = blank(folder, height, width)
        tiles = [window for window, _ in plan(image, folder / "tiles.csv", preset="v2")]
        assert set(tiles) == model.v2_tiles(height, width) and len(set(tiles)) == len(tiles), (height, width)
        chance.shuffle(tiles)
        similarities = [(chance.random(), chance.randint(0, 2), 0.5)[case % 3] for _ in tiles]
        (folder / "first.csv").write_text("stage," + ",".join(BOUNDS) + ",similarity\n" + "".join(
            f"1,{','.join(map(str, tile))},{value}\n" for tile, value in zip(tiles, similarities)), encoding="utf-8")
        rows = plan(image, folder / "both.csv", preset="v2", similarities=str(folder / "first.csv"))
        best = {tiles[k] for k in model.v2_best(similarities)}
        assert {window for window, row in rows if row["stage"] == "1" and row["selected"] == "1"} == best, (height, width)
        boxes = [window for window, row in rows if row["stage"] == "2"]
        assert set(boxes) == model.v2_boxes(height, width, best) and len(set(boxes)) == len(boxes), (height, width)
    return 60


def some_windows(chance, height, width):
    if chance.random() < 0.4:
        return sorted(model.v1_windows(height, width, [max(a_scale(chance, max(height, width)), max(height, width) // 12)]))
    found = [(0, height, 0, width)] * chance.randint(0, 1)
    for _ in range(chance.randint(1, 30)):
        top, left = chance.randint(-height // 3 - 1, height - 1), chance.randint(-width // 3 - 1, width - 1)
        found.append((top, top + chance.randint(1, height + 3), left, left + chance.randint(1, width + 3)))
    return [*found, (0, (height + 1) // 2, 0, (width + 1) // 2)]


def write_windows(path, chance, windows, similarities):
    """As CSV; some of them without a similarity or not selected, and those that are left."""
    left = []
    with open(path, "w", encoding="utf-8") as file:
        file.write(",".join(BOUNDS) + ",similarity,selected\n")
        for k, (window, similarity) in enumerate(zip(windows, similarities)):
            absent, dropped = (chance.random() < 0.05 and k < len(windows) - 1 for _ in range(2))
            text = chance.choice(("", "nan", "inf", "-inf")) if absent else repr(similarity)
            file.write(f"{','.join(map(str, window))},{text},{0 if dropped else 1}\n")
            if not absent and not dropped:
                left.append((window, similarity))
    return zip(*left)


def localize(folder, image, kind, threads, **arguments):
    output = str(folder / f"{kind}{threads}.tif")
    gdal.Run(["gdal", "selo", "localize"], input=str(folder / "windows.csv"), like=image, output=output, overwrite=True, **arguments,
             **{"output-data-type": kind, "num-threads": str(threads)})
    return gdal.Open(output).ReadAsArray()


def expected_maps(mean, smoothing, size):
    plain, values = model.byte_map(mean), model.float_map(mean)
    if smoothing == "none":
        return plain, values
    smooth = model.median if smoothing == "median" else model.gaussian
    return smooth(plain, size).astype(numpy.uint8), smooth(values.astype(numpy.float32).astype(float), size)


def test_maps(folder, chance):
    for case in range(150):
        height, width = (chance.choice((1, 2, chance.randint(3, 20), chance.randint(1, 120))) for _ in range(2))
        windows = some_windows(chance, height, width)
        similarities = [float(numpy.float32((chance.random(), -chance.random(), chance.randint(0, 2), 0.5)[case % 4])) for _ in windows]
        preset, smoothing = chance.choice(("v1", "v2")), chance.choice(("none", "median", "gaussian"))
        size = chance.choice((1, 3, 5, 7, chance.randrange(1, 60, 2), 251, 255, 801))
        covered, taken = write_windows(folder / "windows.csv", chance, windows, similarities)
        mean = model.mean_map(height, width, covered, taken, 0 if preset == "v2" else numpy.nan)
        arguments = {"preset": preset, "smoothing": smoothing, **({} if smoothing == "none" else {"smoothing-size": f"{size}px"})}
        image, case = blank(folder, height, width), (height, width, len(windows), preset, smoothing, size)
        made = {(kind, threads): localize(folder, image, kind, threads, **arguments) for kind in ("Byte", "Float32") for threads in (1, 3)}
        plain, values = expected_maps(mean, smoothing, size)
        assert made["Byte", 1].tobytes() == made["Byte", 3].tobytes() and made["Float32", 1].tobytes() == made["Float32", 3].tobytes(), case
        assert (made["Byte", 1] == plain).all(), (case, numpy.count_nonzero(made["Byte", 1] != plain))
        numpy.testing.assert_allclose(made["Float32", 1], values, atol=2e-5 if smoothing == "median" else 2e-6, err_msg=str(case))
    return 150


if __name__ == "__main__":
    with scratch() as scratch_folder:
        for test in (test_v1_plans, test_v2_plans, test_maps):
            print(test.__name__, test(scratch_folder, random.Random(11)), "cases")
