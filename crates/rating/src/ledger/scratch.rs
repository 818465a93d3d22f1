//! A small table from packed keys to indexes that is emptied by counting up, not by clearing.

/// Keys seen since [`clear`](Self::clear), each with an index. It never shrinks, so that a fold which keeps it
/// allocates nothing after a while.
#[derive(Debug, Clone)]
pub(super) struct Table {
    slots: Vec<Slot>,
    generation: u32,
    taken: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    key: u64,
    value: u32,
    generation: u32,
}

impl Default for Table {
    fn default() -> Self {
        Self { slots: vec![Slot::default(); 256], generation: 1, taken: 0 }
    }
}

impl Table {
    /// Forgets every key.
    pub(super) fn clear(&mut self) {
        self.taken = 0;
        self.generation = match self.generation.checked_add(1) {
            Some(generation) => generation,
            None => {
                self.slots.fill(Slot::default());
                1
            }
        };
    }

    /// The index of a key; `new` says what it is if the key was not there.
    pub(super) fn index(&mut self, key: u64, new: impl FnOnce() -> u32) -> u32 {
        let at = self.place(key);
        if self.slots[at].generation == self.generation {
            return self.slots[at].value;
        }
        let value = new();
        self.slots[at] = Slot { key, value, generation: self.generation };
        self.taken += 1;
        if self.taken * 2 > self.slots.len() {
            self.grow();
        }
        value
    }

    /// The slot that holds a key, or the free one where it belongs. At least half of the slots are free.
    fn place(&self, key: u64) -> usize {
        let mask = self.slots.len() - 1;
        // The highest bits of the product depend on all bits of the key.
        let mixed = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut at = (mixed >> (64 - self.slots.len().trailing_zeros())) as usize & mask;
        while self.slots[at].generation == self.generation && self.slots[at].key != key {
            at = (at + 1) & mask;
        }
        at
    }

    fn grow(&mut self) {
        let size = self.slots.len() * 2;
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); size]);
        for slot in old.into_iter().filter(|slot| slot.generation == self.generation) {
            let at = self.place(slot.key);
            self.slots[at] = slot;
        }
    }
}
