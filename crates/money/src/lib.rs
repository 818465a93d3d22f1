//! Currency, exact amounts, decimals and lossless allocation.
