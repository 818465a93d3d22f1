//! Metered use: what the meters see, and the batches in which they report it.

use std::collections::BTreeMap;

use domain::{
    id::PersonId,
    time::{Month, Timestamp},
};
use engine::Role;
use proto::kiban::{
    access::v1::{InstitutionCount, RegisterSourceRequest, ReportUsageRequest, UsageRecord},
    common::v1::Right,
};

use crate::demo::{
    actors::{Cast, INSTITUTIONS, Part},
    contracts::{Contracts, Deal},
    datasets::{Holdings, class},
    error::DemoError,
    random::Random,
    stage::Stage,
};

/// The records of one batch.
const BATCH: usize = 1_000;
/// People who use data at one organisation.
const VIEWERS: u64 = 12;

/// What a meter of the year is like.
struct Profile {
    name: &'static str,
    deal: Deal,
    /// Of a hundred regular records of the year.
    share: u64,
    /// Views, simple and detailed analyses, in proportion.
    rights: [u64; 3],
    classes: &'static [&'static str],
    /// Whether it knows from which institutions the cases of some records came.
    counts: bool,
}

/// The meters. The last two see no regular use: one is for the pilot, one stays silent.
const PROFILES: [Profile; 7] = [
    Profile {
        name: "aozora-portal",
        deal: Deal::Aozora,
        share: 24,
        rights: [90, 10, 0],
        classes: &[class::WGS, class::RARE],
        counts: false,
    },
    Profile {
        name: "aozora-pipeline",
        deal: Deal::Aozora,
        share: 16,
        rights: [10, 65, 25],
        classes: &[class::WGS, class::RARE],
        counts: false,
    },
    Profile {
        name: "hokuto-portal",
        deal: Deal::Hokuto,
        share: 26,
        rights: [85, 15, 0],
        classes: &[class::WGS, class::RARE, class::COHORT, class::LIQUID],
        counts: false,
    },
    Profile {
        name: "hokuto-cloud",
        deal: Deal::Hokuto,
        share: 20,
        rights: [10, 55, 35],
        classes: &[class::WGS, class::RARE, class::COHORT, class::LIQUID],
        counts: true,
    },
    Profile {
        name: "mitsuba-service",
        deal: Deal::Mitsuba,
        share: 14,
        rights: [50, 50, 0],
        classes: &[class::WGS],
        counts: false,
    },
    Profile {
        name: "hokuto-pilot",
        deal: Deal::Pilot,
        share: 0,
        rights: [1, 0, 0],
        classes: &[class::WGS],
        counts: false,
    },
    Profile {
        name: "hikari-screening",
        deal: Deal::Hikari,
        share: 0,
        rights: [1, 0, 0],
        classes: &[class::WGS],
        counts: false,
    },
];

/// The places of meters that the play names.
pub(super) mod place {
    /// Analyses of あおぞら製薬.
    pub(in crate::demo) const PIPELINE: usize = 1;
    /// Analyses of 北斗ファーマ.
    pub(in crate::demo) const CLOUD: usize = 3;
    /// The vendor's own.
    pub(in crate::demo) const MITSUBA: usize = 4;
    /// The pilot's.
    pub(in crate::demo) const PILOT: usize = 5;
}

/// A registered meter, and how far it has counted.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    pub(super) name: &'static str,
    pub(super) deal: Deal,
    /// src_…
    pub(super) source: String,
    pub(super) epoch: u32,
    /// The sequence of its next record.
    pub(super) next: u64,
    /// What its records name as their order; none if empty.
    pub(super) order: String,
    place: usize,
    datasets: Vec<usize>,
    random: Random,
}

/// One use, as a meter saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Use {
    pub(super) sequence: u64,
    /// Its place among the holdings.
    pub(super) dataset: usize,
    pub(super) viewer: u64,
    pub(super) order: String,
    pub(super) right: Right,
    pub(super) cases: u32,
    pub(super) at: Timestamp,
    pub(super) settles: u64,
    /// Whether it says from which institutions the cases came.
    pub(super) counted: bool,
}

