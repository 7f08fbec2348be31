"""The plugin fits QGIS for Qt 6, as far as QGIS for Qt 5 can tell: there a value of an enumeration is found by the enumeration alone,
bindings go through qgis.PyQt, and exec_() is gone."""

import ast
import importlib

from support.qgis_session import need
from support.selo import SOURCE

need(modules=("qgis",))
FILES = [*sorted((SOURCE / "qgis_wrapper" / "gdal_selo").glob("*.py")), SOURCE / "scripts" / "qgis_pictures.py"]


def imported(tree):
    """{name: what it is} of what a module takes from QGIS."""
    found = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis.") and node.module != "qgis.utils":
            module = importlib.import_module(node.module)
            found.update({alias.asname or alias.name: getattr(module, alias.name) for alias in node.names})
    return found


def chain(node):
    """["Qt", "DateFormat", "ISODate"] of Qt.DateFormat.ISODate, or None."""
    names = []
    while isinstance(node, ast.Attribute):
        names.insert(0, node.attr)
        node = node.value
    return [node.id, *names] if isinstance(node, ast.Name) else None


def problems(text):
    """What would fail with Qt 6, as (line, text)."""
    tree = ast.parse(text)
    known, found = imported(tree), []
    for node in ast.walk(tree):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names] if isinstance(node, ast.Import) else []
        found += [(node.lineno, name) for name in modules if name.split(".")[0] in ("PyQt5", "PyQt6", "sip")]
        if isinstance(node, ast.Attribute) and node.attr == "exec_":
            found.append((node.lineno, "exec_"))
        names = chain(node) if isinstance(node, ast.Attribute) else None
        if not names or names[0] not in known:
            continue
        value = known[names[0]]
        for name in names[1:]:
            assert hasattr(value, name), f"line {node.lineno}: {'.'.join(names)} is not there"
            parent, value = value, getattr(value, name)
            is_member = type(type(value)).__name__ in ("enumtype", "EnumMeta", "EnumType")
            if is_member and type(value) is not parent:
                found.append((node.lineno, ".".join(names)))
                break
    return found


bad = ("from qgis.core import Qgis, QgsWkbTypes, QgsRasterRange\nfrom qgis.PyQt.QtCore import Qt\nimport PyQt5.QtCore\nfrom PyQt5 import sip\n"
       "a = Qt.ISODate\nb = Qgis.Info\nc = QgsRasterRange.Exclusive\ndialog.exec_()\n")
assert [line for line, _ in sorted(problems(bad))] == [3, 4, 5, 6, 7, 8], problems(bad)
assert not problems("from qgis.core import Qgis\nfrom qgis.PyQt.QtCore import Qt\na = Qt.DateFormat.ISODate\nb = Qgis.MessageLevel.Info\n")
for file in FILES:
    assert not problems(file.read_text(encoding="utf-8")), (file, problems(file.read_text(encoding="utf-8")))
print("Qt 6:", len(FILES), "files passed")
