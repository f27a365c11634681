"""Writes the pages of the book: the repository's own documents in their folders, so that links between them hold, a page for each rule, and
references made from the program's help and the config's schema.

pages.py PROGRAM REPOSITORY PAGES
"""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

PROGRAM, ROOT, PAGES = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
REPOSITORY = "https://github.com/kubeshoal/kubeshoal"
# Read in this order; others follow.
GUIDES = ["getting-started", "diff", "rollout", "suppression", "adopting", "from-kube-linter", "hook", "action", "editors", "formats", "policies", "graph"]
LINK = re.compile(r"(?<=\]\()([^()\s]+)(?=\))")


def run(*arguments):
    return subprocess.run([PROGRAM, *arguments], capture_output=True, check=True, text=True).stdout


def write(path, text):
    (PAGES / path).parent.mkdir(parents=True, exist_ok=True)
    (PAGES / path).write_text(text)


def title(path):
    return next(line[2:] for line in (PAGES / path).read_text().splitlines() if line.startswith("# "))


def guides():
    """The guides' paths, in the order of reading."""
    names = [page.stem for page in (ROOT / "docs").glob("*.md")]
    order = {name: place for place, name in enumerate(GUIDES)}
    return [f"docs/{name}.md" for name in sorted(names, key=lambda name: (order.get(name, len(GUIDES)), name))]


def copy_documents(paths):
    for path in paths:
        text = (ROOT / path).read_text()
        text = outside(path, re.sub(r"(?s)<!-- rules:start -->.*<!-- rules:end -->", "[All rules](rules/index.md)", text))
        write(path.replace("README", "index"), text)
    shutil.copytree(ROOT / "docs/pictures", PAGES / "docs/pictures")
    shutil.copy(ROOT / "kubeshoal.schema.json", PAGES)


def outside(page, text):
    """The text with links to what is no page leading into the repository."""

    def leading(link):
        target, *anchor = link[0].split("#")
        if not target or ":" in target:
            return link[0]
        if target.endswith("README.md"):
            return "#".join([target.replace("README", "index"), *anchor])
        path = (ROOT / page).parent.joinpath(target).resolve().relative_to(ROOT.resolve())
        is_page = path.suffix == ".md" or path.parts[:2] == ("docs", "pictures") or path.name == "kubeshoal.schema.json"
        kind = "tree" if (ROOT / path).is_dir() else "blob"
        return link[0] if is_page else f"{REPOSITORY}/{kind}/main/{path}"

    return LINK.sub(leading, text)


def rule_page(rule):
    """The rule's document as `kubeshoal explain` tells it, the fences of its examples as captions."""

    def fence(block):
        *words, name = ["", *block[1].split()]
        parts = [f"`{name}`" if "." in name else "", "Before" if "old" in (*words, name) else "", "By itself" if "alone" in (*words, name) else ""]
        caption = ", ".join(filter(None, parts))
        return f"{caption}:\n\n```yaml\n" if caption else "```yaml\n"

    text = re.sub(r"(?m)^```yaml ?(.*)\n", fence, run("explain", rule["id"]))
    text = re.sub(r"(?m)^- (https://\S+)$", r"- <\1>", text)
    return outside(f"rules/{rule['id']}.md", text)


def rule_index(rules):
    text = (
        "# Rules\n\nThe severity is the highest that a rule gives; its page says which cases are less. Rules that are off run where the config or "
        "`--select` names them. Fixes are made by `kubeshoal check --fix`, unsafe ones by `--unsafe-fixes`.\n"
    )
    for category, members in by_category(rules):
        text += f"\n## {category.capitalize()}\n\n| rule | finds | severity | default | fix |\n|---|---|---|---|---|\n"
        for rule in members:
            finds, default = rule["title"].replace("|", "\\|"), "on" if rule["default"] else "off"
            text += f"| [`{rule['id']}`]({rule['id']}.md) | {finds} | {rule['severity']} | {default} | {rule['fix'] or ''} |\n"
    return text


def category_page(category, members):
    text = rule_index(members)
    return text.replace("# Rules", f"# {category.capitalize()}", 1).replace(f"\n## {category.capitalize()}\n", "")


