//! The screen, drawn anew from the model each time.

use ratatui::{
    Frame,
    layout::{Alignment, Constraint, Layout, Rect},
    style::{Color, Modifier, Style, Stylize},
    text::{Line, Span},
    widgets::{Cell, Paragraph, Row, Sparkline, Table},
};
use tidegate_staff::sanitize::plain;

use super::{By, grouped, model::Model};

/// Lines that the sparkline of requests has.
const GRAPH_LINES: u16 = 3;

/// Draws all of it.
pub(super) fn draw(frame: &mut Frame<'_>, model: &Model) {
    let rows = [
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(GRAPH_LINES),
        Constraint::Length(1),
        Constraint::Min(2),
        Constraint::Length(1),
        Constraint::Length(1),
    ];
    let [title, totals, graph, _, list, notes, keys] = Layout::vertical(rows).areas(frame.area());
    frame.render_widget(title_line(model), title);
    frame.render_widget(
        Paragraph::new(format!("until {}", model.answer.stats.until)).alignment(Alignment::Right),
        title,
    );
    frame.render_widget(totals_line(model), totals);
    draw_graph(frame, graph, &model.answer.stats.requests);
    frame.render_widget(callers(model), list);
    frame.render_widget(notes_line(model), notes);
    let help = "q quit   r requests   x refused   n name   h hour   d day";
    frame.render_widget(Line::from(help).dim(), keys);
}

fn title_line(model: &Model) -> Line<'static> {
    let by = match model.question.by {
        By::Requests => "by requests",
        By::Refused => "by refused",
        By::Name => "by name",
    };
    let span = super::model::span_word(model.answer.stats.span);
    Line::from(vec![
        Span::from("tidegate top").bold(),
        format!("  last {span}, {by}").into(),
    ])
}

fn totals_line(model: &Model) -> Line<'static> {
    let stats = &model.answer.stats;
    let sum = |points: &[u64]| grouped(points.iter().sum());
    let last = |points: &[u64]| grouped(points.last().copied().unwrap_or(0));
    Line::from(vec![
        format!("requests {}", sum(&stats.requests)).into(),
        format!(" (now {})   ", last(&stats.requests)).dim(),
        format!("refused {}", sum(&stats.refused)).red(),
        format!(" (now {})   ", last(&stats.refused)).dim(),
        format!("cached {}   sockets {}", sum(&stats.cached), last(&stats.sockets)).into(),
    ])
}

/// The newest points, as many as there are columns.
fn draw_graph(frame: &mut Frame<'_>, area: Rect, points: &[u64]) {
    let from = points.len().saturating_sub(usize::from(area.width));
    let graph = Sparkline::default()
        .data(&points[from..])
        .style(Style::new().fg(Color::Cyan));
    frame.render_widget(graph, area);
}

fn callers(model: &Model) -> Table<'static> {
    let number = |number: u64| Cell::from(Line::from(grouped(number)).alignment(Alignment::Right));
    let text = |text: Option<&String>| Cell::from(text.map_or("–".into(), |text| plain(text).into_owned()));
    let rows = model.answer.callers.iter().map(|caller| {
        let refused = Line::from(grouped(caller.refused)).alignment(Alignment::Right);
        let is_refused = caller.refused > 0;
        Row::new([
            text(Some(&caller.subject)),
            text(caller.tenant.as_ref()),
            number(caller.requests),
            Cell::from(if is_refused { refused.red() } else { refused }),
            match caller.over_by_max {
                0 => Cell::from(""),
                over => Cell::from(format!("-{}", grouped(over))).dim(),
            },
            text(caller.limit.as_ref()),
        ])
    });
    let widths = [
        Constraint::Min(16),
        Constraint::Max(14),
        Constraint::Length(11),
        Constraint::Length(9),
        Constraint::Length(7),
        Constraint::Max(24),
    ];
    let right = |text: &'static str| Cell::from(Line::from(text).alignment(Alignment::Right));
    let header = [
        "CALLER".into(),
        "TENANT".into(),
        right("REQUESTS"),
        right("REFUSED"),
        "UNSURE".into(),
        Cell::from("LAST LIMIT"),
    ];
    Table::new(rows, widths)
        .header(Row::new(header).add_modifier(Modifier::DIM))
        .column_spacing(1)
}

/// What is wrong before what refused: a server that is gone makes the rest old.
fn notes_line(model: &Model) -> Line<'static> {
    if let Some(trouble) = &model.trouble {
        return Line::from(plain(trouble).into_owned()).red();
    }
    let stats = &model.answer.stats;
    if let Some(down) = stats.upstreams.iter().find(|server| !server.up) {
        let why = down.why.as_deref().unwrap_or("it gets no requests");
        return Line::from(format!("upstream {} is down: {}", plain(&down.server), plain(why))).red();
    }
    let limits = stats.refused_by_limit.iter().take(4);
    let limits: Vec<String> = limits
        .map(|limit| format!("{} {}", plain(&limit.limit), grouped(limit.total)))
        .collect();
    if limits.is_empty() {
        return Line::from("no limit refused anybody").dim();
    }
    Line::from(format!("refused by {}", limits.join(", ")))
}

#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
