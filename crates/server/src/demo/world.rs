//! The forum as the play goes on: what stands, and what has been counted.

use domain::time::Timestamp;
use engine::Role;
use futures::future::try_join_all;
use proto::kiban::{
    access::v1::{
        Admission, Outcome, ReportUsageRequest, ReportUsageResponse, RunAnalysisRequest, ViewDatasetRequest,
    },
    common::v1::{Receipt, Right},
};
use tonic::{Response, Status};

use crate::demo::{
    actors::Cast,
    checks,
    client::{Session, granted, part, written},
    contracts::{Contracts, Deal},
    datasets::{Holding, Holdings},
    error::DemoError,
    market::Market,
    prices::Published,
    replies::Reply,
    stage::{Expected, Stage},
    tally::Tally,
    usage::{Meter, Use},
};

/// What has been set up, and what has been counted since.
pub(super) struct World {
    pub(super) cast: Cast,
    pub(super) published: Published,
    pub(super) holdings: Holdings,
    pub(super) contracts: Contracts,
    pub(super) meters: Vec<Meter>,
    pub(super) market: Market,
    pub(super) tally: Tally,
    /// How many uses were asked for, for their command ids.
    pub(super) asked: u64,
}

/// A use that somebody asks for before it begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) deal: Deal,
    /// The dataset's code.
    pub(super) dataset: &'a str,
    pub(super) right: Right,
    pub(super) cases: u32,
    pub(super) purpose: &'a str,
    pub(super) country: &'a str,
    pub(super) validate_only: bool,
}

impl<'a> Ask<'a> {
    /// A view.
    pub(super) const fn view(deal: Deal, dataset: &'a str) -> Self {
        Self::run(deal, dataset, Right::Browse, 1)
    }

    /// An analysis, for the purpose that the contract's member usually has.
    pub(super) const fn run(deal: Deal, dataset: &'a str, right: Right, cases: u32) -> Self {
        let purpose = match deal {
            Deal::Mitsuba => "analysis-service",
            Deal::Hikari => "recruitment-service",
            Deal::Minato => "companion-diagnostics",
            _ => "drug-discovery",
        };
        Self { deal, dataset, right, cases, purpose, country: "JP", validate_only: false }
    }
}

/// An admission, as both kinds of use get it.
#[derive(Debug, Clone)]
pub(super) struct Granted {
    pub(super) admission: Option<Admission>,
    pub(super) receipt: Option<Receipt>,
}

impl Reply for Granted {
    fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }
}

/// What a meter reports in one call, and what must become of each record.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    /// The meter's place.
    pub(super) meter: usize,
    pub(super) uses: Vec<Use>,
    pub(super) request: ReportUsageRequest,
    pub(super) expected: Vec<Outcome>,
}

impl World {
    /// Somebody who concludes contracts and orders for whoever applied for one, and that contract: ctr_….
    pub(super) fn under(&self, stage: &Stage, deal: Deal) -> (Session, String) {
        let contract = self.contracts.of(deal);
        (self.cast.session(stage, contract.applicant, Role::Contracts), contract.id.clone())
    }

    /// The meter at a place.
    pub(super) fn meter(&mut self, place: usize) -> &mut Meter {
        &mut self.meters[place]
    }

    /// One use that a meter sees at an instant.
    pub(super) fn one_use(&mut self, meter: usize, at: Timestamp) -> Use {
        self.meters[meter].one(&self.holdings, at)
    }

    /// A delivery of one call of which every record is to become the same.
    pub(super) fn delivery(&self, meter: usize, uses: Vec<Use>, outcome: Outcome) -> Delivery {
        let expected = vec![outcome; uses.len()];
        self.mixed_delivery(meter, uses, expected)
    }

    /// A delivery of one call.
    pub(super) fn mixed_delivery(&self, meter: usize, uses: Vec<Use>, expected: Vec<Outcome>) -> Delivery {
        let request = self.meters[meter].batch(&self.cast, &self.contracts, &self.holdings, &uses);
        Delivery { meter, uses, request, expected }
    }

    /// Deliveries of new records, in batches.
    pub(super) fn deliveries(&self, meter: usize, uses: &[Use]) -> Vec<Delivery> {
        let batches = self.meters[meter].batches(&self.cast, &self.contracts, &self.holdings, uses);
        let delivery = |(uses, request): (Vec<Use>, ReportUsageRequest)| {
            let expected = vec![Outcome::New; uses.len()];
            Delivery { meter, uses, request, expected }
        };
        batches.into_iter().map(delivery).collect()
    }