/// Registers the meters.
pub(super) async fn register(
    stage: &mut Stage,
    cast: &Cast,
    contracts: &Contracts,
    holdings: &Holdings,
    seed: u64,
) -> Result<Vec<Meter>, DemoError> {
    let session = cast.session(stage, Part::Base, Role::Administrator);
    let mut meters = Vec::with_capacity(PROFILES.len());
    for (place, profile) in PROFILES.iter().enumerate() {
        let request = RegisterSourceRequest {
            command_id: format!("source-{}", profile.name),
            validate_only: false,
            contract_id: contracts.of(profile.deal).id.clone(),
            name: profile.name.into(),
        };
        let step = format!("registering the meter {}", profile.name);
        let reply = stage.done(&step, session.access().register_source(request).await)?;
        meters.push(Meter {
            name: profile.name,
            deal: profile.deal,
            source: reply.source_id,
            epoch: 1,
            next: 1,
            order: String::new(),
            place,
            datasets: holdings.of_classes(profile.classes),
            random: Random::new(seed, profile.name),
        });
    }
    Ok(meters)
}

impl Meter {
    /// How many of the year's regular records it sees in a month, from 0 to 11. They sum to its share, and the
    /// shares of all meters to all records.
    pub(super) fn records_in(&self, records: u64, month: u64) -> u64 {
        let before: u64 = PROFILES.iter().take(self.place).map(|profile| profile.share).sum();
        let share = PROFILES.get(self.place).map_or(0, |profile| profile.share);
        let of_year = records * (before + share) / 100 - records * before / 100;
        of_year * (month + 1) / 12 - of_year * month / 12
    }

    /// Sees so much use, spread evenly over a month.
    pub(super) fn see(&mut self, holdings: &Holdings, month: Month, records: u64) -> Vec<Use> {
        let (start, end) = (month.start().as_micros(), month.end().as_micros());
        let slot = end.saturating_sub(start).checked_div(records as i64).unwrap_or(1).max(1);
        (0..records)
            .map(|index| {
                let jitter = self.random.below(slot as u64) as i64;
                let at = Timestamp::from_micros(start + index as i64 * slot + jitter).unwrap_or_default();
                self.one(holdings, at)
            })
            .collect()
    }

    /// Sees one use at an instant, whatever of.
    pub(super) fn one(&mut self, holdings: &Holdings, at: Timestamp) -> Use {
        let rights = PROFILES.get(self.place).map_or([1, 0, 0], |profile| profile.rights);
        let counts = PROFILES.get(self.place).is_some_and(|profile| profile.counts);
        let (right, most) = match self.random.weighted(&rights) {
            0 => (Right::Browse, 1),
            1 => (Right::SimpleAnalysis, 12),
            _ => (Right::DetailedAnalysis, 4),
        };
        // Of two draws the smaller: some datasets are in greater demand than others.
        let datasets = self.datasets.len() as u64;
        let drawn = self.random.below(datasets).min(self.random.below(datasets)) as usize;
        let dataset = self.datasets.get(drawn).copied().unwrap_or(0);
        let known = holdings.all.get(dataset).map_or(1, |holding| holding.cases);
        let viewer = self.random.below(VIEWERS);
        let cases = self.random.between(1, most).min(known) as u32;
        let sequence = self.next;
        let counted = counts && right != Right::Browse && sequence.is_multiple_of(8);
        let order = self.order.clone();
        self.next += 1;
        Use { sequence, dataset, viewer, order, right, cases, at, settles: 0, counted }
    }

    /// The batches in which use is reported.
    pub(super) fn batches(
        &self,
        cast: &Cast,
        contracts: &Contracts,
        holdings: &Holdings,
        uses: &[Use],
    ) -> Vec<(Vec<Use>, ReportUsageRequest)> {
        let batch = |uses: &[Use]| (uses.to_vec(), self.batch(cast, contracts, holdings, uses));
        uses.chunks(BATCH).map(batch).collect()
    }

