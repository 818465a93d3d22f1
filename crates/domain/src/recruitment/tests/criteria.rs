//! Trees of criteria: their limits, and whether they hang on a diagnosis.

use proptest::prelude::*;

use super::fixture::*;

fn code(system: CodeSystem, text: &str) -> Code {
    Code::new(system, text, None).unwrap()
}

fn not(part: Criterion) -> Criterion {
    Criterion::Not(Box::new(part))
}

fn nested(levels: usize) -> Criterion {
    (1..levels).fold(lung(), |tree, _| not(tree))
}

#[test]
fn trees_have_limits() {
    assert!(Criteria::new(nested(MOST_DEPTH)).is_ok());
    let wide = |nodes: usize| Criterion::Any(vec![lung(); nodes - 1]);
    assert!(Criteria::new(wide(MOST_NODES)).is_ok());
    let atc = || code(CodeSystem::Atc, "L01EB02");
    let icd = || code(CodeSystem::Icd10, "C34.1");
    for (tree, refused) in [
        (nested(MOST_DEPTH + 1), InvalidCriteria::TooDeep),
        (wide(MOST_NODES + 1), InvalidCriteria::TooManyNodes),
        (Criterion::All(vec![]), InvalidCriteria::Empty),
        (not(Criterion::Any(vec![])), InvalidCriteria::Empty),
        (
            Criterion::Diagnosis(atc()),
            InvalidCriteria::OtherConcept { system: CodeSystem::Atc, concept: Concept::Diagnosis },
        ),
        (
            Criterion::Stage(icd()),
            InvalidCriteria::OtherConcept { system: CodeSystem::Icd10, concept: Concept::Stage },
        ),
        (
            Criterion::PriorTherapy(icd()),
            InvalidCriteria::OtherConcept { system: CodeSystem::Icd10, concept: Concept::PriorTherapy },
        ),
    ] {
        assert_eq!(Criteria::new(tree), Err(refused));
    }
}

#[test]
fn ages_have_an_end_in_order() {
    let range = AgeRange::new(Some(20), Some(20)).unwrap();
    assert_eq!((range.min(), range.max()), (Some(20), Some(20)));
    assert!(AgeRange::new(None, Some(0)).is_ok() && AgeRange::new(Some(MOST_AGE), None).is_ok());
    for (min, max) in [(None, None), (Some(21), Some(20)), (Some(MOST_AGE + 1), None), (None, Some(151))] {
        assert_eq!(AgeRange::new(min, max), Err(InvalidCriteria::AgeRange));
    }
}

#[test]
fn variants_are_written_as_the_field_writes_them() {
    for gene in ["EGFR", "C9orf72", "HLA-A"] {
        assert_eq!(gene.parse::<GeneSymbol>().unwrap().as_str(), gene);
    }
    for gene in ["", "egfr", "EG FR", "ＥＧＦＲ", &"A".repeat(31)] {
        assert!(matches!(gene.parse::<GeneSymbol>(), Err(InvalidVariant::Gene { .. })), "{gene}");
    }
    for hgvs in ["p.Leu858Arg", "c.2573T>G", "NM_005228.5:c.2573T>G", "NC_000007.14:g.55191822T>G"] {
        assert_eq!(hgvs.parse::<Hgvs>().unwrap().as_str(), hgvs);
    }
    for hgvs in
        ["", "p.", "L858R", "x.1A>G", "nm_1:c.1A>G", ":c.1A>G", "c.1 A>G", &format!("c.{}", "1".repeat(199))]
    {
        assert!(matches!(hgvs.parse::<Hgvs>(), Err(InvalidVariant::Hgvs { .. })), "{hgvs}");
    }
}

#[test]
fn what_hangs_on_a_diagnosis() {
    use Criterion::{All, Any};
    for (tree, requires) in [
        (lung(), true),
        (female(), false),
        (not(lung()), false),
        (not(not(lung())), true),
        (All(vec![female(), lung()]), true),
        (Any(vec![female(), lung()]), false),
        (Any(vec![lung(), All(vec![female(), lung()])]), true),
        // Neither "not (lung or female)" nor "not (lung and female)" asks for the diagnosis.
        (not(Any(vec![lung(), female()])), false),
        (not(All(vec![lung(), female()])), false),
        // "Not (without lung, or female)" does: it is lung and not female.
        (not(Any(vec![not(lung()), female()])), true),
        (not(All(vec![not(lung()), female()])), false),
    ] {
        assert_eq!(requires_a_diagnosis(&tree), requires, "{tree:?}");
    }
}

/// Somebody of whom everything is known.
#[derive(Debug, Clone)]
struct Participant {
    diagnoses: Vec<Code>,
    age: u32,
    sex: Sex,
    stage: Option<Code>,
    variant: Option<(&'static str, &'static str)>,
    therapies: Vec<Code>,
}

