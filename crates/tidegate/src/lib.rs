//! Tidegate, the limits page of a device-data platform, running.
