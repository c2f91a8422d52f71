//! Rust text, as far as these rules read it: code without comments and texts, and where functions begin and end.

/// The code alone: every character of a comment, a text or a character literal is a space, and lines stay lines.
pub fn code(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut code = String::with_capacity(text.len());
    let mut at = 0;
    while at < chars.len() {
        let end = match skipped(&chars, at) {
            Some(end) => end,
            None => {
                code.push(chars[at]);
                at += 1;
                continue;
            }
        };
        code.extend(chars[at..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
        at = end;
    }
    code
}

/// One function: its name, the line it begins on, and how many lines it has.
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`, from 1.
    pub line: usize,
    /// From that line to the closing brace.
    pub lines: usize,
}

/// The functions with a body in a code that [`code`] made.
pub fn functions(code: &str) -> Vec<Function> {
    words(code)
        .filter(|(_, word)| *word == "fn")
        .filter_map(|(at, _)| function(code, at))
        .collect()
}

/// The identifiers and keywords of a code, each with where it begins.
pub fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let starts = code.char_indices().scan(false, move |inside, (at, c)| {
        let begins = is_word(c) && !*inside;
        *inside = is_word(c);
        Some((at, begins))
    });
    starts.filter(|(_, begins)| *begins).map(move |(at, _)| {
        let rest = &code[at..];
        (at, &rest[..rest.find(|c| !is_word(c)).unwrap_or(rest.len())])
    })
}

fn function(code: &str, at: usize) -> Option<Function> {
    let after = code[at + 2..].trim_start();
    let name: String = after.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if name.is_empty() {
        return None;
    }
    let end = body_end(&code[at..])?;
    let line = code[..at].matches('\n').count() + 1;
    Some(Function {
        name,
        line,
        lines: code[at..at + end].matches('\n').count() + 1,
    })
}

/// Finds the end of the body that begins after this `fn`; `None` for a function without one.
fn body_end(code: &str) -> Option<usize> {
    let mut depth = 0_i32;
    let mut in_body = false;
    for (at, c) in code.char_indices() {
        match c {
            '(' | '[' if !in_body => depth += 1,
            ')' | ']' if !in_body => depth -= 1,
            ';' if !in_body && depth == 0 => return None,
            '{' if in_body => depth += 1,
            '{' if depth == 0 => (in_body, depth) = (true, 1),
            '}' if in_body => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
    }
    None
}

/// Finds the end of a comment or text that begins here; `None` for code.
fn skipped(chars: &[char], at: usize) -> Option<usize> {
    let next = chars.get(at + 1).copied();
    match chars[at] {
        '/' if next == Some('/') => Some(find(chars, at, |rest| rest[0] == '\n')),
        '/' if next == Some('*') => Some(comment_end(chars, at)),
        '"' => Some(text_end(chars, at + 1)),
        'r' if !is_in_word(chars, at) => raw_text_end(chars, at + 1),
        '\'' if next == Some('\\') => Some(find(chars, at + 3, |rest| rest[0] == '\'') + 1),
        '\'' if chars.get(at + 2) == Some(&'\'') => Some(at + 3),
        _ => None,
    }
}

fn find(chars: &[char], from: usize, is_end: impl Fn(&[char]) -> bool) -> usize {
    (from..chars.len())
        .find(|at| is_end(&chars[*at..]))
        .unwrap_or(chars.len())
}

/// Block comments nest.
fn comment_end(chars: &[char], at: usize) -> usize {
    let mut depth = 0;
    let mut at = at;
    while at < chars.len() {
        match chars[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    at
}

fn text_end(chars: &[char], mut at: usize) -> usize {
    while at < chars.len() {
        match chars[at] {
            '\\' => at += 2,
            '"' => return at + 1,
            _ => at += 1,
        }
    }
    chars.len()
}

/// After an `r`: `"…"` or `#"…"#` with as many `#`; `None` where it is a name.
fn raw_text_end(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from..].iter().take_while(|c| **c == '#').count();
    let open = from + hashes;
    if chars.get(open) != Some(&'"') {
        return None;
    }
    let closes = |rest: &[char]| rest[0] == '"' && rest[1..].iter().take_while(|c| **c == '#').count() >= hashes;
    Some((find(chars, open + 1, closes) + 1 + hashes).min(chars.len()))
}

/// Is true when the character continues a word; `br"…"` is a text all the same.
fn is_in_word(chars: &[char], at: usize) -> bool {
    let is_word = |at: Option<usize>| at.is_some_and(|at| chars[at].is_alphanumeric() || chars[at] == '_');
    let before = at.checked_sub(1);
    let is_prefix = before.is_some_and(|before| matches!(chars[before], 'b' | 'c')) && !is_word(at.checked_sub(2));
    is_word(before) && !is_prefix
}

#[test]
fn code_is_what_is_left_without_comments_and_texts() {
    let text =
        "fn a() { /* { /* } */ */ let b = \"}\\\"{\"; // }\n let c = '{'; let d: &'static str = r#\"}\"\"#; '\\'' }\n";
    let code = code(text);
    assert_eq!(code.matches('{').count(), 1, "{code}");
    assert_eq!(code.matches('}').count(), 1, "{code}");
    assert!(code.contains("&'static str"), "a lifetime is code: {code}");
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn a_function_is_measured_from_its_name_to_its_brace() {
    let text = "trait T { fn none(&self) -> [u8; 3]; }\nfn two(a: [u8; 3]) {\n}\nfn four(\n) {\n    if a { b }\n}\ntype F = fn(u8);\n";
    let found: Vec<(String, usize, usize)> = functions(&code(text))
        .into_iter()
        .map(|f| (f.name, f.line, f.lines))
        .collect();
    assert_eq!(found, [("two".to_owned(), 2, 2), ("four".to_owned(), 4, 4)]);
}
