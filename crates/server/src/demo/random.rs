//! Numbers that look random and follow from the seed alone: the demo of a seed is the same everywhere.

/// A small generator (SplitMix64): 64 bits of state, enough for a demonstration and for nothing else.
#[derive(Debug, Clone)]
pub(super) struct Random(u64);

impl Random {
    /// The generator of a seed and of a purpose, so that one purpose does not disturb another.
    pub(super) fn new(seed: u64, purpose: &str) -> Self {
        let mixed = purpose.bytes().fold(seed, |state, byte| mix(state ^ u64::from(byte)));
        Self(mixed)
    }

    /// The next number below a bound; 0 if the bound is 0.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0).checked_rem(bound).unwrap_or(0)
    }

    /// The next number from `first` to `last`, both included.
    pub(super) fn between(&mut self, first: u64, last: u64) -> u64 {
        first + self.below(last.saturating_sub(first) + 1)
    }

    /// The index of a weight, drawn in proportion to it; 0 if all are 0.
    pub(super) fn weighted(&mut self, weights: &[u64]) -> usize {
        let mut drawn = self.below(weights.iter().sum());
        for (index, weight) in weights.iter().enumerate() {
            match drawn.checked_sub(*weight) {
                None => return index,
                Some(rest) => drawn = rest,
            }
        }
        0
    }
}

const fn mix(state: u64) -> u64 {
    let state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    state ^ (state >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_and_a_purpose_give_the_same_numbers() {
        let draw = |seed, purpose| {
            let mut random = Random::new(seed, purpose);
            (0..8).map(|_| random.below(1_000)).collect::<Vec<_>>()
        };
        assert_eq!(draw(1, "usage"), draw(1, "usage"));
        assert_ne!(draw(1, "usage"), draw(2, "usage"));
        assert_ne!(draw(1, "usage"), draw(1, "datasets"));
    }

    #[test]
    fn draws_stay_within_their_bounds() {
        let mut random = Random::new(7, "bounds");
        for _ in 0..1_000 {
            assert!((3..=5).contains(&random.between(3, 5)));
            assert_eq!(random.weighted(&[0, 4, 0]), 1);
        }
        assert_eq!(random.below(0), 0);
        assert_eq!(random.weighted(&[]), 0);
    }
}
