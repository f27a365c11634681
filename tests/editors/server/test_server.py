"""Speaks with `kubeshoal server` as Visual Studio Code, Neovim and Emacs do: with their capabilities, over its standard input and output.

KUBESHOAL names the program, KUBESHOAL_FOLDER a folder of many manifests, without which one test is left out.
"""

import json
import os
import shutil
import subprocess
import time
from pathlib import Path
from statistics import median

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient, client_capabilities

KUBESHOAL = os.environ["KUBESHOAL"]
MANY = os.environ.get("KUBESHOAL_FOLDER")
EDITORS = ["visual_studio_code", "neovim", "emacs"]

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web # 🦀 größe
spec:
  replicas: 3
  revisionHistoryLimit: 0
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
      annotations: {note: "🦀 é", note: "🦀 é"}
    spec:
      containers:
        - name: web
          image: example.org/web:1.2.3
          envFrom:
            - configMapRef:
                name: settings
          volumeMounts:
            - {name: data, mountPath: /data}
      volumes:
        - name: data
          persistentVolumeClaim:
            claimName: data
"""
CLAIM = """\
apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: data
spec:
  accessModes: [ReadWriteMany]
  resources: {requests: {storage: 1Gi}}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  selector: {app: web}
  ports: [{name: http, port: 80}]
"""
OTHERS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: settings
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: web
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 4
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 80}}
"""
MANIFESTS = {"web/deployment.yaml": DEPLOYMENT, "web/storage/claim.yaml": CLAIM, "web/service.yaml": SERVICE, "web/others.yaml": OTHERS}
SHARED = "deployment-shared-writable-claim"


class Editor:
    """An editor that has a folder open."""

    def __init__(self, client: LanguageClient, folder: Path):
        self.client, self.folder, self.texts, self.versions = client, folder, {}, {}

    def uri(self, path: str) -> str:
        return (self.folder / path).as_uri()

    def open(self, path: str, text: str | None = None):
        self.texts[path] = (self.folder / path).read_bytes().decode() if text is None else text
        self.versions[path] = 1
        document = types.TextDocumentItem(uri=self.uri(path), language_id="yaml", version=1, text=self.texts[path])
        self.client.text_document_did_open(types.DidOpenTextDocumentParams(document))

    def close(self, path: str):
        del self.texts[path]
        self.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(self.uri(path))))

    def position(self, path: str, offset: int) -> types.Position:
        line_start = self.texts[path].rfind("\n", 0, offset) + 1
        before = self.texts[path][line_start:offset]
        return types.Position(line=self.texts[path].count("\n", 0, offset), character=self.units(before))

    def units(self, text: str) -> int:
        return len(text.encode("utf-8" if self.is_utf8 else "utf-16-le")) // (1 if self.is_utf8 else 2)

    @property
    def is_utf8(self) -> bool:
        return self.capabilities.position_encoding == types.PositionEncodingKind.Utf8

    def offset(self, path: str, position: types.Position) -> int:
        lines = self.texts[path].split("\n")
        line = lines[position.line]
        column = next(n for n in range(len(line) + 1) if self.units(line[:n]) == position.character)
        return sum(len(line) + 1 for line in lines[: position.line]) + column

    def text_at(self, path: str, range: types.Range) -> str:
        return self.texts[path][self.offset(path, range.start) : self.offset(path, range.end)]

    def find(self, path: str, text: str, within: int = 0) -> types.Position:
        return self.position(path, self.texts[path].index(text) + within)

    def change(self, path: str, old: str, new: str):
        """Replaces the one place of a text by another, and tells of that place only."""
        start = self.texts[path].index(old)
        edit_range = types.Range(self.position(path, start), self.position(path, start + len(old)))
        self.texts[path] = self.texts[path].replace(old, new, 1)
        self.tell(path, types.TextDocumentContentChangePartial(range=edit_range, text=new))

    def replace(self, path: str, text: str):
        self.texts[path] = text
        self.tell(path, types.TextDocumentContentChangeWholeDocument(text=text))

    def tell(self, path: str, change):
        self.versions[path] += 1
        document = types.VersionedTextDocumentIdentifier(uri=self.uri(path), version=self.versions[path])
        self.client.text_document_did_change(types.DidChangeTextDocumentParams(document, [change]))

    def files_changed(self, *paths: str, kind=types.FileChangeType.Changed):
        changes = [types.FileEvent(self.uri(path), kind) for path in paths]
        self.client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams(changes))

    async def settle(self, path: str = "nothing.yaml"):
        """Lets the server judge what it was told: it does so, for the file that is asked about, before each answer."""
        await self.client.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(self.uri(path)), types.Position(0, 0)))

    async def diagnostics(self, path: str) -> list[types.Diagnostic]:
        await self.settle()
        return list(self.client.diagnostics.get(self.uri(path), []))

    async def codes(self, path: str) -> list[str]:
        return sorted(diagnostic.code or diagnostic.message for diagnostic in await self.diagnostics(path))

    async def found(self, path: str, code: str) -> types.Diagnostic:
        [found] = [diagnostic for diagnostic in await self.diagnostics(path) if diagnostic.code == code]
        return found

    async def actions(self, path: str, range: types.Range, only=None) -> list[types.CodeAction]:
        context = types.CodeActionContext(diagnostics=[], only=only)
        params = types.CodeActionParams(types.TextDocumentIdentifier(self.uri(path)), range, context)
        return await self.client.text_document_code_action_async(params) or []

    async def run(self, action: types.CodeAction):
        """Makes the edits of an action in the open texts."""
        if action.edit.document_changes is not None:
            changes = {change.text_document.uri: change.edits for change in action.edit.document_changes}
            for change in action.edit.document_changes:
                open_version = {self.uri(path): version for path, version in self.versions.items()}.get(change.text_document.uri)
                assert change.text_document.version == open_version
        else:
            changes = action.edit.changes
        for path in [path for path in self.texts if self.uri(path) in changes]:
            text = self.texts[path]
            for edit in sorted(changes[self.uri(path)], key=lambda edit: (edit.range.start.line, edit.range.start.character), reverse=True):
                start, end = (self.offset(path, place) for place in (edit.range.start, edit.range.end))
                text = text[:start] + edit.new_text + text[end:]
            self.replace(path, text)

    async def places(self, request: str, path: str, position: types.Position) -> list[tuple[str, str]]:
        """The files, and what stands there, to which a place leads."""
        document = types.TextDocumentIdentifier(self.uri(path))
        if request == "definition":
            found = await self.client.text_document_definition_async(types.DefinitionParams(document, position))
        else:
            context = types.ReferenceContext(include_declaration=False)
            found = await self.client.text_document_references_async(types.ReferenceParams(context, document, position))
        places = []
        for location in found or []:
            other = next(name for name in MANIFESTS if self.uri(name) == location.uri)
            self.texts.setdefault(other, MANIFESTS[other])
            places.append((other, self.text_at(other, location.range)))
        return places


