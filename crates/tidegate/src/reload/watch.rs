//! Events of the file system that a limits file may have changed.
//!
//! Folders are watched and not files, because editors and mounted volumes put another file in the place of the old one.
//! An event says only that something happened there; the content of the files tells whether a limits file changed.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use tidegate_staff::program::ReloadCause;
use tokio::{sync::mpsc, time::timeout};

use super::Reload;

/// The quiet time after the last event before the files are read: whoever writes is done by then.
const QUIET: Duration = Duration::from_millis(300);

/// The longest wait while events keep coming.
const QUIET_WAIT_MAX: Duration = Duration::from_secs(2);

/// Watches the files of a policy, until dropped. Where that is not possible it says so, and SIGHUP and the admin API are
/// left.
pub async fn run(reload: Arc<Reload>) {
    // One word that waits stands for all that come before it is heard.
    let (word, mut heard) = mpsc::channel(1);
    let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
        // Reading is no change, and we read ourselves. A fault may have hidden a change.
        if event.is_ok_and(|event| event.kind.is_access()) {
            return;
        }
        let _ = word.try_send(());
    });
    let mut watch = match watcher {
        Ok(watcher) => Watch {
            watcher,
            folders: BTreeSet::new(),
        },
        Err(error) => {
            tracing::warn!(%error, "limits files are not watched: send SIGHUP after a change");
            return;
        }
    };
    watch.follow(&reload.paths());
    while heard.recv().await.is_some() {
        let _ = timeout(QUIET_WAIT_MAX, async {
            while let Ok(Some(())) = timeout(QUIET, heard.recv()).await {}
        })
        .await;
        let reading = reload.clone();
        if let Err(error) = tokio::task::spawn_blocking(move || reading.reload(ReloadCause::Watch)).await {
            tracing::error!(%error, "the limits file could not be read again");
        }
        watch.follow(&reload.paths());
    }
}

struct Watch {
    watcher: RecommendedWatcher,
    folders: BTreeSet<PathBuf>,
}

impl Watch {
    /// Follows the folders of these files from now on, and no others. They are at most two for each of the files of a
    /// policy.
    fn follow(&mut self, paths: &[PathBuf]) {
        let wanted: BTreeSet<PathBuf> = paths.iter().flat_map(|path| folders(path)).collect();
        for folder in self.folders.difference(&wanted) {
            let _ = self.watcher.unwatch(folder);
        }
        let mut watched: BTreeSet<PathBuf> = self.folders.intersection(&wanted).cloned().collect();
        for folder in wanted.difference(&self.folders) {
            match self.watcher.watch(folder, RecursiveMode::NonRecursive) {
                Ok(()) => {
                    watched.insert(folder.clone());
                }
                Err(error) => {
                    tracing::warn!(folder = %folder.display(), %error, "the folder is not watched: send SIGHUP after a change");
                }
            }
        }
        self.folders = watched;
    }
}

/// Returns the folder of a file by its name, and its folder when links are followed.
fn folders(path: &Path) -> impl Iterator<Item = PathBuf> {
    let folder = |path: &Path| match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
        _ => PathBuf::from("."),
    };
    let linked = path.canonicalize().ok().map(|path| folder(&path));
    [Some(folder(path)), linked].into_iter().flatten()
}
