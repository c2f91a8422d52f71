use super::*;
use crate::config::{finding::Report, server, text::server::ServerText};

#[test]
fn a_file_that_says_nothing_has_the_doors_own_defaults() {
    let server = server::compile(&ServerText::default(), &mut Report::default());
    assert_eq!(server.bounds(), Bounds::default());
}
