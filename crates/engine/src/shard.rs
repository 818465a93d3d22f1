//! Which part of the log a fold takes in where several share it: what belongs to a contract goes to one shard, by a
//! hash of the contract; what belongs to none goes to every shard.

use std::{fmt, num::NonZeroU32};

use domain::id::ContractId;
use futures::future::try_join_all;

/// One of the shards of a fold.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Shard {
    number: u32,
    count: NonZeroU32,
}

impl Shard {
    /// The only one.
    pub const WHOLE: Self = Self { number: 0, count: NonZeroU32::MIN };

    /// Each of so many.
    pub fn each(count: NonZeroU32) -> Sharded<Self> {
        let numbered = |number| Self { number, count };
        Sharded { first: numbered(0), others: (1..count.get()).map(numbered).collect() }
    }

    /// The shard of so many with a number, counted from 0; `None` if there is none.
    pub fn new(number: u32, count: u32) -> Option<Self> {
        let count = NonZeroU32::new(count)?;
        (number < count.get()).then_some(Self { number, count })
    }

    /// The one of so many to which a contract belongs. What is kept on disk rests on it, so it never changes.
    pub fn of(contract: ContractId, count: NonZeroU32) -> Self {
        let number = hash(contract) % u64::from(count.get());
        // Less than the count, so nothing is cut off.
        Self { number: number as u32, count }
    }

    /// Its number, from 0.
    pub const fn number(self) -> u32 {
        self.number
    }

    /// How many there are.
    pub const fn count(self) -> NonZeroU32 {
        self.count
    }

    /// Whether it takes in what belongs to a contract, or to none.
    pub fn takes(self, contract: Option<ContractId>) -> bool {
        contract.is_none_or(|contract| Self::of(contract, self.count) == self)
    }

    /// The name of the file of a fold's shard; that of the only one is the fold's.
    pub(crate) fn file_name(self, fold: &str) -> String {
        match self {
            Self::WHOLE => format!("{fold}.db"),
            shard => format!("{fold}-{shard}.db"),
        }
    }

    /// Of which shard of a fold a file is; `None`: of no shard of this fold.
    pub(crate) fn of_file(name: &str, fold: &str) -> Option<Self> {
        let of = name.strip_prefix(fold)?.strip_suffix(".db")?;
        let shard = match of {
            "" => Self::WHOLE,
            of => {
                let (number, count) = of.strip_prefix('-')?.split_once("-of-")?;
                Self::new(number.parse().ok()?, count.parse().ok()?)?
            }
        };
        // One shard has one name, however its numbers could be written otherwise.
        (shard.file_name(fold) == name).then_some(shard)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-of-{}", self.number, self.count)
    }
}

/// One thing for each shard that is asked, in order; at least one.
#[derive(Clone, Debug)]
pub struct Sharded<T> {
    first: T,
    others: Vec<T>,
}

impl<T> Sharded<T> {
    /// That of one shard, which is asked alone.
    pub const fn one(first: T) -> Self {
        Self { first, others: Vec::new() }
    }

    /// That of the first shard: for what all shards know alike.
    pub const fn first(&self) -> &T {
        &self.first
    }

    /// That of the shard to which a contract belongs; of the one that is asked, if it is asked alone.
    pub fn of(&self, contract: ContractId) -> &T {
        let number = Shard::of(contract, self.count()).number as usize;
        number.checked_sub(1).and_then(|other| self.others.get(other)).unwrap_or(&self.first)
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Each of them with its shard.
    pub fn numbered(&self) -> impl Iterator<Item = (Shard, &T)> {
        let count = self.count();
        (0..).map(move |number| Shard { number, count }).zip(self.iter())
    }

    /// How many there are.
    pub fn count(&self) -> NonZeroU32 {
        NonZeroU32::MIN.saturating_add(u32::try_from(self.others.len()).unwrap_or(u32::MAX))
    }

    /// Something else for each shard.
    pub fn map<'a, U>(&'a self, mut map: impl FnMut(&'a T) -> U) -> Sharded<U> {
        Sharded { first: map(&self.first), others: self.others.iter().map(map).collect() }
    }

    /// Something else for each shard, or what went wrong first.
    pub fn try_map<'a, U, E>(&'a self, mut map: impl FnMut(&'a T) -> Result<U, E>) -> Result<Sharded<U>, E> {
        let first = map(&self.first)?;
        Ok(Sharded { first, others: self.others.iter().map(map).collect::<Result<_, _>>()? })
    }

    /// Something else for each shard that comes later, or what went wrong first.
    pub(crate) async fn try_join<'a, U, E, F>(
        &'a self,
        mut map: impl FnMut(&'a T) -> F,
    ) -> Result<Sharded<U>, E>
    where
        F: Future<Output = Result<U, E>>,
    {
        let first = map(&self.first).await?;
        Ok(Sharded { first, others: try_join_all(self.others.iter().map(map)).await? })
    }
}

/// FNV-1a over the bytes of the id: the same on every machine and in every version.
fn hash(contract: ContractId) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = contract.to_bytes();
    bytes.iter().fold(OFFSET, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(PRIME))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shards(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    /// Files on disk hold what this says: whoever changes it must discard them all.
    #[test]
    fn a_contract_stays_in_its_shard_for_ever() {
        assert_eq!(hash(ContractId::from_bytes(*b"kiban-shard-0001")), 0x3e09_9036_086f_cd65);
        let number = |id, count| Shard::of(ContractId::from_u128(id), shards(count)).number();
        let of_seven: Vec<u32> = (0..10).map(|id| number(id, 7)).collect();
        assert_eq!(of_seven, [0, 4, 1, 5, 2, 6, 3, 0, 3, 0]);
    }

    #[test]
    fn each_contract_has_one_shard_and_what_has_no_contract_has_all() {
        for count in [1, 2, 3, 7] {
            let mut taken = vec![0; count as usize];
            for id in 0..1_000 {
                let contract = ContractId::from_u128(id * 0x1234_5678_9abc_def1_2345);
                let each = Shard::each(shards(count));
                let takers: Vec<Shard> =
                    each.iter().copied().filter(|shard| shard.takes(Some(contract))).collect();
                assert_eq!(takers, [Shard::of(contract, shards(count))]);
                assert_eq!(each.of(contract), &takers[0]);
                taken[takers[0].number() as usize] += 1;
            }
            assert!(Shard::each(shards(count)).iter().all(|shard| shard.takes(None)));
            let even = 1_000 / count;
            assert!(taken.iter().all(|taken| (even * 7 / 10..=even * 13 / 10).contains(taken)), "{taken:?}");
        }
    }

    #[test]
    fn a_file_says_whose_it_is() {
        let cases = [
            ("billing.db", Some(Shard::WHOLE)),
            ("billing-0-of-2.db", Shard::new(0, 2)),
            ("billing-6-of-7.db", Shard::new(6, 7)),
            ("billing-2-of-2.db", None),
            ("billing-00-of-2.db", None),
            ("billing-0-of-1.db", None),
            ("billing-0-of-0.db", None),
            ("billing.db-wal", None),
            ("billings.db", None),
            ("directory.db", None),
        ];
        for (name, expected) in cases {
            assert_eq!(Shard::of_file(name, "billing"), expected, "{name}");
        }
    }
}
