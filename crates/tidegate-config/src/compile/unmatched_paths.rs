//! The limit in which paths count that no route matches (docs/semantics.md rule 1).

use tidegate_core::{limit::CountsAt, policy::LimitIndex};

use super::{Draft, limit_names::Names, limits_page_guard};
use crate::{
    diagnostics::{Fault, Report},
    location::Located,
    parsed_file::ParsedFile,
};

/// The limit that the started file names; those that included files name are only checked.
pub fn compile(files: &[ParsedFile], names: &Names, draft: &Draft, report: &mut Report) -> Option<LimitIndex> {
    let written: Vec<Option<&Located<String>>> = files.iter().map(|file| file.text.unmatched.as_ref()).collect();
    for at in written.iter().copied().flatten() {
        if names.require(&at.value, &at.location, report) {
            check(at, draft, report);
        }
    }
    let at = (*written.first()?)?;
    draft.limit_named(&at.value)
}

fn check(at: &Located<String>, draft: &Draft, report: &mut Report) {
    if at.value == limits_page_guard::NAME {
        report.error(
            &at.location,
            Fault::new("this limit counts on the limits pages only", "name another limit"),
        );
        return;
    }
    if draft.payload_named(&at.value).is_some() {
        let wrong = format!("`{}` limits the content of one request and counts none", at.value);
        report.error(&at.location, Fault::new(wrong, "name a limit that counts per address"));
        return;
    }
    let Some(index) = draft.limit_named(&at.value) else {
        return;
    };
    let limit = &draft.limits[index.0].limit;
    if limit.counts_at == CountsAt::Miss {
        let wrong = format!(
            "`{}` counts cache misses only, and an unmatched path never reaches the cache",
            at.value
        );
        report.error(&at.location, Fault::new(wrong, "name a limit that counts at the edge"));
    }
    if let Some(part) = limit.per.iter().find(|part| super::partition::names_caller(part)) {
        let wrong = format!(
            "`{}` counts by {}, so it would not count an unmatched path of a caller without one",
            at.value,
            part.name()
        );
        report.error(&at.location, Fault::new(wrong, "name a limit that counts per address"));
    }
}
