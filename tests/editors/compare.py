"""Holds the places where editors got against those of `kubeshoal check --format json`."""

import json
import sys
from pathlib import Path

scratch = Path(sys.argv[1])
failed = False


def expected():
    for finding in json.loads((scratch / "expected.json").read_text())["findings"]:
        path, start = finding["path"], finding["start"]
        text = (scratch / "repository" / path).read_bytes()
        rest = text[start["byte"] :].decode().splitlines()[0]
        yield {
            "path": path,
            "line": start["line"],
            "kind": finding["severity"],
            "text": f"{finding['message']} [{finding['rule']}]",
            "at": rest,
        }


def differs(editor, found, wanted):
    at = found.get("at", "")
    counts_cells = editor in ("vim", "emacs-compile") and wanted["path"] in ("日本.yaml", "composed.yaml")
    if counts_cells and (at.endswith(wanted["at"]) or wanted["at"].endswith(at)):
        found = found | {"at": wanted["at"]}  # a character has two cells or none there: the cursor is some characters off
    return any(found.get(key) != value for key, value in wanted.items() if key != "text" or "emacs" not in editor)


key = lambda entry: (entry.get("path", ""), entry.get("line", 0), len(entry.get("at", "")))
wanted = sorted(expected(), key=key)
kinds = {entry["kind"] for entry in wanted}
assert kinds == {"note", "warning", "error"} and len({entry["path"] for entry in wanted}) == 8, wanted
for editor in ["vim", "emacs", "emacs-compile", "nvim", "nvim-server"]:
    found = sorted(map(json.loads, (scratch / f"{editor}.jsonl").read_text().splitlines()), key=key)
    wrong = [pair for pair in zip(found, wanted) if differs(editor, *pair)]
    for pair in wrong:
        print(f"{editor} reads {pair[0]}, not {pair[1]}")
    if len(found) != len(wanted):
        print(f"{editor} reads {len(found)} findings, not {len(wanted)}")
    failed |= bool(wrong) or len(found) != len(wanted)
    print(f"{editor}: {len(found) - len(wrong)} of {len(wanted)} findings")
sys.exit(failed)
