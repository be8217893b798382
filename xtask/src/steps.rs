//! Named steps, each with its duration, so that a slow or failed one is seen at a glance.

use std::time::{Duration, Instant};

#[derive(Default)]
pub struct Steps {
    done: Vec<(&'static str, Duration, bool)>,
}

impl Steps {
    /// Runs one step. A failure names the step, and the steps after it are the caller's to leave.
    pub fn run(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> Result<(), String>,
    ) -> Result<(), String> {
        println!("== {name}");
        #[expect(clippy::disallowed_methods, reason = "how long a step takes is only reported")]
        let start = Instant::now();
        let outcome = step();
        self.done.push((name, start.elapsed(), outcome.is_ok()));
        outcome.map_err(|reason| format!("step \"{name}\" failed: {reason}"))
    }

    pub fn report(&self) {
        println!("\n== durations");
        for (name, duration, ok) in &self.done {
            let outcome = if *ok { "ok" } else { "FAILED" };
            println!("{:>8.1} s  {outcome:<6}  {name}", duration.as_secs_f64());
        }
    }
}
