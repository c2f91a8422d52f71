//! The doors: the HTTP proxy that decides nothing and the upstream pool behind it.
