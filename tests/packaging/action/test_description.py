"""What `action.yml` says, what its scripts read and what docs/action.md tells are one."""

import re
import unittest

import yaml

from runner import ACTION, ROOT

ACTION_YML = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION_YML["runs"]["steps"]
PAGE = (ROOT / "docs/action.md").read_text()


def table(heading):
    """Rows of the table below a heading, by their first cell."""
    section = re.search(rf"^## {heading}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL)[1]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line.startswith("| `")]
    return {row[0].strip("`"): row[1:] for row in rows}


def workflows():
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("**/*.md")), *sorted((ROOT / ".github/workflows").glob("*.yml"))]:
        texts = re.findall(r"^```yaml\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL) if page.suffix == ".md" else [page.read_text()]
        yield from ((page.name, text) for text in texts if re.search(r"^jobs:|uses: ", text, re.MULTILINE))


def uses(value):
    if isinstance(value, dict):
        if "uses" in value:
            yield value["uses"], value.get("with") or {}
        value = list(value.values())
    for each in value if isinstance(value, list) else []:
        yield from uses(each)


class Description(unittest.TestCase):
    def test_the_page_has_each_input_and_its_default(self):
        told = table("Inputs")
        self.assertEqual(list(told), list(ACTION_YML["inputs"]))
        for name, entry in ACTION_YML["inputs"].items():
            if entry["default"]:
                self.assertEqual(told[name][1], f"`{entry['default']}`", name)

    def test_the_page_has_each_output(self):
        self.assertEqual(list(table("Outputs")), list(ACTION_YML["outputs"]))

    def test_scripts_read_what_they_are_given(self):
        given_inputs = set()
        for step in (step for step in STEPS if "run" in step):
            script = re.fullmatch(r'"\$GITHUB_ACTION_PATH/(action/[a-z]+)"', step["run"])
            self.assertIsNotNone(script, "what a step runs is a script of the action, with nothing put into it")
            text = (ROOT / script[1]).read_text()
            for name, value in step["env"].items():
                self.assertRegex(text, rf"\$\{{?{name}\b", f"{script[1]} reads {name}")
                if value.startswith("${{ inputs."):
                    wanted = name.removeprefix("INPUT_").lower().replace("_", "-")
                    self.assertEqual(value, f"${{{{ inputs.{wanted} }}}}")
                    given_inputs.add(wanted)
            read = set(re.findall(r"\$\{?(INPUT_[A-Z_]+)", text))
            self.assertEqual(read, {name for name in step["env"] if name.startswith("INPUT_")}, script[1])
        elsewhere = {name for name in ACTION_YML["inputs"] if any(f"inputs.{name}" in str(step) for step in STEPS if "uses" in step)}
        self.assertEqual(given_inputs | elsewhere, set(ACTION_YML["inputs"]), "each input counts")

    def test_outputs_are_written(self):
        written = set(re.findall(r"^ *output ([a-z-]+) ", "".join((ROOT / "action" / name).read_text() for name in ("commands", "install", "check")), re.MULTILINE))
        asked = set(re.findall(r"steps\.[a-z]+\.outputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
        self.assertEqual(asked, written)

    def test_examples_use_inputs_that_there_are(self):
        found = 0
        for name, text in workflows():
            for action, inputs in uses(yaml.safe_load(text)):
                if action == "./" or action.startswith("kubeshoal/"):
                    found += 1
                    self.assertIn(action, (ACTION, "./"), name)
                    self.assertLessEqual(set(inputs), set(ACTION_YML["inputs"]), name)
        self.assertGreaterEqual(found, 4)


if __name__ == "__main__":
    unittest.main()
