//! The gate's own certificate, compiled: two files that can be used together.

use super::upstream::beside;
use crate::{
    diagnostics::{Fault, Report},
    extensions::{ConfigExtensions, TlsFiles, UnusableTls},
    location::Located,
    sections::tls::TlsText,
};

/// The files, after a look whether they can be used.
pub fn compile(at: &Located<TlsText>, extensions: &ConfigExtensions, report: &mut Report) -> Option<TlsFiles> {
    let text = &at.value;
    for key in ["cert", "key"] {
        if !text.written.iter().any(|written| written == key) {
            let fault = Fault::new(
                "is missing: `cert` and `key` belong together",
                format!("write `{key} = \"FILE.pem\"`"),
            );
            report.error(&at.location.below(key), fault);
        }
    }
    let (cert, key) = (text.cert.as_ref()?, text.key.as_ref()?);
    let files = TlsFiles {
        cert: beside(&cert.location, &cert.value),
        key: beside(&key.location, &key.value),
    };
    if let Err(UnusableTls { path, why, is_pair }) = (extensions.check_tls)(&files) {
        let (location, right) = if path == files.cert && !is_pair {
            (&cert.location, "name a PEM file of certificates, relative to this file")
        } else {
            (
                &key.location,
                "name the PEM file of the certificate's private key, relative to this file",
            )
        };
        report.error(location, Fault::new(format!("`{}`: {why}", path.display()), right));
    }
    Some(files)
}
