//! `[tls]`: the gate's own certificate.

use super::keyed_table::keyed_table;

keyed_table! {
    /// The gate's own certificate. With it callers are served over TLS. It has effect only in the file that Tidegate is started with.
    pub struct TlsText {
        /// A PEM file, relative to this one: the certificate, and behind it those that lead to its issuer.
        cert: String,
        /// A PEM file, relative to this one: the certificate's private key.
        key: String,
    }
}
