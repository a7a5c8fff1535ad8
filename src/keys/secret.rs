//! The secret that signs and verifies tokens: given, or made once in the data directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use jwt_simple::prelude::HS256Key;

use crate::limits::{JWT_SECRET_BYTES_MIN, JWT_SECRET_FILE_BYTES_MAX};
use crate::lock;

/// The secret's file in the data directory.
const FILE: &str = "jwt.secret";
/// Its mode: nobody but its owner may read it.
const FILE_MODE: u32 = 0o600;
/// What others could do with it if the mode were laxer.
const OTHERS_MODE: u32 = 0o077;
/// Random bytes in a secret that is made here.
const RANDOM_BYTES: usize = 32;

/// The key that a secret makes.
///
/// # Errors
/// A sentence where it is too short, or public.
pub(super) fn key(secret: &str) -> Result<HS256Key, String> {
    if secret.contains("PUBLIC KEY-----") {
        return Err("the secret for tokens is a public key, with which anybody could sign them: \
                    give its file with --jwt-public-key"
            .into());
    }
    if secret.len() < JWT_SECRET_BYTES_MIN {
        return Err(format!(
            "the secret for tokens has {} bytes, but must have {JWT_SECRET_BYTES_MIN} or more, as \
             shorter ones can be guessed",
            secret.len()
        ));
    }
    Ok(HS256Key::from_bytes(secret.as_bytes()))
}

/// The secret in a data directory, made where there is none. Two processes that come at the
/// same time get the same one.
///
/// # Errors
/// A sentence that names the file and says what to do.
pub(super) fn in_directory(directory: &Path) -> Result<String, String> {
    let path = directory.join(FILE);
    let shown = path.display();
    let secret = match read(&path) {
        Ok(secret) if !secret.is_empty() => Ok(secret),
        Ok(_) => make(&path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            lock::make_directory(directory)?;
            make(&path)
        }
        Err(error) => Err(error),
    };
    let secret = secret.map_err(|error| {
        format!("the secret for tokens in {shown} cannot be read or made: {error}")
    })?;
    if secret.len() < JWT_SECRET_BYTES_MIN {
        return Err(format!(
            "the secret for tokens in {shown} is too short to be safe: delete the file, and a new \
             one is made; tokens that were signed before end then"
        ));
    }
    Ok(secret)
}

fn read(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mode = file.metadata()?.permissions().mode();
    if mode & OTHERS_MODE != 0 {
        let path = path.display();
        tracing::warn!("{path} can be read by others: run `chmod 600 {path}`");
    }
    text(&mut file)
}

/// Writes a secret unless somebody else was faster; whoever holds the file's lock writes.
fn make(path: &Path) -> io::Result<String> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false).mode(FILE_MODE);
    let mut file = options.open(path)?;
    file.lock()?;
    let known = text(&mut file)?;
    if !known.is_empty() {
        return Ok(known);
    }
    let secret = random()?;
    file.write_all(secret.as_bytes())?;
    file.sync_all()?;
    Ok(secret)
}

fn text(file: &mut File) -> io::Result<String> {
    let mut text = String::new();
    file.take(JWT_SECRET_FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(text.trim().to_owned())
}

/// Random bytes in hexadecimal.
fn random() -> io::Result<String> {
    let mut bytes = [0; RANDOM_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt as _;

    use super::in_directory;

    #[test]
    fn a_secret_is_made_once_and_for_its_owner_alone() {
        let directory = tempfile::tempdir().unwrap();
        let data = directory.path().join("new/data");
        let secret = in_directory(&data).unwrap();
        assert_eq!(secret.len(), 64);
        assert!(secret.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_eq!(in_directory(&data).unwrap(), secret);
        let mode = fs::metadata(data.join("jwt.secret")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_ne!(in_directory(&directory.path().join("other")).unwrap(), secret);
    }

    #[test]
    fn those_who_come_at_once_get_the_same_secret() {
        let directory = tempfile::tempdir().unwrap();
        let secrets: Vec<String> = std::thread::scope(|scope| {
            let ask = || in_directory(directory.path()).unwrap();
            let asking: Vec<_> = (0..16).map(|_| scope.spawn(ask)).collect();
            asking.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(secrets.iter().all(|one| *one == secrets[0] && one.len() == 64));
    }

    #[test]
    fn a_secret_of_the_operators_own_is_kept_and_a_short_one_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("jwt.secret");
        fs::write(&path, "made by hand, long enough\n").unwrap();
        assert_eq!(in_directory(directory.path()).unwrap(), "made by hand, long enough");
        fs::write(&path, "short\n").unwrap();
        let told = in_directory(directory.path()).unwrap_err();
        assert!(told.contains("jwt.secret is too short") && told.contains("delete"), "{told}");
    }
}
