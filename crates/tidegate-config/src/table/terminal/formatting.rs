//! Numbers, windows and lines as people read them.

use super::Row;

/// `12,345`.
pub fn thousands(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `a minute`, `2 minutes`, `a UTC day`, or `at once` for what is open.
pub fn window(row: &Row) -> String {
    if let Some(period) = row.period {
        return format!("a UTC {period}");
    }
    if row.kind == "slots" {
        return "at once".to_owned();
    }
    let Some(seconds) = row.window_s else {
        return short_unit(row.kind).unwrap_or("-").to_owned();
    };
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units
        .into_iter()
        .find(|(size, _)| seconds % size == 0)
        .unwrap_or((1, "second"));
    match seconds / size {
        1 if unit == "hour" => "an hour".to_owned(),
        1 => format!("a {unit}"),
        n => format!("{n} {unit}s"),
    }
}

/// Returns the unit in one word, for the column WINDOW.
fn short_unit(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "points" => "points",
        "body_bytes" => "a body",
        "samples" => "samples",
        "streams" => "streams",
        "string_chars" => "chars",
        "subsecond" => "a second",
        _ => return None,
    })
}

/// Returns the unit of the quota of a limit on one request.
pub fn unit(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "points" => "points per read",
        "body_bytes" => "bytes per body",
        "samples" => "samples per request",
        "streams" => "streams per request",
        "string_chars" => "characters",
        "subsecond" => "per second, on average",
        _ => return None,
    })
}

/// Breaks a line at spaces and indents further lines; a longer word stands by itself.
pub fn wrapped(line: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in line.split(' ') {
        let length = word.chars().count();
        if column > 0 && column + 1 + length > width {
            out.push_str("\n  ");
            column = 2;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out
}
