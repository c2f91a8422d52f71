//! The data directory: one server's databases, keys and admin token, locked while it runs.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The directory of a running server. Dropping it lets the next server in.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    _lock: File,
}

/// The installation's key, from which others are derived. It never prints.
pub struct Key([u8; 32]);

/// The reason why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another server runs on it.
    #[error("another Tidegate runs on {0}: stop it, or give this one another directory with --data")]
    Taken(PathBuf),
    /// The key file is not a key.
    #[error("{0} is not a 32-byte key: restore the key file of this directory")]
    NotAKey(PathBuf),
    /// The system said no.
    #[error("{path}: {source}")]
    Io {
        /// The path that was being read or written.
        path: PathBuf,
        /// The system's error.
        source: io::Error,
    },
}

impl DataDir {
    /// Opens and locks the directory; makes it, readable by its owner only, if it is not there.
    ///
    /// # Errors
    /// [`DataDirError::Taken`] while another server holds it, [`DataDirError::Io`] where it cannot be made.
    pub fn open(path: &Path) -> Result<DataDir, DataDirError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(path)
            .map_err(at(path))?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(&lock_path)
            .map_err(at(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => Ok(DataDir {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(TryLockError::WouldBlock) => Err(DataDirError::Taken(path.to_owned())),
            Err(TryLockError::Error(source)) => Err(DataDirError::Io {
                path: lock_path,
                source,
            }),
        }
    }

    /// The installation's key; made at first, kept for ever: with another one no token would be known and every
    /// count would start anew.
    pub fn key(&self) -> Result<Key, DataDirError> {
        let path = self.path.join("key");
        match fs::read(&path) {
            Ok(bytes) => Ok(Key(bytes.try_into().map_err(|_| DataDirError::NotAKey(path))?)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let key = random()?;
                write_private(&path, &key)?;
                Ok(Key(key))
            }
            Err(source) => Err(DataDirError::Io { path, source }),
        }
    }

    /// The token of the admin API, and whether it was made just now, as at the first start. Whoever can read the file can
    /// administer.
    pub fn admin_token(&self) -> Result<(String, bool), DataDirError> {
        let path = admin_token_path(&self.path);
        match read_admin_token(&self.path) {
            Ok(token) if !token.is_empty() => Ok((token, false)),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(DataDirError::Io { path, source: error }),
            _ => {
                let token = format!(
                    "tg_adm_{}",
                    random()?.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
                );
                write_private(&path, format!("{token}\n").as_bytes())?;
                Ok((token, true))
            }
        }
    }

    /// Writes down where the admin API listens, so that commands on this machine find it.
    pub fn note_admin_address(&self, address: &str) -> Result<(), DataDirError> {
        write_private(&self.path.join(ADMIN_ADDRESS), format!("{address}\n").as_bytes())
    }

    /// A file of the directory.
    pub fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }
}

/// Returns the admin address of the server on this directory, if one ever ran.
pub fn admin_address(data: &Path) -> Option<String> {
    fs::read_to_string(data.join(ADMIN_ADDRESS))
        .ok()
        .map(|text| text.trim().to_owned())
}

/// The admin token kept in a directory.
///
/// # Errors
/// Returns the system's error for `DIR/admin-token`.
pub fn read_admin_token(data: &Path) -> io::Result<String> {
    fs::read_to_string(admin_token_path(data)).map(|text| text.trim().to_owned())
}

/// Returns the path of a directory's admin token.
pub fn admin_token_path(data: &Path) -> PathBuf {
    data.join("admin-token")
}

const ADMIN_ADDRESS: &str = "admin-address";

fn random() -> Result<[u8; 32], DataDirError> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| DataDirError::Io {
        path: "random bytes".into(),
        source: error.into(),
    })?;
    Ok(bytes)
}

/// Writes the file aside and renames it, so that a crash leaves the old file or the new one, whole.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), DataDirError> {
    let aside = path.with_extension("new");
    let mut file = OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&aside)
        .map_err(at(&aside))?;
    file.write_all(bytes)
        .and_then(|()| file.sync_all())
        .map_err(at(&aside))?;
    fs::rename(&aside, path).map_err(at(path))?;
    File::open(path.parent().unwrap_or(Path::new(".")))
        .and_then(|dir| dir.sync_all())
        .map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> DataDirError + use<> {
    let path = path.to_owned();
    move |source| DataDirError::Io { path, source }
}

// === impl Key ===

impl Key {
    /// The whole key, for the accounts, which derive their own from it.
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// The key that hashes partitions.
    pub fn partition(&self) -> [u8; 16] {
        let mut key = [0; 16];
        key.copy_from_slice(&self.derive(b"partition")[..16]);
        key
    }

    /// The key that hashes opaque credentials.
    pub fn opaque(&self) -> [u8; 32] {
        self.derive(b"opaque")
    }

    /// The key under which verified tokens of issuers are remembered.
    pub fn jwt(&self) -> [u8; 32] {
        self.derive(b"jwt")
    }

    /// The name under which this installation writes usage.
    pub fn node(&self) -> u64 {
        let mut name = [0; 8];
        name.copy_from_slice(&self.derive(b"node")[..8]);
        u64::from_be_bytes(name)
    }

    fn derive(&self, label: &[u8]) -> [u8; 32] {
        mac(&self.0, label)
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(redacted)")
    }
}

/// Computes HMAC-SHA256 (RFC 2104).
pub fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests;
