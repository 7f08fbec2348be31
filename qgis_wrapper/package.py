"""Makes the QGIS plugin of this folder: package.py FOLDER [--zip FILE] [--commands JSON]

FOLDER/gdal_selo becomes the plugin, with the styles of the result layers, the commands that are listed where GDAL
has no `gdal selo` (the output of `gdal selo --json-usage`, run here unless given), and what translators work on."""

import argparse
import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import translations

HERE = Path(__file__).resolve().parent


def build(folder, commands=None):
    """Copies the plugin to folder/gdal_selo and returns that."""
    target = Path(folder) / "gdal_selo"
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(HERE / "gdal_selo", target, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    (target / "styles").mkdir(exist_ok=True)
    for style in sorted((HERE.parent / "algorithms" / "io" / "styles").glob("*.qml")):
        shutil.copy(style, target / "styles")
    if (HERE.parent / "LICENSE").exists():
        shutil.copy(HERE.parent / "LICENSE", target)
    text = Path(commands).read_text(encoding="utf-8") if commands else subprocess.run(
        ["gdal", "selo", "--json-usage"], capture_output=True, text=True, check=True).stdout
    # Pages of the machine that makes the zip are of no use elsewhere.
    (target / "commands.json").write_text(re.sub(r'(url": *)"file:[^"]*"', r'\1""', text), encoding="utf-8")
    (target / "i18n").mkdir(exist_ok=True)
    translations.write(text, target / "i18n" / "gdal_selo.ts")
    return target


def pack(target, path):
    """The folder as a zip that QGIS installs; equal folders give equal bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(target.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                entry = zipfile.ZipInfo(str(file.relative_to(target.parent)), (1980, 1, 1, 0, 0, 0))
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())


def main():
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--zip", type=Path)
    parser.add_argument("--commands", type=Path)
    given = parser.parse_args()
    target = build(given.folder, given.commands)
    if given.zip:
        pack(target, given.zip)
        print(given.zip)


if __name__ == "__main__":
    main()
