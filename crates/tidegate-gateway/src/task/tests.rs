//! Every task of the doors, ended at every one of its polls: dropped where it waits, or by a panic.

mod house;
mod rig;
mod script;

use std::{collections::HashSet, path::Path, time::Duration};

pub(crate) use house::policy;
use rig::{Act, Rig};
use script::Script;

use super::cut::{self, Cut, How, Pace, Watch};

/// Longest wait for what must take no time. Only a machine that is busy otherwise takes any.
const WAIT_MAX: Duration = Duration::from_secs(1);

/// The outcome of a sweep.
#[derive(Debug, Default)]
struct Tally {
    /// The number of times that a task was ended.
    cuts: usize,
    /// The number of these while a slot was taken.
    held: usize,
    /// The failures, each with its place and kind.
    leaks: Vec<String>,
}

/// Plays a script, ending one task as the cut says. `None` where the task or its poll never comes.
fn play(script: &Script, cut: Option<Cut>, pace: Pace, wait_max: Duration) -> Result<Watch, String> {
    let waits = script.steps.iter().flatten().any(|act| matches!(act, Act::Waits));
    let mut rig = Rig::new(cut, pace, waits, wait_max);
    for step in &script.steps {
        rig.step(step);
        if rig.is_cut() {
            rig.holds(script.sockets_max)?;
            break;
        }
    }
    if !rig.is_cut() && !rig.is_told(script.told) {
        return Err(format!(
            "the client is told {:?}",
            String::from_utf8_lossy(&rig.told[0])
        ));
    }
    rig.ends()
}

/// Plays a script once for each poll of each task, and ends the task there.
fn sweep(script: &Script, pace: Pace, how: How, wait_max: Duration) -> Tally {
    let mut tally = Tally::default();
    play(script, None, pace, WAIT_MAX).unwrap_or_else(|wrong| panic!("{}: {wrong}", script.name));
    // The first task is the listener, which holds nothing of anybody.
    for task in 1.. {
        for poll in 0.. {
            let cut = Cut { task, poll, how };
            match play(script, Some(cut), pace, wait_max) {
                Ok(run) if !run.is_cut && poll == 0 => return tally,
                Ok(run) if !run.is_cut => break,
                Ok(run) => tally.held += usize::from(run.seen > 0),
                Err(wrong) => {
                    tally.held += usize::from(cut::unwatch().is_some_and(|run| run.seen > 0));
                    tally.leaks.push(format!("{}: {cut:?} {pace:?}: {wrong}", script.name));
                }
            }
            tally.cuts += 1;
        }
    }
    unreachable!("a script has an end")
}

/// Sweeps scripts at both paces and both ways, and demands that nothing leaked and that the sweep was one.
fn nothing_leaks(scripts: &[Script]) {
    let mut cuts = [0; 2];
    for script in scripts {
        for (pace, how) in [Pace::Free, Pace::Step]
            .into_iter()
            .flat_map(|pace| [(pace, How::Drop), (pace, How::Panic)])
        {
            let tally = sweep(script, pace, how, WAIT_MAX);
            assert!(tally.leaks.is_empty(), "{:#?}", tally.leaks);
            let (cuts_min, held_min) = script.cuts_min;
            let is_enough = tally.cuts >= cuts_min && tally.held >= held_min;
            assert!(is_enough, "{} {pace:?} {how:?}: {tally:?}", script.name);
            cuts[usize::from(pace == Pace::Step)] += tally.cuts;
            println!(
                "{:36} {pace:?} {how:?}: {} cuts, {} with a slot",
                script.name, tally.cuts, tally.held
            );
        }
    }
    assert!(cuts[1] > cuts[0], "step by step there are more awaits: {cuts:?}");
}

// fault 26, fault 28
#[test]
fn a_dial_that_is_ended_at_any_await_leaves_nothing_taken() {
    nothing_leaks(&script::answers());
}

// fault 26, fault 31
#[test]
fn a_relay_that_is_ended_at_any_await_leaves_nothing_taken() {
    nothing_leaks(&script::relays());
}

// fault 26
#[test]
fn a_socket_inside_that_is_ended_at_any_await_leaves_nothing_taken() {
    nothing_leaks(&script::insides());
}

// fault 26, fault 32
#[test]
fn a_refusal_or_eviction_that_is_ended_at_any_await_leaves_nothing_taken() {
    nothing_leaks(&script::rivals());
}

// fault 26, fault 82
#[test]
fn a_request_that_is_ended_at_any_await_leaves_nothing_taken() {
    nothing_leaks(&script::requests());
}

// A task that is neither polled nor dropped again keeps what it holds: each such cut must be seen.
#[test]
fn the_sweep_sees_every_future_that_is_forgotten_with_its_slot() {
    let scripts = script::relays();
    let tally = sweep(&scripts[0], Pace::Free, How::Forget, Duration::from_millis(5));
    let slots = tally.leaks.iter().filter(|leak| leak.contains("slots are taken"));
    assert_eq!(slots.count(), tally.held, "{tally:#?}");
    assert!(tally.held >= scripts[0].cuts_min.1, "{tally:#?}");
}

#[test]
fn the_scripts_reach_every_place_that_makes_a_task() {
    let all = [
        script::answers(),
        script::relays(),
        script::insides(),
        script::rivals(),
        script::requests(),
    ];
    let runs = all
        .iter()
        .flatten()
        .map(|script| play(script, None, Pace::Free, WAIT_MAX));
    let made: HashSet<&str> = runs.flat_map(|run| run.unwrap().tasks).map(|(name, _)| name).collect();
    for place in [
        "listener::serve",
        "drain::drain",
        "dyn core::future::future::Future",
        "OpenSocket::run<tidegate_gateway::relay::transport::Upgraded>",
        "OpenSocket::run<tidegate_gateway::relay::embedded_socket::relay_side::EmbeddedRelaySide>",
        "refuse_by_frame",
    ] {
        assert!(
            made.iter().any(|name| name.contains(place)),
            "{place} is not among {made:#?}"
        );
    }
}

// A task that is made elsewhere is one that the sweep does not end.
#[test]
fn every_task_of_the_doors_is_made_alone() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut places = 0;
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir().unwrap().map(|entry| entry.unwrap().path()) {
            if entry.ends_with("tests") || entry.ends_with("tests.rs") {
                continue;
            }
            if entry.is_dir() {
                folders.push(entry);
                continue;
            }
            let text = std::fs::read_to_string(&entry).unwrap();
            for line in text.lines().filter(|line| line.contains("spawn(")) {
                places += 1;
                assert!(line.contains("spawn(task::alone("), "{}: {line}", entry.display());
            }
        }
    }
    assert!(places >= 7, "{places}");
}
