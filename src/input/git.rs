//! Git, asked through its own program: which files a revision holds, and what they say. Nothing is fetched, written or checked out.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Output, Stdio};

use anyhow::{Context, anyhow, bail};

use super::LARGEST;

/// A working tree.
#[derive(Debug)]
pub(super) struct Repository {
    top: PathBuf,
}

/// Something that has a tree of files.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Revision {
    /// As shown to the user, and as Git understands it.
    pub(super) name: String,
    /// Its object's id.
    pub(super) id: String,
}

/// A file of a revision.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct TreeEntry {
    /// From the top of the working tree.
    pub(super) path: String,
    /// Its content's id.
    pub(super) id: String,
    /// Whether it is a file and no link.
    pub(super) is_file: bool,
}

impl Repository {
    /// The repository that holds a folder or file, which need not be there any more.
    pub(super) fn around(path: &Path) -> anyhow::Result<Self> {
        let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let folder = absolute.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
        let output = output_of(command(folder).args(["rev-parse", "--show-toplevel"]))?;
        let top = answer(output).with_context(|| {
            format!("{} is in no Git repository: name the old files with --base FOLDER or --base FILE", super::shown(path))
        })?;
        let top = String::from_utf8_lossy(&top).trim_end().to_owned();
        let top = std::fs::canonicalize(&top).with_context(|| format!("cannot enter {top}"))?;
        Ok(Repository { top })
    }

    /// The top of the working tree, links resolved.
    pub(super) fn top(&self) -> &Path {
        &self.top
    }

    fn command(&self) -> Command {
        command(&self.top)
    }

    /// The revision of that name.
    pub(super) fn revision(&self, name: &str) -> anyhow::Result<Revision> {
        if name.is_empty() || name.starts_with('-') {
            bail!("`{name}` is no revision");
        }
        if let Some(id) = self.id_of(&format!("{name}^{{tree}}")) {
            return Ok(Revision { name: name.to_owned(), id });
        }
        let help = if self.id_of("HEAD").is_none() {
            "nothing is committed yet".to_owned()
        } else if self.is_shallow() {
            self.what_to_fetch(name)
        } else {
            let remote = Some(name).filter(|name| !name.contains(':'));
            remote
                .and_then(|name| self.id_of(&format!("refs/remotes/origin/{name}")))
                .map_or_else(|| "no file, folder or revision has that name".to_owned(), |_| format!("did you mean `origin/{name}`?"))
        };
        bail!("`{name}` is not in this repository: {help}")
    }

    /// How a shallow clone gets a revision that it lacks.
    fn what_to_fetch(&self, name: &str) -> String {
        let lack = "this clone is shallow and holds only the newest commits of one branch";
        if name.contains(['~', '^', '@', ':', ' ']) {
            return format!("{lack}: `git fetch --unshallow` gets the others");
        }
        let remote = self.remote().unwrap_or_else(|| "origin".to_owned());
        let branch = name.strip_prefix("refs/remotes/").unwrap_or(name);
        let branch = branch.strip_prefix(&remote).and_then(|rest| rest.strip_prefix('/')).unwrap_or(branch);
        format!("{lack}: `git fetch --depth=1 {remote} {branch}` and `--base FETCH_HEAD`, or clone the whole history")
    }

    /// Where this branch left the default branch of the remote repository; `HEAD` where there is no remote one.
    pub(super) fn default_base(&self) -> anyhow::Result<Revision> {
        let Some(remote) = self.remote() else { return self.revision("HEAD") };
        let Some(branch) = self.default_branch(&remote) else {
            if self.is_shallow() {
                bail!(
                    "this clone is shallow and lacks the default branch of {remote}: \
                     `git fetch --depth=1 {remote} main` and `--base FETCH_HEAD`, or clone the whole history"
                );
            }
            if self.is_of_one_branch(&remote) {
                bail!(
                    "this clone is of a single branch and lacks the default branch of {remote}: \
                     `git fetch {remote} main` and `--base FETCH_HEAD`, or name what to compare with by --base"
                );
            }
            if self.has_branches(&remote) {
                bail!(
                    "which branch of {remote} is its default one is not known here: \
                     `git remote set-head {remote} --auto` asks it, or name what to compare with by --base"
                );
            }
            return self.revision("HEAD");
        };
        match text_of(self.command().args(["merge-base", "HEAD", &branch])) {
            Ok(commit) if self.id_of(&format!("{branch}^{{commit}}")).as_deref() == Some(&commit) => self.revision(&branch),
            Ok(commit) if self.id_of("HEAD").as_deref() == Some(&commit) => self.revision("HEAD"),
            Ok(commit) => {
                let short = text_of(self.command().args(["rev-parse", "--short=10", &commit])).unwrap_or_else(|_| commit.clone());
                Ok(Revision { name: short, ..self.revision(&commit)? })
            }
            Err(_) if self.is_shallow() => {
                bail!(
                    "this clone is shallow and lacks the commit at which HEAD left {branch}: \
                     fetch it with `git fetch --unshallow`, or compare with the branch itself, `--base {branch}`"
                )
            }
            Err(_) => bail!("HEAD and {branch} have no commit in common: name what to compare with by --base"),
        }
    }

