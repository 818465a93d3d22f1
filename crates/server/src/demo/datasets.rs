//! The datasets: the 33 projects of The Cancer Genome Atlas with their real case counts, shared out to the
//! three institutions, and those of a biobank.

use engine::Role;
use proto::kiban::access::v1::{
    Cohort, ConsentScope, DataType, InstitutionCases, RegisterDatasetRequest, ReleaseFreezeRequest,
};
use tonic::Code;

use crate::demo::{
    actors::{Cast, INSTITUTIONS, Part},
    contracts::{Contracts, Deal},
    error::DemoError,
    random::Random,
    stage::{Expected, Stage},
};

/// The projects: facts, with their source named in the file.
const PROJECTS: &str = include_str!("tcga-projects.csv");
/// Tumours with fewer cases are in a class of their own.
const RARE_BELOW: u64 = 150;

/// The project whose participants consented to the sale of what is derived from them.
const CONSENTED: &str = "TCGA-COAD";

/// What prices and contracts know datasets by.
pub(super) mod class {
    /// Whole genomes of common tumours.
    pub(in crate::demo) const WGS: &str = "wgs";
    /// Whole genomes of tumours with few cases.
    pub(in crate::demo) const RARE: &str = "wgs-rare";
    /// A cohort of healthy people.
    pub(in crate::demo) const COHORT: &str = "cohort";
    /// Liquid biopsies.
    pub(in crate::demo) const LIQUID: &str = "liquid-biopsy";
}

/// A dataset of the forum.
#[derive(Debug, Clone)]
pub(super) struct Holding {
    /// dat_…
    pub(super) id: String,
    pub(super) code: String,
    pub(super) class: &'static str,
    /// How many cases its freeze holds; 0 if there is none.
    pub(super) cases: u64,
    /// Those of each institution, in the order of [`INSTITUTIONS`].
    pub(super) composition: [u64; 3],
}

/// All of them, those of the base operator first.
#[derive(Debug, Clone)]
pub(super) struct Holdings {
    pub(super) all: Vec<Holding>,
    /// How many are TCGA projects.
    pub(super) projects: usize,
}

impl Holdings {
    /// The dataset with a code.
    pub(super) fn coded(&self, code: &str) -> Result<&Holding, DemoError> {
        let missing = DemoError::Table { line: 0, what: "a project that the demo uses is missing" };
        self.all.iter().find(|holding| holding.code == code).ok_or(missing)
    }

    /// The places of those of some classes that have cases.
    pub(super) fn of_classes(&self, classes: &[&str]) -> Vec<usize> {
        let usable = |holding: &Holding| holding.cases > 0 && classes.contains(&holding.class);
        self.all.iter().enumerate().filter(|(_, holding)| usable(holding)).map(|(place, _)| place).collect()
    }
}

/// A dataset before it is registered.
struct Plan {
    provider: Part,
    code: String,
    name: String,
    disease: String,
    class: &'static str,
    cohort: Cohort,
    types: &'static [DataType],
    cases: u64,
}

/// Registers the datasets and releases their freezes. One of the biobank has none yet.
pub(super) async fn register(
    stage: &mut Stage,
    cast: &Cast,
    contracts: &Contracts,
    seed: u64,
) -> Result<Holdings, DemoError> {
    let plans = projects()?.into_iter().chain(of_biobank()).collect::<Vec<_>>();
    let mut random = Random::new(seed, "composition");
    let mut all = Vec::with_capacity(plans.len());
    if let Some(plan) = plans.last() {
        refuse_without_contract(stage, cast, plan).await;
    }
    for plan in &plans {
        let session = cast.session(stage, plan.provider, Role::Administrator);
        let step = format!("registering {}", plan.code);
        let reply = stage.done(
            &step,
            session.access().register_dataset(registration(plan, provided_under(plan, contracts))).await,
        )?;
        let composition = compose(plan.cases, &mut random);
        if plan.cases > 0 {
            let contract_id = provided_under(plan, contracts);
            let request = freeze(cast, &reply.dataset_id, &plan.code, &composition, contract_id);
            let step = format!("releasing a freeze of {}", plan.code);
            stage.done(&step, session.access().release_freeze(request).await)?;
        }
        all.push(Holding {
            id: reply.dataset_id,
            code: plan.code.clone(),
            class: plan.class,
            cases: plan.cases,
            composition,
        });
    }
    let projects = plans.iter().filter(|plan| plan.provider == Part::Base).count();
    Ok(Holdings { all, projects })
}

