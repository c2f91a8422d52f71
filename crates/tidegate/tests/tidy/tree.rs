//! The files of the repository.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// One file that belongs to the repository, by its path from the root.
pub struct Tracked {
    /// From the root, with `/`.
    pub path: String,
    /// Its text; a file that is not text has none.
    pub text: Option<String>,
}

/// The repository's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the workspace's root")
}

/// Every file git knows or would know; without git, every file that is not built.
pub fn files() -> Vec<Tracked> {
    let root = root();
    let paths = from_git(&root).unwrap_or_else(|| walked(&root));
    assert!(
        paths.len() > 50,
        "only {} files were found below {}",
        paths.len(),
        root.display()
    );
    paths
        .into_iter()
        .map(|path| Tracked {
            text: fs::read_to_string(root.join(&path)).ok(),
            path,
        })
        .collect()
}

/// The Rust files among them, with their text.
pub fn rust() -> Vec<(String, String)> {
    files()
        .into_iter()
        .filter(|file| file.path.ends_with(".rs"))
        .filter_map(|file| Some((file.path, file.text?)))
        .collect()
}

/// One file's text, by its path from the root.
pub fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Fails with all that was found, one line each.
#[track_caller]
pub fn nothing_of(found: Vec<String>, rule: &str) {
    assert!(found.is_empty(), "{rule}\n  {}", found.join("\n  "));
}

fn from_git(root: &Path) -> Option<BTreeSet<String>> {
    let listed = Command::new("git")
        .current_dir(root)
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    let paths = String::from_utf8_lossy(&listed.stdout)
        .split('\0')
        .filter(|path| !path.is_empty() && root.join(path).is_file())
        .map(str::to_owned)
        .collect::<BTreeSet<_>>();
    (!paths.is_empty()).then_some(paths)
}

fn walked(root: &Path) -> BTreeSet<String> {
    const NOT_OURS: [&str; 4] = ["target", ".git", ".venv", "tidegate-data"];
    let mut found = BTreeSet::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of the repository").flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                if !NOT_OURS.iter().any(|other| name == *other) {
                    folders.push(path);
                }
            } else if let Ok(below) = path.strip_prefix(root) {
                found.insert(below.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    found
}
