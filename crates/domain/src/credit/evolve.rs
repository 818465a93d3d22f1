//! How events change what is known of a credit.

use crate::credit::{Credit, Event};

pub(super) fn evolve(_: Credit, event: &Event) -> Credit {
    let Event::CreditGranted(event) = event;
    Credit::Granted(Box::new(event.clone()))
}