    fn id_of(&self, name: &str) -> Option<String> {
        text_of(self.command().args(["rev-parse", "--verify", "--quiet", name])).ok()
    }

    fn is_shallow(&self) -> bool {
        text_of(self.command().args(["rev-parse", "--is-shallow-repository"])).is_ok_and(|answer| answer == "true")
    }

    /// The remote repository that changes go to: `upstream`, as forks call it, or `origin`, or the only one.
    fn remote(&self) -> Option<String> {
        let remotes = text_of(self.command().arg("remote")).ok()?;
        let remotes: Vec<&str> = remotes.lines().collect();
        let known = ["upstream", "origin"].into_iter().find(|name| remotes.contains(name));
        let only = || if let [only] = remotes[..] { Some(only) } else { None };
        known.or_else(only).map(str::to_owned)
    }

    /// Whether only certain branches are fetched, as `git clone --single-branch` sets it up.
    fn is_of_one_branch(&self, remote: &str) -> bool {
        let fetched = text_of(self.command().args(["config", "--get-all", &format!("remote.{remote}.fetch")]));
        fetched.is_ok_and(|fetched| !fetched.contains('*'))
    }

    fn default_branch(&self, remote: &str) -> Option<String> {
        let head = text_of(self.command().args(["symbolic-ref", "--quiet", "--short", &format!("refs/remotes/{remote}/HEAD")])).ok();
        let guesses = ["main", "master"].map(|name| format!("{remote}/{name}"));
        head.into_iter().chain(guesses).find(|name| self.id_of(&format!("refs/remotes/{name}")).is_some())
    }

    /// Whether a branch of a remote repository has ever been fetched or pushed.
    fn has_branches(&self, remote: &str) -> bool {
        let first = text_of(self.command().args(["for-each-ref", "--count=1", &format!("refs/remotes/{remote}/")]));
        first.is_ok_and(|first| !first.is_empty())
    }

    /// The files of a revision below the paths; below the top for an empty one. Submodules are left alone.
    pub(super) fn files(&self, revision: &Revision, paths: &[String]) -> anyhow::Result<Vec<TreeEntry>> {
        let mut command = self.command();
        command.args(["ls-tree", "-r", "-z", "--full-tree", &revision.id, "--"]);
        command.args(pathspecs(paths));
        let output = bytes_of(&mut command)?;
        let entries = output.split(|byte| *byte == 0).filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            let (meta, path) = line.split_once('\t')?;
            let mut meta = meta.split(' ');
            let (mode, kind, id) = (meta.next()?, meta.next()?, meta.next()?);
            (kind == "blob").then(|| TreeEntry { path: path.to_owned(), id: id.to_owned(), is_file: mode.starts_with("100") })
        });
        Ok(entries.collect())
    }

    /// The paths whose files in the working tree are not those of a revision any more; new ones are not among them.
    pub(super) fn changed_since(&self, revision: &Revision, paths: &[String]) -> anyhow::Result<HashSet<String>> {
        let mut command = self.command();
        command.args(["diff", "--name-only", "-z", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all"]);
        command.args([&revision.id, "--"]);
        command.args(pathspecs(paths));
        Ok(names_of(&bytes_of(&mut command)?))
    }

    /// The files below the paths as they are to be committed, where the working tree has something else.
    pub(super) fn staged_otherwise(&self, paths: &[String]) -> anyhow::Result<Vec<TreeEntry>> {
        let mut command = self.command();
        command.args(["diff-files", "--name-only", "-z", "--no-ext-diff", "--no-textconv", "--ignore-submodules=all", "--"]);
        let differing = names_of(&bytes_of(command.args(pathspecs(paths)))?);
        if differing.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = self.command();
        let output = bytes_of(command.args(["ls-files", "--stage", "-z", "--"]).args(pathspecs(paths)))?;
        let entries = output.split(|byte| *byte == 0).filter_map(|line| {
            let line = String::from_utf8_lossy(line);
            let (meta, path) = line.split_once('\t')?;
            let mut meta = meta.split(' ');
            let (mode, id, stage) = (meta.next()?, meta.next()?, meta.next()?);
            // Other stages are the sides of a conflict, which nobody can commit.
            let is_wanted = stage == "0" && differing.contains(path);
            is_wanted.then(|| TreeEntry { path: path.to_owned(), id: id.to_owned(), is_file: mode.starts_with("100") })
        });
        Ok(entries.collect())
    }

    /// What files say, in the order of their ids; nothing for what is not here, or too large.
    pub(super) fn contents(&self, ids: &[&str]) -> anyhow::Result<Vec<Option<Vec<u8>>>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let mut command = self.command();
        let mut child = command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).spawn().context("cannot run git")?;
        let (stdin, stdout) = (child.stdin.take().context("git takes no input")?, child.stdout.take().context("git gives no output")?);
        let contents = std::thread::scope(|scope| {
            scope.spawn(|| ask_for(ids, stdin));
            let mut answers = BufReader::with_capacity(1 << 16, stdout);
            ids.iter().map(|_| next_content(&mut answers)).collect::<anyhow::Result<Vec<_>>>()
        });
        let status = child.wait().context("cannot run git")?;
        let contents = contents.context("cannot read files from git")?;
        if status.success() { Ok(contents) } else { bail!("git cat-file failed") }
    }
}

