"""Jobs that use the action, run by act on this machine: GitHub's runner as far as it goes without GitHub.

The action is this checkout, by the name that its users write. The program comes from a server on this machine, as a release made by
`packaging/release`. `github/codeql-action/upload-sarif` is a stand-in that keeps what it is given.
"""

import contextlib
import functools
import http.server
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[3]
VERSION = re.search(r'^version = "(.+)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
ACTION = f"kubeshoal/kubeshoal@v{VERSION}"
UPLOAD = re.search(r"github/codeql-action/upload-sarif@([0-9a-f]{40})", (ROOT / "action.yml").read_text())[1]
TARGET = {"x86_64": "x86_64-unknown-linux-musl", "aarch64": "aarch64-unknown-linux-musl"}[platform.machine()]
PERSON = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}

STAND_IN = """
name: upload-sarif
description: Keeps what it is given, and ends as FAKE_UPLOAD says
inputs:
  sarif_file: {description: file, required: true}
  checkout_path: {description: folder}
  category: {description: name}
runs:
  using: composite
  steps:
  - shell: bash
    env: {SARIF: "${{ inputs.sarif_file }}", AROUND: "${{ inputs.checkout_path }}", CATEGORY: "${{ inputs.category }}"}
    run: cp "$SARIF" "$KEPT/uploaded.sarif" && printf '%s\\n%s\\n' "$AROUND" "$CATEGORY" >"$KEPT/uploaded" && exit "$FAKE_UPLOAD"
"""


def git(folder, *arguments, **environment):
    done = subprocess.run(["git", *arguments], cwd=folder, env={**os.environ, **PERSON, **environment}, check=True, capture_output=True, text=True)
    return done.stdout.strip()


class Releases(http.server.SimpleHTTPRequestHandler):
    """Serves a folder and remembers what was asked for."""

    asked = []

    def log_message(self, *_):
        self.asked.append(self.path)


class Run:
    """What came of a job."""

    def __init__(self, records, kept):
        lines = [line for record in records for line in record["msg"].splitlines() if not line.startswith("unable to get git re")]
        self.log = "\n".join(lines)
        self.summary = "".join(record["msg"].split("Summary - ", 1)[1] for record in records if "Summary - " in record["msg"])
        # act shows a command that it has obeyed behind a mark.
        self.annotations = [found[1] for line in lines if (found := re.match(r"\s*(?:❗|🚧|💬|❓|  )\s*(::(?:error|warning|notice).*)", line))]
        results = [record for record in records if "jobResult" in record]
        self.passed = results[-1]["jobResult"] == "success" if results else False
        told = kept / "outputs.json"
        self.outputs = json.loads(told.read_text()) if told.exists() else {}
        uploaded = kept / "uploaded.sarif"
        self.uploaded = json.loads(uploaded.read_text()) if uploaded.exists() else None
        self.upload_arguments = (kept / "uploaded").read_text().splitlines() if self.uploaded else None
        sarif = kept / "kubeshoal.sarif"
        self.sarif = json.loads(sarif.read_text()) if sarif.exists() else None


class Runner:
    def __init__(self, act, program, scratch):
        self.act, self.scratch = act, scratch
        self.releases, self.stand_in, self.cache = scratch / "releases", scratch / "codeql-action", scratch / "cache"
        subprocess.run([ROOT / "packaging/release", "archive", TARGET, program, self.releases / f"v{VERSION}"], check=True, capture_output=True)
        subprocess.run([ROOT / "packaging/release", "checksums", self.releases / f"v{VERSION}"], check=True, capture_output=True)
        (self.stand_in / "upload-sarif").mkdir(parents=True)
        (self.stand_in / "upload-sarif/action.yml").write_text(STAND_IN)
        self.copy = scratch / "action"
        self.copy.mkdir()
        for part in ["action.yml", "action", "Cargo.toml"]:
            (shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, self.copy / part)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Releases, directory=self.releases))
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def forget_installed(self):
        shutil.rmtree(self.cache / "act/tool_cache", ignore_errors=True)

    def run(self, folder, inputs=None, event="push", payload=None, upload=0, environment=None, action=ACTION):
        """Runs a job in a folder that uses the action, and tells its outputs whatever comes of it."""
        tell = 'printf "%s" "$TOLD" >"$KEPT/outputs.json"; cp "$SARIF" "$KEPT/kubeshoal.sarif" 2>/dev/null || true'
        steps = [
            {"uses": "actions/checkout@v7"},
            {"id": "kubeshoal", "uses": action, "with": inputs or {}},
            {"if": "always()", "run": tell, "env": {"TOLD": "${{ toJSON(steps.kubeshoal.outputs) }}", "SARIF": "${{ steps.kubeshoal.outputs.sarif-file }}"}},
        ]
        return self.run_workflow(folder, {"on": event, "jobs": {"lint": {"runs-on": "ubuntu-latest", "steps": steps}}}, event, payload, upload, environment)

    def run_workflow(self, folder, workflow, event="push", payload=None, upload=0, environment=None, job=None, matrix=None):
        kept = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
        if not isinstance(workflow, pathlib.Path):
            (kept / "workflow.yml").write_text(json.dumps(workflow))
            workflow = kept / "workflow.yml"
        (kept / "event.json").write_text(json.dumps(payload or {}))
        variables = {"KUBESHOAL_RELEASES": f"http://127.0.0.1:{self.server.server_port}", "KEPT": kept, "FAKE_UPLOAD": upload, **(environment or {})}
        command = [self.act, event, "--workflows", workflow, "--eventpath", kept / "event.json", "--json", "--pull=false"]
        command += ["--platform", "ubuntu-latest=-self-hosted", "--action-offline-mode", "--artifact-server-path", ""]
        command += ["--local-repository", f"{ACTION}={self.copy}", "--local-repository", f"github/codeql-action@{UPLOAD}={self.stand_in}"]
        command += ["--job", job] if job else []
        command += ["--matrix", matrix] if matrix else []
        for name, value in variables.items():
            command += ["--env", f"{name}={value}"]
        surroundings = {**os.environ, "XDG_CACHE_HOME": str(self.cache), "HOME": str(self.scratch)}
        surroundings.pop("GITHUB_ACTIONS", None)
        done = subprocess.run(command, cwd=folder, env=surroundings, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
        records = []
        for line in done.stdout.splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                records.append(json.loads(line))
        return Run(records, kept)
