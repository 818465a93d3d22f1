//! What holds for any amount, any rule and any cases.

use proptest::prelude::*;

use crate::*;

/// Four percentages that sum to exactly 100, with nine decimals.
fn percentages() -> impl Strategy<Value = Vec<Decimal>> {
    const HUNDRED: u64 = 100_000_000_000;
    prop::collection::btree_set(1..HUNDRED, 3).prop_map(|cuts| {
        let ends: Vec<u64> = [0].into_iter().chain(cuts).chain([HUNDRED]).collect();
        let decimal = |units: u64| format!("{}.{:09}", units / 1_000_000_000, units % 1_000_000_000);
        ends.windows(2).map(|pair| decimal(pair[1] - pair[0]).parse().unwrap()).collect()
    })
}

fn amounts() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(0i64..5_000, 0..3)
}

/// A table of two splits that keeps the rules, with every kind of step.
fn any_table() -> impl Strategy<Value = SplitTable> {
    let fee = prop::option::of(1u32..=100);
    (percentages(), percentages(), amounts(), amounts(), amounts(), fee).prop_map(
        |(order, data_fee, fixed, minimums, raised, fee)| {
            let named = [Party::Vendor, Party::Promoter, Party::InstitutionsPool];
            let amounts = |amounts: &[i64]| -> Vec<(Party, Money)> {
                named.into_iter().zip(amounts.iter().copied().map(Money::jpy)).collect()
            };
            // Each cap is at or above the minimum of the same party.
            let caps: Vec<i64> = raised
                .iter()
                .enumerate()
                .map(|(index, more)| more + minimums.get(index).copied().unwrap_or(0))
                .collect();
            let by = |percentages: Vec<Decimal>| -> Vec<(Party, Decimal)> {
                named.into_iter().chain([Party::BaseOperator]).zip(percentages).collect()
            };
            let split = |charge_kind, percentages| Split {
                charge_kind,
                with_provider: None,
                fixed: vec![],
                percentages: by(percentages),
                minimums: vec![],
                caps: vec![],
                residual: Party::BaseOperator,
                data_fee: None,
            };
            let order = Split {
                fixed: amounts(&fixed),
                minimums: amounts(&minimums),
                caps: amounts(&caps),
                data_fee: fee.map(Decimal::from),
                ..split(ChargeKind::service_order(), order)
            };
            table(vec![order, split(ChargeKind::data_fee(), data_fee)])
        },
    )
}

fn any_cases() -> impl Strategy<Value = Vec<(OrganisationId, u128)>> {
    prop::collection::vec((11u128..20, 0u128..1_000), 0..8).prop_map(|cases| {
        cases.into_iter().map(|(id, cases)| (OrganisationId::from_u128(id), cases)).collect()
    })
}

fn sum(lines: &[ShareLine]) -> Result<Money, MoneyError> {
    Money::sum(Currency::Jpy, lines.iter().map(|line| line.amount))
}

fn split(yen: i64, table: &SplitTable, cases: &[(OrganisationId, u128)]) -> Vec<ShareLine> {
    let parties = Parties { institutions: cases, ..parties() };
    split_part(Money::jpy(yen), table, &ChargeKind::service_order(), &parties).unwrap()
}

proptest! {
    #[test]
    fn every_split_sums_to_the_net(yen in -20_000i64..20_000, table in any_table(), cases in any_cases()) {
        prop_assert_eq!(sum(&split(yen, &table, &cases)), Ok(Money::jpy(yen)));
    }

    #[test]
    fn large_amounts_are_split_without_loss(yen in any::<i64>(), table in any_table(), cases in any_cases()) {
        // Amounts at the very ends leave no room for negation and for a residual party's debts.
        let yen = yen / 2;
        prop_assert_eq!(sum(&split(yen, &table, &cases)), Ok(Money::jpy(yen)));
    }

    #[test]
    fn a_credit_undoes_its_charge(yen in 0i64..20_000, table in any_table(), cases in any_cases()) {
        let both = [split(yen, &table, &cases), split(-yen, &table, &cases)].concat();
        for total in by_organisation(&both).unwrap().values() {
            prop_assert!(total.is_zero());
        }
    }

    #[test]
    fn differences_sum_to_the_difference_and_lead_from_the_old_shares_to_the_new(
        old_yen in -20_000i64..20_000,
        new_yen in -20_000i64..20_000,
        table in any_table(),
        old_cases in any_cases(),
        new_cases in any_cases(),
    ) {
        let old = split(old_yen, &table, &old_cases);
        let new = split(new_yen, &table, &new_cases);
        let posted = difference(&old, &new).unwrap();
        prop_assert_eq!(sum(&posted), Ok(Money::jpy(new_yen - old_yen)));
        let mut totals = by_organisation(&[old, posted].concat()).unwrap();
        let mut expected = by_organisation(&new).unwrap();
        totals.retain(|_, total| !total.is_zero());
        expected.retain(|_, total| !total.is_zero());
        prop_assert_eq!(totals, expected);
    }

    #[test]
    fn the_order_of_percentages_and_institutions_does_not_matter(
        yen in -20_000i64..20_000,
        table in any_table(),
        cases in any_cases(),
        turn in 0usize..8,
    ) {
        let mut turned = table.clone();
        let mut turned_cases = cases.clone();
        turned.splits.reverse();
        for split in &mut turned.splits {
            split.percentages.rotate_left(turn % 4);
            split.minimums.reverse();
            split.caps.reverse();
        }
        turned_cases.reverse();
        let totals = by_organisation(&split(yen, &table, &cases)).unwrap();
        prop_assert_eq!(by_organisation(&split(yen, &turned, &turned_cases)).unwrap(), totals);
    }

    #[test]
    fn bounds_hold(yen in 1i64..20_000, table in any_table(), cases in any_cases()) {
        let mut table = table;
        table.splits[0].data_fee = None;
        let lines = split(yen, &table, &cases);
        let order = &table.splits[0];
        let vendor: i64 =
            lines.iter().filter(|line| line.party == Party::Vendor).map(|line| line.amount.minor_units()).sum();
        for (party, minimum) in &order.minimums {
            prop_assert!(*party != Party::Vendor || vendor >= minimum.minor_units());
        }
        for (party, cap) in &order.caps {
            prop_assert!(*party != Party::Vendor || vendor <= cap.minor_units());
        }
    }

    #[test]
    fn datasets_get_within_one_yen_of_their_exact_part(
        yen in -1_000_000_000i64..1_000_000_000,
        cases in prop::collection::vec(0u64..10_000, 1..40),
    ) {
        prop_assume!(cases.iter().any(|cases| *cases > 0));
        let all: u64 = cases.iter().sum();
        let weights: Vec<_> = cases.into_iter().zip(0..).map(|(cases, id)| (DatasetId::from_u128(id), cases)).collect();
        let parts = allocate_to_datasets(Money::jpy(yen), &weights).unwrap();
        let mut sum = 0;
        for ((_, part), (_, cases)) in parts.iter().zip(&weights) {
            sum += part.minor_units();
            let (part, all) = (i128::from(part.minor_units()), i128::from(all));
            prop_assert!((part * all - i128::from(yen) * i128::from(*cases)).abs() < all);
        }
        prop_assert_eq!(sum, yen);
    }
}