/// Asks `git cat-file` for one file after another. That it has stopped listening shows in its answers.
fn ask_for(ids: &[&str], stdin: ChildStdin) {
    let mut stdin = std::io::BufWriter::new(stdin);
    let _ = ids.iter().try_for_each(|id| writeln!(stdin, "{id}")).and_then(|()| stdin.flush());
}

/// Reads `<id> blob <size>`, so many bytes and a line feed.
fn next_content(answers: &mut impl BufRead) -> anyhow::Result<Option<Vec<u8>>> {
    let mut header = String::new();
    answers.read_line(&mut header)?;
    let mut words = header.split_whitespace().skip(1);
    let size = match (words.next(), words.next()) {
        (Some("blob"), Some(size)) => size.parse::<u64>()?,
        (Some("missing"), _) => return Ok(None),
        _ => bail!("git answered `{}`", header.trim()),
    };
    if size > LARGEST {
        std::io::copy(&mut answers.take(size + 1), &mut std::io::sink())?;
        return Ok(None);
    }
    let mut content = vec![0; size as usize + 1];
    answers.read_exact(&mut content)?;
    content.pop();
    Ok(Some(content))
}

fn names_of(output: &[u8]) -> HashSet<String> {
    let names = output.split(|byte| *byte == 0).filter(|name| !name.is_empty());
    names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
}

/// Whether Git is making a commit and has called this program as its hook: it names the index that it commits.
pub(super) fn is_committing() -> bool {
    std::env::var_os("GIT_INDEX_FILE").is_some()
}

/// The top itself is named by no path at all.
fn pathspecs(paths: &[String]) -> &[String] {
    if paths.iter().any(String::is_empty) { &[] } else { paths }
}

/// Git in a folder, with nothing that fetches, asks, writes or runs another program.
fn command(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(folder).args(["--no-pager", "--no-optional-locks", "--literal-pathspecs"]);
    for setting in ["core.fsmonitor=false", "core.quotePath=false", "diff.relative=false"] {
        command.args(["-c", setting]);
    }
    command.envs([("GIT_NO_LAZY_FETCH", "1"), ("GIT_TERMINAL_PROMPT", "0"), ("LC_ALL", "C")]);
    if is_committing() {
        // Git names its folder to hooks, too, and would take any folder that it is run in for the top of the working tree.
        command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn output_of(command: &mut Command) -> anyhow::Result<Output> {
    command.output().map_err(|error| anyhow!("cannot run git: {error}"))
}

fn bytes_of(command: &mut Command) -> anyhow::Result<Vec<u8>> {
    answer(output_of(command)?)
}

fn answer(output: Output) -> anyhow::Result<Vec<u8>> {
    if output.status.success() {
        return Ok(output.stdout);
    }
    let why = String::from_utf8_lossy(&output.stderr);
    bail!("git says: {}", why.lines().next().unwrap_or("nothing").trim_start_matches("fatal: "))
}

fn text_of(command: &mut Command) -> anyhow::Result<String> {
    let bytes = bytes_of(command)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}
