//! Which part of a line belongs to which dataset.

use domain::id::DatasetId;
use money::{AllocationError, Money, allocate};

/// Parts a line's amount over the datasets that were used, by cases and by largest remainder (requirements
/// §2.2): the parts, in the order of the datasets, sum to the amount. Each dataset is named once.
pub fn allocate_to_datasets(
    amount: Money,
    cases: &[(DatasetId, u64)],
) -> Result<Vec<(DatasetId, Money)>, AllocationError> {
    allocate(amount, cases)
}
