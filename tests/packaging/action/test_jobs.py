"""Jobs that use the action, as its users have them and as they had better not."""

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from runner import ROOT, TARGET, VERSION, Releases, Runner, git

BUDGET = "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: NAME}\nspec: {maxUnavailable: 1, selector: {matchLabels: {app: NAME}}}\n"
BAD = """apiVersion: apps/v1
kind: Deployment
metadata: {name: NAME}
spec:
  revisionHistoryLimit: 0
  selector: {matchLabels: {app: NAME}}
  template:
    metadata: {labels: {app: NAME}}
    spec:
      containers:
      - {name: NAME, image: "NAME:1.2.3", readinessProbe: {tcpSocket: {port: 1}}}
"""
GOOD = BAD.replace("  revisionHistoryLimit: 0\n", "")
# A selector that a Deployment can't change to: nothing that `check` could see in the new file alone.
MOVED = GOOD.replace("{app: NAME}", "{app: moved-NAME}")


def manifest(text, name="web"):
    return text.replace("NAME", name)


class Jobs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = tempfile.TemporaryDirectory()
        cls.scratch = pathlib.Path(cls.place.name)
        cls.runner = Runner(os.environ["ACT"], os.environ["PROGRAM"], cls.scratch)

    @classmethod
    def tearDownClass(cls):
        cls.runner.close()
        cls.place.cleanup()

    def repository(self, **files):
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
        git(folder, "init", "--quiet", "--initial-branch", "main")
        self.commit(folder, files)
        return folder

    def commit(self, folder, files):
        for name, text in files.items():
            path = folder / name.replace("__", "/")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--allow-empty", "--message", "a commit")
        return git(folder, "rev-parse", "HEAD")

    def assert_ended(self, run, code):
        self.assertEqual(run.outputs["exit-code"], str(code), run.log)
        self.assertEqual(run.passed, code == 0, run.log)

    def assert_refused(self, run, *texts):
        """It could not run, says why in an annotation or the log, and leaves nothing to be uploaded."""
        self.assert_ended(run, 2)
        for text in texts:
            self.assertIn(text, run.log)
        self.assertTrue(any(line.startswith("::error title=kubeshoal::") for line in run.annotations), run.log)
        self.assertIsNone(run.uploaded)

    # What it shows

    def test_findings_are_shown_and_fail_the_job(self):
        run = self.runner.run(self.repository(**{"deploy__web.yaml": manifest(BAD)}))
        self.assert_ended(run, 1)
        self.assertEqual([run.outputs[name] for name in ("findings", "errors", "warnings", "notes")], ["1", "0", "1", "0"])
        self.assertRegex(run.log, r"deploy/web\.yaml:5:25")
        self.assertEqual(len(run.annotations), 1)
        self.assertTrue(run.annotations[0].startswith("::warning file=deploy/web.yaml,line=5,"), run.annotations)
        self.assertIn("<code>deploy/web.yaml</code> (1)", run.summary)
        self.assertRegex(run.summary, r"/blob/[0-9a-f]{40}/deploy/web\.yaml#L5\)")
        self.assertEqual(run.sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "deploy/web.yaml")
        self.assertIsNone(run.uploaded)

    def test_a_clean_repository_passes(self):
        run = self.runner.run(self.repository(**{"web.yaml": manifest(GOOD)}), {"sarif": "true"})
        self.assert_ended(run, 0)
        self.assertEqual(run.outputs["findings"], "0")
        self.assertEqual(run.annotations, [])
        self.assertEqual(run.uploaded["runs"][0]["results"], [])
        self.assertIn("no findings", run.summary)

    def test_findings_are_uploaded_before_the_job_fails(self):
        folder = self.repository(**{"web.yaml": manifest(BAD)})
        run = self.runner.run(folder, {"sarif": "true", "category": "a category"})
        self.assert_ended(run, 1)
        self.assertEqual(len(run.uploaded["runs"][0]["results"]), 1)
        self.assertEqual(run.upload_arguments[1], "a category")
        self.assertEqual(run.annotations, [], "code scanning annotates")
        self.assertEqual(len(self.runner.run(folder, {"sarif": "true", "annotations": "true"}).annotations), 1)

    def test_a_token_that_may_not_upload_hides_nothing(self):
        run = self.runner.run(self.repository(**{"web.yaml": manifest(BAD)}), {"sarif": "true"}, upload=1)
        self.assert_ended(run, 1)
        self.assertEqual([line.split(" ")[0] for line in run.annotations], ["::warning", "::warning"])
        self.assertIn("security-events: write", run.annotations[0])
        self.assertIn("file=web.yaml,line=5", run.annotations[1])
        run = self.runner.run(self.repository(**{"web.yaml": manifest(GOOD)}), {"sarif": "true"}, upload=1)
        self.assert_ended(run, 0)

    def test_annotations_and_the_summary_can_be_switched_off(self):
        run = self.runner.run(self.repository(**{"web.yaml": manifest(BAD)}), {"annotations": "false", "summary": "false"})
        self.assert_ended(run, 1)
        self.assertEqual((run.annotations, run.summary), ([], ""))

    def test_what_fails_the_job_can_be_said(self):
        folder = self.repository(**{"web.yaml": manifest(BAD)})
        for least in ("error", "never"):
            run = self.runner.run(folder, {"fail-on": least})
            self.assert_ended(run, 0)
            self.assertEqual(run.outputs["findings"], "1")
        self.assert_refused(self.runner.run(folder, {"fail-on": "catastrophe"}), "catastrophe")

    def test_thousands_of_findings_stay_within_what_github_takes(self):
        files = {f"web-{number}.yaml": "---\n".join(manifest(BAD, f"web-{number}-{each}") for each in range(100)) for number in range(40)}
        run = self.runner.run(self.repository(**files))
        self.assert_ended(run, 1)
        self.assertEqual(run.outputs["findings"], "4000")
        self.assertGreater(len(run.summary), 500_000)
        self.assertLess(len(run.summary.encode()), 1024 * 1024)
        self.assertIn("more findings are left out here", run.summary)
        self.assertEqual(len([line for line in run.annotations if line.startswith("::warning")]), 10)

    # What it is told

    def test_paths_stand_on_lines_and_may_have_blanks_and_dashes(self):
        folder = self.repository(**{"a folder__web one.yaml": manifest(BAD, "one"), "--fix.yaml": manifest(BAD, "two"), "other.yaml": manifest(BAD, "three")})
        run = self.runner.run(folder, {"paths": "\n  a folder\r\n\n  --fix.yaml  \n"})
        self.assert_ended(run, 1)
        self.assertEqual(sorted(re.findall(r"file=(.*?),", "".join(run.annotations))), ["--fix.yaml", "a folder/web one.yaml"])
        self.assertIn("revisionHistoryLimit", (folder / "--fix.yaml").read_text())

    def test_inputs_are_never_run(self):
        folder = self.repository(**{"web.yaml": manifest(GOOD)})
        trap = self.scratch / "pwned"
        touch = f"touch {trap}"
        for name in ("paths", "args", "config", "fail-on", "against", "working-directory", "version", "summary", "sarif", "annotations", "category"):
            for value in (f"$({touch})", f"`{touch}`", f"; {touch}", f"web.yaml\n{touch}", f'"; {touch} #', f"'; {touch} #", f"%0A::error::{touch}"):
                with self.subTest(name, value=value):
                    run = self.runner.run(folder, {name: value})
                    self.assertFalse(trap.exists())
                    if name == "category":
                        self.assert_ended(run, 0)
                    else:
                        self.assert_refused(run)

    def test_args_are_split_as_in_a_shell(self):
        folder = self.repository(**{"web.yaml": manifest(BAD), "a config.yaml": "rules: {rollback-history-disabled: off}\n"})
        for args in ("--ignore rollback-history-disabled", "--config 'a config.yaml'", '\n--config\n"a config.yaml"\n', r"--config a\ config.yaml"):
            with self.subTest(args):
                self.assert_ended(self.runner.run(folder, {"args": args, "paths": "web.yaml"}), 0)
        self.assert_refused(self.runner.run(folder, {"args": "--ignore 'rollback"}), "a quote without its end")
        self.assert_refused(self.runner.run(folder, {"args": "--no-such-option"}), "--no-such-option")

    def test_a_folder_to_run_in(self):
        folder = self.repository(**{"a sub__deploy__web.yaml": manifest(BAD), "a sub__lenient.yaml": "rules: {rollback-history-disabled: off}\n"})
        run = self.runner.run(folder, {"working-directory": "a sub", "paths": "deploy"})
        self.assert_ended(run, 1)
        self.assertIn("file=a sub/deploy/web.yaml,", run.annotations[0])
        self.assert_ended(self.runner.run(folder, {"working-directory": "a sub", "paths": "deploy", "config": "lenient.yaml"}), 0)
        self.assert_refused(self.runner.run(folder, {"working-directory": "no such folder"}), "no such folder")

    def test_what_can_not_be_run_is_told_and_not_uploaded(self):
        broken = self.repository(**{"web.yaml": manifest(GOOD), ".kubeshoal.yaml": "rulez: {}\n"})
        self.assert_refused(self.runner.run(broken, {"sarif": "true"}), ".kubeshoal.yaml:1:1", "rulez")
        self.assert_refused(self.runner.run(self.repository(README="nothing"), {"sarif": "true"}), "nothing to check")

    def test_a_misspelled_switch_is_not_taken_for_its_default(self):
        folder = self.repository(**{"web.yaml": manifest(GOOD)})
        for name in ("summary", "sarif", "annotations"):
            self.assert_refused(self.runner.run(folder, {name: "yes"}), f"`{name}: yes` is none of: ")

    def test_manifests_give_the_runner_no_commands(self):
        text = manifest(BAD).replace("metadata: {name: web}", 'metadata: {name: web, annotations: {a: "\n::error::pwned\n\n::set-output name=a::b\n"}}')
        run = self.runner.run(self.repository(**{"web.yaml": text}))
        self.assertFalse(any("pwned" in line for line in run.annotations), run.annotations)
        token = re.search(r"::stop-commands::([0-9a-f]{32})", run.log)
        self.assertIsNotNone(token, run.log)
        self.assertGreater(run.log.index(f"::{token[1]}::"), run.log.index("web.yaml:"))

    # What it compares

    def change(self, **later):
        """A repository with a branch that changes a selector, while main goes on."""
        folder = self.repository(**{"web.yaml": manifest(GOOD), "old.yaml": manifest(BAD, "old"), "rest.yaml": manifest(GOOD, "rest")})
        git(folder, "config", "uploadpack.allowReachableSHA1InWant", "true")
        git(folder, "checkout", "--quiet", "-b", "a/branch")
        self.commit(folder, {"web.yaml": manifest(MOVED)})
        git(folder, "checkout", "--quiet", "main")
        self.commit(folder, {"rest.yaml": manifest(MOVED, "rest"), **later})
        return folder

    def clone(self, folder, branch, *options):
        copy = pathlib.Path(tempfile.mkdtemp(dir=self.scratch)) / "clone"
        git(self.scratch, "clone", "--quiet", "--branch", branch, *options, f"file://{folder}", str(copy))
        git(copy, "checkout", "--quiet", "--detach")
        return copy

    def assert_told_of_the_change_only(self, run):
        self.assert_ended(run, 1)
        self.assertEqual(run.outputs["findings"], "1", run.log)
        self.assertRegex(run.annotations[0], r"^::error file=web\.yaml,.*title=change-immutable-field")

    def test_a_branch_is_compared_with_where_it_left_the_other(self):
        clone = self.clone(self.change(), "a/branch")
        self.assert_told_of_the_change_only(self.runner.run(clone, {"against": "main"}))
        self.assert_told_of_the_change_only(self.runner.run(clone, {"against": "origin/main"}))
        self.assert_told_of_the_change_only(self.runner.run(clone, {"against": git(clone, "rev-parse", "HEAD~1")}))
        self.assert_ended(self.runner.run(clone, {"against": "HEAD"}), 0)

    def test_a_shallow_checkout_of_a_pull_request_is_enough(self):
        folder = self.change()
        git(folder, "checkout", "--quiet", "-b", "merged", "main")
        git(folder, "merge", "--quiet", "--no-ff", "--message", "GitHub's merge of the pull request", "a/branch")
        git(folder, "checkout", "--quiet", "main")
        self.commit(folder, {"web.yaml": manifest(GOOD) + "# later\n"})
        clone = self.clone(folder, "merged", "--depth=1", "--single-branch")
        pull_request = {"pull_request": {"base": {"ref": "main"}, "head": {"ref": "a/branch"}, "number": 7}, "number": 7}
        run = self.runner.run(clone, {"against": "main"}, "pull_request", pull_request)
        self.assert_told_of_the_change_only(run)
        shutil.rmtree(folder)
        run = self.runner.run(clone, {"against": "main"}, "pull_request", pull_request)
        self.assert_refused(run, "fetch-depth: 0")

    def test_a_commit_is_fetched_into_a_shallow_clone(self):
        folder = self.change()
        before = git(folder, "rev-parse", "a/branch~1")
        clone = self.clone(folder, "a/branch", "--depth=1", "--single-branch")
        self.assert_told_of_the_change_only(self.runner.run(clone, {"against": before}))
        self.assert_refused(self.runner.run(clone, {"against": "0123456789" * 4}), "can't be fetched", "fetch-depth: 0")

    def test_a_shallow_clone_without_the_base_says_what_to_do(self):
        folder = self.change()
        clone = self.clone(folder, "a/branch", "--depth=1", "--single-branch")
        self.assert_refused(self.runner.run(clone, {"against": "main"}), "`main` is not in this shallow clone", "fetch-depth: 0")
        clone = self.clone(folder, "a/branch", "--depth=1", "--no-single-branch")
        self.assert_refused(self.runner.run(clone, {"against": "main"}), "where HEAD left `main`", "fetch-depth: 0")

    def test_revisions_that_are_none(self):
        folder = self.change()
        self.assert_refused(self.runner.run(folder, {"against": "nowhere"}), "no revision has that name")
        self.assert_refused(self.runner.run(folder, {"against": "--upload-pack=x"}), "is no revision")
        plain = self.scratch / "plain"
        plain.mkdir()
        (plain / "web.yaml").write_text(manifest(GOOD))
        self.assert_refused(self.runner.run(plain, {"against": "main"}), "needs a Git repository")
        self.assert_ended(self.runner.run(plain), 0)

    def test_what_a_branch_deletes_is_judged(self):
        folder = self.repository(**{"deploy__web.yaml": manifest(GOOD), "deploy__budget.yaml": manifest(BUDGET)})
        before = git(folder, "rev-parse", "HEAD")
        git(folder, "rm", "--quiet", "-r", "deploy")
        self.commit(folder, {})
        for paths in (".", "deploy"):
            run = self.runner.run(folder, {"against": before, "paths": paths})
            self.assert_ended(run, 0)
            self.assertIn("2 removed", run.log)

    def test_a_workspace_of_another_user_is_trusted(self):
        clone = self.clone(self.change(), "a/branch")
        self.assert_told_of_the_change_only(self.runner.run(clone, {"against": "main"}, environment={"GIT_TEST_ASSUME_DIFFERENT_OWNER": 1}))

    # Where the program comes from

    def test_the_program_is_downloaded_once_and_checked(self):
        folder = self.repository(**{"web.yaml": manifest(GOOD)})
        self.runner.forget_installed()
        Releases.asked.clear()
        self.assert_ended(self.runner.run(folder), 0)
        self.assertEqual(Releases.asked, [f"/v{VERSION}/SHA256SUMS", f"/v{VERSION}/kubeshoal-{TARGET}.tar.gz"])
        self.assert_ended(self.runner.run(folder, {"version": f"v{VERSION}"}), 0)
        self.assertEqual(len(Releases.asked), 2)

    def test_a_program_that_is_not_the_releases_is_refused(self):
        folder = self.repository(**{"web.yaml": manifest(GOOD)})
        release, other = self.runner.releases / f"v{VERSION}", self.runner.releases / "v9.9.9"
        for what in ("tampered", "unlisted"):
            with self.subTest(what):
                shutil.copytree(release, other)
                if what == "tampered":
                    with open(other / f"kubeshoal-{TARGET}.tar.gz", "ab") as archive:
                        archive.write(b"x")
                else:
                    (other / "SHA256SUMS").write_text("")
                self.assert_refused(self.runner.run(folder, {"version": "9.9.9"}), f"kubeshoal-{TARGET}.tar.gz is not what the release says")
                shutil.rmtree(other)

    def test_versions_that_are_none(self):
        folder = self.repository(**{"web.yaml": manifest(GOOD)})
        self.assert_refused(self.runner.run(folder, {"version": "8.8.8"}), "cannot download", "version: source")
        self.assert_refused(self.runner.run(folder, {"version": "latest"}), "neither a version")
        self.assert_refused(self.runner.run(folder, {"version": "../../../1.2.3"}), "neither a version")

    def cargo(self):
        """A folder with a stand-in for cargo that puts the program where it is told to."""
        tools = pathlib.Path(tempfile.mkdtemp(dir=self.scratch))
        text = f'#!/bin/sh\nprintf "%s\\n" "$*" >>"{tools}/asked"\nmkdir -p "$6/bin" && cp "{os.environ["PROGRAM"]}" "$6/bin/kubeshoal"\n'
        (tools / "cargo").write_text(text)
        (tools / "cargo").chmod(0o755)
        return tools

    def test_a_local_action_builds_what_is_checked_out(self):
        folder = self.repository(**{"deploy__web.yaml": manifest(BAD)})
        for part in ("action.yml", "Cargo.toml", "action"):
            subprocess.run(["cp", "-r", ROOT / part, folder], check=True)
        tools = self.cargo()
        run = self.runner.run(folder, {"paths": "deploy"}, action="./", environment={"PATH": f"{tools}:{os.environ['PATH']}"})
        self.assert_ended(run, 1)
        self.assertRegex((tools / "asked").read_text(), r"^install --locked --path \S+ --root \S+ --force\n$")

    def test_this_repositorys_own_job_passes(self):
        tools = self.cargo()
        environment = {"PATH": f"{tools}:{os.environ['PATH']}"}
        run = self.runner.run_workflow(ROOT, ROOT / ".github/workflows/ci.yml", environment=environment, job="action", matrix="runner:ubuntu-latest")
        self.assertTrue(run.passed, run.log)
        self.assertEqual(len((tools / "asked").read_text().splitlines()), 2)


if __name__ == "__main__":
    unittest.main()
