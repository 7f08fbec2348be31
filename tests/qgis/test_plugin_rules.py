"""The rules of QGIS's plugin repository: metadata, size, no binaries, licence; and pylint and flake8 where they are."""

import configparser
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from support.qgis_session import need
from support.selo import BUILD, SOURCE, gdal

need("gdal")
WRAPPER = SOURCE / "qgis_wrapper"
REQUIRED = ("name", "qgisMinimumVersion", "qgisMaximumVersion", "description", "about", "version", "author", "email",
            "repository", "tracker", "homepage", "changelog", "icon", "tags", "license", "hasProcessingProvider")

with tempfile.TemporaryDirectory() as folder:
    usage = Path(folder) / "usage.json"
    usage.write_text(gdal("selo", "--json-usage", env={"GDAL_DRIVER_PATH": str(BUILD / "gdal_plugin")}).stdout, encoding="utf-8")
    archives = [Path(folder) / name for name in ("one.zip", "two.zip")]
    for archive in archives:
        subprocess.run([sys.executable, WRAPPER / "package.py", Path(folder) / archive.stem, "--commands", usage,
                        "--zip", archive], check=True, stdout=subprocess.DEVNULL)
    assert archives[0].read_bytes() == archives[1].read_bytes(), "the zip differs from one making to the next"
    assert archives[0].stat().st_size < 25 * 1024 * 1024
    with zipfile.ZipFile(archives[0]) as archive:
        names = archive.namelist()
        assert all(re.fullmatch(r"gdal_selo/[A-Za-z0-9_./-]+", name) for name in names), names
        assert not [name for name in names if "__MACOSX" in name or "/." in name or "__pycache__" in name]
        for name in names:
            assert b"\0" not in archive.read(name), f"{name} is binary"
            assert Path(name).suffix in (".py", ".txt", ".svg", ".qml", ".json", ".qpt", ".ts", ""), name
        for name in ("__init__.py", "metadata.txt", "LICENSE", "icon.svg", "commands.json", "styles/selo_cand.qml", "styles/selo_map.qml"):
            assert f"gdal_selo/{name}" in names, f"no {name} in the zip"
        metadata = configparser.ConfigParser(interpolation=None)
        metadata.read_string(archive.read("gdal_selo/metadata.txt").decode("utf-8"))

general = metadata["general"]
for key in REQUIRED:
    assert general.get(key.lower()), f"metadata.txt has no {key}"
assert general["hasprocessingprovider"] == "yes" and general["qgismaximumversion"] == "4.99" and general["license"] == "MIT"
assert re.fullmatch(r"\d+\.\d+\.\d+", general["version"]) and general["qgisminimumversion"] == "3.40"
assert "supportsqt6" not in general, "deprecated"
assert general["version"] in (SOURCE / "CMakeLists.txt").read_text(encoding="utf-8"), "version differs from the project's"
for tool, arguments in (("flake8", ["--max-line-length", "120"]), ("pylint", ["--rcfile", SOURCE / ".pylintrc"])):
    if shutil.which(tool) is None:
        print(f"{tool} is not here: not run")
        continue
    done = subprocess.run([tool, *arguments, WRAPPER / "gdal_selo", WRAPPER / "package.py"], capture_output=True, text=True)
    assert done.returncode == 0, f"{tool}:\n{done.stdout}{done.stderr}"
print("plugin rules: passed")
