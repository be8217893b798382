//! The file of expected counts: read, held against what was counted, written anew.

use toml::Table;

/// From the inside out. Each is run by its name.
const LAYERS: [&str; 3] = ["domain", "engine", "sqlite"];

#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    /// Whose instructions they are.
    pub architecture: String,
    /// What compiled it then.
    pub compiler: String,
    pub layers: Vec<Layer>,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Layer {
    pub name: &'static str,
    /// The count of the shorter run; the longer one has twice as many.
    pub transfers: u64,
    /// Per transfer.
    pub instructions: u64,
    /// How far a count may be from that, either way.
    pub tolerance_permille: u64,
}

impl Expected {
    pub fn parse(text: &str) -> Result<Self, String> {
        let file: Table = text.parse().map_err(|e| format!("the counts can't be read: {e}"))?;
        let word = |key: &str| {
            let word = file.get(key).and_then(|value| value.as_str());
            word.map(str::to_owned).ok_or_else(|| format!("the counts have no {key}"))
        };
        let known = |key: &String| {
            ["architecture", "compiler"].contains(&key.as_str()) || LAYERS.contains(&key.as_str())
        };
        if let Some(key) = file.keys().find(|key| !known(key)) {
            return Err(format!("the counts have {key}, which is no layer"));
        }
        let layer = |name: &'static str| {
            let table = file.get(name).and_then(|value| value.as_table());
            let number = |key: &str| {
                let number = table.and_then(|table| table.get(key)?.as_integer());
                let number = number.and_then(|number| u64::try_from(number).ok());
                number.ok_or_else(|| format!("the counts have no {name}.{key}"))
            };
            let transfers = number("transfers")?;
            let instructions = number("instructions")?;
            let tolerance_permille = number("tolerance_permille")?;
            Ok::<_, String>(Layer { name, transfers, instructions, tolerance_permille })
        };
        let (architecture, compiler) = (word("architecture")?, word("compiler")?);
        let layers = LAYERS.into_iter().map(layer).collect::<Result<_, _>>()?;
        Ok(Self { architecture, compiler, layers })
    }

    /// A line for each layer, and whether one is outside of its tolerance. Fewer instructions than
    /// expected are to be written down as well, or the next change could eat them up unseen.
    pub fn judge(&self, counted: &[u64]) -> (Vec<String>, bool) {
        let (mut lines, mut outside) = (Vec::new(), false);
        for (layer, &counted) in self.layers.iter().zip(counted) {
            let Layer { name, instructions, tolerance_permille, .. } = layer;
            let off = permille(counted.abs_diff(*instructions), *instructions);
            let sign = if counted < *instructions { '-' } else { '+' };
            let within = off <= *tolerance_permille;
            outside |= !within;
            let verdict = if within { "ok" } else { "OUTSIDE" };
            lines.push(format!(
                "{name:<6} {counted:>9} instructions per transfer, expected {instructions:>9}: \
                 {sign}{}.{} %, at most {}.{} % off: {verdict}",
                off / 10,
                off % 10,
                tolerance_permille / 10,
                tolerance_permille % 10,
            ));
        }
        (lines, outside)
    }
}

/// Rounded up, so that what is outside by a little is outside.
fn permille(part: u64, whole: u64) -> u64 {
    let exact = (u128::from(part) * 1_000).checked_next_multiple_of(u128::from(whole.max(1)));
    exact.and_then(|up| u64::try_from(up / u128::from(whole.max(1))).ok()).unwrap_or(u64::MAX)
}

/// The same text with other numbers: comments, order and tolerances stay.
pub fn blessed(
    text: &str,
    counted: &[u64],
    architecture: &str,
    compiler: &str,
) -> Result<String, String> {
    let mut section = None;
    let mut out = String::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = LAYERS.iter().position(|layer| *layer == name);
        }
        let key = line.split_once('=').map(|(key, _)| key.trim());
        let count = section.and_then(|at| counted.get(at));
        match (key, count) {
            (Some("instructions"), Some(count)) => {
                out.push_str(&format!("instructions = {count}"));
            }
            (Some("architecture"), None) => {
                out.push_str(&format!("architecture = \"{architecture}\""));
            }
            (Some("compiler"), None) => out.push_str(&format!("compiler = \"{compiler}\"")),
            _ => out.push_str(line),
        }
        out.push('\n');
    }
    let read = Expected::parse(&out)?;
    let written: Vec<u64> = read.layers.iter().map(|layer| layer.instructions).collect();
    if written == counted { Ok(out) } else { Err("the counts could not be written".to_owned()) }
}

#[cfg(test)]
mod tests;
