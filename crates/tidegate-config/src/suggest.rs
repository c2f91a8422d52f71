//! "Did you mean": the nearest of the words that would have been right.

/// The words joined for a sentence: `a`, `b` or `c`.
pub fn one_of(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => "none".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// Returns a suggestion instead of `wrong`: the nearest word if one is near, all of them otherwise.
pub fn instead_of(wrong: &str, words: &[&str]) -> String {
    match nearest(wrong, words) {
        Some(word) => format!("did you mean `{word}`?"),
        None if words.is_empty() => String::new(),
        None => format!("expected {}", one_of(words)),
    }
}

/// The nearest word, if it is near enough to be a slip of the finger.
pub fn nearest<'a>(wrong: &str, words: &[&'a str]) -> Option<&'a str> {
    let wrong = wrong.to_lowercase().replace('_', "-");
    let scored = words
        .iter()
        .map(|word| (strsim::damerau_levenshtein(&wrong, &word.replace('_', "-")), *word));
    let (distance, word) = scored.min_by_key(|(distance, _)| *distance)?;
    // A third of the letters wrong is another word, not a slip.
    (distance <= 1.max(word.len().max(wrong.len()) / 3)).then_some(word)
}

#[cfg(test)]
mod tests;