def by_category(rules):
    categories = dict.fromkeys(rule["category"] for rule in rules)
    return [(category, [rule for rule in rules if rule["category"] == category]) for category in categories]


def commands(*path):
    """The help of a command and of those below it."""
    text = run("help", *path)
    yield " ".join(["kubeshoal", *path]), text
    listed = re.search(r"(?ms)^Commands:\n(.*?)(?:\n\n|\Z)", text)
    for name in re.findall(r"(?m)^  (\S+)", listed[1]) if listed else []:
        if name != "help":
            yield from commands(*path, name)


def command_page():
    text = "# Commands\n\nWhat `kubeshoal help COMMAND` tells. `kubeshoal man DIR` writes the same as manual pages.\n"
    for name, told in commands():
        text += f"\n## `{name}`\n\n```text\n{told.rstrip()}\n```\n"
    return text


def kind(schema):
    """What a value has to be, in words."""
    match schema:
        case {"enum": values}:
            return ", ".join(f"`{value}`" for value in values)
        case {"type": "object"}:
            return "mapping"
        case {"anyOf": choices}:
            return ", or ".join(dict.fromkeys(kind(choice) for choice in choices))
        case {"type": "array", "items": items}:
            return f"list: {kind(items)}"
        case {"type": list(types)}:
            return ", or ".join(kind({"type": type}) for type in types)
        case {"$ref": "#/definitions/rule"}:
            return "a rule, or `policy/NAME`"
        case {"$ref": "#/definitions/level"} | {"allOf": [{"$ref": "#/definitions/level"}]}:
            return "`off`, `note`, `warning`, `error`, or `{level: …}`"
        case {"type": type}:
            return {"string": "text", "integer": "number", "boolean": "`true` or `false`"}.get(type, type)
    raise ValueError(schema)


def settings(schema, path=""):
    """Each setting: its path, what it has to be, what it means."""
    for name, value in schema.get("properties", {}).items():
        here = f"{path}.{name}" if path else name
        yield here, kind(value), value.get("description", "")
        if here == "rules":
            yield "rules.RULE, rules.CATEGORY", kind({"$ref": "#/definitions/level"}), "How much its findings weigh"
            continue
        for part in [value, *value.get("anyOf", [])]:
            yield from settings(part, here)
            yield from settings(part.get("items", {}), f"{here}[]")


def config_page():
    text = (
        "# Config\n\n`.kubeshoal.yaml` is searched upwards from the input to the root of the Git repository. What it may hold is what\n"
        "[`kubeshoal.schema.json`](../kubeshoal.schema.json) says, which editors read where its first line is\n"
        "`# yaml-language-server: $schema=https://raw.githubusercontent.com/kubeshoal/kubeshoal/main/kubeshoal.schema.json`.\n\n"
        "| setting | value | meaning |\n|---|---|---|\n"
    )
    for path, value, meaning in settings(json.loads((ROOT / "kubeshoal.schema.json").read_text())):
        text += f"| `{path}` | {value} | {meaning} |\n".replace("\\|", "|")
    return text


def summary(rules):
    text = "# Summary\n\n[kubeshoal](index.md)\n\n# Guides\n\n"
    text += "".join(f"- [{title(path)}]({path})\n" for path in guides())
    text += "\n# Rules\n\n- [All rules](rules/index.md)\n"
    for category, members in by_category(rules):
        text += f"- [{category.capitalize()}](rules/{category}.md)\n"
        text += "".join(f"  - [{rule['id']}](rules/{rule['id']}.md)\n" for rule in members)
    text += "\n# Reference\n\n- [Commands](docs/commands.md)\n- [Config](docs/config.md)\n"
    return text + "- [Changelog](CHANGELOG.md)\n- [Contributing](CONTRIBUTING.md)\n"


def main():
    rules = json.loads(run("rules", "--format", "json"))
    copy_documents(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", *guides()])
    write("rules/index.md", rule_index(rules))
    for category, members in by_category(rules):
        write(f"rules/{category}.md", category_page(category, members))
    for rule in rules:
        write(f"rules/{rule['id']}.md", rule_page(rule))
    write("docs/commands.md", command_page())
    write("docs/config.md", config_page())
    write("SUMMARY.md", summary(rules))


main()
