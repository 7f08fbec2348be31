"""The report in a real browser: it loads, asks for nothing, and says nothing on its console. Needs chromium."""

import json
import re
import shutil
import subprocess
import sys

from support.selo import SKIPPED, gdal, scratch

if not shutil.which("chromium"):
    print("skipped: there is no chromium here (scripts/in-env --group test has it)")
    sys.exit(SKIPPED)


def browse(folder, page, *arguments):
    done = subprocess.run(["chromium", "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile", "--enable-logging=stderr",
                           "--log-level=0", *arguments, page.as_uri()], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done


with scratch() as scratch_folder:
    annotation = []
    for k in range(4):
        (scratch_folder / f"map_{k}.pgm").write_bytes(b"P5\n60 40\n255\n" + bytes((x + 40 * k) % 256 for _ in range(40) for x in range(60)))
        annotation.append({"caption": f"query <{k}> & more", "jpg_name": f"{k % 2}.jpg", "points": [[[9, 9], [30, 9], [30, 30], [9, 30], [9, 9]]]})
    (scratch_folder / "anno.json").write_text(json.dumps(annotation))
    gdal("selo", "testset", "import", scratch_folder / "anno.json", scratch_folder / "set.gpkg", "-q")
    gdal("selo", "benchmark", scratch_folder / "set.gpkg", scratch_folder / "out.gpkg", "--maps", scratch_folder / "map_{index}.pgm", "-q")
    gdal("selo", "report", scratch_folder / "out.gpkg", scratch_folder / "report.html", "-q")
    html = (scratch_folder / "report.html").read_text()
    assert not re.search(r'(?:src|href)="(?!data:|#)', html), "the page names something outside itself"
    done = browse(scratch_folder, scratch_folder / "report.html", "--dump-dom")
    assert done.stdout.count("<figure>") == html.count("<figure>") == 4
    assert done.stdout.count("</table>") == html.count("</table>")
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    assert not said, said
    # The same check must notice a page that does ask: its policy forbids it, and the console says so.
    (scratch_folder / "asks.html").write_text(html.replace("</main>", '<img src="file:///nowhere.png" alt=""></main>'))
    assert any("CONSOLE" in line for line in browse(scratch_folder, scratch_folder / "asks.html", "--dump-dom").stderr.splitlines())
print("report in chromium: ok")