impl Participant {
    fn fits(&self, criterion: &Criterion) -> bool {
        match criterion {
            Criterion::All(parts) => parts.iter().all(|part| self.fits(part)),
            Criterion::Any(parts) => parts.iter().any(|part| self.fits(part)),
            Criterion::Not(part) => !self.fits(part),
            Criterion::Diagnosis(code) => self.diagnoses.contains(code),
            Criterion::Age(range) => {
                range.min().is_none_or(|min| min <= self.age) && range.max().is_none_or(|max| self.age <= max)
            }
            Criterion::Sex(sex) => self.sex == *sex,
            Criterion::Stage(code) => self.stage.as_ref() == Some(code),
            Criterion::Variant(wanted) => self.variant.is_some_and(|(gene, hgvs)| {
                wanted.gene.as_str() == gene
                    && wanted.hgvs.as_ref().is_none_or(|wanted| wanted.as_str() == hgvs)
            }),
            Criterion::PriorTherapy(code) => self.therapies.contains(code),
        }
    }
}

fn stages() -> [Code; 2] {
    [code(CodeSystem::Ncit, "C27966"), code(CodeSystem::Ncit, "C28054")]
}

/// Leaves of which each participant below fits some and not others.
fn any_leaf() -> impl Strategy<Value = Criterion> {
    let variant = |hgvs: Option<&str>| {
        let hgvs = hgvs.map(|hgvs| hgvs.parse().unwrap());
        Criterion::Variant(Variant { gene: "EGFR".parse().unwrap(), hgvs })
    };
    prop_oneof![
        3 => Just(lung()),
        2 => Just(Criterion::Diagnosis(code(CodeSystem::Ncit, "C4872"))),
        1 => Just(female()),
        1 => Just(Criterion::Age(AgeRange::new(Some(20), Some(64)).unwrap())),
        1 => prop::sample::select(stages().to_vec()).prop_map(Criterion::Stage),
        1 => Just(variant(None)),
        1 => Just(variant(Some("p.Leu858Arg"))),
        1 => Just(Criterion::PriorTherapy(code(CodeSystem::Atc, "L01EB02"))),
    ]
}

fn any_tree() -> impl Strategy<Value = Criterion> {
    any_leaf().prop_recursive(5, 40, 4, |part| {
        let parts = || prop::collection::vec(part.clone(), 1..4);
        prop_oneof![
            parts().prop_map(Criterion::All),
            parts().prop_map(Criterion::Any),
            part.clone().prop_map(not),
        ]
    })
}

/// Everybody without a diagnosis, as far as the leaves tell people apart.
fn everybody_without_a_diagnosis() -> Vec<Participant> {
    let mut everybody = Vec::new();
    for age in [10, 40] {
        for sex in [Sex::Female, Sex::Male] {
            for stage in [None, Some(stages()[0].clone()), Some(stages()[1].clone())] {
                for variant in [None, Some(("EGFR", "p.Leu858Arg")), Some(("EGFR", "p.Thr790Met"))] {
                    for therapies in [vec![], vec![code(CodeSystem::Atc, "L01EB02")]] {
                        let (stage, diagnoses) = (stage.clone(), vec![]);
                        everybody.push(Participant { diagnoses, age, sex, stage, variant, therapies });
                    }
                }
            }
        }
    }
    everybody
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// If a tree is said to hang on a diagnosis, nobody without one fits it; and a tree in which each condition
    /// stands once is not said to hang on one unless it does.
    #[test]
    fn whoever_has_no_diagnosis_does_not_fit_a_tree_that_hangs_on_one(tree in any_tree()) {
        let fits = everybody_without_a_diagnosis().iter().any(|participant| participant.fits(&tree));
        if requires_a_diagnosis(&tree) {
            prop_assert!(!fits, "{tree:?}");
        } else if leaves_are_distinct(&tree) {
            prop_assert!(fits, "{tree:?}");
        }
    }

    /// What somebody fits does not fit them negated.
    #[test]
    fn not_turns_the_answer_round(tree in any_tree()) {
        let nobody = not(tree.clone());
        for participant in everybody_without_a_diagnosis() {
            prop_assert_ne!(participant.fits(&tree), participant.fits(&nobody));
        }
        prop_assert_eq!(requires_a_diagnosis(&not(nobody)), requires_a_diagnosis(&tree));
    }
}

/// Whether no two leaves of other things than diagnoses speak of the same: then they are independent.
fn leaves_are_distinct(tree: &Criterion) -> bool {
    fn kinds(tree: &Criterion, seen: &mut Vec<u8>) {
        match tree {
            Criterion::All(parts) | Criterion::Any(parts) => parts.iter().for_each(|part| kinds(part, seen)),
            Criterion::Not(part) => kinds(part, seen),
            Criterion::Diagnosis(_) => {}
            Criterion::Age(_) => seen.push(1),
            Criterion::Sex(_) => seen.push(2),
            Criterion::Stage(_) => seen.push(3),
            Criterion::Variant(_) => seen.push(4),
            Criterion::PriorTherapy(_) => seen.push(5),
        }
    }
    let mut seen = Vec::new();
    kinds(tree, &mut seen);
    let all = seen.len();
    seen.sort_unstable();
    seen.dedup();
    seen.len() == all
}
