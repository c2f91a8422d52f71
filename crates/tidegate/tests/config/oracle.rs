//! A limits file of any text: it is read or refused, each mistake with its place. The fuzz target uses this file too.

use tidegate_config::{extensions::ConfigExtensions, table};

/// The name under which texts are read here.
const NAME: &str = "fuzzed.toml";

/// One input of the fuzz target.
pub fn judge(input: &[u8], parts: &ConfigExtensions) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    // An include reads files of this machine.
    if text.contains("include") || text.contains("\\u") || text.contains("\\x") || text.contains("\\U") {
        return;
    }
    let last_line = text.lines().count() + 1;
    match tidegate_config::parse(NAME, text, parts) {
        Ok(config) => {
            let _ = (
                tidegate_config::summary(&config),
                table::rows(&config.policy),
                table::exempt(&config.policy),
            );
        }
        Err(errors) => {
            assert!(!errors.0.is_empty(), "a file is refused without a reason");
            for finding in &errors.0 {
                let place = &finding.location;
                assert!(&*place.file == NAME && place.line <= last_line, "{finding}: {text:?}");
                assert!(!finding.fault.wrong.is_empty(), "{finding}: {text:?}");
                assert!(!finding.to_string().contains('\n'), "one line a mistake: {finding:?}");
            }
        }
    }
}