def write(folder: Path, manifests: dict[str, str]):
    for name, text in manifests.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())


@pytest_lsp.fixture(params=EDITORS, config=ClientServerConfig(server_command=[KUBESHOAL, "server"]))
async def editor(request, lsp_client: LanguageClient, tmp_path: Path):
    folder = tmp_path / "a größe"
    write(folder, MANIFESTS)
    editor = Editor(lsp_client, folder)
    lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)(lambda params: None)
    folders = [types.WorkspaceFolder(uri=folder.as_uri(), name="manifests")]
    # Only newer editors say which encodings they know; Neovim knows both.
    capabilities = client_capabilities(request.param)
    params = types.InitializeParams(capabilities=capabilities, workspace_folders=folders, root_uri=folder.as_uri())
    editor.capabilities = (await lsp_client.initialize_session(params)).capabilities
    lsp_client.editor = editor
    yield
    await lsp_client.shutdown_session()
    assert lsp_client._server.returncode == 0


@pytest.fixture(name="it")
def opened(editor):
    return editor.editor


def check(folder: Path, *options: str) -> list[dict]:
    command = [KUBESHOAL, "check", "--quiet", "--format", "json", *options, "."]
    outcome = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert outcome.returncode in (0, 1), outcome.stderr
    return json.loads(outcome.stdout)["findings"]


