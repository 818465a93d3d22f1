//! The one shape every aggregate has.

/// Pure business rules of one aggregate.
///
/// Time and every looked-up fact arrive inside the command, so the same state and the same command always
/// give the same answer.
pub trait Decider {
    /// What somebody wants, with everything needed to decide it.
    type Command;
    /// What happened, in the past tense.
    type Event;
    /// What is known of the aggregate; an enum of life-cycle stages whose default is vacant.
    type State: Default;
    /// Why a command was refused; one exact variant per rule.
    type Rejection;

    /// The only place that says no. No events means "already so": a success that writes nothing.
    fn decide(state: &Self::State, command: Self::Command) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// Folds one event into the state. Total: it cannot fail, panic or read a clock.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;
}

/// Folds a history from the vacant state.
pub fn fold<'e, D: Decider>(events: impl IntoIterator<Item = &'e D::Event>) -> D::State
where
    D::Event: 'e,
{
    events.into_iter().fold(D::State::default(), D::evolve)
}
