//! What every step needs: the clock, the connection, what was refused and what was checked on the way.

use std::sync::Arc;

use domain::time::Timestamp;
use engine::{Clock, ManualClock};
use tonic::{Code, Response, Status, transport::Channel};

use crate::demo::{
    client::{granted, written},
    error::{DemoError, Said},
    progress::Progress,
    replies::Reply,
};

/// The state of the play.
pub(super) struct Stage {
    pub(super) clock: Arc<ManualClock>,
    pub(super) channel: Channel,
    pub(super) progress: Progress,
    /// The position of the last event that a step wrote.
    pub(super) position: String,
    pub(super) refusals: Vec<Attempt>,
    pub(super) checks: Vec<Check>,
}

/// Something that the server had to refuse, and what it said.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub(super) at: Timestamp,
    pub(super) who: String,
    pub(super) tried: String,
    /// What had to come.
    pub(super) expected: Expected,
    /// What came; `None` if it was granted.
    pub(super) said: Option<Said>,
}

/// What a refusal must say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) code: Code,
    pub(super) reason: &'static str,
    /// Why use is denied, such as `contract-paused`; empty for other refusals.
    pub(super) denial: &'static str,
    /// The field that is named; empty if none need be.
    pub(super) field: &'static str,
}

impl Expected {
    /// A refusal with a code and a reason.
    pub(super) const fn new(code: Code, reason: &'static str) -> Self {
        Self { code, reason, denial: "", field: "" }
    }

    /// A denied use.
    pub(super) const fn denial(denial: &'static str) -> Self {
        Self { code: Code::PermissionDenied, reason: "ACCESS_DENIED", denial, field: "" }
    }

    /// That names a field.
    pub(super) const fn naming(self, field: &'static str) -> Self {
        Self { field, ..self }
    }
}

impl Attempt {
    /// Whether exactly what had to come has come.
    pub(super) fn is_as_expected(&self) -> bool {
        let Expected { code, reason, denial, field } = self.expected;
        self.said.as_ref().is_some_and(|said| {
            let denials_agree = match denial {
                "" => said.denials.is_empty(),
                one => said.denials == [one],
            };
            said.code == format!("{code:?}")
                && said.reason == reason
                && denials_agree
                && (field.is_empty() || said.fields.iter().any(|named| named == field))
        })
    }
}

/// Something that must hold.
#[derive(Debug, Clone)]
pub(super) struct Check {
    /// To which part of the report it belongs.
    pub(super) about: &'static str,
    pub(super) holds: bool,
    /// What was checked, with the figures.
    pub(super) text: String,
}

impl Stage {
    /// The reply of a command that had to succeed; takes note of where its events stand.
    pub(super) fn done<T: Reply>(
        &mut self,
        step: &str,
        outcome: Result<Response<T>, Status>,
    ) -> Result<T, DemoError> {
        let reply = granted(step, outcome)?;
        self.saw(written(reply.receipt()));
        Ok(reply)
    }

    /// Takes note of where the log stands.
    pub(super) fn saw(&mut self, position: Option<&str>) {
        if let Some(position) = position {
            position.clone_into(&mut self.position);
        }
    }

    /// Lets time pass.
    pub(super) fn now(&self, at: Timestamp) {
        self.clock.set(at);
    }

    /// What the clock shows.
    pub(super) fn time(&self) -> Timestamp {
        self.clock.now()
    }

    /// Takes note of a call that had to be refused.
    pub(super) fn refused<T>(
        &mut self,
        who: &str,
        tried: impl Into<String>,
        expected: Expected,
        outcome: Result<Response<T>, Status>,
    ) {
        let said = outcome.err().map(|status| Said::of(&status));
        let at = self.time();
        self.refusals.push(Attempt { at, who: who.to_owned(), tried: tried.into(), expected, said });
    }

    /// Takes note of something that must hold.
    pub(super) fn check(&mut self, about: &'static str, holds: bool, text: impl Into<String>) {
        self.checks.push(Check { about, holds, text: text.into() });
    }
}