@pytest.mark.asyncio
async def test_what_is_found_is_shown_in_all_files_of_the_folder(it: Editor):
    it.open("web/deployment.yaml")
    shared = await it.found("web/deployment.yaml", SHARED)
    assert it.text_at("web/deployment.yaml", shared.range) == "data"
    assert shared.source == "kubeshoal" and shared.severity == types.DiagnosticSeverity.Warning
    assert shared.code_description.href.endswith(f"/rules/{SHARED}.md") and "help: " in shared.message
    knows_related = it.client.capabilities.text_document.publish_diagnostics.related_information
    related = {Path(other.location.uri).name for other in shared.related_information or []}
    assert related == ({"claim.yaml", "others.yaml"} if knows_related else set())
    doubled = await it.found("web/deployment.yaml", "duplicate-key")
    assert it.text_at("web/deployment.yaml", doubled.range) == "note"
    shown = {uri: {d.code for d in diagnostics} for uri, diagnostics in it.client.diagnostics.items() if diagnostics}
    found: dict[str, set[str]] = {}
    for finding in check(it.folder):
        found.setdefault(it.uri(finding["path"]), set()).add(finding["rule"])
    assert shown == found


@pytest.mark.asyncio
async def test_what_is_typed_counts_before_it_is_saved(it: Editor):
    it.open("web/deployment.yaml")
    it.open("web/storage/claim.yaml")
    assert SHARED in await it.codes("web/deployment.yaml")
    it.change("web/storage/claim.yaml", "ReadWriteMany", "ReadOnlyMany")
    assert SHARED not in await it.codes("web/deployment.yaml")
    it.change("web/storage/claim.yaml", "ReadOnlyMany", "ReadWriteMany")
    assert SHARED in await it.codes("web/deployment.yaml")
    it.change("web/deployment.yaml", "claimName: data", "claimName: [")
    assert "yaml-syntax" in await it.codes("web/deployment.yaml")
    it.change("web/deployment.yaml", "claimName: [", "claimName: data")
    it.change("web/deployment.yaml", "🦀 gr", "🦀🦀\r\n  # ")
    it.change("web/deployment.yaml", "öße", "")
    it.change("web/deployment.yaml", '"🦀 é", note', '"🦀🦀 é", more: {}, note')
    doubled = await it.found("web/deployment.yaml", "duplicate-key")
    assert it.text_at("web/deployment.yaml", doubled.range) == "note"
    assert SHARED in await it.codes("web/deployment.yaml")


@pytest.mark.asyncio
async def test_what_was_not_saved_is_forgotten_when_it_is_closed(it: Editor):
    it.open("web/deployment.yaml")
    it.open("web/storage/claim.yaml")
    it.change("web/storage/claim.yaml", "ReadWriteMany", "ReadOnlyMany")
    assert SHARED not in await it.codes("web/deployment.yaml")
    it.close("web/storage/claim.yaml")
    assert SHARED in await it.codes("web/deployment.yaml")


@pytest.mark.asyncio
async def test_files_that_others_change_are_read_again(it: Editor):
    it.open("web/deployment.yaml")
    assert SHARED in await it.codes("web/deployment.yaml")
    write(it.folder, {"web/storage/claim.yaml": CLAIM.replace("Many", "Once")})
    it.files_changed("web/storage/claim.yaml")
    assert SHARED not in await it.codes("web/deployment.yaml")
    (it.folder / "web/storage/claim.yaml").unlink()
    it.files_changed("web/storage/claim.yaml", kind=types.FileChangeType.Deleted)
    assert SHARED not in await it.codes("web/deployment.yaml")
    write(it.folder, {"web/storage/other.yaml": CLAIM})
    it.files_changed("web/storage/other.yaml", kind=types.FileChangeType.Created)
    assert SHARED in await it.codes("web/deployment.yaml")
    write(it.folder, {"more/broken.yaml": "apiVersion: v1\nkind: Pod\nmetadata: {\n"})
    it.files_changed("more", kind=types.FileChangeType.Created)
    assert await it.codes("more/broken.yaml") == ["yaml-syntax"]
    shutil.rmtree(it.folder / "more")
    it.files_changed("more", kind=types.FileChangeType.Deleted)
    assert await it.codes("more/broken.yaml") == []


@pytest.mark.asyncio
async def test_editors_that_watch_nothing_say_when_they_save(it: Editor):
    it.open("web/deployment.yaml")
    saves = it.capabilities.text_document_sync.save
    watching = it.client.capabilities.workspace.did_change_watched_files
    assert bool(saves) != bool(watching and watching.dynamic_registration)
    write(it.folder, {"web/storage/claim.yaml": CLAIM.replace("Many", "Once")})
    it.client.text_document_did_save(types.DidSaveTextDocumentParams(types.TextDocumentIdentifier(it.uri("web/deployment.yaml"))))
    assert SHARED not in await it.codes("web/deployment.yaml")


