//! Reads the password of `tidegate user password`.

use std::io::{BufRead, IsTerminal, Read, stdin};

use anyhow::{Context, anyhow};
use tidegate_accounts::bounds::PASSWORD_BYTES_MAX;

use crate::cli::Failure;

/// Reads the password from standard input: typed twice and hidden on a terminal, otherwise one line.
pub fn read(user: &str) -> Result<String, Failure> {
    let input = stdin();
    if !input.is_terminal() {
        return one_line(&mut input.lock());
    }
    let ask =
        |prompt: String| rpassword::prompt_password(prompt).context("the password could not be read from the terminal");
    let password = ask(format!("Password for {}: ", tidegate_staff::sanitize::plain(user)))?;
    if ask("Repeat the password: ".to_owned())? != password {
        return Err(anyhow!("the passwords do not match; nothing was changed").into());
    }
    Ok(password)
}

/// Reads one line without its line end. A line longer than any password is not read to its end.
fn one_line(input: &mut impl BufRead) -> Result<String, Failure> {
    let mut line = Vec::new();
    let bytes_max = PASSWORD_BYTES_MAX as u64 + 2;
    let read = input.take(bytes_max).read_until(b'\n', &mut line);
    read.context("standard input")?;
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let wrong = |what: String| Err(Failure::Usage(format!("tidegate: {what}")));
    match std::str::from_utf8(line) {
        Ok("") => wrong("no password was given: write it to standard input, in one line".to_owned()),
        _ if line.len() > PASSWORD_BYTES_MAX => wrong(format!(
            "the password is longer than {PASSWORD_BYTES_MAX} bytes; use a shorter one"
        )),
        Ok(password) => Ok(password.to_owned()),
        Err(_) => wrong("the password is not UTF-8".to_owned()),
    }
}

#[cfg(test)]
mod tests;
