//! The limits as a table for a terminal, with what its columns mean below it.

mod columns;
mod formatting;

use comfy_table::{
    Attribute, Cell, CellAlignment, ColumnConstraint, ContentArrangement, Row as Line, Table, Width, presets,
};
use tidegate_core::{
    overrides::Overrides,
    policy::{Policy, Upstream},
    tenant::Tenant,
};

use super::{Exempt, Row, applies_to, exempt, rows, rows_of_tenant};
use columns::{COLUMNS, Column, FROM, SENTENCE};
use formatting::wrapped;
pub use formatting::{thousands, unit};

/// The style of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// The terminal's width in columns; `None`: as wide as it gets.
    pub width: Option<u16>,
    /// The use of bold and dim type.
    pub colour: bool,
}

/// The limits of a policy, as `tidegate limits` prints them.
pub fn text(policy: &Policy, style: Style) -> String {
    let columns: Vec<&Column> = COLUMNS.iter().collect();
    page(policy, &rows(policy), columns, style)
}

/// The limits as a tenant has them by the limits file, each with where it comes from.
pub fn text_of_tenant(policy: &Policy, tenant: &Tenant, style: Style) -> String {
    let rows = rows_of_tenant(policy, &tenant.name, &Overrides::default(), 0);
    let columns: Vec<&Column> = COLUMNS.iter().chain([&FROM]).collect();
    let at = match tenant.hosts.as_slice() {
        [] => "It has no host of its own: callers belong to it by their token.".to_owned(),
        hosts => format!("Its own hosts: {}.", hosts.join(", ")),
    };
    let plan = tenant
        .plan
        .as_ref()
        .map_or_else(String::new, |plan| format!(", plan {plan}"));
    let heading = lines([format!("Tenant {}{plan}. {at}", tenant.name)], style);
    format!("{heading}\n\n{}", page(policy, &rows, columns, style))
}

fn page(policy: &Policy, rows: &[Row], columns: Vec<&Column>, style: Style) -> String {
    let mut parts = Vec::new();
    let mut notes = Vec::new();
    if has_room(rows, &columns, style) {
        let columns: Vec<&Column> = columns.into_iter().chain([&SENTENCE]).collect();
        parts.push(table(rows, &columns, style));
    } else {
        // A column that says the same in every row is said once, and the sentences stand below each other.
        notes = columns
            .iter()
            .filter_map(|column| {
                Some(format!(
                    "{} is {} wherever it applies.",
                    column.heading,
                    column.uniform(rows)?
                ))
            })
            .collect();
        let columns: Vec<&Column> = columns
            .into_iter()
            .filter(|column| column.uniform(rows).is_none())
            .collect();
        parts.push(table(rows, &columns, style));
        parts.push(listed(
            "Which calls count:",
            rows.iter()
                .map(|row| format!("{}: {}", row.limit, (SENTENCE.cell)(row))),
            style,
        ));
    }
    let exempt: Vec<String> = exempt(policy).iter().map(exempt_line).collect();
    if !exempt.is_empty() {
        parts.push(lines(exempt, style));
    }
    let hints: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.limit, row.hint.as_ref()?)))
        .collect();
    if !hints.is_empty() {
        parts.push(listed("How to stay below a limit:", hints.into_iter(), style));
    }
    notes.extend(footer(policy, rows));
    parts.push(lines(notes, style));
    parts.join("\n\n") + "\n"
}

/// Columns a sentence needs, to be read beside the others.
const SENTENCE_COLUMNS_MIN: usize = 32;

/// The gap between two columns.
const GAP: u16 = 2;

/// The gap between two columns of a narrow terminal.
const NARROW_GAP: u16 = 1;

fn has_room(rows: &[Row], columns: &[&Column], style: Style) -> bool {
    let taken: usize = columns.iter().map(|column| column.width(rows) + usize::from(GAP)).sum();
    style
        .width
        .is_none_or(|width| taken + SENTENCE_COLUMNS_MIN <= usize::from(width))
}