    /// Delivers: meters at the same time, the calls of one meter one after the other.
    pub(super) async fn deliver(
        &mut self,
        stage: &mut Stage,
        deliveries: Vec<Delivery>,
    ) -> Result<Vec<ReportUsageResponse>, DemoError> {
        let mut of_meters: Vec<Vec<Delivery>> = vec![Vec::new(); self.meters.len()];
        for delivery in deliveries {
            of_meters[delivery.meter].push(delivery);
        }
        let sent = of_meters.into_iter().filter(|deliveries| !deliveries.is_empty());
        let sent = try_join_all(sent.map(|deliveries| self.send(stage, deliveries))).await?;
        let mut replies = Vec::new();
        for (delivery, reply) in sent.into_iter().flatten() {
            let deal = self.meters[delivery.meter].deal;
            self.tally.expect(deal, &self.holdings, &delivery.uses, &delivery.expected);
            self.tally.came(delivery.meter, &reply);
            stage.saw(written(reply.receipt.as_ref()));
            let expected: Vec<i32> = delivery.expected.iter().map(|outcome| i32::from(*outcome)).collect();
            if let Some(row) = (0..expected.len()).find(|row| expected.get(*row) != reply.outcomes.get(*row))
            {
                let name = self.meters[delivery.meter].name;
                let text = format!("record {row} of a batch of {name} becomes {:?}", delivery.expected[row]);
                stage.check(checks::METERING, false, text);
            }
            replies.push(reply);
        }
        Ok(replies)
    }

    async fn send(
        &self,
        stage: &Stage,
        deliveries: Vec<Delivery>,
    ) -> Result<Vec<(Delivery, ReportUsageResponse)>, DemoError> {
        let mut replies = Vec::with_capacity(deliveries.len());
        for delivery in deliveries {
            let meter = &self.meters[delivery.meter];
            let member = self.contracts.of(meter.deal).applicant;
            let session = self.cast.session(stage, member, Role::Meter);
            let step = format!("reporting the use that {} saw", meter.name);
            let reply = granted(&step, session.access().report_usage(delivery.request.clone()).await)?;
            stage.progress.recorded(delivery.uses.len() as u64);
            replies.push((delivery, reply));
        }
        Ok(replies)
    }

    /// Asks for a use as a researcher of the contract's member.
    pub(super) async fn ask(
        &mut self,
        stage: &Stage,
        ask: &Ask<'_>,
    ) -> Result<Result<Response<Granted>, Status>, DemoError> {
        self.asked += 1;
        let command_id = format!("use-{}", self.asked);
        let contract = self.contracts.of(ask.deal);
        let mut access = self.cast.session(stage, contract.applicant, Role::Researcher).access();
        let (contract_id, dataset_id) = (contract.id.clone(), self.holdings.coded(ask.dataset)?.id.clone());
        let (purpose, country) = (ask.purpose.to_owned(), ask.country.to_owned());
        let validate_only = ask.validate_only;
        if ask.right == Right::Browse {
            let request =
                ViewDatasetRequest { command_id, validate_only, contract_id, dataset_id, purpose, country };
            let outcome = access.view_dataset(request).await;
            return Ok(outcome.map(|reply| {
                reply.map(|reply| Granted { admission: reply.admission, receipt: reply.receipt })
            }));
        }
        let request = RunAnalysisRequest {
            command_id,
            validate_only,
            contract_id,
            dataset_id,
            right: ask.right.into(),
            cases: ask.cases,
            purpose,
            country,
            order_id: String::new(),
        };
        let outcome = access.run_analysis(request).await;
        Ok(outcome
            .map(|reply| reply.map(|reply| Granted { admission: reply.admission, receipt: reply.receipt })))
    }

    /// Asks for a use that must be admitted, and counts it at the time of the clock.
    pub(super) async fn admit(&mut self, stage: &mut Stage, ask: Ask<'_>) -> Result<Admission, DemoError> {
        let step = format!("asking for {} case(s) of {}", ask.cases, ask.dataset);
        let outcome = self.ask(stage, &ask).await?;
        let granted = stage.done(&step, outcome)?;
        if !ask.validate_only {
            let class = self.holding(ask.dataset)?.class;
            self.tally.add(ask.deal, stage.time(), ask.right, class, "", i64::from(ask.cases));
        }
        part(&step, "an admission", granted.admission)
    }

    /// Asks for a use that must be denied for one reason.
    pub(super) async fn deny(
        &mut self,
        stage: &mut Stage,
        reason: &'static str,
        tried: &str,
        ask: Ask<'_>,
    ) -> Result<(), DemoError> {
        let outcome = self.ask(stage, &ask).await?;
        let who = self.contracts.of(ask.deal).name;
        stage.refused(who, tried, Expected::denial(reason), outcome);
        Ok(())
    }

    /// The dataset with a code.
    pub(super) fn holding(&self, code: &str) -> Result<&Holding, DemoError> {
        self.holdings.coded(code)
    }

    /// The place of the dataset with a code.
    pub(super) fn place_of(&self, code: &str) -> usize {
        self.holdings.all.iter().position(|holding| holding.code == code).unwrap_or(0)
    }
}
