//! Reversals: a record or an admission is taken back, once.

use domain::{
    access::{Command, ReversalTarget, ReverseUsage},
    id::ContractId,
};
use engine::{
    Authorised, Prepared, Refusal,
    parse::{id, text},
    receipt,
};
use proto::kiban::access::v1::{ReverseUsageRequest, ReverseUsageResponse};

use crate::{
    context::{Context, Freshness, use_of},
    parse,
    refuse::refuse_use,
};

impl Context {
    pub(crate) async fn reverse_usage(
        &self,
        request: Authorised<ReverseUsageRequest>,
    ) -> Result<ReverseUsageResponse, Refusal> {
        let (_, envelope) = request.envelope()?;
        let wire = request.request();
        let contract: ContractId = id("contract_id", &wire.contract_id)?;
        let target = parse::reversal_target(wire)?;
        let known = self.metered_contract(contract, &request, Freshness::Now).await?;
        let found = match target {
            ReversalTarget::Record(key) => self.find_record(contract, key).await?,
            ReversalTarget::Admission(number) => self.find_admission(contract, number).await?,
        };
        let command = ReverseUsage { target, found, reason: text("reason", &wire.reason)?, at: request.at() };
        let executed = self
            .uses
            .execute(&use_of(contract), &envelope, || {
                let prepared = Prepared::new(Command::ReverseUsage(command.clone()))
                    .concerning(known.state.audience())
                    .under(contract);
                Box::pin(async { Ok(prepared) })
            })
            .await
            .map_err(refuse_use)?;
        Ok(ReverseUsageResponse { receipt: Some(receipt(&executed)) })
    }
}
