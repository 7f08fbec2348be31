"""`gdal selo testset`: import of each format, what info counts, every defect that validate names, export and back."""

import json
import math
import os
import random
import sys

from osgeo import gdal as gdal_api
from osgeo import ogr, osr

from support.selo import SHARED, fails, gdal, scratch

gdal_api.UseExceptions()
ogr.UseExceptions()

SQUARE = [[10, 20], [30, 20], [30, 40], [10, 40]]
BOW_TIE = [[0, 0], [10, 10], [10, 0], [0, 10]]
PUBLISHED_TABLE_1 = {"samples": 59, "images": 22, "regions": 103, "words": 160}


def selo(*arguments):
    return gdal("selo", "testset", *arguments)


def info(path):
    return json.loads(selo("info", path, "-f", "json").stdout)


def defects(path):
    done = gdal("selo", "testset", "validate", path, "-f", "json", check=False)
    found = json.loads(done.stdout)["defects"]
    assert done.returncode == (1 if found else 0), done.stderr
    return [(d["sample_id"], d["region_id"], d["kind"]) for d in found]


def write_json(path, content):
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def regions_of(path):
    """{sample_id: [WKT of each region]} and {sample_id: query}."""
    dataset = ogr.Open(str(path))
    wkt, query = {}, {}
    for feature in dataset.GetLayerByName("selo_truth"):
        wkt.setdefault(feature["sample_id"], []).append(feature.GetGeometryRef().ExportToWkt())
        query[feature["sample_id"]] = feature["query"]
    return wkt, query


def airslt(folder):
    """The published format, there and back, without anything changed: floating point, repeats and white space."""
    content = [
        {"caption": " two ponds, and a \"road\".\n", "jpg_name": "a.jpg", "points": [SQUARE, [[0.1, 1e-3], [1 / 3, 7.7], [5, 5], [5, 5]]]},
        {"caption": "Größe", "jpg_name": "b.jpg", "points": [SQUARE + SQUARE[:1]]},
    ]
    source, made, back = write_json(folder / "anno.json", content), folder / "made.gpkg", folder / "back.json"
    assert "2 samples on 2 images, 3 regions" in selo("import", source, made).stdout
    selo("export", made, back)
    assert json.loads(back.read_text(encoding="utf-8")) == content
    wkt, query = regions_of(made)
    assert query == {"0": 'two ponds, and a "road".', "1": "Größe"}
    assert wkt["1"] == ["POLYGON ((10 20,30 20,30 40,10 40,10 20,10 20))"], wkt["1"]
    found = info(made)
    assert (found["words"], found["caption_mean"], found["regions_mean"]) == (6, 3.0, 1.5), found
    assert found["samples_by_regions"]["2"] == 1 and found["captions_by_words"]["0-4"] == 1, found
    assert found["attention_mean"] is None


def published(folder):
    anno = SHARED / "airslt" / "anno.json"
    if not anno.exists():
        print(f"the published annotations are not here ({anno}): their part is left out")
        return
    made, back = folder / "airslt.gpkg", folder / "airslt.json"
    selo("import", anno, made)
    found = info(made)
    assert {key: found[key] for key in PUBLISHED_TABLE_1} == PUBLISHED_TABLE_1, found
    assert found["regions_mean"] == 103 / 59 and abs(found["caption_mean"] - 11.2) < 0.1, found
    selo("export", made, back)
    assert json.loads(back.read_text()) == json.loads(anno.read_text())
    repeated = {(sample, region) for sample, region, kind in defects(made) if kind == "repeated vertex"}
    assert len(repeated) == 18, len(repeated)


def voc(folder):
    """200 files, imported whatever order the folder lists them in, with stable names."""
    rng = random.Random(1)
    source, expected = folder / "voc", {}
    source.mkdir()
    for index in rng.sample(range(200), 200):
        objects = []
        for k in range(rng.randrange(1, 4)):
            x, y, w, h = (rng.randrange(1, 300) for _ in range(4))
            text = f"object {k} < of & image {index}"
            expected[f"{index:05d}#{k}"] = (text, f"POLYGON (({x} {y},{x + w} {y},{x + w} {y + h},{x} {y + h},{x} {y}))")
            objects.append(f"<object><name>ship</name><bndbox><xmin>{x}</xmin><ymin>{y}</ymin><xmax>{x + w}</xmax><ymax>{y + h}</ymax></bndbox>"
                           f"<description>{text.replace('&', '&amp;').replace('<', '&lt;')}</description></object>")
        (source / f"{index:05d}.xml").write_text(
            f"<annotation><filename>{index:05d}.jpg</filename><size><width>800</width><height>800</height></size>{''.join(objects)}</annotation>")
    made = folder / "voc.gpkg"
    selo("import", source, made)
    wkt, query = regions_of(made)
    assert {key: (query[key], wkt[key][0]) for key in wkt} == expected
    assert info(made)["images"] == 200 and info(made)["attention_mean"] > 0
    assert defects(made) == []
    box = "<bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>"
    (folder / "bare.xml").write_text("<annotation>" + "".join(
        f"<object><name>car</name>{text}{box}</object>" for text in ("", "<description/>", "<description> \n</description>")) + "</annotation>")
    selo("import", folder / "bare.xml", folder / "bare.gpkg")
    assert list(regions_of(folder / "bare.gpkg")[1].values()) == 3 * ["car"], "an empty description is none"


