//! The bounds of one socket.

/// The bounds of one socket. None of them closes it but the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SocketBounds {
    /// The most devices it may listen to at once (100).
    pub devices_max: usize,
    /// The most bytes a message to the server may have (4,096).
    pub message_bytes_max: usize,
    /// The number of commands taken a minute; that many may come at once (300: every device of a full socket, its
    /// wind too, and some to spare).
    pub commands_per_minute_max: u32,
    /// After how many commands in a row that were answered with an error the socket ends (100).
    pub errors_in_row_max: u32,
}

impl Default for SocketBounds {
    fn default() -> SocketBounds {
        SocketBounds {
            devices_max: 100,
            message_bytes_max: 4_096,
            commands_per_minute_max: 300,
            errors_in_row_max: 100,
        }
    }
}
