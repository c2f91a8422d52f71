//! Lists as plain aligned columns, and the terminal they go to.

use std::io::IsTerminal;

use comfy_table::{Attribute, Cell, CellAlignment, Table, presets};
use terminal_size::{Width, terminal_size_of};
use tidegate_config::table::Style;
use tidegate_staff::sanitize::plain;

/// Rows under their headings. Cells may hold what callers wrote, so they are made plain.
pub(super) fn columns(headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let style = style_of(&std::io::stdout());
    let mut table = Table::new();
    table.load_style(presets::NOTHING).force_no_tty();
    if style.colour {
        table.enforce_styling();
    }
    let heading = |text: &&str| {
        let cell = Cell::new(text.to_uppercase());
        if style.colour {
            cell.add_attribute(Attribute::Dim)
        } else {
            cell
        }
    };
    table.set_header(headings.iter().map(heading).collect::<Vec<_>>());
    let rows: Vec<Vec<String>> = rows
        .into_iter()
        .map(|row| row.iter().map(|cell| plain(cell).into_owned()).collect())
        .collect();
    let numbers: Vec<bool> = (0..headings.len())
        .map(|i| rows.iter().all(|row| row.get(i).is_some_and(|cell| is_number(cell))))
        .collect();
    table.add_rows(rows);
    for (column, is_number) in table.column_iter_mut().zip(numbers) {
        column.set_padding((0, 2));
        if is_number {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table
        .to_string()
        .lines()
        .map(str::trim_end)
        .collect::<Vec<_>>()
        .join("\n")
}

/// Digits and their separators, or nothing known.
fn is_number(cell: &str) -> bool {
    cell == "–"
        || cell
            .trim_end_matches(" s")
            .chars()
            .all(|c| c.is_ascii_digit() || c == ',')
}

/// How output to this stream is to look: as wide as it gets and plain, unless it is a terminal.
pub(super) fn style_of(stream: &(impl IsTerminal + std::os::fd::AsFd)) -> Style {
    if !stream.is_terminal() {
        return Style {
            width: None,
            colour: false,
        };
    }
    let width = terminal_size_of(stream).map(|(Width(columns), _)| columns);
    // https://no-color.org: present and not empty means no colour.
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    Style { width, colour }
}
