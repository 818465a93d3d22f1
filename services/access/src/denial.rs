//! A refusal that was written, told with its values: the event has the reasons, and what it was decided on has the
//! rest. A command id answers the same for ever, so the values are those of the decision, also when it is sent again.

use domain::{
    access::{AccessDenied, Event, QuotaKey},
    id::ContractId,
};
use engine::{Authorised, Executed, Reason, Refusal, read_events};
use event_log::Page;

use crate::context::{Context, Freshness, use_of};

impl Context {
    /// The refusal that a denial is to its caller.
    pub(crate) async fn denial<T>(
        &self,
        request: &Authorised<T>,
        contract: ContractId,
        executed: &Executed<Event>,
        denied: &AccessDenied,
    ) -> Result<Refusal, Refusal> {
        let known = self.contract_of(contract, request, Freshness::Recent).await?;
        let dataset = self.dataset(denied.dataset, Freshness::Recent).await?;
        let used = match denied.quota(&known.state) {
            Some(quota) => self.used_at(contract, quota, executed.revision).await?,
            None => None,
        };
        let explained = denied.explained(&known.state, dataset.state.registered(), used);
        let joined = |texts: Vec<String>, between: &str| texts.join(between);
        let message = joined(explained.iter().map(ToString::to_string).collect(), "; ");
        let reasons = explained.iter().map(|denial| denial.reason.as_str().to_owned()).collect();
        let asked = explained.iter().map(|denial| denial.asked()).collect();
        let allowed = explained.iter().map(|denial| denial.allowed()).collect();
        let mut refusal = Refusal::new(Reason::AccessDenied, format!("refused: {message}"))
            .with("reasons", joined(reasons, ","))
            .with("asked", joined(asked, ";"))
            .with("allowed", joined(allowed, ";"))
            .with("contract_revision", denied.contract_revision);
        if let Some(appended) = executed.appended {
            refusal = refusal.with("position", appended.last_position);
        }
        Ok(refusal)
    }

    /// How many cases of a quota were used at a revision: those of now less what came since. `None` if more came
    /// since than is read at once.
    async fn used_at(
        &self,
        contract: ContractId,
        quota: QuotaKey,
        revision: Option<u64>,
    ) -> Result<Option<u64>, Refusal> {
        let stream = use_of(contract);
        let look = |state: &domain::access::Access, now| (state.used(quota.period, quota.right), now);
        let (used, now) = self.uses.read(&stream, look).await?;
        if now == revision {
            return Ok(Some(used));
        }
        let next = revision.map_or(0, |revision| revision + 1);
        let since = read_events::<Event>(&*self.log, &stream, next, Page::default()).await?;
        let since = since.iter().take_while(|(revision, _)| Some(*revision) <= now);
        let (mut read, mut more) = (revision, 0i64);
        for (revision, event) in since {
            read = Some(*revision);
            more = event.changes().fold(more, |more, change| more.saturating_add(change.used(quota)));
        }
        Ok(if read == now { used.checked_add_signed(more.saturating_neg()) } else { None })
    }
}