    /// One batch: dictionaries, and rows of indexes into them.
    pub(super) fn batch(
        &self,
        cast: &Cast,
        contracts: &Contracts,
        holdings: &Holdings,
        uses: &[Use],
    ) -> ReportUsageRequest {
        let mut datasets = Dictionary::default();
        let mut viewers = Dictionary::default();
        let mut orders = Dictionary::default();
        let mut institution_counts = Vec::new();
        let mut records = Vec::with_capacity(uses.len());
        for (row, seen) in uses.iter().enumerate() {
            if let (true, Some(holding)) = (seen.counted, holdings.all.get(seen.dataset)) {
                institution_counts.extend(counts(row as u32, seen.cases, &holding.composition));
            }
            records.push(UsageRecord {
                sequence: seen.sequence,
                dataset: datasets.index_of(seen.dataset),
                viewer: viewers.index_of(seen.viewer),
                order: if seen.order.is_empty() { 0 } else { orders.index_of(seen.order.clone()) + 1 },
                right: seen.right.into(),
                cases: seen.cases,
                occurred_at_us: seen.at.as_micros(),
                settles_admission: seen.settles,
            });
        }
        let institution = |part: &Part| cast.of(*part).id.clone();
        let dataset = |place: usize| holdings.all.get(place).map(|holding| holding.id.clone());
        ReportUsageRequest {
            contract_id: contracts.of(self.deal).id.clone(),
            source_id: self.source.clone(),
            epoch: self.epoch,
            dataset_ids: datasets.entries.into_iter().filter_map(dataset).collect(),
            viewer_ids: viewers.entries.into_iter().map(|viewer| self.viewer(viewer)).collect(),
            order_ids: orders.entries,
            institution_ids: match institution_counts.is_empty() {
                true => vec![],
                false => INSTITUTIONS.iter().map(institution).collect(),
            },
            records,
            institution_counts,
        }
    }

    /// per_…: a person at the meter's member.
    fn viewer(&self, number: u64) -> String {
        let organisation = (self.deal as u128 + 1) << 96;
        PersonId::from_u128(organisation | u128::from(number + 1)).to_string()
    }
}

/// The cases of a record by institution, as near to the dataset's composition as whole cases allow.
fn counts(record: u32, cases: u32, composition: &[u64; 3]) -> Vec<InstitutionCount> {
    let total: u64 = composition.iter().sum();
    let part = |cases_there: u64| (u64::from(cases) * cases_there).checked_div(total).unwrap_or(0) as u32;
    let (first, second) = (part(composition[0]), part(composition[1]));
    let rest = cases - first - second;
    [first, second, rest]
        .into_iter()
        .zip(0..)
        .filter(|(cases, _)| *cases > 0)
        .map(|(cases, institution)| InstitutionCount { record, institution, cases })
        .collect()
}

/// Entries in the order of their first use, none twice.
struct Dictionary<T> {
    entries: Vec<T>,
    places: BTreeMap<T, u32>,
}

impl<T> Default for Dictionary<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), places: BTreeMap::new() }
    }
}

impl<T: Ord + Clone> Dictionary<T> {
    fn index_of(&mut self, entry: T) -> u32 {
        if let Some(place) = self.places.get(&entry) {
            return *place;
        }
        let place = self.entries.len() as u32;
        self.entries.push(entry.clone());
        self.places.insert(entry, place);
        place
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meter(place: usize) -> Meter {
        Meter {
            name: PROFILES[place].name,
            deal: PROFILES[place].deal,
            source: String::new(),
            epoch: 1,
            next: 1,
            order: String::new(),
            place,
            datasets: vec![0],
            random: Random::new(1, "test"),
        }
    }

    #[test]
    fn every_record_of_the_year_falls_to_one_meter_and_month() {
        for records in [1_000, 120_001] {
            let meters: Vec<Meter> = (0..PROFILES.len()).map(meter).collect();
            let months = |meter: &Meter| (0..12).map(|month| meter.records_in(records, month)).sum::<u64>();
            assert_eq!(meters.iter().map(months).sum::<u64>(), records);
        }
    }

    #[test]
    fn the_cases_of_a_record_are_those_of_its_institutions() {
        for cases in 1..=12 {
            let counts = counts(3, cases, &[41, 30, 29]);
            assert_eq!(counts.iter().map(|count| count.cases).sum::<u32>(), cases);
            assert!(counts.iter().all(|count| count.record == 3 && count.cases > 0));
        }
    }
}