@pytest.mark.asyncio
async def test_the_config_counts_and_its_mistakes_are_shown_in_it(it: Editor):
    it.open("web/deployment.yaml")
    assert SHARED in await it.codes("web/deployment.yaml")
    write(it.folder, {".kubeshoal.yaml": f"rules:\n  {SHARED}: off\n"})
    it.files_changed(".kubeshoal.yaml", kind=types.FileChangeType.Created)
    assert SHARED not in await it.codes("web/deployment.yaml")
    it.open(".kubeshoal.yaml")
    it.change(".kubeshoal.yaml", "off", "of")
    [mistake] = await it.diagnostics(".kubeshoal.yaml")
    assert mistake.severity == types.DiagnosticSeverity.Error and it.text_at(".kubeshoal.yaml", mistake.range).startswith("of")
    it.change(".kubeshoal.yaml", "of", "error")
    assert await it.codes(".kubeshoal.yaml") == []
    assert (await it.found("web/deployment.yaml", SHARED)).severity == types.DiagnosticSeverity.Error


@pytest.mark.asyncio
@pytest.mark.parametrize("kind", ["quickfix", "source.fixAll", "source.fixAll.kubeshoal"])
async def test_fixes_are_those_of_the_command(it: Editor, kind: str, tmp_path: Path):
    path = "web/deployment.yaml"
    fixed = tmp_path / "fixed"
    write(fixed, MANIFESTS)
    check(fixed, "--fix")
    expected = (fixed / path).read_bytes().decode()
    assert expected != DEPLOYMENT
    it.open(path)
    doubled = await it.found(path, "duplicate-key")
    actions = [action for action in await it.actions(path, doubled.range, [kind]) if not action.title.startswith("Ignore")]
    assert [action.kind for action in actions] == ["quickfix" if kind == "quickfix" else "source.fixAll.kubeshoal"]
    await it.run(actions[0])
    assert it.texts[path] == expected
    assert "duplicate-key" not in await it.codes(path)
    assert await it.actions(path, doubled.range, ["source.fixAll"]) == []


@pytest.mark.asyncio
async def test_all_fixes_are_made_only_when_they_are_asked_for(it: Editor):
    it.open("web/deployment.yaml")
    doubled = await it.found("web/deployment.yaml", "duplicate-key")
    assert {action.kind for action in await it.actions("web/deployment.yaml", doubled.range)} == {"quickfix"}


@pytest.mark.asyncio
@pytest.mark.parametrize("where", ["on this line", "on this Deployment"])
async def test_what_is_to_be_ignored_is_ignored(it: Editor, where: str):
    path = "web/deployment.yaml"
    it.open(path)
    for code in [SHARED, "rollback-history-disabled", "duplicate-key"]:
        found = await it.found(path, code)
        [ignore] = [action for action in await it.actions(path, found.range) if action.title == f"Ignore {code} {where}"]
        assert [diagnostic.code for diagnostic in ignore.diagnostics] == [code]
        before = await it.codes(path)
        await it.run(ignore)
        before.remove(code)
        assert await it.codes(path) == before


@pytest.mark.asyncio
async def test_hover_tells_the_rule(it: Editor):
    path = "web/deployment.yaml"
    it.open(path)

    async def hover(position: types.Position):
        return await it.client.text_document_hover_async(types.HoverParams(types.TextDocumentIdentifier(it.uri(path)), position))

    shown = await hover(it.find(path, "claimName: data", len("claimName: d")))
    assert shown.contents.kind == types.MarkupKind.Markdown and f"/rules/{SHARED}.md" in shown.contents.value
    assert await hover(it.find(path, "image:")) is None
    it.change(path, "# 🦀 größe", "# kubeshoal: ignore[api-version-removed]")
    shown = await hover(it.find(path, "version-removed"))
    assert "/rules/api-version-removed.md" in shown.contents.value


@pytest.mark.asyncio
async def test_names_and_selectors_lead_to_their_objects_and_back(it: Editor):
    for path in MANIFESTS:
        it.open(path)
    deployment, others = "web/deployment.yaml", "web/others.yaml"

    async def places(request: str, path: str, text: str, within: int) -> list[tuple[str, str]]:
        return await it.places(request, path, it.find(path, text, within))

    assert await places("definition", deployment, "claimName: data", 12) == [("web/storage/claim.yaml", "data")]
    assert await places("definition", deployment, "name: settings", 8) == [(others, "settings")]
    assert await places("definition", others, "name: web}", 7) == [(deployment, "web")]
    assert await places("definition", "web/service.yaml", "app: web", 6) == [(deployment, "web")]
    assert await places("definition", deployment, "image", 0) == []
    assert await places("references", "web/storage/claim.yaml", "name: data", 7) == [(deployment, "data")]
    assert await places("references", others, "name: settings", 7) == [(deployment, "settings")]
    assert await places("references", deployment, "name: web", 7) == [("web/service.yaml", "{app: web}"), (others, "web")] or [
        (others, "web"),
        ("web/service.yaml", "{app: web}"),
    ]
    assert await places("references", deployment, "claimName: data", 12) == [(deployment, "data")]


