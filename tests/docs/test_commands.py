"""docs/commands says what the commands say of themselves; scripts/docs-commands writes it."""

import sys
from pathlib import Path

from support.selo import SOURCE, scratch

sys.path.insert(0, str(SOURCE / "scripts"))
sys.dont_write_bytecode = True
import docs_commands  # noqa: E402  pylint: disable=wrong-import-position,import-error


def pages(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in Path(folder).glob("*.md")}


def main():
    with scratch() as folder:
        docs_commands.main(folder)
        made, kept = pages(folder), pages(SOURCE / "docs" / "commands")
    assert len(made) > 5 and "evaluate.md" in made, sorted(made)
    stale = sorted(name for name in made.keys() | kept.keys() if made.get(name) != kept.get(name))
    assert not stale, f"docs/commands is stale ({', '.join(stale)}): run scripts/docs-commands"
    for name, text in made.items():
        assert name == "README.md" or "| argument | meaning |" in text, f"{name} names no argument"
        assert name == "README.md" or "Example" in text, f"{name} has no example"
    print(f"{len(made)} pages agree with the commands")


if __name__ == "__main__":
    sys.exit(main())
