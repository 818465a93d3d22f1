//! Unique keys: reserved in a stream of their own before the thing that bears them is created.

use std::{num::NonZeroUsize, sync::Arc};

use domain::{
    id::{Id, Kind},
    reservation::{Command, Event, Owner, Rejection, Reservation, ReservationKind, Reserve},
};
use event_log::{EventLog, Guard};
use events::{Category, reservation_stream};
use sha2::{Digest, Sha256};

use crate::{
    aggregate::{Aggregates, Failure},
    envelope::{Envelope, Prepared},
    error::Refusal,
    read::refusal_of_read,
    reason::Reason,
};

/// How many reservations are kept hot; each is needed about once.
const HOT: NonZeroUsize = NonZeroUsize::new(1_000).unwrap();

/// Reserves unique keys.
pub struct Reservations {
    log: Arc<dyn EventLog>,
    reservations: Aggregates<Reservation>,
}

impl Reservations {
    /// Reservations over a log.
    pub fn new(log: Arc<dyn EventLog>) -> Self {
        Self { reservations: Aggregates::new(log.clone(), HOT), log }
    }

    /// Reserves a key for a thing that is about to be created in `category`. Its first append must be guarded
    /// by what is returned, so that an owner who was too slow cannot create it after another took over. `field` is
    /// the path of the key in the request, which a refusal names.
    ///
    /// With `validate_only` nothing is reserved, but a key that is taken is refused all the same.
    pub async fn reserve<K: Kind>(
        &self,
        kind: ReservationKind,
        field: &str,
        key: &str,
        owner: Id<K>,
        category: Category,
        envelope: &Envelope,
    ) -> Result<Option<Guard>, Refusal> {
        let mut hash = [0; 16];
        hash.copy_from_slice(&Sha256::digest(key.as_bytes())[..16]);
        let stream = reservation_stream(kind.as_str(), hash);
        let holder = self.reservations.read(&stream, |state, _| state.owner()).await?;
        let owner_exists = match holder {
            Some(holder) => {
                let held = category.stream(Id::<K>::from_bytes(holder.to_bytes()));
                self.log.stream_revision(&held).await.map_err(refusal_of_read)?.is_some()
            }
            None => false,
        };
        let envelope = Envelope { command: None, expected_revision: None, ..envelope.clone() };
        let command = Reserve { kind, owner: owner.into(), owner_exists, at: envelope.at };
        let outcome = self
            .reservations
            .execute(&stream, &envelope, || {
                let mut prepared = Prepared::new(Command::Reserve(command.clone()));
                prepared.record_key = Some(owner_key);
                Box::pin(async { Ok(prepared) })
            })
            .await;
        match outcome {
            Ok(_) if envelope.validate_only => Ok(None),
            Ok(reserved) => Ok(Some(Guard { stream, revision: reserved.revision })),
            Err(Failure::Refused(refusal)) => Err(refusal),
            Err(Failure::Rejected(rejection)) => Err(refuse::<K>(field, rejection)),
        }
    }
}

fn owner_key(event: &Event) -> Vec<u8> {
    let Event::Reserved(reserved) = event;
    reserved.owner.to_bytes().to_vec()
}

fn refuse<K: Kind>(field: &str, rejection: Rejection) -> Refusal {
    let shown = |owner: Owner| Id::<K>::from_bytes(owner.to_bytes());
    let (owner, until) = match rejection {
        Rejection::Taken { owner, .. } => (owner, None),
        Rejection::ReservedForAnother { owner, until, .. } => (owner, Some(until)),
    };
    let what = match until {
        None => format!("is taken by {}", shown(owner)),
        Some(until) => {
            format!("is being registered by somebody else; free again at {until} unless they finish")
        }
    };
    Refusal::field(Reason::KeyTaken, field, what)
}
