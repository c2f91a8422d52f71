//! The rooms of a crate form no circle. A room is a file or folder directly in `src/`; `lib.rs`, `main.rs` and tests are none.
//!
//! Rooms that import each other are read, changed and tested as one, whatever their names say.

use std::collections::{BTreeMap, BTreeSet};

use crate::{rooms, source, tree};

/// One import of a room by another.
struct Import {
    from: String,
    to: String,
    place: String,
}

/// A crate's rooms, as its text has them.
struct Crate {
    name: String,
    rooms: BTreeSet<String>,
    /// The room of each item that the root exports again, by the item's name.
    items: BTreeMap<String, String>,
    imports: Vec<Import>,
}

#[test]
fn rooms_of_a_crate_form_no_circle() {
    let mut found = Vec::new();
    for one in crates() {
        for circle in circles(&one) {
            found.push(format!(
                "{}: {}",
                one.name,
                circle.iter().cloned().collect::<Vec<_>>().join(", ")
            ));
            let within = |import: &&Import| circle.contains(&import.from) && circle.contains(&import.to);
            found.extend(
                one.imports
                    .iter()
                    .filter(within)
                    .map(|Import { from, to, place }| format!("    {place}: `{from}` imports `{to}`")),
            );
        }
    }
    tree::nothing_of(
        found,
        "of two rooms that import each other move what both need into a third one, or pass it as an argument:",
    );
}

/// The rooms that lead back to themselves, together with all rooms between.
fn circles(one: &Crate) -> Vec<BTreeSet<String>> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        one.rooms.iter().map(|room| (room.as_str(), reach(one, room))).collect();
    let mut circles: Vec<BTreeSet<String>> = Vec::new();
    for (room, others) in &reached {
        let is_known = circles.iter().any(|circle| circle.contains(*room));
        if others.contains(room) && !is_known {
            let back = others.iter().filter(|other| reached[**other].contains(room));
            circles.push(back.map(|other| (*other).to_owned()).collect());
        }
    }
    circles
}

/// The rooms that a room imports, and those that these import.
fn reach<'c>(one: &'c Crate, room: &str) -> BTreeSet<&'c str> {
    let mut reached = BTreeSet::new();
    let mut next = vec![room];
    while let Some(room) = next.pop() {
        for import in one.imports.iter().filter(|import| import.from == room) {
            if reached.insert(import.to.as_str()) {
                next.push(&import.to);
            }
        }
    }
    reached
}

fn crates() -> Vec<Crate> {
    let mut found: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
    for (path, text) in tree::rust().into_iter().filter(|(path, _)| !rooms::is_test(path)) {
        let parts = path.strip_prefix("crates/").and_then(|below| below.split_once("/src/"));
        if let Some((name, file)) = parts {
            let code = without_tests(source::code(&text));
            found.entry(name.to_owned()).or_default().push((file.to_owned(), code));
        }
    }
    found.into_iter().map(|(name, files)| read(name, &files)).collect()
}

fn read(name: String, files: &[(String, String)]) -> Crate {
    let rooms: BTreeSet<String> = files
        .iter()
        .filter_map(|(file, _)| Some(room_of(file)?.to_owned()))
        .collect();
    let root = files
        .iter()
        .find(|(file, _)| file == "lib.rs")
        .map_or("", |(_, code)| code);
    let mut one = Crate {
        name,
        rooms,
        items: items(root),
        imports: Vec::new(),
    };
    for (file, code) in files {
        let Some(from) = room_of(file) else { continue };
        for (at, named) in from_root(file, code) {
            let to = one.items.get(&named).unwrap_or(&named);
            if to != from && one.rooms.contains(to) {
                let line = code[..at].matches('\n').count() + 1;
                let place = format!("crates/{}/src/{file}:{line}", one.name);
                one.imports.push(Import {
                    from: from.to_owned(),
                    to: to.clone(),
                    place,
                });
            }
        }
    }
    one
}