/// The data provider may not offer a dataset without one.
async fn refuse_without_contract(stage: &mut Stage, cast: &Cast, plan: &Plan) {
    let session = cast.session(stage, plan.provider, Role::Administrator);
    let request = registration(plan, String::new());
    let outcome = session.access().register_dataset(request).await;
    let expected = Expected::new(Code::InvalidArgument, "INVALID_FIELD").naming("contract_id");
    stage.refused(cast.of(plan.provider).name, "offer a dataset under no contract", expected, outcome);
}

/// The data provider offers its datasets under its own contract.
fn provided_under(plan: &Plan, contracts: &Contracts) -> String {
    match plan.provider {
        Part::Tokai => contracts.of(Deal::Tokai).id.clone(),
        _ => String::new(),
    }
}

fn registration(plan: &Plan, contract_id: String) -> RegisterDatasetRequest {
    RegisterDatasetRequest {
        command_id: format!("dataset-{}", plan.code),
        validate_only: false,
        code: plan.code.clone(),
        name: plan.name.clone(),
        dataset_class: plan.class.into(),
        disease: plan.disease.clone(),
        cohort: plan.cohort.into(),
        data_types: plan.types.iter().map(|data_type| i32::from(*data_type)).collect(),
        reference: format!("https://data.example/{}", plan.code.to_lowercase()),
        contract_id,
    }
}

fn freeze(
    cast: &Cast,
    dataset: &str,
    code: &str,
    composition: &[u64; 3],
    contract_id: String,
) -> ReleaseFreezeRequest {
    let parts = INSTITUTIONS.iter().zip(composition).filter(|(_, cases)| **cases > 0);
    ReleaseFreezeRequest {
        command_id: format!("freeze-{code}"),
        validate_only: false,
        expected_revision: None,
        dataset_id: dataset.to_owned(),
        composition: parts
            .map(|(part, cases)| InstitutionCases {
                institution_id: cast.of(*part).id.clone(),
                cases: *cases,
            })
            .collect(),
        consent: (code == CONSENTED).then_some(ConsentScope { derived_material_sale: true }),
        contract_id,
    }
}

/// Shares cases out: somewhat less than half to the first, a fifth and more to the second, the rest to the
/// third.
fn compose(cases: u64, random: &mut Random) -> [u64; 3] {
    let first = cases * random.between(35, 50) / 100;
    let second = cases * random.between(20, 35) / 100;
    [first, second, cases - first - second]
}

fn of_biobank() -> [Plan; 3] {
    let plan = |code: &str, name: &str, disease: &str, class, cohort, types, cases| Plan {
        provider: Part::Tokai,
        code: code.into(),
        name: name.into(),
        disease: disease.into(),
        class,
        cohort,
        types,
        cases,
    };
    let germline = &[DataType::Germline, DataType::Clinical];
    let liquid = &[DataType::LiquidBiopsy, DataType::Clinical];
    [
        plan("TBB-COHORT", "東海住民コホート", "none", class::COHORT, Cohort::Control, germline, 2_400),
        plan(
            "TBB-LIQUID",
            "東海リキッドバイオプシー",
            "solid tumours",
            class::LIQUID,
            Cohort::Case,
            liquid,
            360,
        ),
        plan("TBB-NEXT", "東海次期コホート", "none", class::COHORT, Cohort::Control, germline, 0),
    ]
}

fn projects() -> Result<Vec<Plan>, DemoError> {
    let lines = PROJECTS.lines().enumerate().filter(|(_, line)| !line.starts_with('#'));
    lines.skip(1).map(|(index, line)| project(index + 1, line)).collect()
}

fn project(line: usize, text: &str) -> Result<Plan, DemoError> {
    let wrong = |what| DemoError::Table { line, what };
    let (code, rest) = text.split_once(',').ok_or_else(|| wrong("there is no project"))?;
    let (disease, cases) = rest.rsplit_once(',').ok_or_else(|| wrong("there is no name"))?;
    let cases: u64 = cases.trim().parse().map_err(|_| wrong("the cases are no number"))?;
    Ok(Plan {
        provider: Part::Base,
        code: code.to_owned(),
        name: disease.to_owned(),
        disease: disease.to_owned(),
        class: if cases < RARE_BELOW { class::RARE } else { class::WGS },
        cohort: Cohort::Case,
        types: &[DataType::Germline, DataType::Tumour, DataType::Transcriptome, DataType::Clinical],
        cases,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_case_of_every_project_is_shared_out() {
        let projects = projects().unwrap();
        assert_eq!(projects.len(), 33);
        assert_eq!(projects.iter().map(|project| project.cases).sum::<u64>(), 11_315);
        let mut random = Random::new(1, "composition");
        for project in projects {
            let composition = compose(project.cases, &mut random);
            assert_eq!(composition.iter().sum::<u64>(), project.cases, "{}", project.code);
            assert!(composition.iter().all(|cases| *cases > 0), "{}", project.code);
        }
    }
}
