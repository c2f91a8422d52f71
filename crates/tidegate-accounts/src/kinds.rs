//! The kinds of resources that the accounts keep. Grants name them, and platforms share them.

use tidegate_core::resource::ResourceKind;

/// A station.
pub const STATION: ResourceKind = ResourceKind::new("station", "Station", NONE_SUCH);

/// A device of a station.
pub const DEVICE: ResourceKind = ResourceKind::new("device", "Device", NONE_SUCH);

/// Both.
pub const KINDS: [ResourceKind; 2] = [STATION, DEVICE];

const NONE_SUCH: &str = "No such station or device";