@pytest.mark.asyncio
async def test_a_file_outside_of_the_folder_is_judged_by_itself(it: Editor, tmp_path: Path):
    write(tmp_path, {"alone.yaml": DEPLOYMENT})
    uri = (tmp_path / "alone.yaml").as_uri()
    it.client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "yaml", 1, DEPLOYMENT)))
    await it.settle()
    assert "duplicate-key" in {diagnostic.code for diagnostic in it.client.diagnostics[uri]}
    it.client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    await it.settle()
    assert not it.client.diagnostics[uri]


@pytest.mark.asyncio
async def test_a_file_that_is_not_saved_yet_is_judged_with_the_others(it: Editor):
    it.open("web/deployment.yaml")
    it.open("web/new.yaml", SERVICE.replace("app: web", "app: webb").replace("name: web", "name: new"))
    assert "service-selects-nothing" in await it.codes("web/new.yaml")
    it.close("web/new.yaml")
    assert await it.codes("web/new.yaml") == []


@pytest.mark.asyncio
async def test_a_keystroke_in_a_large_repository_is_judged_at_once(it: Editor):
    """As long as it is typed, each of 5,000 files counts."""
    for number in range(1249):
        for name, text in MANIFESTS.items():
            write(it.folder, {f"apps/{number // 40}/{number}/{name}": text.replace("name: ", f"name: a{number}-").replace(
                "claimName: ", f"claimName: a{number}-").replace("app: web", f"app: a{number}-web")})
    it.files_changed("apps", kind=types.FileChangeType.Created)
    path = "apps/7/281/web/deployment.yaml"
    it.open(path)
    assert SHARED in await it.codes(path)
    times = []
    for number in range(20):
        wrong, right = "claimName: a281-dat", "claimName: a281-data"
        start = time.perf_counter()
        it.replace(path, it.texts[path].replace(right, wrong + "\n") if number % 2 == 0 else it.texts[path].replace(wrong + "\n", right))
        await it.settle(path)
        times.append((time.perf_counter() - start) * 1000)
        codes = [diagnostic.code for diagnostic in it.client.diagnostics[it.uri(path)]]
        assert (SHARED in codes) == (number % 2 == 1)
    print(f"milliseconds to judge a keystroke among 5,000 files: {min(times):.0f} to {max(times):.0f}, half of them up to {median(times):.0f}")


@pytest.mark.asyncio
@pytest.mark.skipif(MANY is None, reason="KUBESHOAL_FOLDER names no folder")
async def test_a_glance_at_a_text_finds_what_a_look_at_all_finds(editor, it: Editor):
    """A text that changes is judged with those that matter to it, and again with all when the editor pauses."""
    folder = Path(MANY).resolve()
    added = types.WorkspaceFoldersChangeEvent(added=[types.WorkspaceFolder(folder.as_uri(), "many")], removed=[])
    it.client.workspace_did_change_workspace_folders(types.DidChangeWorkspaceFoldersParams(added))
    files = sorted(path for ending in ("yaml", "yml") for path in folder.rglob(f"*.{ending}") if path.stat().st_size < 100_000)
    sample, differing = files[:: max(1, len(files) // 60)], []
    for path in sample:
        path = str(path)
        it.open(path)
        it.replace(path, it.texts[path] + "\n# more\n")
        await it.settle(path)
        glance = sorted((d.range.start.line, d.range.start.character, d.code) for d in it.client.diagnostics.get(it.uri(path), []))
        await it.settle()
        look = sorted((d.range.start.line, d.range.start.character, d.code) for d in it.client.diagnostics.get(it.uri(path), []))
        if glance != look:
            differing.append((path, set(glance) ^ set(look)))
        it.close(path)
    print(f"{len(sample) - len(differing)} of {len(sample)} texts are judged alike at a glance")
    assert not differing
