//! Metrics of this process, under the names that Prometheus's own libraries use.

use std::{fs, path::Path};

use super::text::{Text, Type};

/// Ticks per second in Linux's figures of a process; the same on every machine (`USER_HZ`).
const TICKS_PER_S: f64 = 100.0;

/// Adds the metrics that can be read; none where there is no `/proc`.
pub fn add(text: &mut Text) {
    let own = Path::new("/proc/self");
    if let Some(stat) = read(&own.join("stat")).as_deref().and_then(fields) {
        // The 14th and 15th field, of which the first here is the 3rd.
        if let (Some(user), Some(system)) = (number(&stat, 11), number(&stat, 12)) {
            let name = "process_cpu_seconds_total";
            text.single(
                name,
                Type::Counter,
                "Processor time used.",
                (user + system) / TICKS_PER_S,
            );
        }
        if let (Some(since_boot), Some(boot_s)) = (number(&stat, 19), boot_s()) {
            let name = "process_start_time_seconds";
            let started = boot_s + since_boot / TICKS_PER_S;
            text.single(name, Type::Gauge, "Unix time at which the process started.", started);
        }
    }
    if let Some(status) = read(&own.join("status")) {
        for (key, name, help, factor) in [
            ("VmRSS:", "process_resident_memory_bytes", "Memory in use.", 1_024),
            (
                "VmSize:",
                "process_virtual_memory_bytes",
                "Address space in use.",
                1_024,
            ),
            ("Threads:", "process_threads", "Threads.", 1),
        ] {
            if let Some(value) = line(&status, key) {
                text.single(name, Type::Gauge, help, value * factor);
            }
        }
    }
    if let Ok(open) = fs::read_dir(own.join("fd")) {
        text.single(
            "process_open_fds",
            Type::Gauge,
            "Open files, including sockets.",
            open.count(),
        );
    }
    if let Some(max) = read(&own.join("limits"))
        .as_deref()
        .and_then(|limits| line(limits, "Max open files"))
    {
        text.single(
            "process_max_fds",
            Type::Gauge,
            "Most files that may be open at once.",
            max,
        );
    }
}

fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Returns the fields after the name, which ends with a bracket and may hold spaces.
fn fields(stat: &str) -> Option<Vec<&str>> {
    Some(stat.rsplit_once(')')?.1.split_whitespace().collect())
}

fn number(fields: &[&str], place: usize) -> Option<f64> {
    fields.get(place)?.parse().ok()
}

/// Returns the first number of the line that begins with `key`.
fn line(text: &str, key: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(key))?;
    rest.split_whitespace().next()?.parse().ok()
}

fn boot_s() -> Option<f64> {
    let boot = line(&read(Path::new("/proc/stat"))?, "btime")?;
    Some(boot as f64)
}
