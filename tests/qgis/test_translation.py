"""JSON of the commands to parameters' meaning, values to arguments, arguments to a command line; runs nothing."""

import json
import sys

from support.selo import SOURCE

sys.path.insert(0, str(SOURCE / "qgis_wrapper" / "gdal_selo"))
import translate  # noqa: E402
import usage      # noqa: E402

USAGE = {"name": "selo", "sub_algorithms": [
    {"name": "evaluate", "description": "Score.", "group": "Score", "details": "Example", "sub_algorithms": [],
     "input_arguments": [
         {"name": "map", "type": "dataset", "dataset_type": ["raster"], "required": True, "category": "Base"},
         {"name": "truth", "type": "dataset", "dataset_type": ["vector"], "required": True, "category": "Base"},
         {"name": "smoothing", "type": "string", "default": "16m", "metadata": {"role": ["length"]}},
         {"name": "layer", "type": "string", "metadata": {"role": ["layer:truth"]}},
         {"name": "band", "type": "integer_list", "metadata": {"role": ["band:map"]}, "packed_values_allowed": True},
         {"name": "creation-option", "type": "string_list", "packed_values_allowed": False, "category": "Advanced"},
         {"name": "threshold", "type": "real", "default": 0.5},
         {"name": "output-format", "type": "string"},
         {"name": "profile", "type": "string_list", "choices": ["reference", "ground"], "packed_values_allowed": True},
         {"name": "summary", "type": "string", "choices": ["text", "json"]},
         {"name": "normalize", "type": "boolean"},
         {"name": "quiet", "type": "boolean"}],
     "input_output_arguments": [{"name": "output", "type": "dataset", "dataset_type": ["vector"]}],
     "output_arguments": [{"name": "output-string", "type": "string"}]},
    {"name": "testset", "sub_algorithms": [
        {"name": "new-thing", "sub_algorithms": [], "input_arguments": [
            {"name": "output", "type": "string", "required": True, "metadata": {"role": ["new-file"]}}]}]}]}

evaluate, new_thing = usage.parse(json.dumps(USAGE))
assert (evaluate.name, evaluate.group, evaluate.numbers) == ("evaluate", "Score", ("rsu", "rda", "ras", "rmi"))
assert new_thing.name == "testset_new_thing" and new_thing.output.role == "new-file"
assert evaluate.output.name == "output" and evaluate.layer_of("truth").name == "layer" and evaluate.layer_of("map") is None
assert [arg.name for arg in evaluate.arguments if evaluate.hidden(arg)] == ["layer", "output-format", "summary", "quiet"]
assert evaluate.forced() == {"summary": "json"}

argument = evaluate.argument
assert argument("smoothing").has_unit and argument("smoothing").split_length() == (16.0, "m")
assert argument("creation-option").key == "CREATION_OPTION" and argument("creation-option").advanced
for name, value, expected in [
        ("band", "1, 2", [1, 2]), ("band", [3], [3]), ("band", "", None), ("band", None, None), ("band", 2, [2]),
        ("creation-option", "A=1,2|B=x", ["A=1,2", "B=x"]), ("threshold", "0.25", 0.25), ("threshold", 0, 0.0),
        ("normalize", False, None), ("normalize", True, True), ("layer", "a, b", "a, b"), ("layer", "", None)]:
    got = translate.convert(argument(name), value)
    assert got == expected and type(got) is type(expected), (name, value, got)
for name, value, expected in [
        ("profile", ["ground"], ["ground"]), ("profile", "reference,ground", ["reference", "ground"]), ("profile", [], None),
        ("profile", [""], None), ("summary", "json", "json"), ("summary", "", None), ("summary", None, None)]:
    assert translate.choice(argument(name), value) == expected, (name, value)
assert translate.length_text(16.0, "m") == "16m" and translate.length_text(0.5, "px") == "0.5px"
assert translate.is_default(argument("smoothing"), "16m") and not translate.is_default(argument("smoothing"), "16px")
assert translate.is_default(argument("threshold"), 0.5) and not translate.is_default(argument("threshold"), 0.0)
assert translate.both("a=1", "b=2 OR c=3") == "(a=1) AND (b=2 OR c=3)" and translate.both("", "b=2") == "b=2"
assert translate.both("", None) is None
line = translate.command_line(evaluate, {"truth": "a b.gpkg", "map": "é'\".tif", "band": [1, 2], "threshold": 0.1, "normalize": True})
assert line == "gdal selo evaluate 'é'\"'\"'\".tif' 'a b.gpkg' --band 1 --band 2 --threshold 0.1 --normalize", line
line = translate.command_line(evaluate, {"truth": "C:\\a b\\t.gpkg", "map": "m.tif", "layer": 'say "x"'}, "win32")
assert line == r'gdal selo evaluate m.tif "C:\a b\t.gpkg" --layer "say \"x\""', line
print("translation: passed")
