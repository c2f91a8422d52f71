use ratatui::{Terminal, backend::TestBackend};

use super::{
    super::once,
    testing::{answer, model},
    *,
};

/// The screen as text, without spaces at the ends of lines.
fn drawn(model: &Model, columns: u16, lines: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(columns, lines)).unwrap();
    terminal.draw(|frame| draw(frame, model)).unwrap();
    let buffer = terminal.backend().buffer().clone();
    let line = |y| -> String { (0..columns).map(|x| buffer[(x, y)].symbol()).collect() };
    let all: Vec<String> = (0..lines).map(|y| line(y).trim_end().to_owned()).collect();
    all.join("\n")
}

#[test]
fn the_screen_shows_totals_a_graph_callers_and_what_refused() {
    insta::assert_snapshot!(drawn(&model(), 90, 14), @r"
    tidegate top  last hour, by requests                        until 2026-11-22T12:01:00.000Z
    requests 1,770 (now 59)   refused 660 (now 11)   cached 60   sockets 3
                                              ▁▁▁▂▂▃▃▃▄▄▅▅▅▆▆▇▇█
                           ▁▁▂▂▂▃▃▄▄▅▅▅▆▆▇▇▇████████████████████
       ▁▁▂▂▂▃▃▄▄▄▅▅▆▆▆▇▇████████████████████████████████████████

    CALLER               TENANT            REQUESTS   REFUSED UNSURE  LAST LIMIT
    ann                  acme                12,345       678         rest-per-user
    evil\u001b[2J\u202e  acme                 1,000         0 -17     –
    ip 2001:db8::/64     –                        3         0 -17     –


    refused by rest-per-user 660
    q quit   r requests   x refused   n name   h hour   d day
    ");
}

#[test]
fn a_small_terminal_shows_what_fits() {
    for (columns, lines) in [(1, 1), (20, 5), (40, 8), (300, 100)] {
        drawn(&model(), columns, lines);
    }
}

#[test]
fn a_server_that_is_down_is_said_before_what_refused() {
    let mut model = model();
    model.answer.stats.upstreams[0].up = false;
    model.answer.stats.upstreams[0].why = Some("its health checks fail".to_owned());
    assert!(drawn(&model, 90, 14).contains("upstream embedded is down: its health checks fail"));
    model.trouble = Some("no Tidegate answers".to_owned());
    let shown = drawn(&model, 90, 14);
    assert!(
        shown.contains("no Tidegate answers") && !shown.contains("is down"),
        "{shown}"
    );
}

// fault 70
#[test]
fn a_name_of_a_caller_moves_no_terminal() {
    let obeyed = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    for shown in [drawn(&model(), 120, 14), once::text(&answer())] {
        assert!(
            !shown.contains(obeyed) && shown.contains("evil\\u001b[2J\\u202e"),
            "{shown}"
        );
    }
}

#[test]
fn printed_once_it_says_how_sure_it_is_only_where_there_is_doubt() {
    let mut answer = answer();
    assert!(once::text(&answer).contains("TOO HIGH BY AT MOST"));
    answer.callers.truncate(1);
    let text = once::text(&answer);
    assert!(!text.contains("TOO HIGH"), "{text}");
    assert!(
        text.starts_with("last hour: 1,770 requests, 660 refused, 60 cached; 3 sockets open\n"),
        "{text}"
    );
}
