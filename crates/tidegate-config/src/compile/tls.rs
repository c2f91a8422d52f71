//! The gate's own certificate, compiled: two files that can be used together.

use super::upstream::beside;
use crate::{
    finding::{Fault, Report},
    parts::{Parts, TlsFiles, UnusableTls},
    place::Placed,
    text::tls::TlsText,
};

/// The files, after a look whether they can be used.
pub fn compile(at: &Placed<TlsText>, parts: &Parts, report: &mut Report) -> Option<TlsFiles> {
    let text = &at.value;
    for key in ["cert", "key"] {
        if !text.written.iter().any(|written| written == key) {
            let fault = Fault::new("half of a pair", format!("write `{key} = \"FILE.pem\"`"));
            report.error(&at.place.below(key), fault);
        }
    }
    let (cert, key) = (text.cert.as_ref()?, text.key.as_ref()?);
    let files = TlsFiles {
        cert: beside(&cert.place, &cert.value),
        key: beside(&key.place, &key.value),
    };
    if let Err(UnusableTls { path, why, is_pair }) = (parts.check_tls)(&files) {
        let (place, right) = if path == files.cert && !is_pair {
            (&cert.place, "name a PEM file of certificates, relative to this file")
        } else {
            (
                &key.place,
                "name the PEM file of the certificate's private key, relative to this file",
            )
        };
        report.error(place, Fault::new(format!("`{}`: {why}", path.display()), right));
    }
    Some(files)
}