fn table(rows: &[Row], columns: &[&Column], style: Style) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    if style.colour {
        table.enforce_styling();
    }
    if let Some(width) = style.width {
        table
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(width);
    }
    table.set_header(Line::from(
        columns
            .iter()
            .map(|column| shown(column.heading, style, Attribute::Dim))
            .collect::<Vec<_>>(),
    ));
    for row in rows {
        let cells = columns.iter().enumerate().map(|(index, column)| match index {
            0 => shown(&(column.cell)(row), style, Attribute::Bold),
            _ => Cell::new((column.cell)(row)),
        });
        table.add_row(Line::from(cells.collect::<Vec<_>>()));
    }
    let gap = gap(rows, columns, style);
    for (column, shape) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, gap));
        if shape.right {
            column.set_cell_alignment(CellAlignment::Right);
        }
        let sentence = shape.heading == SENTENCE.heading;
        column.set_constraint(if sentence {
            ColumnConstraint::LowerBoundary(Width::Fixed(24))
        } else {
            ColumnConstraint::ContentWidth
        });
    }
    table
        .to_string()
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

fn gap(rows: &[Row], columns: &[&Column], style: Style) -> u16 {
    let wide: usize = columns
        .iter()
        .filter(|column| column.heading != SENTENCE.heading)
        .map(|column| column.width(rows) + usize::from(GAP))
        .sum();
    match style.width {
        Some(width) if wide > usize::from(width) => NARROW_GAP,
        _ => GAP,
    }
}

fn shown(text: &str, style: Style, attribute: Attribute) -> Cell {
    if style.colour {
        Cell::new(text).add_attribute(attribute)
    } else {
        Cell::new(text)
    }
}

fn exempt_line(exempt: &Exempt) -> String {
    let whose = if exempt.who == "known" {
        ", for known callers"
    } else {
        ""
    };
    format!(
        "No limit on the number of calls: {}{whose}",
        applies_to::named(&exempt.route, exempt.matches.iter().cloned())
    )
}

fn footer(policy: &Policy, rows: &[Row]) -> Vec<String> {
    let mut lines: Vec<String> = policy
        .pages
        .iter()
        .map(|page| format!("Requests of the page {} go to {}.", page.name, upstream(&page.upstream)))
        .collect();
    lines.extend(rows.iter().filter_map(socket_line));
    lines.push("BURST is the number of calls that a caller may send at once after a pause. BOUND is the most calls ever admitted in any span as long as WINDOW.".to_owned());
    if rows.iter().any(|row| row.scope.split('+').any(|part| part == "ip")) {
        lines.push(
            "IPv6 addresses are counted per /64, and also per /56 (4 times the quota) and per /48 (16 times)."
                .to_owned(),
        );
    }
    lines.push("STORE LOST is the behaviour while a store shared by several nodes cannot be reached; a single node has no such store.".to_owned());
    lines
}

/// Returns the bounds of one socket, and the time after which the slot of a vanished client is free.
fn socket_line(row: &Row) -> Option<String> {
    let socket = row.socket.as_ref()?;
    let span = |secs: u64| tidegate_core::refusal::span(std::time::Duration::from_secs(secs));
    Some(format!(
        "A socket of {} carries at most {}{} messages per minute from its client and {} bytes per message. It is closed after {} without a message, and after {} in any case; the slot of a client that vanished is freed within {}.",
        row.limit,
        socket
            .resources_max
            .map_or_else(String::new, |max| format!("{} devices, ", thousands(max.into()))),
        thousands(socket.messages_per_minute_max.into()),
        thousands(socket.message_bytes_max),
        span(socket.idle_timeout_s),
        span(socket.lifetime_s),
        span(row.freed_within_s?),
    ))
}

fn upstream(upstream: &Upstream) -> String {
    match upstream {
        Upstream::Embedded => "the embedded API".to_owned(),
        Upstream::Remote(remote) => remote.to_string(),
    }
}

fn listed(heading: &str, items: impl Iterator<Item = String>, style: Style) -> String {
    lines(
        std::iter::once(heading.to_owned()).chain(items.map(|item| format!("- {item}"))),
        style,
    )
}

fn lines(lines: impl IntoIterator<Item = String>, style: Style) -> String {
    let width = style.width.map_or(usize::MAX, usize::from);
    lines
        .into_iter()
        .map(|line| wrapped(&line, width))
        .collect::<Vec<_>>()
        .join("\n")
}
