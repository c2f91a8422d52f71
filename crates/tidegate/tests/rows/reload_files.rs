//! Limits files are watched, in all the ways that editors and mounts change them.

use std::{fs, os::unix::fs::symlink, path::Path, time::Duration};

use tempfile::TempDir;
use tidegate_config::Source;

use crate::{
    gate::Gate,
    reload::{per_user, until},
};

fn quota(gate: &Gate) -> u32 {
    let policy = gate.app.engine.current.load().policy.clone();
    policy.limit_named("per-user").map_or(0, |limit| limit.quantity.quota())
}

fn text(quota: u32) -> String {
    per_user(&format!("rate = \"{quota} per hour\""))
}

async fn until_quota(gate: &Gate, wanted: u32) {
    until(&format!("a quota of {wanted}"), || quota(gate) == wanted).await;
}

/// The watch has begun: it hears of a file that is no limits file, and what it reads for that is no change.
async fn watched(gate: &Gate, file: &Path) {
    let is_read = || gate.app.reload.last().is_some();
    let aside = file.with_extension("aside");
    let touching = async {
        let mut tick = tokio::time::interval(Duration::from_millis(100));
        while !is_read() {
            fs::write(&aside, "").unwrap();
            tick.tick().await;
        }
    };
    tokio::time::timeout(crate::socket::SOON, touching).await.unwrap();
}

// fault 86
#[tokio::test(flavor = "multi_thread")]
async fn file_written_in_place_or_replaced_by_another_is_in_force_by_itself() {
    let gate = Gate::of_text(&text(10)).await;
    let file = gate.dir.path().join("limits.toml");
    watched(&gate, &file).await;
    fs::write(&file, text(11)).unwrap();
    until_quota(&gate, 11).await;
    // As editors do.
    for quota in 12..14 {
        let aside = gate.dir.path().join(".limits.toml.swp");
        fs::write(&aside, text(quota)).unwrap();
        fs::rename(&aside, &file).unwrap();
        until_quota(&gate, quota).await;
    }
    // Gone for a while.
    fs::remove_file(&file).unwrap();
    until("told", || {
        gate.app.reload.last().is_some_and(|last| last.outcome.is_err())
    })
    .await;
    assert_eq!(quota(&gate), 13);
    fs::write(&file, text(14)).unwrap();
    until_quota(&gate, 14).await;
}

// fault 86, as a mounted ConfigMap is changed
#[tokio::test(flavor = "multi_thread")]
async fn file_behind_links_that_are_swapped_is_in_force_by_itself() {
    let dir = TempDir::new().unwrap();
    let version = |name: &str, quota: u32| {
        fs::create_dir(dir.path().join(name)).unwrap();
        fs::write(dir.path().join(name).join("limits.toml"), text(quota)).unwrap();
    };
    version("..1", 10);
    symlink("..1", dir.path().join("..data")).unwrap();
    let file = dir.path().join("limits.toml");
    symlink("..data/limits.toml", &file).unwrap();
    let gate = Gate::in_dir(Source::File(file.clone()), None, dir).await;
    watched(&gate, &file).await;
    for (name, quota) in [("..2", 11), ("..3", 12)] {
        let folder = gate.dir.path();
        fs::create_dir(folder.join(name)).unwrap();
        fs::write(folder.join(name).join("limits.toml"), text(quota)).unwrap();
        symlink(name, folder.join("..data_tmp")).unwrap();
        fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
        until_quota(&gate, quota).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn page_that_is_included_from_another_folder_is_watched_too() {
    let dir = TempDir::new().unwrap();
    fs::create_dir(dir.path().join("pages")).unwrap();
    let included = dir.path().join("pages/feeds.toml");
    fs::write(&included, text(10).replace("unmatched = \"per-address\"\n", "")).unwrap();
    let file = dir.path().join("limits.toml");
    fs::write(&file, "include = \"pages/feeds.toml\"\nunmatched = \"per-address\"\n").unwrap();
    let gate = Gate::in_dir(Source::File(file.clone()), None, dir).await;
    watched(&gate, &file).await;
    fs::write(&included, text(11).replace("unmatched = \"per-address\"\n", "")).unwrap();
    until_quota(&gate, 11).await;
}

// fault 86
#[tokio::test(flavor = "multi_thread")]
async fn storm_of_a_hundred_writes_is_read_a_few_times() {
    let gate = Gate::of_text(&text(1_000)).await;
    let file = gate.dir.path().join("limits.toml");
    watched(&gate, &file).await;
    let reloads = || gate.app.reload.last().map_or(0, |last| last.reloads);
    let before = reloads();
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    for quota in 1..=100 {
        tick.tick().await;
        fs::write(&file, text(quota)).unwrap();
    }
    until_quota(&gate, 100).await;
    // Two or three on a machine at rest; where other tests leave no room, writes come apart.
    assert!(reloads() - before <= 20, "{} reloads", reloads() - before);
    // The same content again is no change.
    let before = reloads();
    fs::write(&file, text(100)).unwrap();
    fs::write(&file, text(101)).unwrap();
    fs::write(&file, text(100)).unwrap();
    fs::write(gate.dir.path().join("page"), "").unwrap();
    fs::write(&file, text(102)).unwrap();
    until_quota(&gate, 102).await;
    assert!(reloads() - before <= 4, "{} reloads", reloads() - before);
}
