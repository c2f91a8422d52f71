//! `tidegate user password`.

use std::io::{BufRead, IsTerminal, Read, stdin};

use anyhow::{Context, anyhow};
use tidegate_accounts::bounds::PASSWORD_BYTES_MAX;

use crate::cli::Failure;

/// What comes on standard input: typed twice where somebody sits there, without showing it, otherwise one line.
pub fn read(user: &str) -> Result<String, Failure> {
    let input = stdin();
    if !input.is_terminal() {
        return one_line(&mut input.lock());
    }
    let ask = |prompt: String| rpassword::prompt_password(prompt).context("the terminal does not take a password");
    let password = ask(format!("Password for {}: ", tidegate_staff::sanitize::plain(user)))?;
    if ask("The same again: ".to_owned())? != password {
        return Err(anyhow!("the two are not the same; nothing was changed").into());
    }
    Ok(password)
}

/// One line, without its end. What is longer than any password is not read to its end.
fn one_line(input: &mut impl BufRead) -> Result<String, Failure> {
    let mut line = Vec::new();
    let bytes_max = PASSWORD_BYTES_MAX as u64 + 2;
    let read = input.take(bytes_max).read_until(b'\n', &mut line);
    read.context("standard input")?;
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let wrong = |what: String| Err(Failure::Usage(format!("tidegate: {what}")));
    match std::str::from_utf8(line) {
        Ok("") => wrong("no password came: write it to standard input, in one line".to_owned()),
        _ if line.len() > PASSWORD_BYTES_MAX => wrong(format!(
            "the password is longer than {PASSWORD_BYTES_MAX} bytes; a shorter one is as good"
        )),
        Ok(password) => Ok(password.to_owned()),
        Err(_) => wrong("the password is not UTF-8".to_owned()),
    }
}

#[cfg(test)]
mod tests;