def coco(folder):
    """200 images; annotations of one image and caption are one sample; polygons, several parts, boxes."""
    rng = random.Random(2)
    images, annotations, expected = [], [], {}
    for image in rng.sample(range(200), 200):
        images.append({"id": image, "file_name": f"{image}.png", "width": 512, "height": 512})
        for caption in ("a ship at sea", "the red roofs"):
            first = len(annotations)
            for kind in ("polygon", "parts", "box"):
                x, y = rng.uniform(0, 400), rng.uniform(0, 400)
                ring = [x, y, x + 50, y, x + 50, y + 25.5, x, y + 25.5]
                item = {"id": len(annotations), "image_id": image, "category_id": 7, "caption": caption}
                if kind == "box":
                    item["bbox"] = [x, y, 50, 25.5]
                else:
                    item["segmentation"] = [ring] if kind == "polygon" else [ring, [0, 0, 1, 0, 1, 1]]
                annotations.append(item)
            expected[f"{image}.png#{first}"] = caption
    annotations.append({"id": 10 ** 6, "image_id": 1, "caption": "no region"})
    source = write_json(folder / "coco.json", {"images": images, "annotations": annotations, "categories": [{"id": 7, "name": "thing"}]})
    made = folder / "coco.gpkg"
    assert "1 annotations without a region" in selo("import", source, made).stderr
    wkt, query = regions_of(made)
    assert query == expected
    kinds = {tuple(w.split(" ")[0] for w in regions) for regions in wkt.values()}
    assert kinds == {("POLYGON", "MULTIPOLYGON", "POLYGON")}, kinds
    by_id = {a["id"]: a for a in annotations}
    for name, regions in wkt.items():
        first = int(name.split("#")[1])
        ring = ogr.CreateGeometryFromWkt(regions[0]).GetGeometryRef(0)
        flat = [c for i in range(ring.GetPointCount() - 1) for c in ring.GetPoint_2D(i)]
        assert all(abs(a - b) < 1e-9 for a, b in zip(flat, by_id[first]["segmentation"][0])), name


