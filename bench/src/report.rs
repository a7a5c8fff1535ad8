//! What a scenario found, as a table to read or JSON to keep. Every figure's name ends in its
//! unit, so that both say the same.

use std::fmt::Write;

use serde_json::{Map, Value, json};

use crate::latency::Percentiles;

/// A scenario's figures, in the order they are to be read.
#[derive(Clone, Debug, Default)]
pub struct Report {
    scenario: String,
    figures: Vec<(String, Value)>,
    notes: Vec<String>,
}

impl Report {
    /// An empty report of `scenario`.
    pub fn new(scenario: &str) -> Self {
        Self { scenario: scenario.into(), ..Self::default() }
    }

    /// Adds a figure; `name` ends in the unit.
    pub fn figure(&mut self, name: &str, value: impl Into<Value>) -> &mut Self {
        self.figures.push((name.into(), value.into()));
        self
    }

    /// Adds a figure if there is one.
    pub fn figure_if(&mut self, name: &str, value: Option<impl Into<Value>>) -> &mut Self {
        match value {
            Some(value) => self.figure(name, value),
            None => self,
        }
    }

    /// Adds percentiles as `<name>_p50_us` and so on, if anything was recorded.
    pub fn percentiles(&mut self, name: &str, of: &Percentiles) -> &mut Self {
        if of.count == 0 {
            return self;
        }
        self.figure(&format!("{name}_p50_us"), of.p50_us)
            .figure(&format!("{name}_p99_us"), of.p99_us)
            .figure(&format!("{name}_p999_us"), of.p999_us)
            .figure(&format!("{name}_max_us"), of.max_us)
    }

    /// Adds a sentence the reader of the figures should know.
    pub fn note(&mut self, sentence: impl Into<String>) -> &mut Self {
        self.notes.push(sentence.into());
        self
    }

    /// The figure of that name.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.figures.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    /// `{"scenario":..., "figures":{...}, "notes":[...]}`.
    pub fn to_json(&self) -> Value {
        let figures: Map<String, Value> = self.figures.iter().cloned().collect();
        json!({ "scenario": self.scenario, "figures": figures, "notes": self.notes })
    }

    /// One figure a line, the notes behind.
    pub fn to_table(&self) -> String {
        let width = self.figures.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut table = format!("{}\n", self.scenario);
        for (name, value) in &self.figures {
            writeln!(table, "  {name:<width$}  {:>14}", spell(value))
                .expect("writing to a string does not fail");
        }
        for note in &self.notes {
            writeln!(table, "  note: {note}").expect("writing to a string does not fail");
        }
        table
    }
}

/// Whole numbers as they are, others with as many digits as they deserve.
fn spell(value: &Value) -> String {
    match value {
        Value::Number(number) if number.is_f64() => {
            let number = number.as_f64().unwrap_or_default();
            let digits = if number.abs() < 100.0 { 2 } else { 0 };
            format!("{number:.digits$}")
        }
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// `amount` per `of`, or `None` where there was none of it.
pub fn per(amount: f64, of: f64) -> Option<f64> {
    (of > 0.0).then(|| amount / of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_and_json_say_the_same() {
        let mut report = Report::new("fanout");
        report.figure("deliveries", 12u64).figure("rate_per_s", 1234.56);
        report.figure("small_us", 1.234).figure_if("absent", None::<u64>).note("so it is");
        report.percentiles("ack", &Percentiles::default());
        let expected = "fanout\n  deliveries              12\n  rate_per_s            1235\n  \
                        small_us              1.23\n  note: so it is\n";
        assert_eq!(report.to_table(), expected);
        let figures = json!({"deliveries": 12, "rate_per_s": 1234.56, "small_us": 1.234});
        let json = json!({"scenario": "fanout", "figures": figures, "notes": ["so it is"]});
        assert_eq!(report.to_json(), json);
    }

    #[test]
    fn nothing_is_divided_by_nothing() {
        assert_eq!(per(1.0, 0.0), None);
        assert_eq!(per(1.0, 2.0), Some(0.5));
    }
}