/// `relay` for `relay.rs` and `relay/frame.rs`; none for the root.
fn room_of(file: &str) -> Option<&str> {
    let first = file.split('/').next().unwrap_or(file).trim_end_matches(".rs");
    (!matches!(first, "lib" | "main" | "bin")).then_some(first)
}

/// Reads the items that the root exports again from its rooms, `pub use error::{Fault, Found}`, by name.
fn items(root: &str) -> BTreeMap<String, String> {
    let mut items = BTreeMap::new();
    for (at, _) in source::words(root).filter(|(_, word)| *word == "use") {
        let statement = &root[at + "use".len()..];
        let statement = &statement[..statement.find(';').unwrap_or(statement.len())];
        let mut words = source::words(statement)
            .map(|(_, word)| word)
            .filter(|word| *word != "self" && *word != "crate");
        if let Some(room) = words.next() {
            items.extend(words.map(|item| (item.to_owned(), room.to_owned())));
        }
    }
    items
}

/// Finds the names that a file takes from the root of its crate, by `crate::` or by as many `super::` as it is deep, each with its place.
fn from_root(file: &str, code: &str) -> Vec<(usize, String)> {
    let deep = file.matches('/').count() + 1;
    let mut found = Vec::new();
    for (at, word) in source::words(code) {
        let ups = match word {
            "crate" => Some(code[at + word.len()..].trim_start()),
            "super" if !code[..at].ends_with("super::") => after_supers(&code[at..], deep),
            _ => None,
        };
        if let Some(path) = ups.and_then(|rest| rest.strip_prefix("::")) {
            found.extend(heads(path).into_iter().map(|name| (at, name)));
        }
    }
    found
}

/// The rest of a path behind exactly this many `super`, joined by `::`.
fn after_supers(code: &str, count: usize) -> Option<&str> {
    let mut rest = code.strip_prefix("super")?;
    for _ in 1..count {
        rest = rest.strip_prefix("::super")?;
    }
    (!rest.starts_with("::super")).then_some(rest)
}

/// The first names of a path or of a list of paths: `a` and `d` of `{a::{b, c}, d}`.
fn heads(path: &str) -> Vec<String> {
    let name = |text: &str| -> String {
        let text = text.trim_start();
        text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
    };
    let Some(list) = path.trim_start().strip_prefix('{') else {
        return vec![name(path)];
    };
    let mut heads = vec![name(list)];
    let mut depth = 1;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 1 => heads.push(name(&list[at + 1..])),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    heads
}

/// The code without the items that are built for tests alone; lines stay lines.
fn without_tests(mut code: String) -> String {
    const MARK: &str = "#[cfg(test)]";
    while let Some(at) = code.find(MARK) {
        let end = item_end(&code[at..]).map_or(code.len(), |end| at + end);
        let blank: String = code[at..end]
            .chars()
            .map(|c| if c == '\n' { '\n' } else { ' ' })
            .collect();
        code.replace_range(at..end, &blank);
    }
    code
}

/// Finds the end of an item: its `;`, or the brace that closes its first one.
fn item_end(code: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, c) in code.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ';' if depth == 0 => return Some(at + 1),
            _ => {}
        }
        if c == '}' && depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

#[test]
fn imports_are_read_from_the_root_of_a_crate() {
    let files = [
        ("lib.rs", "mod a; mod b; mod c; pub use b::{Bee, Hive};"),
        ("a.rs", "use crate::{b::{c, d}, Bee}; #[cfg(test)] use crate::c::C;"),
        ("b/deep.rs", "use super::super::c; use super::a;"),
        ("c.rs", "pub(crate) fn f() -> super::a::A {}"),
    ];
    let files = files.map(|(file, text)| (file.to_owned(), without_tests(text.to_owned())));
    let one = read("x".to_owned(), &files);
    let found: Vec<_> = one
        .imports
        .iter()
        .map(|import| (import.from.as_str(), import.to.as_str()))
        .collect();
    assert_eq!(found, [("a", "b"), ("a", "b"), ("b", "c"), ("c", "a")]);
    assert_eq!(circles(&one), [BTreeSet::from(["a", "b", "c"].map(str::to_owned))]);
}
