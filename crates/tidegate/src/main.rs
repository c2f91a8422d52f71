//! The program: reads the command line, does it, says how it ended.

use std::process::ExitCode;

fn main() -> ExitCode {
    tidegate::cli::run()
}
