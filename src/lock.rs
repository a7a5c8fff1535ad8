//! The data directory: made when it is first needed, locked by the server that uses it.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::Path;

use crate::limits::LOCK_FILE_BYTES_MAX;

/// The file whose lock is the directory's.
const LOCK: &str = "lock";
/// The directory's mode: what is said in the rooms is its owner's alone.
const DIRECTORY_MODE: u32 = 0o700;
/// The lock file's mode.
const LOCK_MODE: u32 = 0o600;

/// Makes the directory, and those above it, where they are missing.
///
/// # Errors
/// A sentence that names it.
pub fn make_directory(directory: &Path) -> Result<(), String> {
    DirBuilder::new().recursive(true).mode(DIRECTORY_MODE).create(directory).map_err(|error| {
        format!(
            "the data directory {} cannot be made: {error}; choose another with --data",
            directory.display()
        )
    })
}

/// A data directory that no other server uses until this value is dropped, or the process ends.
#[derive(Debug)]
pub struct DirectoryLock {
    /// The lock goes with the file.
    _file: File,
}

impl DirectoryLock {
    /// Makes the directory where it is missing, and locks it.
    ///
    /// # Errors
    /// A sentence: another server uses it, or it cannot be written.
    pub fn acquire(directory: &Path) -> Result<DirectoryLock, String> {
        make_directory(directory)?;
        let path = directory.join(LOCK);
        let unusable = |error| format!("{} cannot be locked: {error}", path.display());
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(LOCK_MODE);
        let mut file = options.open(&path).map_err(unusable)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(in_use(directory, &mut file)),
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        write_owner(&mut file).map_err(unusable)?;
        Ok(DirectoryLock { _file: file })
    }
}

/// Leaves the process's id for whoever comes second.
fn write_owner(file: &mut File) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    writeln!(file, "{}", std::process::id())
}

fn in_use(directory: &Path, file: &mut File) -> String {
    let mut owner = String::new();
    // Only for the sentence: without the number it is as true.
    let _ = file.take(LOCK_FILE_BYTES_MAX).read_to_string(&mut owner);
    let owner = match owner.trim() {
        "" => String::new(),
        id => format!(" (process {id})"),
    };
    let shown = directory.display();
    format!(
        "the data directory {shown} is in use by another polylogue{owner}: stop that one, or \
         choose another directory with --data"
    )
}

#[cfg(test)]
mod tests {
    use super::DirectoryLock;

    #[test]
    fn a_directory_has_one_owner_at_a_time() {
        let above = tempfile::tempdir().unwrap();
        let data = above.path().join("data");
        let first = DirectoryLock::acquire(&data).unwrap();
        let told = DirectoryLock::acquire(&data).unwrap_err();
        assert!(told.contains(&data.display().to_string()), "{told}");
        assert!(told.contains(&format!("(process {})", std::process::id())), "{told}");
        assert!(told.contains("--data"), "{told}");
        drop(first);
        DirectoryLock::acquire(&data).unwrap();
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named() {
        let above = tempfile::tempdir().unwrap();
        let file = above.path().join("file");
        std::fs::write(&file, "").unwrap();
        let told = DirectoryLock::acquire(&file.join("data")).unwrap_err();
        assert!(told.contains("file/data") && told.contains("--data"), "{told}");
    }
}
