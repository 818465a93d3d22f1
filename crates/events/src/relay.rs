//! Events of relays as bytes and back, and the form of a relay's snapshot.

use domain::relay::{
    Event, Lease, RelayAdvanced, RelayLease, RelayLeaseReleased, RelayLeaseRenewed, RelayLeaseTaken,
};
use prost::Message;
use proto::kiban::relay::v1 as form;

use crate::{
    Category, Defect, Recordable, Snapshot,
    field::{instant, text},
};

const TAKEN: &str = "kiban.relay.v1.RelayLeaseTaken";
const RENEWED: &str = "kiban.relay.v1.RelayLeaseRenewed";
const RELEASED: &str = "kiban.relay.v1.RelayLeaseReleased";
const ADVANCED: &str = "kiban.relay.v1.RelayAdvanced";

impl Recordable for Event {
    const CATEGORY: Category = Category::Relay;

    fn event_type(&self) -> &'static str {
        match self {
            Self::RelayLeaseTaken(_) => TAKEN,
            Self::RelayLeaseRenewed(_) => RENEWED,
            Self::RelayLeaseReleased(_) => RELEASED,
            Self::RelayAdvanced(_) => ADVANCED,
        }
    }

    fn encode(&self) -> Vec<u8> {
        match self {
            Self::RelayLeaseTaken(event) => form::RelayLeaseTaken {
                holder: event.holder.as_str().into(),
                epoch: event.epoch,
                until_us: event.until.as_micros(),
                taken_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::RelayLeaseRenewed(event) => form::RelayLeaseRenewed {
                epoch: event.epoch,
                until_us: event.until.as_micros(),
                renewed_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
            Self::RelayLeaseReleased(event) => {
                form::RelayLeaseReleased { epoch: event.epoch, released_at_us: event.at.as_micros() }
                    .encode_to_vec()
            }
            Self::RelayAdvanced(event) => form::RelayAdvanced {
                epoch: event.epoch,
                position: event.position,
                advanced_at_us: event.at.as_micros(),
            }
            .encode_to_vec(),
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Self, Defect> {
        match event_type {
            TAKEN => {
                let message = form::RelayLeaseTaken::decode(payload)?;
                Ok(Self::RelayLeaseTaken(RelayLeaseTaken {
                    holder: text("holder", &message.holder)?,
                    epoch: message.epoch,
                    until: instant("until_us", message.until_us)?,
                    at: instant("taken_at_us", message.taken_at_us)?,
                }))
            }
            RENEWED => {
                let message = form::RelayLeaseRenewed::decode(payload)?;
                Ok(Self::RelayLeaseRenewed(RelayLeaseRenewed {
                    epoch: message.epoch,
                    until: instant("until_us", message.until_us)?,
                    at: instant("renewed_at_us", message.renewed_at_us)?,
                }))
            }
            RELEASED => {
                let message = form::RelayLeaseReleased::decode(payload)?;
                let at = instant("released_at_us", message.released_at_us)?;
                Ok(Self::RelayLeaseReleased(RelayLeaseReleased { epoch: message.epoch, at }))
            }
            ADVANCED => {
                let message = form::RelayAdvanced::decode(payload)?;
                Ok(Self::RelayAdvanced(RelayAdvanced {
                    epoch: message.epoch,
                    position: message.position,
                    at: instant("advanced_at_us", message.advanced_at_us)?,
                }))
            }
            _ => Err(Defect::UnknownType(event_type.into())),
        }
    }
}

impl Snapshot for RelayLease {
    const FOLD_VERSION: u32 = 1;

    fn encode(&self) -> Vec<u8> {
        let (holder, until_us) = match self {
            Self::Vacant | Self::Free { .. } => Default::default(),
            Self::Held { lease, .. } => (lease.holder.to_string(), lease.until.as_micros()),
        };
        StoredLease { epoch: self.epoch(), cursor: self.cursor(), holder, until_us }.encode_to_vec()
    }

    fn decode(bytes: &[u8]) -> Result<Self, Defect> {
        let StoredLease { epoch, cursor, holder, until_us } = StoredLease::decode(bytes)?;
        Ok(match (epoch, holder.is_empty()) {
            (0, _) => Self::Vacant,
            (_, true) => Self::Free { epoch, cursor },
            (_, false) => {
                let (holder, until) = (text("holder", &holder)?, instant("until_us", until_us)?);
                Self::Held { lease: Lease { holder, epoch, until }, cursor }
            }
        })
    }
}

// Snapshots are neither on a wire nor in the log, so their messages stand here and not in the schema.

#[derive(Clone, PartialEq, Message)]
struct StoredLease {
    /// 0: nobody has ever published.
    #[prost(uint64, tag = "1")]
    epoch: u64,
    #[prost(uint64, tag = "2")]
    cursor: u64,
    /// Empty: the last holder let go.
    #[prost(string, tag = "3")]
    holder: String,
    #[prost(int64, tag = "4")]
    until_us: i64,
}

#[cfg(test)]
mod tests {
    use domain::time::Timestamp;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(1_774_000_000_000_000 + seconds * 1_000_000).unwrap()
    }

    fn samples() -> Vec<Event> {
        let holder = "kiban-relay-0".parse().unwrap();
        vec![
            Event::RelayLeaseTaken(RelayLeaseTaken { holder, epoch: 1, until: at(30), at: at(0) }),
            Event::RelayLeaseRenewed(RelayLeaseRenewed { epoch: 1, until: at(40), at: at(10) }),
            Event::RelayAdvanced(RelayAdvanced { epoch: 1, position: 7, at: at(11) }),
            Event::RelayLeaseReleased(RelayLeaseReleased { epoch: 1, at: at(12) }),
        ]
    }

    #[test]
    fn every_event_reads_back() {
        for event in samples() {
            assert_eq!(Event::decode(event.event_type(), &event.encode()), Ok(event));
        }
    }

    #[test]
    fn every_state_reads_back() {
        for events in 0..=samples().len() {
            let state = domain::fold::<RelayLease>(&samples()[..events]);
            assert_eq!(RelayLease::decode(&state.encode()), Ok(state));
        }
    }

    #[test]
    fn defects_name_the_field() {
        let message = form::RelayLeaseTaken { epoch: 1, ..Default::default() };
        let defect = Event::decode(TAKEN, &message.encode_to_vec()).unwrap_err();
        assert_eq!(defect.to_string(), "field holder: the text is empty");
        let message = form::RelayAdvanced { advanced_at_us: i64::MAX, ..Default::default() };
        let defect = Event::decode(ADVANCED, &message.encode_to_vec()).unwrap_err();
        assert!(defect.to_string().starts_with("field advanced_at_us: "), "{defect}");
        assert_eq!(Event::decode("Taken", &[]), Err(Defect::UnknownType("Taken".into())));
        let stored = StoredLease { epoch: 1, holder: " a".into(), ..Default::default() };
        assert!(RelayLease::decode(&stored.encode_to_vec()).is_err());
    }
}
