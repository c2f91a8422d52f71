//! A page's upstream, compiled: its servers, whom they are believed to be, and how they are asked whether they are well.

use std::{
    fs,
    io::Read,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use tidegate_core::upstream::{Check, Remote, SERVERS_MAX, Server, Upstream};

use crate::{
    diagnostics::{Fault, Report},
    extensions::ConfigExtensions,
    location::{Located, Location},
    reader::Whole,
    sections::upstream::{
        CheckText, HEALTHY_AFTER, INTERVAL_S, PageUpstream, ServerWord, TIMEOUT_S, UNHEALTHY_AFTER, UpstreamText,
        WEIGHT,
    },
};

/// A file of certificates is read whole; a larger one is none.
const CA_BYTES_MAX: u64 = 1 << 20;

/// The upstream that a page names; `None` after a mistake that leaves none.
pub fn compile(at: &Located<PageUpstream>, extensions: &ConfigExtensions, report: &mut Report) -> Option<Upstream> {
    let text = match &at.value {
        PageUpstream::Address(address) => return Some(address.0.clone()),
        PageUpstream::Table(text) => text,
    };
    let mut servers = servers(text, &at.location, report);
    let roots = roots(text, &servers, extensions, report);
    let check = text.check.as_ref().and_then(|at| check(at, report));
    if servers.is_empty() {
        return None;
    }
    let first = servers.remove(0);
    Some(Upstream::Remote(Arc::new(Remote {
        first,
        others: servers,
        host: text.host.as_ref().map(|at| at.value.0.0.clone()),
        roots,
        check,
    })))
}

fn servers(text: &UpstreamText, location: &Location, report: &mut Report) -> Vec<Server> {
    let right = "write `servers = [\"https://HOST:PORT\"]`";
    let Some(list) = &text.servers else {
        if !text.written.iter().any(|key| key == "servers") {
            report.error(
                &location.below("servers"),
                Fault::new("the page has no upstream", right),
            );
        }
        return Vec::new();
    };
    if list.value.0.is_empty() || list.value.0.len() > SERVERS_MAX {
        let wrong = format!("{} servers are listed", list.value.0.len());
        report.error(&list.location, Fault::new(wrong, format!("list 1 to {SERVERS_MAX}")));
    }
    let mut servers: Vec<Server> = Vec::new();
    for at in &list.value.0 {
        let (base, weight) = match &at.value {
            ServerWord::Address(address) => (Some(&address.0.0), WEIGHT),
            ServerWord::Table(table) => {
                if !table.written.iter().any(|key| key == "url") {
                    let right = "write `{ url = \"https://HOST:PORT\", weight = 1 }`";
                    report.error(&at.location, Fault::new("the server has no address", right));
                }
                let url = table.url.as_ref().map(|at| &at.value.0.0);
                (url, number(&table.weight, WEIGHT))
            }
        };
        let Some(base) = base else { continue };
        if servers.iter().any(|server| server.base == *base) {
            let wrong = format!("`{base}` is listed twice");
            report.error(
                &at.location,
                Fault::new(
                    wrong,
                    "remove one of the two, and use `weight` to give a server more requests",
                ),
            );
            continue;
        }
        servers.push(Server {
            base: base.clone(),
            weight: u32::try_from(weight).unwrap_or(u32::MAX),
        });
    }
    servers
}

fn roots(
    text: &UpstreamText,
    servers: &[Server],
    extensions: &ConfigExtensions,
    report: &mut Report,
) -> Vec<Arc<[u8]>> {
    let Some(at) = &text.ca else { return Vec::new() };
    if !servers.is_empty() && !servers.iter().any(Server::is_secure) {
        let right = "use `https://` for a server, or remove it";
        report.error(&at.location, Fault::new("no server is reached over TLS", right));
        return Vec::new();
    }
    let path = beside(&at.location, &at.value);
    let read = read(&path).and_then(|pem| (extensions.roots)(&pem));
    read.unwrap_or_else(|why| {
        let wrong = format!("`{}`: {why}", path.display());
        report.error(
            &at.location,
            Fault::new(wrong, "name a PEM file of certificates, relative to this file"),
        );
        Vec::new()
    })
}

/// A path that a limits file names is relative to it.
pub fn beside(location: &Location, path: &str) -> PathBuf {
    let folder = Path::new(&*location.file).parent();
    folder.map_or_else(|| PathBuf::from(path), |folder| folder.join(path))
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let opened = fs::File::open(path).and_then(|file| file.take(CA_BYTES_MAX + 1).read_to_end(&mut bytes));
    opened.map_err(|error| format!("cannot be read: {error}"))?;
    if bytes.len() as u64 > CA_BYTES_MAX {
        return Err("is larger than 1 MiB".to_owned());
    }
    Ok(bytes)
}

fn check(at: &Located<CheckText>, report: &mut Report) -> Option<Check> {
    let text = &at.value;
    let Some(path) = &text.path else {
        if !text.written.iter().any(|key| key == "path") {
            let fault = Fault::new("is missing", "write `path = \"/healthz\"`");
            report.error(&at.location.below("path"), fault);
        }
        return None;
    };
    Some(Check {
        path: path.value.0.0.as_str().into(),
        interval: Duration::from_secs(number(&text.interval_s, INTERVAL_S)),
        timeout: Duration::from_secs(number(&text.timeout_s, TIMEOUT_S)),
        unhealthy_after: small(&text.unhealthy_after, UNHEALTHY_AFTER),
        healthy_after: small(&text.healthy_after, HEALTHY_AFTER),
    })
}

fn number<const MIN: u64, const MAX: u64>(written: &Option<Located<Whole<MIN, MAX>>>, default: u64) -> u64 {
    written.as_ref().map_or(default, |at| at.value.0)
}

fn small<const MIN: u64, const MAX: u64>(written: &Option<Located<Whole<MIN, MAX>>>, default: u64) -> u32 {
    u32::try_from(number(written, default)).unwrap_or(u32::MAX)
}
