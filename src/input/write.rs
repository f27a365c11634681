//! Files that are written anew.
//!
//! The new text goes to a file of its own beside the old one, to the disk, and only then in its place: a full disk or a kill at any
//! moment leaves either the old text or the new one, whole.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::Path;

use super::reason;

/// Puts a new text in the place of the one that was read from a file; why not, if that can't be done. Links stay links: the file that
/// they lead to is written. The file keeps its mode, its owner where the system lets it, and its encoding.
///
/// The file is a new one under the old name. So other hard links to the old one keep the old text, unless they are among the files that
/// are fixed, and access control lists and extended attributes are those that a new file in the folder gets. Writing into the old file
/// would keep them, and could lose the text on a full disk: `sed -i` and Git decide likewise.
pub fn rewrite(path: &Path, old: &str, new: &str) -> Result<(), String> {
    let why = |error: io::Error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "no space is left on the disk; the file is as it was".to_owned(),
        _ => reason(&error),
    };
    let path = fs::canonicalize(path).map_err(why)?;
    let metadata = fs::metadata(&path).map_err(why)?;
    if metadata.permissions().readonly() {
        return Err("the file is read-only".into());
    }
    let bytes = fs::read(&path).map_err(why)?;
    let encoding = Encoding::of(&bytes);
    let new = encoding.encode(new);
    if bytes == new {
        // Another name of a file that is written already.
        return Ok(());
    }
    if bytes != encoding.encode(old) {
        return Err("it has changed since it was read; nothing was written".into());
    }
    replace(&path, &metadata, &new).map_err(why)
}

/// Writes a report. A file is whole or as it was; to what is no file, and to the summary of a job in GitHub Actions, which others write to as
/// well, it is added.
pub fn write_report(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let is_summary = std::env::var_os("GITHUB_STEP_SUMMARY").is_some_and(|summary| path == Path::new(&summary));
    let is_special = fs::metadata(path).is_ok_and(|metadata| !metadata.is_file());
    let write = || {
        if is_summary || is_special {
            return fs::OpenOptions::new().create(true).append(true).open(path)?.write_all(bytes);
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mut file = tempfile::Builder::new().prefix(".kubeshoal-").suffix(".tmp").tempfile_in(folder)?;
        #[cfg(unix)]
        fs::set_permissions(file.path(), std::os::unix::fs::PermissionsExt::from_mode(0o644))?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map(drop).map_err(|error| error.error)
    };
    write().map_err(|error| anyhow::anyhow!("cannot write {}: {}", super::shown(path), reason(&error)))
}

fn replace(path: &Path, metadata: &Metadata, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".kubeshoal-").suffix(".tmp").tempfile_in(folder)?;
    file.write_all(bytes)?;
    keep_owner(file.path(), metadata);
    // After the owner, since a change of it may take bits of the mode away.
    fs::set_permissions(file.path(), metadata.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    // The name is on the disk when the folder is. The file is whole either way, and not every system can do this.
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}

/// Only the superuser may give files away; who may not keeps the file as his own.
#[cfg(unix)]
fn keep_owner(path: &Path, metadata: &Metadata) {
    use std::os::unix::fs::{MetadataExt, chown};
    let _ = chown(path, Some(metadata.uid()), Some(metadata.gid()));
}

#[cfg(not(unix))]
fn keep_owner(_path: &Path, _metadata: &Metadata) {}

/// How a file writes characters.
#[derive(Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16LittleEndian,
    Utf16BigEndian,
}

impl Encoding {
    fn of(bytes: &[u8]) -> Self {
        match bytes {
            [0xff, 0xfe, ..] => Encoding::Utf16LittleEndian,
            [0xfe, 0xff, ..] => Encoding::Utf16BigEndian,
            _ => Encoding::Utf8,
        }
    }

    /// The bytes of a text, with the byte order mark that UTF-16 has.
    fn encode(self, text: &str) -> Vec<u8> {
        let units = |bytes: fn(u16) -> [u8; 2]| std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(bytes).collect();
        match self {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf16LittleEndian => units(u16::to_le_bytes),
            Encoding::Utf16BigEndian => units(u16::to_be_bytes),
        }
    }
}
