//! Who publishes the log for other systems.

use domain::relay::{Event as Relay, RelayAdvanced, RelayLeaseReleased, RelayLeaseRenewed, RelayLeaseTaken};
use events::Event;

use super::at;

pub(super) fn events() -> Vec<Event> {
    let holder = "kiban-relay-0".parse().unwrap();
    vec![
        Relay::RelayLeaseTaken(RelayLeaseTaken { holder, epoch: 3, until: at(30), at: at(0) }).into(),
        Relay::RelayLeaseRenewed(RelayLeaseRenewed { epoch: 3, until: at(40), at: at(10) }).into(),
        Relay::RelayAdvanced(RelayAdvanced { epoch: 3, position: 1_234_567, at: at(11) }).into(),
        Relay::RelayLeaseReleased(RelayLeaseReleased { epoch: 3, at: at(12) }).into(),
    ]
}
