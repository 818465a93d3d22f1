//! How far the year has come, on stderr; hidden where nobody looks.

use std::{fmt::Write, time::Duration};

use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

/// The bars: what is being done, and how many records are reported.
pub(super) struct Progress {
    bars: MultiProgress,
    steps: ProgressBar,
    records: ProgressBar,
}

impl Progress {
    /// Bars for so many steps and records. They hide themselves if stderr is no terminal.
    pub(super) fn new(steps: u64, records: u64, hidden: bool) -> Self {
        let target = if hidden { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bars = MultiProgress::with_draw_target(target);
        let styled = |bar: ProgressBar, template: &str| match ProgressStyle::with_template(template) {
            Ok(style) => bar.with_style(style.progress_chars("━╸ ").with_key("rate", rate)),
            Err(_) => bar,
        };
        let step = "{elapsed_precise} {bar:24.cyan} {msg}";
        let record = "         {bar:24.green} {human_pos}/{human_len} records, {rate}/s";
        let steps = styled(bars.add(ProgressBar::new(steps)), step);
        let records = styled(bars.add(ProgressBar::new(records)), record);
        Self { bars, steps, records }
    }

    /// Says what is being done now.
    pub(super) fn step(&self, what: impl Into<String>) {
        self.steps.inc(1);
        self.steps.set_message(what.into());
    }

    /// So many more records are durable.
    pub(super) fn recorded(&self, records: u64) {
        self.records.inc(records);
    }

    /// How long it has taken so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.steps.elapsed()
    }

    /// Takes the bars away.
    pub(super) fn finish(&self) {
        self.steps.finish_and_clear();
        self.records.finish_and_clear();
        let _ = self.bars.clear();
    }
}

fn rate(state: &ProgressState, writer: &mut dyn Write) {
    // A rate for the eye: what lies behind the point is of no use.
    let _ = write!(writer, "{}", HumanCount(state.per_sec() as u64));
}
