"""The example of docs/library.md, built through pkg-config against a fresh installation, and the same text in the docs."""

import ctypes
import os
import subprocess
import sys

from support.selo import BUILD, SKIPPED, SOURCE, scratch

EXAMPLE = SOURCE / "docs" / "examples" / "score_array.c"


def run(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False, **options)
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout.strip()


def check_plugin_shows_its_entry_alone(plugin):
    """In a program that links libselo, of another version perhaps, its functions would take the place of the plugin's."""
    loaded = ctypes.CDLL(str(plugin))
    assert hasattr(loaded, "GDALRegister_SELO")
    assert not hasattr(loaded, "selo_alloc"), "the plugin lends and borrows functions of the library"


def check_folders_given_whole(folder):
    """Distributions that keep headers and libraries under prefixes of their own give CMake whole paths."""
    cases = ((("lib", "/opt/a b/dev/include"), ("/x/lib", "/opt/a b/dev/include"), "/x/lib/pkgconfig"),
             (("/opt/lib", "/opt/dev/include"), ("/opt/lib", "/opt/dev/include"), "/opt/lib/pkgconfig"),
             (("/opt/lib", "include"), ("/opt/lib", "/usr/local/include"), "/opt/lib/pkgconfig"))
    for (libdir, includedir), expected, place in cases:
        run("cmake", "-S", SOURCE, "-B", folder / "configured", "-G", "Ninja", "-DBUILD_TESTING=OFF", f"-DCMAKE_INSTALL_LIBDIR:PATH={libdir}",
            f"-DCMAKE_INSTALL_INCLUDEDIR:PATH={includedir}")
        env = {**os.environ, "PKG_CONFIG_PATH": str(folder / "configured" / "algorithms")}
        got = [run("pkg-config", f"--define-variable=pcfiledir={place}", f"--variable={name}", "selo", env=env) for name in ("libdir", "includedir")]
        assert tuple(os.path.normpath(path.replace("\\", "")) for path in got) == expected, (got, expected)


def main():
    if "fsanitize" in (BUILD / "CMakeCache.txt").read_text(encoding="utf-8"):
        print("skipped: a program of its own cannot load a library that needs the sanitizers' runtime")
        sys.exit(SKIPPED)
    assert EXAMPLE.read_text(encoding="utf-8").strip() in (SOURCE / "docs" / "library.md").read_text(encoding="utf-8")
    assert len(EXAMPLE.read_text(encoding="utf-8").splitlines()) <= 40
    with scratch("selo test ") as folder:  # pkg-config breaks up letters beyond ASCII
        run("cmake", "--install", BUILD, "--prefix", folder)
        where = next(folder.rglob("selo.pc")).parent
        env = {**os.environ, "PKG_CONFIG_PATH": str(where)}
        flags = run("pkg-config", "--cflags", "--libs", "selo", env=env)
        # a shell reads the flags: the path holds blanks
        run("sh", "-c", f'cc -std=c11 -Wall -Wextra -Werror "$0" {flags} -o "$1"', EXAMPLE, folder / "score")
        scores = run(folder / "score", env={**env, "LD_LIBRARY_PATH": str(where.parent)})
        assert scores == "rsu 1.0000  ras 0.0021  rda 1.0000  rmi 0.9993", scores
        assert scores in (SOURCE / "docs" / "library.md").read_text(encoding="utf-8")
        run("sh", "-c", f'echo "#include <selo/selo.h>" | cc -std=c11 -Wall -Werror -fsyntax-only -x c {flags} -')
        assert list(folder.rglob("gdalplugins/gdal_SELO.so")), "no plugin was installed"
        for licence in ("LICENSE", "unicode-licence.txt"):
            assert list(folder.rglob(f"share/doc/selo/{licence}")), "the licences have to go with every copy"
        check_plugin_shows_its_entry_alone(next(folder.rglob("gdalplugins/gdal_SELO.so")))
        check_folders_given_whole(folder)


if __name__ == "__main__":
    main()
