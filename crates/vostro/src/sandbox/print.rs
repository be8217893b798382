//! What the sandbox prints: commands to paste.

use super::demo::Contract;
use std::io::Write;
use std::path::Path;

/// The vendor's documented transfer example, with this sandbox's host and credentials.
const EXAMPLE: &str = r#"{"cardholder_no":"U202605220001","transfer_unique_no":"TRANSFER_202605220001","type":"In","balance":"100.00"}"#;

pub fn ready(contract: &Contract, file: &Path) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    let credit = contract.keysecure.iter().find(|part| part.part == "credit");
    let base = contract.keysecure_url();
    let key = credit.map_or("", |part| part.api_key.expose().as_str());
    let data = file.parent().unwrap_or(Path::new("."));
    writeln!(
        out,
        "Vostro sandbox is ready. Merchants: {}   Operator: {}
All urls and credentials: {}

# Paste into another shell: a token, then a transfer, twice the same answer
BASE={base}
KEY={key}
TOKEN=$(curl -s $BASE/merchant/token -H \"Api-Key: $KEY\" -H \"Timestamp: $(date +%s%3N)\" | sed 's/.*\"access_token\":\"\\([^\"]*\\)\".*/\\1/')
curl -s $BASE/account/transfer -H \"Api-Key: $KEY\" -H \"Timestamp: $(date +%s%3N)\" -H \"Access-Token: $TOKEN\" -H 'Content-Type: application/json' -d '{EXAMPLE}'; echo
curl -s $BASE/account/U202605220001/info -H \"Api-Key: $KEY\" -H \"Timestamp: $(date +%s%3N)\" -H \"Access-Token: $TOKEN\"; echo
curl -s $BASE/account/transfer/list -H \"Api-Key: $KEY\" -H \"Timestamp: $(date +%s%3N)\" -H \"Access-Token: $TOKEN\" -H 'Content-Type: application/json' -d \"{{\\\"start_time\\\":\\\"$(TZ=UTC-8 date +%F)\\\",\\\"end_time\\\":\\\"$(TZ=UTC-8 date +%F)\\\"}}\"; echo

# The operator's side, while it runs
cargo run --release -- --data {data} fund --program demo-credit --asset TUSDT --amount 500.00
cargo run --release -- --data {data} verify
",
        contract.public_url,
        contract.operator_url,
        file.display(),
        data = data.display(),
    )?;
    out.flush()
}
