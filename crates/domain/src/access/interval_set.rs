//! A set of numbers whose memory grows with its gaps, not with its members.

/// A set of numbers, kept as its maximal runs.
///
/// Sources count 1, 2, 3…, so a healthy meter is a single run however many records it has sent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct IntervalSet {
    /// Sorted, disjoint and not even touching, so that equal sets are equal values.
    runs: Vec<Run>,
}

/// The numbers from `first` to `last`, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The smallest.
    pub first: u64,
    /// The largest; not below `first`.
    pub last: u64,
}

impl IntervalSet {
    /// The set of these runs, or `None` unless they are sorted, apart from each other and not upside down:
    /// a set has one form only.
    pub fn from_runs(runs: Vec<Run>) -> Option<Self> {
        let upright = runs.iter().all(|run| run.first <= run.last);
        let apart =
            runs.windows(2).all(|pair| pair[0].last.checked_add(1).is_some_and(|next| next < pair[1].first));
        (upright && apart).then_some(Self { runs })
    }

    /// Its runs, sorted.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// Whether a number is in it.
    pub fn contains(&self, number: u64) -> bool {
        match self.runs.last() {
            Some(last) if number >= last.first => number <= last.last,
            Some(_) => {
                let after = self.runs.partition_point(|run| run.first <= number);
                after.checked_sub(1).and_then(|at| self.runs.get(at)).is_some_and(|run| number <= run.last)
            }
            None => false,
        }
    }

    /// The largest number in it.
    pub fn max(&self) -> Option<u64> {
        self.runs.last().map(|run| run.last)
    }

    /// The runs of numbers from `start` to the largest that are not in it.
    pub fn gaps(&self, start: u64) -> impl Iterator<Item = Run> + '_ {
        let mut next = start;
        self.runs.iter().filter_map(move |run| {
            let gap = (next < run.first).then(|| Run { first: next, last: run.first - 1 });
            next = next.max(run.last.saturating_add(1));
            gap
        })
    }

    /// Adds one number.
    pub fn insert(&mut self, number: u64) {
        self.insert_run(Run { first: number, last: number });
    }

    /// Adds all numbers of a run. Constant time where it starts after the largest number but one.
    pub fn insert_run(&mut self, run: Run) {
        match self.runs.last_mut() {
            None => self.runs.push(run),
            Some(last) if run.first > last.last => {
                if run.first - 1 == last.last {
                    last.last = run.last;
                } else {
                    self.runs.push(run);
                }
            }
            Some(_) => self.merge(&[run]),
        }
    }

    /// Adds all numbers of sorted runs, in one pass over what lies after the first of them.
    pub fn insert_sorted(&mut self, runs: &[Run]) {
        match (runs.first(), self.max()) {
            (Some(first), Some(max)) if first.first <= max => self.merge(runs),
            _ => runs.iter().for_each(|run| self.insert_run(*run)),
        }
    }

    fn merge(&mut self, added: &[Run]) {
        let Some(first) = added.first() else { return };
        // What ends well before the first added run stays as it is.
        let kept = self.runs.partition_point(|run| run.last.saturating_add(1) < first.first);
        let tail = self.runs.split_off(kept);
        let (mut old, mut new) = (tail.iter().peekable(), added.iter().peekable());
        loop {
            let next = match (old.peek(), new.peek()) {
                (Some(one), Some(other)) if one.first <= other.first => old.next(),
                (_, Some(_)) => new.next(),
                (Some(_), None) => old.next(),
                (None, None) => break,
            };
            if let Some(run) = next {
                self.append_touching(*run);
            }
        }
    }

    /// Appends a run that starts no earlier than the last one does.
    fn append_touching(&mut self, run: Run) {
        match self.runs.last_mut() {
            Some(last) if run.first <= last.last.saturating_add(1) => last.last = last.last.max(run.last),
            _ => self.runs.push(run),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn run(first: u64, last: u64) -> Run {
        Run { first, last }
    }

    #[test]
    fn a_set_in_order_is_one_run() {
        let mut set = IntervalSet::default();
        (1..=1_000).for_each(|number| set.insert(number));
        assert_eq!(set.runs(), [run(1, 1_000)]);
        set.insert_run(run(2_000, u64::MAX));
        assert_eq!(set.gaps(1).collect::<Vec<_>>(), [run(1_001, 1_999)]);
        set.insert_run(run(1_001, 1_999));
        assert_eq!(set.runs(), [run(1, u64::MAX)]);
    }

    #[test]
    fn only_the_one_form_is_read() {
        for runs in [
            vec![run(2, 1)],
            vec![run(1, 2), run(3, 4)],
            vec![run(5, 6), run(1, 2)],
            vec![run(1, u64::MAX), run(3, 4)],
        ] {
            assert_eq!(IntervalSet::from_runs(runs), None);
        }
        let runs = vec![run(1, 2), run(4, 4)];
        assert_eq!(IntervalSet::from_runs(runs.clone()).unwrap().runs(), runs);
    }

    proptest::proptest! {
        #[test]
        fn it_is_the_set_of_its_numbers(pieces: Vec<Vec<(u8, u8)>>) {
            let (mut set, mut model) = (IntervalSet::default(), BTreeSet::new());
            for piece in pieces {
                let mut runs: Vec<Run> =
                    piece.iter().map(|(first, length)| run(u64::from(*first), u64::from(*first) + u64::from(length % 9))).collect();
                runs.sort();
                model.extend(runs.iter().flat_map(|run| run.first..=run.last));
                set.insert_sorted(&runs);
            }
            for number in 0..300 {
                proptest::prop_assert_eq!(set.contains(number), model.contains(&number));
            }
            proptest::prop_assert_eq!(IntervalSet::from_runs(set.runs().to_vec()), Some(set.clone()));
            proptest::prop_assert_eq!(set.max(), model.last().copied());
            let gaps: Vec<u64> = set.gaps(0).flat_map(|gap| gap.first..=gap.last).collect();
            let missing: Vec<u64> = (0..=set.max().unwrap_or(0)).filter(|number| !model.contains(number)).collect();
            proptest::prop_assert_eq!(gaps, if model.is_empty() { vec![] } else { missing });
        }
    }
}
