//! A progress bar for what takes long.

use engine::verify::Progress;
use indicatif::{ProgressBar, ProgressStyle};

/// One bar at a time on standard error; hidden where that is no terminal.
pub struct Bar {
    bar: ProgressBar,
    quiet: bool,
}

impl Bar {
    pub fn new(quiet: bool) -> Self {
        Self { bar: ProgressBar::hidden(), quiet }
    }

    pub fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

impl Progress for Bar {
    fn phase(&mut self, name: &'static str, rows: u64) {
        self.finish();
        if self.quiet {
            return;
        }
        let style =
            ProgressStyle::with_template("{msg:>12} {wide_bar} {human_pos}/{human_len} {eta}");
        self.bar = ProgressBar::new(rows).with_message(name);
        if let Ok(style) = style {
            self.bar.set_style(style);
        }
    }

    fn step(&mut self, rows: u64) {
        self.bar.inc(rows);
    }
}