def folder_of_pairs(folder):
    """A georeferenced image: polygons given in longitude and latitude come out in its pixels."""
    source = folder / "pairs"
    source.mkdir()
    raster = gdal_api.GetDriverByName("GTiff").Create(str(source / "scene.tif"), 100, 80)
    utm, world = osr.SpatialReference(), osr.SpatialReference()
    utm.ImportFromEPSG(32632)
    world.ImportFromEPSG(4326)
    world.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    raster.SetSpatialRef(utm)
    raster.SetGeoTransform((500000, 10, 0, 5000000, 0, -10))
    raster = None
    to_world = osr.CoordinateTransformation(utm, world)
    ring = [to_world.TransformPoint(500000 + 10 * x, 5000000 - 10 * y)[:2] for x, y in [*SQUARE, SQUARE[0]]]
    write_json(source / "scene.geojson", {"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"what": "a field"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}]})
    made = folder / "pairs.gpkg"
    fails(["--query-field", "'query'"], "selo", "testset", "import", source, made)
    assert not made.exists()
    selo("import", source, made, "--query-field", "what")
    wkt, query = regions_of(made)
    assert query == {"scene#0": "a field"}
    ring = ogr.CreateGeometryFromWkt(wkt["scene#0"][0]).GetGeometryRef(0)
    assert all(abs(ring.GetX(i) - x) < 1e-3 and abs(ring.GetY(i) - y) < 1e-3 for i, (x, y) in enumerate(SQUARE)), wkt
    assert abs(info(made)["attention_mean"] - 400 / 8000) < 1e-5


def named_defects(folder):
    cases = [(BOW_TIE, "self-intersection"), ([[0, 0], [5, 0], [9, 0]], "zero area"), ([[1, 1], [9, 1]], "too few vertices"),
             ([[0, 0], [5, 0], [5, 5], [5, 0]], "repeated vertex"), ([[-3, 0], [5, 0], [5, 5]], "outside image")]
    content = [{"caption": f"case {i}", "jpg_name": "a.png", "points": [points]} for i, (points, _) in enumerate(cases)]
    content += [{"caption": " \n", "jpg_name": "a.png", "points": [SQUARE]}, {"caption": "none", "jpg_name": "a.png", "points": []}]
    gdal_api.GetDriverByName("PNG").CreateCopy(str(folder / "a.png"), gdal_api.GetDriverByName("MEM").Create("", 25, 50))
    made = folder / "defects.gpkg"
    selo("import", write_json(folder / "defects.json", content), made)
    found = defects(made)
    for i, (_, kind) in enumerate(cases):
        assert (str(i), 0, kind) in found, (kind, found)
    assert ("0", 0, "zero area") not in found, "the halves of a bow tie cancel; its vertices lie on no line"
    assert ("5", None, "no query") in found and ("6", None, "no region") in found, found
    assert ("5", 0, "outside image") not in found
    selo("import", folder / "defects.json", made, "--images", folder, "--overwrite")
    assert ("5", 0, "outside image") in defects(made), "x reaches 30 in an image of 25 columns"
    many = [[math.cos(k / 1e5) * 9 + 10, math.sin(k / 1e5) * 9 + 10] for k in range(300000)]
    many[200000] = many[200001] = many[5]
    selo("import", write_json(folder / "many.json", [{"caption": "many", "jpg_name": "a.png", "points": [many]}]), folder / "many.gpkg")
    before = os.times().children_user
    repeated = [row for row in defects(folder / "many.gpkg") if row[2] == "repeated vertex"]
    assert repeated == 2 * [("0", 0, "repeated vertex")], repeated
    assert os.times().children_user - before < 20, "hundreds of thousands of vertices take seconds, not hours"
    text = gdal("selo", "testset", "validate", made, check=False).stdout
    assert "sample 0 (a.png), region 0: self-intersection" in text, text


def bad_input(folder):
    made = folder / "bad.gpkg"
    run = ("selo", "testset", "import")
    fails("missing.json", *run, folder / "missing.json", made)
    (folder / "truncated.json").write_text("[{")
    fails(["truncated.json", "not JSON"], *run, folder / "truncated.json", made)
    fails("holds no sample", *run, write_json(folder / "empty.json", []), made)
    fails(["sample 0", "region 0"], *run, write_json(folder / "points.json", [{"caption": "c", "jpg_name": "i", "points": [[]]}]), made)
    fails(["sample 0", "jpg_name"], *run, write_json(folder / "keys.json", [{"caption": "c"}]), made)
    fails(["annotation 3", "image_id"], *run,
          write_json(folder / "orphan.json", {"images": [], "annotations": [{"id": 3, "image_id": 9, "bbox": [0, 0, 1, 1]}]}), made)
    images, item = [{"id": 1, "file_name": "a.png"}, {"id": 2, "file_name": "b.png"}], {"id": 3, "image_id": 1, "caption": "c", "bbox": [0, 0, 1, 1]}
    for i, (words, content) in enumerate([
            (["image 1 of the list", '"id"'], {"images": [images[0], {**images[1], "id": "2"}], "annotations": [item]}),
            (["image 1:", "two images"], {"images": [images[0], {**images[1], "id": 1}], "annotations": [item]}),
            (["annotation 0 of the list", '"image_id"'], {"images": images, "annotations": [{**item, "image_id": "1"}]}),
            (["category 0 of the list", '"id"'], {"images": images, "annotations": [item], "categories": [{"id": "a", "name": "ship"}]}),
            (["annotation 0 of the list", '"category_id"'], {"images": images, "annotations": [{**item, "category_id": "b"}]}),
            (["ids5.json", "zero character"], {"images": images, "annotations": [{**item, "caption": "sea\0side"}]}),
            (["annotation 0 of the list", '"id"'], {"images": images, "annotations": [{**item, "id": None}]})]):
        fails(words, *run, write_json(folder / f"ids{i}.json", content), made)
    (folder / "bad.xml").write_text("<annotation><object>")
    fails(["bad.xml", "VOC"], *run, folder / "bad.xml", made)
    good = write_json(folder / "good.json", [{"caption": "c", "jpg_name": "i.png", "points": [SQUARE]}])
    fails(["nowhere", "does not exist"], *run, good, folder / "nowhere" / "x.gpkg")
    fails("i.png", *run, good, made, "--images", folder)
    assert not made.exists() and not list(folder.glob(".*")), "nothing half-written is left"
    selo("import", good, made)
    fails("--overwrite", *run, good, made)
    (folder / "work").mkdir()
    (folder / "work" / "letter.txt").write_text("of somebody else")
    fails(["work", "is a folder"], *run, good, folder / "work", "--overwrite")
    assert (folder / "work" / "letter.txt").exists(), "a folder of other files was replaced"
    vector = write_json(folder / "v.geojson", {"type": "FeatureCollection", "features": []})
    fails(["v.geojson", "no test set"], "selo", "testset", "info", vector)
    fails("absent.gpkg", "selo", "testset", "info", folder / "absent.gpkg")


def main():
    with scratch() as folder:
        for part in (airslt, published, voc, coco, folder_of_pairs, named_defects, bad_input):
            part(folder)
            print(f"{part.__name__}: good")


if __name__ == "__main__":
    sys.exit(main())
